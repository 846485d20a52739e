package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Walking unknown JSON: paths, queries, merging and pretty text.

func get(v any, path string) (any, error) {
	for _, p := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			next, ok := x[p]
			if !ok {
				return nil, fmt.Errorf("no key %q", p)
			}
			v = next
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i < 0 || i >= len(x) {
				return nil, fmt.Errorf("bad index %q of %d", p, len(x))
			}
			v = x[i]
		default:
			return nil, fmt.Errorf("cannot descend into %T", v)
		}
	}
	return v, nil
}

func flatten(v any, at string, out map[string]any) {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			flatten(e, at+"/"+k, out)
		}
	case []any:
		for i, e := range x {
			flatten(e, fmt.Sprint(at, "/", i), out)
		}
	default:
		out[at] = v
	}
}

func merge(a, b any) any {
	ma, ok1 := a.(map[string]any)
	mb, ok2 := b.(map[string]any)
	if !ok1 || !ok2 {
		return b
	}
	out := map[string]any{}
	for k, v := range ma {
		out[k] = v
	}
	for k, v := range mb {
		if v == nil {
			delete(out, k)
			continue
		}
		out[k] = merge(out[k], v)
	}
	return out
}

func main() {
	var doc any
	err := json.Unmarshal([]byte(`{"users":[{"name":"ann","tags":["a","b"],"age":30},{"name":"bob","tags":[],"age":null}],"ok":true}`), &doc)
	fmt.Println(err)
	for _, p := range []string{"users.0.name", "users.0.tags.1", "users.1.age", "users.5", "nope", "ok.x", "users.x"} {
		v, err := get(doc, p)
		fmt.Println(p, "=", v, err)
	}
	flat := map[string]any{}
	flatten(doc, "", flat)
	keys := make([]string, 0, len(flat))
	for k := range flat {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Printf("%s %v %T\n", k, flat[k], flat[k])
	}
	var patch any
	json.Unmarshal([]byte(`{"ok":null,"users":"gone","new":{"deep":[1]}}`), &patch)
	b, _ := json.Marshal(merge(doc, patch))
	fmt.Println(string(b))
	total := 0.0
	for _, u := range doc.(map[string]any)["users"].([]any) {
		if age, ok := u.(map[string]any)["age"].(float64); ok {
			total += age
		}
	}
	fmt.Println(total)
}
