package main

import (
	"go/constant"
	"go/token"
	"go/types"
	"math/big"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/symbols/internal/table"
)

func TestUntyped(t *testing.T) {
	for _, expr := range []string{
		"1<<64 - 1", "-1 << 63", "'x'", `"a\x00\xff"`, "3.0", "-0.5", "0.1", "1e-400", "1/3.0",
		"3.14159265358979323846264338327950288419716939937510582097494459", "0x1p-1022 * 0x1p-52", "1e100",
	} {
		tv, err := types.Eval(token.NewFileSet(), nil, token.NoPos, expr)
		if err != nil {
			t.Fatal(err)
		}
		got, err := untyped(tv.Value, false, nil)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		kind, arg, _ := strings.Cut(strings.TrimSuffix(got, ")"), "(")
		text, err := types.Eval(token.NewFileSet(), nil, token.NoPos, arg)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		switch s := constant.StringVal(text.Value); kind {
		case "table.Int":
			v = table.Int(s)
		case "table.Float":
			v = table.Float(s)
		case "table.String":
			v = table.String(s)
		}
		back := table.Constant(v)
		want := tv.Value
		if kind == "table.Float" {
			// To far more bits than any float has.
			want, back = round(want), round(back)
		}
		if back == nil || back.Kind() != want.Kind() || !constant.Compare(back, token.EQL, want) {
			t.Errorf("%s becomes %s, which is %s", expr, got, back.ExactString())
		}
	}
	if got, err := untyped(constant.MakeInt64('/'), true, func() string { return "os.PathSeparator" }); err != nil || got != "table.Word(os.PathSeparator)" {
		t.Errorf("a constant that differs: %s, %v", got, err)
	}
}

// round keeps 60 digits.
func round(v constant.Value) constant.Value {
	f := constant.ToFloat(v)
	return constant.MakeFromLiteral(strings.TrimPrefix(text(f), "-"), token.FLOAT, 0)
}

func text(v constant.Value) string {
	switch x := constant.Val(v).(type) {
	case *big.Float:
		return x.Text('e', 60)
	case *big.Rat:
		return new(big.Float).SetPrec(600).SetRat(x).Text('e', 60)
	case int64:
		return new(big.Float).SetInt64(x).Text('e', 60)
	}
	return "0"
}

func TestLeftOut(t *testing.T) {
	for path, want := range map[string]bool{"fmt": true, "internal/abi": false, "vendor/golang.org/x/net": false, "syscall": false, "log/syslog": false} {
		if got := bindable(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
