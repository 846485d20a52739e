package zmtp

import "sync"

// A Class says what may become of a published message whose subscriber is behind.
type Class int

const (
	// Reliable messages reach a subscriber, or it is disconnected.
	Reliable Class = iota
	// Droppable messages may be merged with their neighbours, or left out.
	Droppable
)

// An item is one message in a queue.
type item struct {
	encoded
	message Message // what encoded says, kept for merging while class is Droppable
	class   Class
}

// overhead is what a queued message is counted for beside its bytes.
const overhead = 64

func (it item) cost() int64 {
	if it.message != nil {
		return 2*it.size + overhead // encoded has most of it once more
	}
	return it.size + overhead
}

// A verdict is what became of an item that was pushed.
type verdict int

const (
	queued verdict = iota
	leftOut
	overflow // the queue is full
	ended    // the queue is closed
)

// A queue holds what one peer has yet to be written. Any goroutine may push; one
// takes, a batch at a time, and releases the batch once it is written: until then
// its messages count as queued.
//
// A queue with more than an eighth of its limits is behind: Droppable messages at
// its end are merged, run by run. A queue at half its limits leaves them out. A
// queue at its limits is full.
type queue struct {
	maxCount int
	maxBytes int64
	merge    func([]Message) []Message
	wake     chan struct{} // has a token when there is news for the taker

	mu     sync.Mutex
	items  []item // those before head have been taken
	head   int
	taken  int   // in the batch not yet released
	bytes  int64 // all costs, the batch's too
	batch  int64 // the batch's costs
	spare  int64 // the largest cost since the queue was last empty: not counted
	run    int   // Droppable items at the end that no merge has seen
	lost   int   // items left out since the queue was last empty
	closed bool
}

func newQueue(o Options) *queue {
	return &queue{
		maxCount: o.QueueMessages, maxBytes: o.QueueBytes, merge: o.Merge,
		wake: make(chan struct{}, 1),
	}
}

// push adds it, or says why not.
func (q *queue) push(it item) verdict {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ended
	}
	if it.class == Droppable && q.fuller(2) {
		q.lost++
		return leftOut
	}
	if q.fuller(1) {
		return overflow
	}
	q.append(it)
	if it.class == Droppable {
		q.run = min(q.run, len(q.items)-q.head-1) + 1
		if q.merge != nil && q.run >= MergeRun && q.fuller(8) {
			q.mergeRun()
		}
	} else {
		q.run = 0
	}
	q.signal()
	return queued
}

// fuller says whether the queue holds at least one part-th of its limits.
func (q *queue) fuller(part int) bool {
	count := len(q.items) - q.head + q.taken
	return count >= max(1, q.maxCount/part) || q.bytes-q.spare >= max(1, q.maxBytes/int64(part))
}

func (q *queue) append(it item) {
	if q.head > 1024 && q.head > len(q.items)/2 {
		q.items = q.items[:copy(q.items, q.items[q.head:])]
		clear(q.items[len(q.items):cap(q.items)])
		q.head = 0
	}
	q.items = append(q.items, it)
	q.bytes += it.cost()
	q.spare = max(q.spare, it.cost())
}

// mergeRun replaces the last MergeRun items by what Options.Merge makes of them.
// Those before them stay: the publisher waits for no more work than this.
func (q *queue) mergeRun() {
	start := len(q.items) - MergeRun
	run := make([]Message, 0, MergeRun)
	for _, it := range q.items[start:] {
		run = append(run, it.message)
	}
	q.run = 0 // Whatever comes of it, these have been seen.
	var merged []item
	for _, m := range q.merge(run) {
		e, err := encode(m)
		if err != nil {
			return // Not a message: leave the run as it was.
		}
		merged = append(merged, item{encoded: e, class: Droppable})
	}
	if len(merged) >= len(run) {
		return
	}
	for _, it := range q.items[start:] {
		q.bytes -= it.cost()
	}
	clear(q.items[start:])
	q.items = q.items[:start]
	for _, it := range merged {
		q.append(it)
	}
}

// Bounds of a batch. A batch has at least one message, of whatever size.
const (
	batchCount = 512
	batchBytes = 256 << 10
)

// take moves the next batch into into, and says how many messages had been left
// out if the batch empties the queue. An empty batch means that there is nothing
// now; closed, that there will be nothing more either.
func (q *queue) take(into []item) (batch []item, lost int, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	into = into[:0]
	for q.head < len(q.items) && len(into) < batchCount && (len(into) == 0 || q.batch < batchBytes) {
		it := q.items[q.head]
		q.items[q.head] = item{}
		q.head++
		q.batch += it.cost()
		into = append(into, it)
	}
	q.taken = len(into)
	if q.head == len(q.items) {
		q.head, q.items, q.run = 0, q.items[:0], 0
		if cap(q.items) > 4096 {
			q.items = nil // The memory of a backlog is not kept.
		}
		lost, q.lost = q.lost, 0
	}
	return into, lost, q.closed
}

// release ends the batch: it was written, or never will be.
func (q *queue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bytes -= q.batch
	q.batch, q.taken = 0, 0
	if q.head == len(q.items) {
		q.spare = 0
	}
}

// clear forgets what is queued.
func (q *queue) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items, q.head, q.run, q.bytes = nil, 0, 0, q.batch
}

// close refuses further items; those that are queued can still be taken.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
