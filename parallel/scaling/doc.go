// Package scaling measures how a parallel program behaves as its circumstances
// change: the number of workers, the size of the chunks, the size of the work,
// the way in which it is done.
//
// Start at [Speedup]: time against workers, with the serial fraction of Amdahl's
// law. [Chunks] varies the size of chunks, and finds what handing one out costs;
// [Efficiency] tells strong from weak scaling; [Compare] runs one call in several
// ways, and checks that their results agree.
//
// Each experiment runs every setting once to warm up, and then all of them in
// turn, round after round, so that a machine that grows slower or faster in the
// meantime does so to all alike. Its result is a plain struct with a row for each
// setting, which says in Method how it was measured and in Warnings what to mind.
// It can be marshalled to JSON, where times are nanoseconds. Package plots draws it.
package scaling
