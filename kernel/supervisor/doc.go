// Package supervisor runs a session in a process of its own, and outlives
// whatever the cells there do to it.
//
// The kernel process never runs the user's code. It holds a [Supervisor], which
// is a session.Session; behind it a child, the session process, holds another
// Session, the one that really runs cells, and [Child] (or [Serve]) answers for
// it. The two speak the framed protocol of protocol.go over pipes that belong to
// nobody else. What the child prints, its libraries and its own children
// included, is captured at the file descriptor.
//
// When the session process dies, the cells that ran in it end with a Diagnostic
// that says why, a new process is started at once, and what earlier cells
// declared is declared there again.
//
// Start at [Start], [Options] and [Child]. How errors are rendered, what cells
// are and how they run is left to others.
//
// # Order
//
// Prints and events travel through different pipes, and yet arrive in the order
// in which the cell caused them: the child's Emit returns only when the parent
// has taken the event, and before it takes one the parent reads what the output
// pipes hold. Text of stdout and stderr has no order between the two.
package supervisor
