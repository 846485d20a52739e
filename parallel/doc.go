// Package parallel maps a function over data on every core.
//
// Start at [Map]: it calls one typed function on each element of a slice, on
// the workers of a [Pool], and returns the results in order. [MapErr] takes a
// function that can fail, [MapContext] one that also listens to a context, and
// [Apply] makes a single call. [MapValue], [ApplyValue], [StarmapValue], [ImapValue],
// [ReduceValue] and [FilterValue] are for functions and data known only at run time.
// [Starmap], [Map2] and [Map3] are for
// functions of several arguments, [MapRand] for those that take random numbers, [Imap]
// for iterators, [Reduce] and [Filter] for what their names say. [MapAsync] and its
// like, and [Go] for any of them, go on in the background, as a [Future].
//
// [MapWorker] gives each worker something of its own, such as a buffer or a connection;
// a [Pool] can make its workers ready once, for all its calls ([PoolInitializer]), and be
// closed, drained or terminated.
//
// What becomes of failures is up to options: [WithRetry], [WithTaskTimeout],
// [WithTimeout], [WithCollect] and [WithReplacement].
//
// Every task leaves a [Record]; [WithRun] hands the records of a call to a
// [Run], which derives the speed-up, the efficiency and the imbalance from
// them ([Run.Measure]), and says where the time of the workers went
// ([Run.Losses]). Package plots draws a Run; [Run.WriteTrace] writes it for
// Perfetto, [Run.WriteCSV] for tables, and [Run.WriteJSON] for [ReadRun].
//
// # What a call promises
//
// Results keep the order of the input, unless [WithUnordered] says otherwise. A panic in a task is caught and becomes
// a [*TaskError] that names the index and the input. The first failure stops
// the hand-out of tasks and cancels the context that running tasks see; the
// call then waits for the tasks that still run, and returns the results there
// are (zero values elsewhere) with the error.
//
// Cancelling the context of a call ends it promptly. Running Go code cannot be
// killed from outside, so tasks that do not listen to the context are
// abandoned after a short grace: the call returns, their results are dropped,
// and their goroutines end by themselves when the function returns. The pool
// does not count them as workers any more.
//
// A task may call Map again, on the same pool too: every call brings one
// worker of its own, which stands for its blocked caller, and takes the other
// workers of the pool as they come free, so nesting cannot deadlock.
//
// # Chunks
//
// Workers take tasks in chunks from an atomic counter. Without [WithChunk] and
// [WithSchedule] the
// size is measured: a chunk starts as one task, grows until it lasts some
// hundred microseconds, and shrinks again as the remaining work does (guided
// self-scheduling, Polychronopoulos and Kuck, IEEE Trans. Comput. C-36, 1987).
// When a worker runs out of tasks, the others split the chunks at hand
// and give parts away (lazy splitting, Tzannes et al., PPoPP 2010), so a wrong
// guess does not leave a long tail.
package parallel
