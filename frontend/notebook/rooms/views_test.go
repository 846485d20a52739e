package rooms

import (
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestLargeOutputsAreCutAndThereWhole(t *testing.T) {
	b := newBench(t, []string{"big"})
	p := b.page()
	p.run("a")
	o := p.cell("a")["outputs"].([]any)[0].(map[string]any)
	if o["cut"].(map[string]any)["bytes"] != 400.0*1024 || len(o["text"].(string)) > 32<<10 {
		t.Errorf("pages see %d bytes, cut %v", len(o["text"].(string)), o["cut"])
	}
	if at := o["cut"].(map[string]any)["at"]; at != float64(viewHead) || len(o["text"].(string)) != viewHead+viewTail {
		t.Errorf("the rest was at %v of %d", at, len(o["text"].(string)))
	}
	get := func(index string) (int, string) {
		res, err := http.Get(b.server.URL + "/api/fanout/output?" + url.Values{"path": {"n.ipynb"}, "cell": {"a"}, "index": {index}}.Encode())
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	if code, body := get("0"); code != http.StatusOK || !strings.Contains(body, strings.Repeat("x", 400<<10)) {
		t.Errorf("whole: %d, %d bytes", code, len(body))
	}
	for _, index := range []string{"1", "-1", "x"} {
		if code, _ := get(index); code == http.StatusOK {
			t.Errorf("there is an output %s", index)
		}
	}
}

func TestAPageAsksForOutputsThatItWasToldTheSizeOf(t *testing.T) {
	const size = 120 << 10
	b := newBench(t, slices.Repeat([]string{"much"}, maxViews/size+2))
	p := b.page()
	var ids []string
	for _, c := range p.room["notebook"].(map[string]any)["cells"].([]any) {
		ids = append(ids, c.(map[string]any)["id"].(string))
	}
	last := ids[len(ids)-1]
	p.run(ids...)
	q := b.page()
	o := cellIn(t, q.room, last)["outputs"].([]any)[0].(map[string]any)
	if o["later"] == nil || o["text"] != nil {
		t.Fatalf("%.200v", o)
	}
	q.do("outputs", map[string]any{"cells": []string{last, "gone"}})
	e := q.event("outputs", nil)
	o = e["outputs"].([]any)[0].(map[string]any)
	if e["cell"] != last || o["later"] != nil || len(o["text"].(string)) != size {
		t.Errorf("%.200v", e)
	}
}

func TestMetadataOfACellIsToldWithoutItsOutputs(t *testing.T) {
	b := newBench(t, []string{"print hello"})
	p := b.page()
	p.run("a")
	hidden := map[string]any{"jupyter": map[string]any{"outputs_hidden": true}, "kept": 1.5}
	p.do("metadata", map[string]any{"cell": "a", "metadata": hidden})
	e := p.event("metadata", nil)
	if e["cell"] != "a" || !reflect.DeepEqual(e["metadata"], hidden) || e["changed"] != nil {
		t.Errorf("the event is %v", e)
	}
	if c := p.cell("a"); !reflect.DeepEqual(c["metadata"], hidden) || outputs(c) != `stdout:"hello"` {
		t.Errorf("the cell is %v", c)
	}
	p.do("save", nil)
	if f := b.file(); !strings.Contains(f, `"outputs_hidden": true`) {
		t.Errorf("the file is %s", f)
	}
}
