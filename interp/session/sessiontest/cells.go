package sessiontest

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/session"
)

func results(d *desk) {
	d.gives("1 + 1", "2")
	d.gives("x := 20", "")
	d.gives("func double(n int) int { return 2 * n }\ndouble(x) + 2", "42")
	d.gives("double(x);", "")
	d.gives(`"text"`, `"text"`)
}

func order(d *desk) {
	_, out := d.do("for i := range 5 { display(i) }\nclearOutput(true)\ndisplay(5)\n6")
	var got []any
	for _, e := range out.Events() {
		if e.Kind == session.Clear {
			got = append(got, e.Wait)
		} else {
			got = append(got, e.Data["text/plain"])
		}
	}
	want := []any{"0", "1", "2", "3", "4", true, "5", "6"}
	if !reflect.DeepEqual(got, want) {
		d.Errorf("events %v, want %v", got, want)
	}
}

func places(d *desk) {
	for _, test := range []struct {
		code, name string
		pos        session.Position
	}{
		{"x := 1\n  y +", session.SyntaxError, session.Position{Line: 2, Column: 6, Source: "  y +"}},
		{"é := 1; _ = é + unknown", session.TypeError, session.Position{Line: 1, Column: 17, Source: "é := 1; _ = é + unknown"}},
		{"a := []int{}\ni := 3\na[i]", session.Panic, session.Position{Line: 3, Column: 1, Source: "a[i]"}},
		{"\n%nosuchmagic", session.MagicError, session.Position{Line: 2, Column: 1, Source: "%nosuchmagic"}},
	} {
		c := d.cell(test.code)
		err := d.wantErr(d.execute(c, NewOutput()), test.name)
		test.pos.Cell = c.Number
		if err.Pos == nil || *err.Pos != test.pos {
			d.Errorf("%q: the place is %+v, want %+v", test.code, err.Pos, test.pos)
		}
	}
	d.gives("1", "1")
}

func midway(d *desk) {
	reply := d.execute(d.cell("before := 1\nfunc kept() int { return 7 }\nbefore = 2\npanic(\"stop\")\nbefore = 3"), NewOutput())
	err := d.wantErr(reply, session.Panic)
	if err.Message != "stop" {
		d.Errorf("message %q", err.Message)
	}
	if !slices.Contains(reply.Variables, "before") || len(reply.Declared) == 0 {
		d.Errorf("variables %v, declared %v", reply.Variables, reply.Declared)
	}
	d.gives("before + kept()", "9")
}

func silent(d *desk) {
	c := d.cell("quiet := 5\nquiet")
	c.Silent, c.StoreHistory = true, false
	out := NewOutput()
	if reply := d.execute(c, out); reply.Err != nil || len(out.Events()) > 0 {
		d.Errorf("%v, events %v", reply.Err, out.Events())
	}
	d.gives("quiet", "5")
}

func expressions(d *desk) {
	c := d.cell("v := 6")
	c.Expressions = map[string]string{"good": "v * 7", "bad": "nothing + 1", "none": "v = 7"}
	out := NewOutput()
	reply := d.execute(c, out)
	good, bad, none := reply.Expressions["good"], reply.Expressions["bad"], reply.Expressions["none"]
	if good.Err != nil || good.Data["text/plain"] != "42" {
		d.Errorf("good: %+v", good)
	}
	if bad.Err == nil || bad.Err.Name != session.TypeError {
		d.Errorf("bad: %+v", bad)
	}
	if none.Err == nil {
		d.Errorf("an expression without value has %+v", none)
	}
	if text := out.Text(session.Result); text != "" {
		d.Errorf("expressions show %q", text)
	}
	c = d.cell("panic(1)")
	c.Expressions = map[string]string{"good": "v"}
	if reply := d.execute(c, NewOutput()); len(reply.Expressions) > 0 {
		d.Errorf("a cell that failed has expressions %v", reply.Expressions)
	}
}

func interrupt(d *desk) {
	d.do("n := 0\nch := make(chan int)")
	for _, code := range []string{"for { n++ }", "time.Sleep(time.Hour)", "<-ch", "select {}"} {
		done := d.start(d.Context(), d.cell("n = 1\ndisplay(n)\n"+code))
		d.s.Interrupt()
		d.wantErr(d.wait(done), session.Interrupted)
		d.gives("n > 0", "true")
	}
}

func cancel(d *desk) {
	ctx, stop := context.WithCancel(d.Context())
	done := d.start(ctx, d.cell("kept := 3\ndisplay(kept)\nfor {}"))
	stop()
	d.wantErr(d.wait(done), session.Interrupted)
	d.gives("kept", "3")
}

func interruptIdle(d *desk) {
	d.s.Interrupt()
	d.gives("1", "1")
	d.s.Interrupt()
	d.gives("2", "2")
}

func restore(d *desk) {
	var declared []session.Declaration
	for _, code := range []string{
		"type P struct{ x int }\nfunc (p P) X() int { return p.x }",
		"func even(n int) bool { return n == 0 || odd(n-1) }\nfunc odd(n int) bool { return n != 0 && even(n-1) }",
		"lost := 40\nfunc useLost() int { return lost + 2 }",
		"const K = 3",
		"func sum() int { return K + P{4}.x }",
		"func odd(n int) bool { return n % 2 == 1 }",
		"import str \"strings\"",
	} {
		reply, _ := d.do(code)
		declared = append(declared, reply.Declared...)
	}
	fresh := &desk{T: d.T, s: d.open(d.T), open: d.open, n: 50}
	d.Cleanup(func() { _ = fresh.s.Close() })
	ctx, stop := context.WithTimeout(d.Context(), patience)
	defer stop()
	if err := fresh.s.Restore(ctx, session.Past{Declarations: declared}); err != nil {
		d.Errorf("Restore: %v", err)
	}
	fresh.gives("P{5}.X() + sum()", "12")
	fresh.gives("even(10) && odd(3)", "true")
	fresh.gives("useLost()", "2")
	fresh.gives(`str.ToUpper("a")`, `"A"`)
	err := fresh.s.Restore(ctx, session.Past{Declarations: []session.Declaration{
		{Name: "broken", Cell: 1, Source: "func broken() int { return nothing }"}, {Name: "whole", Cell: 1, Source: "func whole() int { return 1 }"},
	}})
	if err == nil || !strings.Contains(err.Error(), "broken") || strings.Contains(err.Error(), "whole") {
		d.Errorf("the error of a declaration that fails is %v", err)
	}
	fresh.gives("whole()", "1")
}

func reset(d *desk) {
	d.do("gone := 1")
	reply, _ := d.do("%reset -f")
	if !reply.Reset || reply.Restart || len(reply.Variables) > 0 {
		d.Errorf("%+v", reply)
	}
	d.wantErr(d.execute(d.cell("gone"), NewOutput()), session.TypeError)
}

func restart(d *desk) {
	out := NewOutput()
	reply := d.execute(d.cell("%restart"), out)
	if reply.Err != nil || !reply.Restart {
		d.Errorf("%+v", reply)
	}
}

func payloads(d *desk) {
	reply, _ := d.do("strings.ToUpper?")
	if len(reply.Payloads) != 1 || reply.Payloads[0].Source != "page" {
		d.Fatalf("payloads %+v", reply.Payloads)
	}
	if text, _ := reply.Payloads[0].Data["text/plain"].(string); !strings.Contains(text, "func strings.ToUpper(s string) string") {
		d.Errorf("the page is %q", text)
	}
}

func closed(d *desk) {
	done := d.start(d.Context(), d.cell("display(1)\nfor {}"))
	if err := d.s.Close(); err != nil {
		d.Error(err)
	}
	d.wait(done)
	if _, err := d.s.Execute(d.Context(), d.cell("1"), NewOutput()); !isClosed(err) {
		d.Errorf("Execute after Close: %v, want %v", err, session.ErrClosed)
	}
	if err := d.s.Close(); err != nil {
		d.Errorf("closing twice: %v", err)
	}
}
