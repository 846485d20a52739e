// Package tex sets formulas in TeX as MathML, which browsers show without a script. It runs
// KaTeX, as the page of the web notebook does, so that reports show what the page shows.
//
// Start at [New].
package tex

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"
	"unicode/utf16"

	"github.com/dop251/goja"

	"github.com/adabc437/fanout/frontend/notebook/page"
)

// The bounds of a formula.
const (
	maxFormula = 16 << 10 // bytes
	maxTime    = 5 * time.Second
	maxText    = 30 * time.Second // of all formulas of a text
)

// A Setter sets the formulas of one text. It is not safe for concurrent use.
type Setter struct {
	ctx    context.Context // of the text
	vm     *goja.Runtime
	next   int               // number of the next equation
	labels map[string]string // what the labels seen so far stand for

	each, all time.Duration // the longest for one formula, and for all
	spent     time.Duration
}

// program is KaTeX, compiled at its first use.
var program = sync.OnceValues(func() (*goja.Program, error) {
	source, err := fs.ReadFile(page.Dist(), "math.js")
	if err != nil {
		return nil, fmt.Errorf("the setter of formulas: %w", err)
	}
	return goja.Compile("math.js", string(source), false)
})

// New returns a Setter, whose equations count from 1. It sets none any more when ctx ends.
func New(ctx context.Context) (*Setter, error) {
	p, err := program()
	if err != nil {
		return nil, err
	}
	s := &Setter{ctx: ctx, vm: goja.New(), next: 1, labels: map[string]string{}, each: maxTime, all: maxText}
	if _, err := s.vm.RunProgram(p); err != nil {
		return nil, fmt.Errorf("the setter of formulas: %w", err)
	}
	return s, nil
}

// A Formula is one that begins at the front of a text.
type Formula struct {
	TeX     string
	Display bool // on a line of its own
	Len     int  // bytes of the text that it takes, with its delimiters
}

// At finds the formula that begins at the front of a text: $…$, $$…$$, \(…\) or \[…\].
func (s *Setter) At(text string) (Formula, bool) {
	units := utf16.Encode([]rune(text))
	got, err := s.call("mathAt", text)
	if err != nil || got == "" {
		return Formula{}, false
	}
	var f struct {
		TeX     string `json:"tex"`
		Display bool   `json:"display"`
		End     int    `json:"end"`
	}
	if json.Unmarshal([]byte(got), &f) != nil || f.End <= 0 || f.End > len(units) {
		return Formula{}, false
	}
	return Formula{f.TeX, f.Display, len(string(utf16.Decode(units[:f.End])))}, true
}

// Number gives the equations of a formula their numbers, and returns the formula with
// those. Its labels are known to Set and Reference from then on.
func (s *Setter) Number(tex string) string {
	if len(tex) > maxFormula {
		return tex
	}
	got, err := s.call("mathNumber", tex, s.next)
	var n struct {
		TeX    string            `json:"tex"`
		Next   int               `json:"next"`
		Labels map[string]string `json:"labels"`
	}
	if err != nil || json.Unmarshal([]byte(got), &n) != nil {
		return tex
	}
	s.next = n.Next
	for label, text := range n.Labels {
		if _, known := s.labels[label]; !known { // the first of a name has it
			s.labels[label] = text
		}
	}
	return n.TeX
}

// Reference is what refers to a label: its number, in brackets if so wanted, or a question
// mark if no formula has it.
func (s *Setter) Reference(label string, brackets bool) string {
	text, known := s.labels[label]
	if !known {
		text = "?"
	}
	if brackets {
		return "(" + text + ")"
	}
	return text
}

// Set returns a formula as HTML with MathML. One that cannot be read comes as it is written, with
// what is wrong as its title. An error says that it is too long or takes too long.
func (s *Setter) Set(tex string, display bool) (string, error) {
	if len(tex) > maxFormula {
		return "", fmt.Errorf("a formula of %d bytes, which may have %d", len(tex), maxFormula)
	}
	labels, err := json.Marshal(s.labels)
	if err != nil {
		return "", err
	}
	return s.call("mathSet", tex, display, string(labels))
}

// Of takes the delimiters off a LaTeX output that is one formula.
func (s *Setter) Of(text string) string {
	got, err := s.call("mathOf", text)
	if err != nil {
		return text
	}
	return got
}

func (s *Setter) call(name string, args ...any) (string, error) {
	f, ok := goja.AssertFunction(s.vm.Get(name))
	if !ok {
		return "", errors.New("math.js has no " + name)
	}
	if s.spent >= s.all {
		return "", fmt.Errorf("the formulas of a text may take %v", s.all)
	}
	if err := s.ctx.Err(); err != nil {
		return "", err
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(s.ctx, min(s.each, s.all-s.spent))
	defer cancel()
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		s.vm.Interrupt("it takes too long")
		close(interrupted)
	})
	defer func() {
		if !stop() {
			<-interrupted // else it came upon the next call
		}
		s.vm.ClearInterrupt()
		s.spent += time.Since(began)
	}()
	list := make([]goja.Value, len(args))
	for i, a := range args {
		list[i] = s.vm.ToValue(a)
	}
	v, err := f(goja.Undefined(), list...)
	if err != nil && s.ctx.Err() != nil {
		return "", s.ctx.Err()
	}
	if err != nil {
		return "", fmt.Errorf("a formula cannot be set: %w", err)
	}
	return v.String(), nil
}
