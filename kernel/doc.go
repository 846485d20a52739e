// Package kernel answers the requests of Jupyter front ends: it is what the
// protocol calls a kernel, without the sockets and without a word of Go.
//
// A [Kernel] takes messages by [Kernel.Handle] and gives what it has to say to a
// [Transport]; [ServeZMQ] connects it to ZeroMQ sockets, and a web server can
// connect one in its own process. It leaves running Go to a session.Session,
// the format of messages to package wire, and remembering cells to package
// history. The requests it knows are rows of the table [routes]; each has its
// function, which names the section of the protocol it follows.
//
// # Order
//
// Requests on the shell channel run one after the other in the order in which
// they were handed in, per shell: the main one and each subshell have a goroutine
// of their own. Requests on the control channel have another, which never waits
// for a cell. Whatever a request publishes lies between its busy and its idle
// status, and its reply is sent before idle.
//
// The errors of cells arrive as session.Diagnostic and are rendered here, once:
// [RenderText], [RenderANSI], [ErrorContent].
package kernel
