package tex

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// endless has the formula "slow" never be done.
func endless(t *testing.T, each, all time.Duration) *Setter {
	t.Helper()
	s, err := New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.each, s.all = each, all
	if _, err := s.vm.RunString(`const set = mathSet; mathSet = (...a) => { while (a[0] === "slow"); return set(...a) }`); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAFormulaThatTakesTooLongIsGivenUpAndTheNextIsSet(t *testing.T) {
	s := endless(t, 20*time.Millisecond, time.Hour)
	for range 3 {
		if out, err := s.Set("slow", false); err == nil || !strings.Contains(err.Error(), "it takes too long") {
			t.Fatalf("Set gives %q, %v", out, err)
		}
		s.each = time.Hour // for what KaTeX itself takes
		if out, err := s.Set("x^2", false); err != nil || !strings.Contains(out, "<msup>") {
			t.Fatalf("the next is %q, %v", out, err)
		}
		s.each = 20 * time.Millisecond
	}
}

func TestTheFormulasOfATextHaveATimeTogether(t *testing.T) {
	s := endless(t, time.Hour, 50*time.Millisecond)
	if _, err := s.Set("slow", false); err == nil || !strings.Contains(err.Error(), "it takes too long") {
		t.Fatalf("the one that uses it up: %v", err)
	}
	if out, err := s.Set("x", false); err == nil || !strings.Contains(err.Error(), "the formulas of a text may take 50ms") {
		t.Fatalf("Set gives %q, %v", out, err)
	}
	if _, ok := s.At("$x$"); ok {
		t.Error("a formula is looked for after that")
	}
}

func TestAFormulaThatIsTooLongIsNotSet(t *testing.T) {
	s := endless(t, time.Hour, time.Hour)
	if _, err := s.Set(strings.Repeat("x", maxFormula+1), false); err == nil {
		t.Error("it is")
	}
	if out, err := s.Set(strings.Repeat("x", maxFormula), false); err != nil || out == "" {
		t.Errorf("one that just fits gives %q, %v", out, err)
	}
}

// The end of a text's context ends a formula that is being set.
func TestAFormulaIsSetNoLongerThanSomebodyWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := New(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Set("x", false); err != nil {
		t.Fatal(err)
	}
	if err := s.vm.Set("begun", func() { cancel() }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.vm.RunString("mathSet = function () { begun(); for (;;) {} }"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // none is begun any more, either
		if _, err := s.Set("x", false); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
}
