// Package zmtp speaks ZMTP 3.1, the wire protocol of ZeroMQ (RFC 37), with the
// NULL mechanism over TCP and Unix sockets: what a Jupyter kernel needs of ZeroMQ,
// and the opposite ends for tests and tools.
//
// The binding side is [ListenRouter], [ListenXPub] and [ListenRep]; the dialling
// side [DialDealer], [DialSub] and [DialReq]. Endpoints are written as ZeroMQ
// writes them: "tcp://127.0.0.1:5555" (port 0 or * picks a free one, host * is
// every interface) and "ipc:///path". Who may connect is for the caller to decide
// by the endpoint; nothing here authenticates or encrypts.
//
// # One peer is never another's trouble
//
// Every connection shakes hands in a goroutine of its own, against a deadline, and
// then has one reader, one writer and one bounded queue. Sending puts a message in
// queues and returns: it never waits for a peer to read. A peer whose queue is full
// ([Options.QueueMessages], [Options.QueueBytes]) is disconnected, so what was sent
// is never silently missing from the middle of what a peer got; only messages
// published as [Droppable] may be merged ([Options.Merge]) or left out, and only
// for the subscriber that is behind. A peer that breaks the protocol, or a limit of
// [Options], is logged and disconnected. Memory for what arrives grows with the
// bytes that have arrived, not with the length that a header announces.
//
// Receiving is fair: when the application is slow to call Recv, each peer waits
// with one message in hand, and they are served in turn. While it waits, a peer's
// PINGs wait too, so an application should always be receiving.
//
// # Differences from libzmq
//
//   - A ROUTER gives an identity to the newest connection that claims it, and closes
//     the older one (ZMQ_ROUTER_HANDOVER), as clients come back under their identity
//     before the loss of their old connection is noticed.
//   - An XPUB reports every subscription, repeated ones too (ZMQ_XPUB_VERBOSE), and
//     can answer the one subscriber that made it ([Subscription.Send]).
//   - A REP takes any number of requests at a time ([Request.Reply]), and a REQ
//     ignores replies to requests that it gave up (ZMQ_REQ_CORRELATE).
//   - Peers of ZMTP 1.0 and 2.0 (ZeroMQ before 4.0) are refused.
package zmtp
