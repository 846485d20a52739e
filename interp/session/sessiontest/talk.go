package sessiontest

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/session"
)

func input(d *desk) {
	out := NewOutput("Ada", "36", "a line", "hush")
	reply := d.execute(d.cell("name := input(\"who? \")\nvar age int\nfmt.Scanln(&age)\nsc := bufio.NewScanner(os.Stdin)\nsc.Scan()\nsecret := password(\"key? \")\n[]string{name, strconv.Itoa(age), sc.Text(), secret}"), out)
	if reply.Err != nil {
		d.Fatal(reply.Err)
	}
	if got, want := out.Text(session.Result), `[]string{"Ada", "36", "a line", "hush"}`; got != want {
		d.Errorf("read %s, want %s", got, want)
	}
	if len(out.Asked) != 4 || out.Asked[0] != "who? " || out.Asked[3] != "key? " {
		d.Errorf("asked %q", out.Asked)
	}
}

func noInput(d *desk) {
	c := d.cell("input(\"?\")")
	c.AllowStdin = false
	reply := d.execute(c, NewOutput("unread"))
	if reply.Err == nil || !strings.Contains(reply.Err.Message, session.ErrNoInput.Error()) {
		d.Errorf("%v, want %v", reply.Err, session.ErrNoInput)
	}
	d.gives("1", "1")
}

func overlap(d *desk) {
	d.do("shared := 1")
	done := d.start(d.Context(), d.cell("display(shared)\nselect {}"))
	for code, want := range map[string]string{"shared + 1": "2", "func beside() int { return shared }\nbeside()": "1"} {
		c := d.cell(code)
		c.Shell = "sub"
		out := NewOutput()
		if reply := d.execute(c, out); reply.Err != nil || out.Text(session.Result) != want {
			d.Errorf("%s beside a running cell: %v, %q", code, reply.Err, out.Text(session.Result))
		}
	}
	select {
	case reply := <-done:
		d.Errorf("the main cell ended: %v", reply.Err)
	default:
	}
	d.s.Interrupt()
	d.wantErr(d.wait(done), session.Interrupted)
}

func complete(d *desk) {
	d.do("mySlice := []int{1}\ntype Box struct{ Width, Height int }\nbox := Box{}")
	for _, test := range []struct{ before, after, want, typ string }{
		{"myS", "", "mySlice", "instance"},
		{"é := 1\nstrings.ToUp", "per(x)", "ToUpper", "function"},
		{"box.Wi", "", "Width", "property"},
		{"%pm", "", "%pmap", "magic"},
		{"import \"math/ra", "", "math/rand", "module"},
		{"Bo", "", "Box", "class"},
	} {
		got, err := d.s.Complete(d.Context(), test.before+test.after, len(test.before))
		if err != nil {
			d.Fatal(err)
		}
		at := slices.IndexFunc(got.Items, func(c session.Candidate) bool { return c.Text == test.want })
		if at < 0 || got.Items[at].Type != test.typ || got.End != len(test.before) || !strings.HasPrefix(test.want, test.before[got.Start:got.End]) {
			d.Errorf("%q: %+v", test.before, got)
		}
	}
}

func inspect(d *desk) {
	d.do("func area(w, h int) int { return w * h }")
	for _, test := range []struct {
		code   string
		offset int
		detail int
		want   []string
	}{
		{"area", 4, 0, []string{"func area(w int, h int) int", "In[1]"}},
		{"area(1, ", 8, 1, []string{"return w * h"}},
		{"fmt.Println", 6, 0, []string{"func fmt.Println(a ...any)", "writes to standard output"}},
		{"%pmap", 2, 0, []string{"%pmap [flags] f xs"}},
	} {
		got, err := d.s.Inspect(d.Context(), test.code, test.offset, test.detail)
		text, _ := got.Data["text/plain"].(string)
		for _, want := range test.want {
			if err != nil || !got.Found || !strings.Contains(text, want) {
				d.Errorf("%q: found %v, %v: %q lacks %q", test.code, got.Found, err, text, want)
			}
		}
	}
	if got, err := d.s.Inspect(d.Context(), "nothingOfTheKind", 3, 0); err != nil || got.Found {
		d.Errorf("an unknown name: %+v, %v", got, err)
	}
}

func isComplete(d *desk) {
	for code, want := range map[string]session.Completeness{
		"x := 1":               {Status: session.Complete},
		"for {":                {Status: session.Incomplete, Indent: "\t"},
		"x := )":               {Status: session.Invalid},
		"fmt.Println(`a":       {Status: session.Incomplete},
		"%pmap f xs":           {Status: session.Complete},
		"func f() {\n\tif x {": {Status: session.Incomplete, Indent: "\t\t"},
	} {
		if got, err := d.s.IsComplete(d.Context(), code); err != nil || got != want {
			d.Errorf("%q: %+v, %v, want %+v", code, got, err, want)
		}
	}
}

func commsIn(d *desk) {
	d.do("got := []string{}\ncommTarget(\"echo\", func(c *Comm, m CommMessage) {\n\tc.OnMessage(func(m CommMessage) { c.Send(map[string]any{\"back\": m.Data[\"v\"]}, m.Buffers...) })\n\tc.OnClose(func(m CommMessage) { got = append(got, \"closed\") })\n})")
	out := NewOutput()
	send := func(m session.CommMessage) {
		d.Helper()
		if err := d.s.Comm(d.Context(), m, out); err != nil {
			d.Errorf("%s: %v", m.Kind, err)
		}
	}
	send(session.CommMessage{Kind: session.CommOpen, ID: "c1", Target: "echo", Data: json.RawMessage(`{}`)})
	list, err := d.s.Comms(d.Context(), "echo")
	if want := map[string]string{"c1": "echo"}; err != nil || !reflect.DeepEqual(list, want) {
		d.Errorf("open comms %v, %v, want %v", list, err, want)
	}
	send(session.CommMessage{Kind: session.CommMsg, ID: "c1", Data: json.RawMessage(`{"v":5}`), Buffers: [][]byte{{1, 2}}})
	send(session.CommMessage{Kind: session.CommClose, ID: "c1"})
	send(session.CommMessage{Kind: session.CommMsg, ID: "c1", Data: json.RawMessage(`{"v":6}`)}) // late: dropped
	send(session.CommMessage{Kind: session.CommOpen, ID: "c2", Target: "nobody"})
	events := out.Events()
	if len(events) != 2 {
		d.Fatalf("events %+v", events)
	}
	back, refused := events[0].Comm, events[1].Comm
	if events[0].Kind != session.CommMsg || back.ID != "c1" || string(back.Data) != `{"back":5}` || !reflect.DeepEqual(back.Buffers, [][]byte{{1, 2}}) {
		d.Errorf("the answer is %+v", back)
	}
	if events[1].Kind != session.CommClose || refused.ID != "c2" {
		d.Errorf("an unknown target is answered with %+v", events[1])
	}
	d.gives("got", `[]string{"closed"}`)
}

func commsOut(d *desk) {
	_, out := d.do("c, err := openComm(\"plot\", map[string]any{\"a\": 1}, []byte{7})\nc.Send([]int{1, 2})\nc.Close(nil)\nc.Close(nil)")
	var got []string
	for _, e := range out.Events() {
		if e.Comm != nil {
			got = append(got, string(e.Kind)+" "+e.Comm.Target+" "+string(e.Comm.Data))
		}
	}
	want := []string{`comm_open plot {"a":1}`, `comm_msg  [1,2]`, `comm_close  {}`}
	if !reflect.DeepEqual(got, want) {
		d.Errorf("comm events %q, want %q", got, want)
	}
}

func displays(d *desk) {
	_, first := d.do("h := display(HTML(\"<b>1</b>\"))")
	_, second := d.do("h.Update(Markdown(\"**2**\"))")
	a, b := first.Events(), second.Events()
	if len(a) != 1 || a[0].Kind != session.Display || a[0].DisplayID == "" || a[0].Data["text/html"] != "<b>1</b>" {
		d.Fatalf("display: %+v", a)
	}
	if len(b) != 1 || b[0].Kind != session.Update || b[0].DisplayID != a[0].DisplayID || b[0].Data["text/markdown"] != "**2**" {
		d.Fatalf("update: %+v", b)
	}
}
