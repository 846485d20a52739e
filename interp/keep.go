package interp

import "github.com/adabc437/fanout/parallel"

// keepGeneric reaches what the generic functions of package parallel call, lest the
// linker leave it out of a program in which nothing else does: cells have instances of
// their own.
func keepGeneric() []any {
	return []any{
		parallel.MapAsync[int, int],
		parallel.MapErrAsync[int, int],
		parallel.MapContextAsync[int, int],
		parallel.StarmapAsync[int, int, int],
		parallel.ApplyAsync[int, int],
		parallel.ApplyErrAsync[int, int],
		parallel.Go[int],
		parallel.AsCompleted[int],
		parallel.AsCompletedContext[int],
		parallel.Imap[int, int],
		parallel.ImapErr[int, int],
		parallel.ImapUnordered[int, int],
		parallel.ImapErrUnordered[int, int],
		parallel.ImapContext[int, int],
		parallel.Map[int, int],
		parallel.MapErr[int, int],
		parallel.MapContext[int, int],
		parallel.Apply[int, int],
		parallel.ApplyErr[int, int],
		parallel.MapWorker[int, int, int],
		parallel.Reduce[int],
		parallel.ReduceErr[int],
		parallel.Filter[int],
		parallel.Starmap[int, int, int],
		parallel.StarmapErr[int, int, int],
		parallel.Starmap3[int, int, int, int],
		parallel.Map2[int, int, int],
		parallel.Map2Err[int, int, int],
		parallel.Map3[int, int, int, int],
		parallel.MapRand[int, int],
	}
}
