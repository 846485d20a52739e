package parallel

// A Job is a [Future] of a call whose types only running shows, as those of [MapValue]
// and [ApplyValue]: a notebook's maps in the background are such.
type Job struct{ *Future[any] }
