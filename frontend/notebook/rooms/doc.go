// Package rooms holds open notebooks. A room is one notebook that lives in this
// program: its cells and outputs, the queue of cells to run, and its kernel. The
// pages that show it are views, connected by websockets: closing them loses
// nothing, and all of them see the same events in the same order.
//
// A [Document] is the notebook as data: operations on it give changes, and the
// same changes are what the pages are told and what the journal keeps, so that
// what was not saved when the program was killed is there again. Files and their
// bytes are left to package nbformat, kernels to package kernels, and who may
// connect to the server that serves [Rooms.Routes].
//
// Each message is a JSON object on one line. A page sends one a frame; it is sent one or more,
// so that what follows closely, such as the beginning, result and end of a quick cell, is drawn
// at once.
//
// Positions in text count UTF-16 units, as browsers do.
//
// Start at [New], [Rooms.Routes] and [Document].
package rooms
