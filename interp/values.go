package interp

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/types"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
)

// severalValues makes one expression of a cell's last line a, b: a call that gives
// both.
func severalValues(chunks []cell.Chunk) []cell.Chunk {
	n := len(chunks) - 1
	for n > 0 && strings.HasPrefix(chunks[n].Text, check.Trailer) {
		n--
	}
	if n < 0 || chunks[n].Kind != cell.Stmt || chunks[n].Var || !strings.Contains(chunks[n].Text, ",") {
		return chunks
	}
	if _, err := parser.ParseExpr(chunks[n].Text); err == nil {
		return chunks
	}
	e, err := parser.ParseExpr("f(" + chunks[n].Text + ")")
	if call, ok := e.(*ast.CallExpr); err != nil || !ok || len(call.Args) < 2 || call.Ellipsis.IsValid() {
		return chunks
	}
	out := append([]cell.Chunk{}, chunks...)
	var src cell.Source
	src.Add(check.ValuesCall + "(")
	src.AddPlaced(out[n])
	src.Add(")")
	out[n].Text = src.String()
	return out
}

// valuesType is the type of what gives a, b: parameters and results are the
// arguments' types.
func valuesType(args []types.TypeAndValue) (*types.Signature, error) {
	var vars []*types.Var
	for n, a := range args {
		if a.IsType() {
			return nil, &check.ArgError{Arg: n, Err: errors.New("this is a type, not a value")}
		}
		t := types.Default(a.Type)
		if a.IsNil() {
			t = types.Universe.Lookup("any").Type()
		}
		vars = append(vars, types.NewVar(0, nil, "", t))
	}
	tuple := types.NewTuple(vars...)
	return types.NewSignatureType(nil, nil, nil, tuple, tuple, false), nil
}
