package lower

import (
	"go/ast"
	"go/token"
	"reflect"
	"strconv"
	"strings"
)

// hideFields keeps unexported fields out of encodings: the tier exports all
// fields, under other names.
func (l *lowerer) hideFields(s *ast.StructType) {
	for _, f := range s.Fields.List {
		hidden := len(f.Names) > 0
		for _, id := range f.Names {
			hidden = hidden && !id.IsExported()
		}
		if !hidden {
			continue
		}
		tag := ""
		if f.Tag != nil {
			tag, _ = strconv.Unquote(f.Tag.Value)
		}
		f.Tag = &ast.BasicLit{ValuePos: f.Pos(), Kind: token.STRING, Value: strconv.Quote(hiddenTag(tag))}
	}
}

func hiddenTag(tag string) string {
	for _, key := range []string{"json", "xml"} {
		if _, ok := reflect.StructTag(tag).Lookup(key); !ok {
			tag = strings.TrimSpace(tag + " " + key + `:"-"`)
		}
	}
	return tag
}
