package interp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// A panelOutput keeps the answers that come over comms.
type panelOutput struct {
	discard
	mu      sync.Mutex
	answers []string
}

func (o *panelOutput) Emit(e session.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e.Kind == session.CommMsg {
		o.answers = append(o.answers, string(e.Comm.Data))
	}
}

// panel asks the session for something.
func panel(t *testing.T, i *Interp, ask map[string]any) map[string]any {
	t.Helper()
	data, err := json.Marshal(ask)
	if err != nil {
		t.Fatal(err)
	}
	out := &panelOutput{}
	if err := i.Comm(t.Context(), session.CommMessage{Kind: session.CommOpen, ID: "p", Target: PanelTarget, Data: data}, out); err != nil {
		t.Fatal(err)
	}
	if err := i.Comm(t.Context(), session.CommMessage{Kind: session.CommClose, ID: "p"}, out); err != nil {
		t.Fatal(err)
	}
	if len(out.answers) != 1 {
		t.Fatalf("%d answers to %s", len(out.answers), data)
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(out.answers[0]), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func panelSession(t *testing.T) *Interp {
	i, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	return i
}

func execute(t *testing.T, i *Interp, code string) session.Reply {
	t.Helper()
	reply, err := i.Execute(t.Context(), session.Cell{ID: code, Code: code, Number: 1}, discard{})
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func TestThePanelShowsVariables(t *testing.T) {
	i := panelSession(t)
	if r := execute(t, i, "x := []int{1, 2}\nn := 3\nconst c = 4\nfunc f() {}"); r.Err != nil {
		t.Fatal(r.Err)
	}
	got := map[string]string{}
	for _, v := range panel(t, i, map[string]any{"ask": "variables", "tag": 7})["variables"].([]any) {
		m := v.(map[string]any)
		got[m["name"].(string)] = fmt.Sprint(m["kind"], " ", m["type"], " ", m["value"], " ", m["size"], " ", m["old"])
	}
	want := map[string]string{
		"x": "var []int []int{1, 2} 2 <nil>", "n": "var int 3 <nil> <nil>", "c": "const int 4 <nil> <nil>", "f": "func func()  <nil> <nil>",
	}
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s is %q, want %q", name, got[name], w)
		}
	}
	if m := panel(t, i, map[string]any{"ask": "variables", "tag": 7}); m["tag"] != 7.0 {
		t.Errorf("what else was in the message comes back as %v", m["tag"])
	}
	if m := panel(t, i, map[string]any{"ask": "the moon"}); m["error"] == nil {
		t.Errorf("asked for the moon: %v", m)
	}
	m := panel(t, i, map[string]any{"ask": "parallel"})
	for deadline := time.Now().Add(20 * time.Second); len(m["devices"].([]any)) == 0 && time.Now().Before(deadline); { // drivers take their time
		m = panel(t, i, map[string]any{"ask": "parallel"})
	}
	if len(m["devices"].([]any)) == 0 || m["busy"] != false || m["workers"].(float64) < 1 {
		t.Errorf("the panel is %v", m)
	}
}

// beginMap runs a cell with a map, waits until the panel shows one that runs and of which is
// says that it is the one, and gives its id and where the cell's reply will come.
func beginMap(t *testing.T, i *Interp, code string, is func(map[string]any) bool) (id any, done <-chan session.Reply) {
	t.Helper()
	replies := make(chan session.Reply, 1)
	go func() {
		reply, _ := i.Execute(t.Context(), session.Cell{ID: "2", Code: code, Number: 2}, discard{})
		replies <- reply
	}()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		for _, m := range panel(t, i, map[string]any{"ask": "maps"})["maps"].([]any) {
			if m := m.(map[string]any); m["state"] == "running" && is(m) {
				return m["id"], replies
			}
		}
	}
	t.Fatal("the panel does not show the map")
	return nil, nil
}

// TestThePanelBesideARunningMap looks at variables, which are not read meanwhile, and
// ends the map.
func TestThePanelBesideARunningMap(t *testing.T) {
	i := panelSession(t)
	execute(t, i, "m := map[int]int{1: 1}\nm2 := 2")
	panel(t, i, map[string]any{"ask": "variables"})
	id, done := beginMap(t, i, "%pmap -q -w 1 (func(n int) int { time.Sleep(time.Millisecond); m[n] = n; return n }) make([]int, 1000000)", func(m map[string]any) bool {
		return m["total"] == 1000000.0 && m["workers"] == 1.0 && m["cell"] == 2.0
	})
	v := panel(t, i, map[string]any{"ask": "variables"})["variables"].([]any)[0].(map[string]any)
	if v["name"] != "m" || v["old"] != true || v["size"] != 1.0 {
		t.Errorf("beside a running map the variable is %v", v)
	}
	if m := panel(t, i, map[string]any{"ask": "cancel", "map": id}); m["cancelled"] != id {
		t.Errorf("cancelled: %v", m)
	}
	if r := <-done; r.Err == nil || r.Err.Name != session.Interrupted {
		t.Errorf("the cell ended with %v", r.Err)
	}
	if m := panel(t, i, map[string]any{"ask": "cancel", "map": id}); m["error"] == nil {
		t.Errorf("a map that has ended was cancelled: %v", m)
	}
}

// TestThePanelKeepsMapsThatAreOver has maps that end well, fail, and are left early.
func TestThePanelKeepsMapsThatAreOver(t *testing.T) {
	i := panelSession(t)
	for _, code := range []string{
		"%pmap -q (func(n int) int { return n }) 4",
		"%pmap -q (func(n int) int { return 1 / (n - 1) }) 4",
		"for y := range (%pimap -q -u (func(n int) int { return n }) 1000) { if y > 2 { break } }",
		"it := %pimap -q (func(n int) int { return n }) 3\ns := 0\nfor range 2 { for y := range it { s += y } }\nif s != 6 { panic(s) }",
	} {
		execute(t, i, code)
	}
	var got []string
	for _, m := range panel(t, i, map[string]any{"ask": "maps"})["maps"].([]any) {
		m := m.(map[string]any)
		got = append(got, fmt.Sprint(m["state"], " ", m["label"], " of ", m["cell"]))
	}
	want := []string{
		"done %pmap (func(n int) int { return n }) 4 of 1",
		"failed %pmap (func(n int) int { return 1 / (n - 1) }) 4 of 1",
		"done %pimap (func(n int) int { return n }) 1000 of 1",
		"done %pimap (func(n int) int { return n }) 3 of 1", "done %pimap (func(n int) int { return n }) 3 of 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("maps\n%q\nwant\n%q", got, want)
	}
	for range 2 * maxMapsOver {
		execute(t, i, "%pmap -q (func(n int) int { return n }) 1")
	}
	if n := len(panel(t, i, map[string]any{"ask": "maps"})["maps"].([]any)); n != maxMapsOver {
		t.Errorf("%d maps that are over are kept", n)
	}
}

// TestThePanelShowsCallsOnDevices, which it can end.
func TestThePanelShowsCallsOnDevices(t *testing.T) {
	i := panelSession(t)
	execute(t, i, "func spin(n int) int { s := n; for k := 0; k < 1<<40; k++ { s += k ^ n }; return s }")
	id, done := beginMap(t, i, "%gpumap -q -d cpu spin 64", func(m map[string]any) bool { return m["label"] == "%gpumap spin 64" })
	panel(t, i, map[string]any{"ask": "cancel", "map": id})
	if r := <-done; r.Err == nil || r.Err.Name != session.Interrupted || !strings.HasSuffix(r.Err.Message, "was cancelled") {
		t.Errorf("the cell ended with %v", r.Err)
	}
	if m := panel(t, i, map[string]any{"ask": "maps"})["maps"].([]any)[0].(map[string]any); m["state"] != "cancelled" {
		t.Errorf("afterwards: %v", m)
	}
}

// TestThePanelBesideAGoroutine looks at variables that a goroutine writes which a cell has
// left: a map that is read meanwhile would end the session.
func TestThePanelBesideAGoroutine(t *testing.T) {
	i := panelSession(t)
	if r := execute(t, i, "m := map[int]int{}\nn := 7\nend := make(chan int)\n"+
		"go func() { for k := 0; ; k++ { select { case <-end: return; default: m[k%50] = k; delete(m, (k+7)%50) } } }()"); r.Err != nil {
		t.Fatal(r.Err)
	}
	look := func(name string) map[string]any {
		for _, v := range panel(t, i, map[string]any{"ask": "variables"})["variables"].([]any) {
			if m := v.(map[string]any); m["name"] == name {
				return m
			}
		}
		t.Fatalf("no variable %s", name)
		return nil
	}
	for range 100 {
		look("m")
	}
	if m := look("m"); m["old"] != true {
		t.Errorf("beside a goroutine the map is %v", m)
	}
	if n := look("n"); n["value"] != "7" || n["old"] != nil {
		t.Errorf("beside a goroutine the number is %v", n)
	}
	if r := execute(t, i, "close(end)"); r.Err != nil {
		t.Fatal(r.Err)
	}
	for deadline := time.Now().Add(20 * time.Second); look("m")["old"] != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("after the goroutine has ended the map is still not read")
		}
	}
}
