package rooms

import (
	"fmt"
	"reflect"
	"strings"
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

// TestCellsWithoutIDsHaveTheSameOnesAgain has a server that is started anew, and another
// program that has put cells in front and between.
func TestCellsWithoutIDsHaveTheSameOnesAgain(t *testing.T) {
	b := newBench(t, []string{"x"})
	file := func(sources ...string) {
		var cells []string
		for _, s := range sources {
			cells = append(cells, fmt.Sprintf(`{"cell_type":"code","metadata":{},"source":%q,"execution_count":null,"outputs":[]}`, s))
		}
		b.rewrite(`{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[` + strings.Join(cells, ",") + `]}`)
	}
	ids := func() map[string]bool {
		all := map[string]bool{}
		p := b.page()
		defer p.ws.Close()
		for _, c := range p.room["notebook"].(map[string]any)["cells"].([]any) {
			id := c.(map[string]any)["id"].(string)
			if !validID(id) || all[id] {
				t.Errorf("id %q is not valid, or there twice", id)
			}
			all[id] = true
		}
		return all
	}
	file("x", "", "y", "")
	before := ids()
	b.close()
	b.serve()
	if after := ids(); len(before) != 4 || !reflect.DeepEqual(after, before) {
		t.Errorf("the ids are %v, and were %v", after, before)
	}
	b.close()
	file("new", "x", "", "new", "y", "")
	b.serve()
	after := ids()
	for id := range before {
		if !after[id] {
			t.Errorf("%s of %v is not among %v", id, before, after)
		}
	}
}

func TestManyCellsAlikeWithoutIDs(t *testing.T) {
	cells := strings.Repeat(`{"cell_type":"raw","metadata":{},"source":""},`, maxCells)
	d := NewDocument(parse(t, `{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[`+strings.TrimSuffix(cells, ",")+`]}`))
	if len(d.byID) != maxCells {
		t.Errorf("%d ids for %d cells", len(d.byID), maxCells)
	}
}
