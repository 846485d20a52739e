package rich

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	yaegi "github.com/traefik/yaegi/interp"
)

type point struct{ X, Y int }

type chain struct {
	Val  int
	Next *chain
	when time.Time
	wait time.Duration
}

type loud string

func (l loud) String() string { return strings.ToUpper(string(l)) }

type broken struct{ A int }

func (broken) String() string { panic("no text") }

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

var (
	monotonic = time.Now()
	dumped    = hex.Dump(bytes.Repeat([]byte{0, 255, 'a', 'b'}, 64))
)

// loop is an error that wraps itself.
type loop struct{}

func (l *loop) Error() string { return "loop" }
func (l *loop) Unwrap() error { return l }

func TestWrappedErrors(t *testing.T) {
	missing := &fs.PathError{Op: "open", Path: "f", Err: fs.ErrNotExist}
	for _, c := range []struct {
		err  error
		want string
	}{
		{missing, "error: open f: file does not exist"},
		{fmt.Errorf("load: %w", missing), `error: load: open f: file does not exist
  wraps *fs.PathError: open f: file does not exist
    wraps file does not exist`},
		{errors.Join(io.EOF, fmt.Errorf("two: %w", io.EOF)), `error: EOF
two: EOF
  wraps EOF
  wraps two: EOF
    wraps EOF`},
		{&loop{}, "error: loop"},
	} {
		if data, _ := Bundle(c.err, nil); data["text/plain"] != c.want {
			t.Errorf("got\n%s\nwant\n%s", data["text/plain"], c.want)
		}
	}
}

// TestMute holds Mute to leaving the methods of cells' types alone.
func TestMute(t *testing.T) {
	if !fromCell(reflect.TypeFor[*yaegi.Interpreter]()) || fromCell(reflect.TypeFor[time.Time]()) {
		t.Error("which types are from cells is not seen")
	}
	if got := Plain([]time.Duration{1500}, "", Options{Mute: true}); got != "[]time.Duration{1.5µs}" {
		t.Error(got)
	}
}

func TestPlain(t *testing.T) {
	ring := &chain{Val: 1, when: time.Unix(0, 0).UTC(), wait: time.Second}
	ring.Next = &chain{Val: 2, Next: ring}
	knot := []any{1, nil}
	knot[1] = knot
	// What the interpreter makes of type point struct{ x, y int; Name string }.
	type anonymous = struct {
		Xx, Xy int
		Name   string
	}
	for _, c := range []struct {
		name string
		v    any
		typ  string
		want string
	}{
		{"nil", nil, "", "<nil>"},
		{"int", 42, "int", "42"},
		{"named scalar", time.Month(3), "", "March"},
		{"float", 1.5e-7, "", "1.5e-07"},
		{"whole float", 3.0, "", "3"},
		{"NaN", math.NaN(), "", "NaN"},
		{"infinity", math.Inf(1), "", "+Inf"},
		{"complex", complex(1, -2), "", "(1-2i)"},
		{"rune", 'a', "rune", "97"},
		{"string", "héllo\n", "", `"héllo\n"`},
		{"not UTF-8", "a\xff", "", `"a\xff"`},
		{"slice", []int{1, 2, 3}, "", "[]int{1, 2, 3}"},
		{"rune slice", []rune{1}, "[]rune", "[]rune{1}"},
		{"empty slice", []int{}, "", "[]int{}"},
		{"nil slice", []int(nil), "", "[]int(nil)"},
		{"nil pointer", (*point)(nil), "*point", "(*point)(nil)"},
		{"nil inside", []*int{nil}, "", "[]*int{nil}"},
		{"struct", point{1, 2}, "point", "point{X: 1, Y: 2}"},
		{"pointer", &point{1, 2}, "*point", "&point{X: 1, Y: 2}"},
		{"interface name is passed over", []int{1}, "any", "[]int{1}"},
		{"interpreted struct", anonymous{1, 2, "a"}, "Point", `Point{x: 1, y: 2, Name: "a"}`},
		{"interpreted struct without a name", anonymous{}, "", `{x: 0, y: 0, Name: ""}`},
		{"interpreted slice", []anonymous{{Xx: 1}}, "[]Point", `[]Point{{x: 1, y: 0, Name: ""}}`},
		{"interpreted map", map[string]*anonymous{"k": {}}, "map[string]*Point",
			`map[string]*Point{"k": &{x: 0, y: 0, Name: ""}}`},
		{"the user's own X", struct{ Xmin, Ymin int }{}, "Box", "Box{Xmin: 0, Ymin: 0}"},
		{"mixed", []any{1, "a", nil, []int{1}}, "", `[]any{1, "a", nil, []int{1}}`},
		{"map", map[string]int{"b": 2, "a": 1}, "", `map[string]int{"a": 1, "b": 2}`},
		{"NaN key", map[float64]string{1: "b", math.NaN(): "a"}, "", `map[float64]string{NaN: "a", 1: "b"}`},
		{"set", map[string]struct{}{"a": {}}, "", `map[string]struct{}{"a": {}}`},
		{"struct keys", map[[2]int]bool{{2, 1}: true, {1, 2}: false}, "",
			"map[[2]int]bool{{1, 2}: false, {2, 1}: true}"},
		{"text bytes", []byte("hi"), "", `[]byte("hi")`},
		{"bytes", []byte{0, 255}, "", "[]byte{0x00, 0xff}"},
		{"byte array", [2]byte{'a', 'b'}, "", "[2]byte{0x61, 0x62}"},
		{"func", func(int, ...string) (int, error) { return 0, nil }, "", "func(int, ...string) (int, error)"},
		{"chan", make(chan int, 3), "", "chan int (len 0, cap 3)"},
		{"duration", 1500 * time.Millisecond, "", "1.5s"},
		{"time", time.Unix(0, 0).UTC(), "", "1970-01-01 00:00:00 +0000 UTC"},
		{"error", errors.New("boom"), "error", "error: boom"},
		{"time with a monotonic clock", monotonic, "", monotonic.Round(0).String()},
		{"long bytes", bytes.Repeat([]byte{0, 255, 'a', 'b'}, 5000), "[]byte", "[]byte, 20000 bytes\n" + dumped + "… 19744 more"},
		{"nil func", (func(int) error)(nil), "", "(func(int) error)(nil)"},
		{"nil chan", (chan<- int)(nil), "", "(chan<- int)(nil)"},
		{"nil map", map[string]int(nil), "", "map[string]int(nil)"},
		{"errors inside", []error{fs.ErrExist, nil}, "", `[]error{error("file already exists"), nil}`},
		{"stringer", loud("hi"), "", "HI"},
		{"stringers", []loud{"a", "b"}, "[]loud", "[]loud{A, B}"},
		{"method of the pointer", *big.NewInt(8), "", "8"},
		{"panic in String", []broken{{1}}, "[]broken", "[]broken{<String(): panic: no text>}"},
		{"slice in itself", knot, "", "[]any{1, <cycle>}"},
		{"long string", strings.Repeat("x", 20_000), "", `"` + strings.Repeat("x", 10_000) + `…" // 20000 bytes`},
		{"lines of text", strings.Repeat("a line\n", 20), "", "`" + strings.Repeat("a line\n", 20) + "`"},
		{"ring", ring, "*chain", `&chain{
    Val: 1,
    Next: &rich.chain{
        Val: 2,
        Next: <cycle>,
        when: 0001-01-01 00:00:00 +0000 UTC,
        wait: 0s,
    },
    when: 1970-01-01 00:00:00 +0000 UTC,
    wait: 1s,
}`},
		{"long slice", upTo(1000), "", `[]int{
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
    21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
    40, 41, 42, 43, 44, 45, 46, 47, 48, 49, … 940 more, 990, 991, 992, 993, 994,
    995, 996, 997, 998, 999,
} // 1000 items`},
		{"empty slices over lines", slices.Repeat([][]int{{}}, 30), "", "[][]int{\n    " + strings.TrimSuffix(strings.Repeat("{}, ", 19), " ") + "\n    " + strings.TrimSuffix(strings.Repeat("{}, ", 11), " ") + "\n}"},
		{"structs in columns", []struct {
			Name string
			Size float64
		}{{"a rather long name", 1.5}, {"short", 1000}, {"and a third", 1.0 / 3}}, "[]File", `[]File, 3 rows
     Name                    Size
     string               float64
  0  a rather long name       1.5
  1  short                   1000
  2  and a third         0.333333`},
		{"matrix", [][]float64{upFloats(9), upFloats(9), upFloats(8)}, "", `[][]float64, 3×9
     0    1  2    3  4    5  6    7  8
  0  0  0.5  1  1.5  2  2.5  3  3.5  4
  1  0  0.5  1  1.5  2  2.5  3  3.5  4
  2  0  0.5  1  1.5  2  2.5  3  3.5   `},
		{"nested", []map[string]any{{"name": "a rather long name", "tags": []string{"one", "two"}, "n": 1}, {"n": 2}}, "",
			`[]map[string]any{
    {"n": 1, "name": "a rather long name", "tags": []string{"one", "two"}},
    {"n": 2},
}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Plain(c.v, c.typ, Options{})
			if want := strings.TrimRight(c.want, " "); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func upFloats(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(i) / 2
	}
	return out
}

// tree is a value that branches without end in sight.
type tree struct{ Kids []*tree }

func grow(depth int) *tree {
	t := &tree{}
	if depth > 0 {
		kid := grow(depth - 1)
		for range 50 {
			t.Kids = append(t.Kids, kid)
		}
	}
	return t
}

func TestPlainIsBounded(t *testing.T) {
	wide := map[int][]string{}
	for i := range 1000 {
		wide[i] = []string{strings.Repeat("é", 5000), strings.Repeat("\x00", 5000)}
	}
	for name, v := range map[string]any{
		"tree": grow(12), "wide map": wide,
		"long error":  errors.New(strings.Repeat("x", 1<<20)),
		"large map":   largeMap(300_000),
		"large array": [1 << 16]struct{ A, B, C string }{},
		"strings":     strings.Split(strings.Repeat("some words ", 1e5), " "),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			got := Plain(v, "", Options{})
			if len(got) > 13_000 || !utf8.ValidString(got) {
				t.Errorf("%d bytes, valid UTF-8: %v", len(got), utf8.ValidString(got))
			}
			if d := time.Since(start); d > 2*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func largeMap(n int) map[int]int {
	m := make(map[int]int, n)
	for i := range n {
		m[i] = i
	}
	return m
}

func BenchmarkPlainInt(b *testing.B) {
	for b.Loop() {
		Plain(42, "int", Options{})
	}
}

func BenchmarkPlainStruct(b *testing.B) {
	for b.Loop() {
		Plain(point{1, 2}, "Point", Options{})
	}
}

func BenchmarkBundleInt(b *testing.B) {
	for b.Loop() {
		Bundle(42, nil)
	}
}

func BenchmarkBundleSlice(b *testing.B) {
	v := upTo(100_000)
	for b.Loop() {
		Bundle(v, nil)
	}
}

func BenchmarkBundleMap(b *testing.B) {
	v := largeMap(100_000)
	for b.Loop() {
		Bundle(v, nil)
	}
}
