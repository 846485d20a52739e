package zmtp

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// collect receives n messages of topic "n" and checks that their second frames
// count from zero.
func collect(t testing.TB, s *Sub, n int) {
	ctx := patient(t)
	for i := range n {
		m, err := s.Recv(ctx)
		if err != nil {
			t.Errorf("message %d of %d: %v", i, n, err)
			return
		}
		if got := binary.BigEndian.Uint64(m[1]); got != uint64(i) {
			t.Errorf("received message %d when %d was due", got, i)
			return
		}
	}
}

// publishNumbers publishes n messages that collect takes, in a tight loop.
func publishNumbers(t testing.TB, x *XPub, n int, class Class) {
	t.Helper()
	payload := bytes.Repeat([]byte("x"), 500)
	for i := range n {
		check(t, x.Publish(Message{[]byte("n"), binary.BigEndian.AppendUint64(nil, uint64(i)), payload}, class))
	}
}

func TestAGoodSubscriberLosesNothingBesideAStalledOne(t *testing.T) {
	for name, class := range map[string]Class{"reliable": Reliable, "droppable": Droppable} {
		t.Run(name, func(t *testing.T) {
			x := must(ListenXPub(patient(t), anywhere, Options{Linger: -1}))(t)
			stalledSub(t, x)
			good := must(DialSub(patient(t), x.Addr(), Options{}, ""))(t)
			expectSub(t, x, "")
			var wg sync.WaitGroup
			wg.Go(func() { collect(t, good, 20_000) })
			publishNumbers(t, x, 20_000, class)
			wg.Wait()
		})
	}
}

func TestAStalledSubscriberIsDroppedAtTheLimit(t *testing.T) {
	log := newJournal()
	x := must(ListenXPub(patient(t), anywhere, Options{QueueBytes: 1 << 20, Logger: log.logger()}))(t)
	stalledSub(t, x)
	big := make([]byte, 1<<20)
	for range 30 { // What the sockets' buffers hold is beyond the limit.
		check(t, x.Publish(Message{big}, Reliable))
	}
	log.await(t, "queue full", 1)
	good := must(DialSub(patient(t), x.Addr(), Options{}, ""))(t)
	expectSub(t, x, "")
	check(t, x.Publish(text("still here"), Reliable))
	expect(t, good, "still here")
}

func TestASlowSubscriberLosesTextAndKeepsStatuses(t *testing.T) {
	log := newJournal()
	x := must(ListenXPub(patient(t), anywhere, Options{QueueBytes: 8 << 20, Logger: log.logger()}))(t)
	conn, in := rawPeer(t, x.Addr(), typeSub, "", 1)
	_, err := conn.Write(encodeSubscription(1, "", true).chunks[0])
	check(t, err)
	expectSub(t, x, "")

	const n = 100
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	for i := range n {
		check(t, x.Publish(text("status", strconv.Itoa(i)), Reliable))
		check(t, x.Publish(Message{[]byte("text"), chunk}, Droppable))
	}
	check(t, x.Publish(text("end"), Reliable))
	statuses, texts := 0, 0
	for {
		tr, err := in.next()
		check(t, err)
		switch string(tr.message[0]) {
		case "text":
			texts++
			continue
		case "status":
			if got := string(tr.message[1]); got != strconv.Itoa(statuses) {
				t.Fatalf("status %s when %d was due", got, statuses)
			}
			statuses++
			continue
		}
		break
	}
	if statuses != n || texts == 0 || texts == n {
		t.Errorf("received %d of %d statuses and %d of %d texts; want all and some", statuses, n, texts, n)
	}
	log.await(t, fmt.Sprintf("messages were left out\" socket=XPUB peer=%s messages=%d", conn.LocalAddr(), n-texts), 1)
}

func TestTextForASlowSubscriberIsMerged(t *testing.T) {
	join := func(run []Message) []Message {
		if len(run) != MergeRun {
			t.Errorf("a run of %d messages, want %d", len(run), MergeRun)
		}
		var all []byte
		for _, m := range run {
			all = append(all, m[1]...)
		}
		return []Message{{run[0][0], all}}
	}
	x := must(ListenXPub(patient(t), anywhere, Options{QueueMessages: 4000, Merge: join}))(t)
	conn, in := rawPeer(t, x.Addr(), typeSub, "", 1)
	_, err := conn.Write(encodeSubscription(1, "", true).chunks[0])
	check(t, err)
	expectSub(t, x, "")

	// Fill the buffers of the sockets, so that the rest is queued.
	check(t, x.Publish(Message{[]byte("fill"), make([]byte, 32<<20)}, Reliable))
	const n, every = 64_000, 10 * MergeRun
	var want, got strings.Builder
	for i := range n {
		line := fmt.Sprintln("line", i)
		want.WriteString(line)
		check(t, x.Publish(text("text", line), Droppable))
		if (i+1)%every == 0 {
			check(t, x.Publish(text("status"), Reliable))
		}
	}
	check(t, x.Publish(text("end"), Reliable))
	statuses := 0
	for end := false; !end; {
		tr, err := in.next()
		check(t, err)
		switch string(tr.message[0]) {
		case "text":
			got.Write(tr.message[1])
		case "status":
			statuses++
			if lines := strings.Count(got.String(), "\n"); lines != statuses*every {
				t.Fatalf("status %d came after %d lines", statuses, lines)
			}
		case "end":
			end = true
		}
	}
	if statuses != n/every || got.String() != want.String() {
		t.Errorf("received %d statuses and %d bytes of text; want %d and %d, the same", statuses, got.Len(), n/every, want.Len())
	}
}

func TestAStalledDealerDelaysNoOtherAndIsDropped(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{QueueMessages: 50, Linger: -1}))(t)
	conn, _ := rawPeer(t, r.Addr(), typeDealer, "stalled", 1)
	_, err := conn.Write([]byte{0, 1, 'x'})
	check(t, err)
	expect(t, r, "stalled", "x")
	d := must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte("good")}))(t)
	check(t, d.Send(text("x")))
	expect(t, r, "good", "x")

	big := make([]byte, 1<<20)
	for i := 0; ; i++ {
		err := r.Send(Message{[]byte("stalled"), big})
		if errors.Is(err, ErrOverflow) {
			break
		}
		check(t, err)
		if i > 1000 {
			t.Fatal("1000 MiB were queued for a peer that does not read")
		}
		check(t, r.Send(text("good", strconv.Itoa(i))))
		expect(t, d, strconv.Itoa(i))
	}
	for { // The peer is forgotten as soon as its goroutines have ended.
		err := r.Send(text("stalled", "x"))
		if errors.Is(err, ErrNoPeer) {
			break
		}
		if !errors.Is(err, ErrOverflow) {
			t.Fatalf("err = %v, want ErrOverflow until ErrNoPeer", err)
		}
	}
}

func TestAMessageOfAnySizeFitsBesideSmallOnes(t *testing.T) {
	x := must(ListenXPub(patient(t), anywhere, Options{QueueBytes: 1 << 10}))(t)
	s := must(DialSub(patient(t), x.Addr(), Options{}, ""))(t)
	expectSub(t, x, "")
	check(t, x.Publish(text("busy"), Reliable))
	check(t, x.Publish(Message{make([]byte, 20<<20)}, Reliable))
	check(t, x.Publish(text("idle"), Reliable))
	expect(t, s, "busy")
	if n := recv(t, s).Size(); n != 20<<20 {
		t.Fatalf("received %d bytes", n)
	}
	expect(t, s, "idle")
}

func TestADealersQueueIsBounded(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{}))(t)
	d := must(DialDealer(patient(t), r.Addr(), Options{QueueMessages: 10}))(t)
	r.Close()
	ctx := patient(t)
	for ctx.Err() == nil {
		if err := d.Send(text("x")); errors.Is(err, ErrOverflow) {
			return
		}
	}
	t.Fatal("a queue of 10 messages never filled without a peer")
}

// A slow application must not keep the peers from being served in turn.
func TestReceivingIsFair(t *testing.T) {
	r := must(ListenRouter(patient(t), anywhere, Options{Linger: -1}))(t)
	loud := must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte("loud"), Linger: -1}))(t)
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			loud.Send(text("x")) // as fast as its queue allows
		}
	})
	defer wg.Wait()
	defer stop()
	expect(t, r, "loud", "x")
	quiet := must(DialDealer(patient(t), r.Addr(), Options{Identity: []byte("quiet")}))(t)
	check(t, quiet.Send(text("y")))
	for string(recv(t, r)[0]) != "quiet" {
	}
}

func TestQueuesMeasureWhatIsNotReleased(t *testing.T) {
	q := newQueue(Options{QueueMessages: 3}.withDefaults())
	it := item{encoded: encodeCommand([]byte("\x01x"))}
	for range 3 {
		if v := q.push(it); v != queued {
			t.Fatalf("verdict %d, want queued", v)
		}
	}
	batch, _, _ := q.take(nil)
	if len(batch) != 3 {
		t.Fatalf("took %d items, want 3", len(batch))
	}
	if v := q.push(it); v != overflow {
		t.Fatalf("verdict %d while the batch is being written, want overflow", v)
	}
	q.release()
	if v := q.push(it); v != queued {
		t.Fatalf("verdict %d after release, want queued", v)
	}
	if got, want := q.bytes, it.cost(); got != want {
		t.Fatalf("%d bytes queued, want %d", got, want)
	}
	q.close()
	if v := q.push(it); v != ended {
		t.Fatalf("verdict %d after close, want ended", v)
	}
	if batch, _, closed := q.take(nil); len(batch) != 1 || !closed {
		t.Fatalf("took %d items, closed %v; want the last one and true", len(batch), closed)
	}
}

func TestQueuesKeepOrderWhileTheyNeverEmpty(t *testing.T) {
	q := newQueue(Options{}.withDefaults())
	next, due := 0, 0
	var batch []item
	for range 200 {
		for range batchCount + 10 {
			e, err := encode(text(strconv.Itoa(next)))
			check(t, err)
			q.push(item{encoded: e})
			next++
		}
		batch, _, _ = q.take(batch)
		for _, it := range batch {
			if got := string(it.chunks[0][2:]); got != strconv.Itoa(due) {
				t.Fatalf("took %s when %d was due", got, due)
			}
			due++
		}
		q.release()
	}
	if cap(q.items) > 8*(len(q.items)-q.head) {
		t.Errorf("%d queued items hold memory for %d", len(q.items)-q.head, cap(q.items))
	}
}

func TestTopicsMatchPrefixes(t *testing.T) {
	var set topics
	for _, topic := range []string{"a", "abc", "abc", "b"} {
		check(t, set.add([]byte(topic)))
	}
	set.remove([]byte("a"))
	set.remove([]byte("never there"))
	for first, want := range map[string]bool{"": false, "a": false, "ab": false, "abc": true, "abcd": true, "b": true, "xb": false} {
		if got := set.match([]byte(first)); got != want {
			t.Errorf("match(%q) = %v, want %v", first, got, want)
		}
	}
	set.remove([]byte("abc"))
	set.remove([]byte("b"))
	if set.bytes != 0 || len(set.set) != 0 || len(set.lengths) != 0 {
		t.Errorf("an emptied set holds %+v", set)
	}
	check(t, set.add(nil))
	if !set.match(nil) {
		t.Error("the empty topic does not match an empty frame")
	}
}

func TestQueuesCountWhatMergingSaves(t *testing.T) {
	first := func(run []Message) []Message { return run[:1] }
	q := newQueue(Options{QueueMessages: 1000, Merge: first}.withDefaults())
	m := text("text", "line")
	e, err := encode(m)
	check(t, err)
	for range 300 {
		q.push(item{encoded: e, message: m, class: Droppable})
	}
	batch, lost, _ := q.take(nil)
	// 125 make it fall behind, its last 64 then become 1, and so do each 64 more.
	if want := 300 - 3*(MergeRun-1); len(batch) != want || lost != 0 {
		t.Errorf("%d messages queued, %d left out; want %d and 0", len(batch), lost, want)
	}
	q.release()
	if q.bytes != 0 || q.spare != 0 {
		t.Errorf("an empty queue counts %d bytes, and spares %d", q.bytes, q.spare)
	}
}
