package zmtp

import "fmt"

// Bounds of one peer's subscriptions.
const (
	maxTopics     = 10_000
	maxTopicBytes = 1 << 20
)

// topics is a set of subscriptions: prefixes of the first frames of messages.
type topics struct {
	set     map[string]struct{}
	lengths map[int]int // how many topics have a length
	bytes   int
}

// add puts topic into the set.
func (t *topics) add(topic []byte) error {
	if _, ok := t.set[string(topic)]; ok {
		return nil
	}
	if len(t.set) >= maxTopics || t.bytes+len(topic) > maxTopicBytes {
		return fmt.Errorf("%w: more than %d subscriptions, or %d bytes of them", ErrLimit, maxTopics, maxTopicBytes)
	}
	if t.set == nil {
		t.set, t.lengths = make(map[string]struct{}), make(map[int]int)
	}
	t.set[string(topic)] = struct{}{}
	t.lengths[len(topic)]++
	t.bytes += len(topic)
	return nil
}

// remove takes topic out of the set, if it is there.
func (t *topics) remove(topic []byte) {
	if _, ok := t.set[string(topic)]; !ok {
		return
	}
	delete(t.set, string(topic))
	t.bytes -= len(topic)
	if t.lengths[len(topic)]--; t.lengths[len(topic)] == 0 {
		delete(t.lengths, len(topic))
	}
}

// match says whether a topic of the set is a prefix of first.
func (t *topics) match(first []byte) bool {
	for n := range t.lengths {
		if n <= len(first) {
			if _, ok := t.set[string(first[:n])]; ok {
				return true
			}
		}
	}
	return false
}
