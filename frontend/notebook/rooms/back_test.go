package rooms

import (
	"fmt"
	"reflect"
	"testing"
)

// TestAClientThatComesBackLearnsWhichEditsWereMade has one that was made and one that was
// refused, as another page's came between.
func TestAClientThatComesBackLearnsWhichEditsWereMade(t *testing.T) {
	b := newBench(t, []string{"x", "y"})
	other := b.page()
	p := b.pageAs("n.ipynb", "tab-1")
	if p.room["took"] != nil {
		t.Errorf("a client that is new took %v", p.room["took"])
	}
	p.edit("a", 0, "x", "xx")
	other.edit("b", 0, "y", "!")
	if m := p.edit("b", 0, "y", "yy"); m["error"] != "stale" {
		t.Fatalf("the reply is %v", m)
	}
	p.edit("a", 1, "xx", "xxx")
	p.ws.Close()
	q := b.pageAs("n.ipynb", "tab-1")
	if want := []any{1.0, 3.0}; !reflect.DeepEqual(q.room["took"], want) || q.room["done"] != 3.0 {
		t.Errorf("took %v of %v, want %v of 3", q.room["took"], q.room["done"], want)
	}
}

func TestWhatIsRememberedOfClientsIsBounded(t *testing.T) {
	c := &client{}
	for i := range 10 * maxTook {
		c.made(i)
	}
	if n := len(c.took); n < maxTook || n >= 2*maxTook || c.took[n-1] != 10*maxTook-1 {
		t.Errorf("%d edits are remembered, the last of them %d", n, c.took[n-1])
	}
	r := &Room{past: map[string]*client{}}
	for i := range 3 * maxClients {
		r.meet("stays")
		r.meet(fmt.Sprint(i))
	}
	if len(r.past) != maxClients || len(r.clients) != maxClients || r.past["stays"] == nil {
		t.Errorf("%d clients, %d in order", len(r.past), len(r.clients))
	}
}

// TestAClientThatComesBackTakesThePlaceOfItsOldConnection has a page that has lost its
// connection, which the server has not seen yet: what still comes over the old one was
// given up by the page, and is made anew over the new one.
func TestAClientThatComesBackTakesThePlaceOfItsOldConnection(t *testing.T) {
	b := newBench(t, []string{"x"})
	b.pageAs("n.ipynb", "tab-1")
	r := b.rooms.find("n.ipynb")
	r.mu.Lock()
	var old *conn
	for c := range r.conns {
		old = c
	}
	r.mu.Unlock()
	q := b.pageAs("n.ipynb", "tab-1")
	r.serve(old, []byte(`{"id":1,"op":"edit","cell":"a","version":0,"updates":[[[1,"too late"]]]}`))
	<-old.gone
	if m := q.edit("a", 0, "x", "in time"); m["error"] != nil {
		t.Errorf("the reply is %v", m)
	}
	if c := q.cell("a"); c["source"] != "in time" {
		t.Errorf("the source is %q", c["source"])
	}
}

func TestAPing(t *testing.T) {
	newBench(t, []string{"x"}).page().do("ping", nil)
}

// An id that was given to a cell without one is never another cell's, in a server that was
// started anew either: a page may have text for the cell that had it.
func TestIDsThatWereGivenDoNotComeAgain(t *testing.T) {
	const text = `{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[{"cell_type":"raw","metadata":{},"source":"x"},{"cell_type":"raw","metadata":{},"source":"x"}]}`
	one, other := NewDocument(parse(t, text)), NewDocument(parse(t, text))
	for id := range one.byID {
		if !validID(id) || other.byID[id] != nil {
			t.Errorf("the id %q is not valid, or was given twice", id)
		}
	}
	if len(one.byID) != 2 {
		t.Errorf("%d ids for 2 cells", len(one.byID))
	}
}
