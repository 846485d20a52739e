package interp

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"runtime"
	"strings"
	"unsafe"

	yaegi "github.com/traefik/yaegi/interp"
)

// Places of run-time errors.
//
// Yaegi runs a tree of nodes, of which each has a function that does its work, and
// says of a panic only which function of the cell it ended. So, between compiling
// and running, the nodes that may fail get a function around theirs that does
// nothing but see a panic pass: it knows the node's place, and from the operands
// what Go would say. Where yaegi's nodes look otherwise than they do in the
// version that this was written for, all stays as it is.

// A step is the work of a node; it gets the frame, and returns the next step.
type step func(frame unsafe.Pointer) step

// A maker sets a node's step.
type maker func(node unsafe.Pointer)

// nodeLayout is where the fields of yaegi's nodes and frames are.
type nodeLayout struct {
	root                                                                                                                       uintptr // of a program
	child, anc, tnext, sym, findex, level, pos, exec, gen, rval, frameRoot, frameAnc, frameData, frameDeferred, frameRecovered uintptr
	typ, typName, typVal                                                                                                       uintptr
	symIndex, symGlobal, symNode, kind                                                                                         uintptr
	kindType                                                                                                                   reflect.Type
	ok                                                                                                                         bool
}

var layout = findLayout()

func findLayout() (l nodeLayout) {
	ok := true
	find := func(t reflect.Type, name string, kind reflect.Kind) (uintptr, reflect.Type) {
		if t == nil || t.Kind() != reflect.Struct {
			ok = false
			return 0, nil
		}
		f, found := t.FieldByName(name)
		if !found || f.Type.Kind() != kind {
			ok = false
			return 0, nil
		}
		return f.Offset, f.Type
	}
	elem := func(t reflect.Type) reflect.Type {
		if t == nil {
			return nil
		}
		return t.Elem()
	}
	var rootType, symType, execType reflect.Type
	l.root, rootType = find(reflect.TypeFor[yaegi.Program](), "root", reflect.Pointer)
	node := elem(rootType)
	l.child, _ = find(node, "child", reflect.Slice)
	l.anc, _ = find(node, "anc", reflect.Pointer)
	l.tnext, _ = find(node, "tnext", reflect.Pointer)
	l.sym, symType = find(node, "sym", reflect.Pointer)
	l.findex, _ = find(node, "findex", reflect.Int)
	l.level, _ = find(node, "level", reflect.Int)
	l.pos, _ = find(node, "pos", reflect.Int)
	l.kind, l.kindType = find(node, "kind", reflect.Uint)
	var typType reflect.Type
	l.typ, typType = find(node, "typ", reflect.Pointer)
	l.typName, _ = find(elem(typType), "name", reflect.String)
	l.typVal, _ = find(elem(typType), "val", reflect.Pointer)
	l.exec, execType = find(node, "exec", reflect.Func)
	l.gen, _ = find(node, "gen", reflect.Func)
	l.rval, _ = find(node, "rval", reflect.Struct)
	l.symIndex, _ = find(elem(symType), "index", reflect.Int)
	l.symGlobal, _ = find(elem(symType), "global", reflect.Bool)
	l.symNode, _ = find(elem(symType), "node", reflect.Pointer)
	if ok && execType.NumIn() == 1 {
		frame := elem(execType.In(0))
		l.frameRoot, _ = find(frame, "root", reflect.Pointer)
		l.frameAnc, _ = find(frame, "anc", reflect.Pointer)
		l.frameData, _ = find(frame, "data", reflect.Slice)
	}
	if ok && execType.NumIn() == 1 {
		frame := elem(execType.In(0))
		l.frameDeferred, _ = find(frame, "deferred", reflect.Slice)
		l.frameRecovered, _ = find(frame, "recovered", reflect.Interface)
	}
	l.ok = ok
	return l
}

func at[T any](p unsafe.Pointer, offset uintptr) *T { return (*T)(unsafe.Add(p, offset)) }

// watched are the makers of nodes that may fail.
var watched = map[string]bool{
	"getIndexArray": true, "slice": true, "slice0": true, "deref": true,
	"quo": true, "quoAssign": true, "rem": true, "remAssign": true, "shl": true, "shr": true, "shlAssign": true, "shrAssign": true,
	"typeAssertShort": true, "typeAssertLong": true, "typeAssertStatus": true, "getPtrIndexSeq": true, "getIndexSeqField": true,
	"getIndexSeqMethod": true, "getIndexSeqPtrMethod": true, "getMethod": true, "getMethodByName": true, "getIndexBinMethod": true,
	"getIndexBinElemMethod": true, "getIndexBinPtrMethod": true, "call": true, "callBin": true, "_make": true, "_close": true,
	"send": true, "convert": true, "_range": true, "_delete": true, "arrayLit": true, "mapLit": true,
}

// watch puts the functions around the steps of a program that may fail. failed is
// told of the panic that passes one, and returns the value to go on with.
func watch(p *yaegi.Program, failed func(op string, node, frame unsafe.Pointer, value any) any) {
	if !layout.ok {
		return
	}
	w := &watcher{map[unsafe.Pointer]bool{}, map[uintptr]string{}, failed}
	w.node(*at[unsafe.Pointer](unsafe.Pointer(p), layout.root), nil)
}

type watcher struct {
	seen   map[unsafe.Pointer]bool
	names  map[uintptr]string // of the makers
	failed func(op string, node, frame unsafe.Pointer, value any) any
}

func (w *watcher) node(n, parent unsafe.Pointer) {
	if n == nil || w.seen[n] {
		return
	}
	w.seen[n] = true
	if k := kindOf(n); k == "varDecl" || k == "constDecl" || k == "funcDecl" && kindOf(parent) != "fileStmt" {
		return // these, of which one is an instance of a generic function, yaegi does not make again
	}
	for _, c := range *at[[]unsafe.Pointer](n, layout.child) {
		w.node(c, n)
	}
	gen := at[maker](n, layout.gen)
	if *gen == nil {
		return
	}
	// Those of function literals are made already; they are made again when the program runs.
	*at[step](n, layout.exec) = nil
	pc := reflect.ValueOf(*gen).Pointer()
	name, known := w.names[pc]
	if !known {
		full := runtime.FuncForPC(pc).Name()
		name = full[strings.LastIndexByte(full, '.')+1:]
		w.names[pc] = name
	}
	if !watched[name] && (name != "assign" || !setsMap(n)) {
		return
	}
	made := *gen
	if kindOf(parent) == "deferStmt" {
		*gen = func(n unsafe.Pointer) {
			made(n)
			exec := at[step](n, layout.exec)
			if do := *exec; do != nil {
				*exec = func(f unsafe.Pointer) step {
					next := do(f)
					guardDeferred(f)
					return next
				}
			}
		}
		return
	}
	*gen = func(n unsafe.Pointer) {
		made(n)
		exec := at[step](n, layout.exec)
		if do := *exec; do != nil {
			fresh := name == "convert" && types.Universe.Lookup(typeOfNode(n)) == nil
			*exec = func(f unsafe.Pointer) (next step) {
				if fresh {
					freshSlot(n, f)
				}
				done := false
				defer func() {
					if !done {
						if v := recover(); v != nil {
							if next = assertedNil(name, n, f); next == nil {
								panic(w.failed(name, n, f, v))
							}
						}
					}
				}()
				next = do(f)
				done = true
				return next
			}
		}
	}
}

// freshSlot gives the result of a node a place of its own: an interface that gets it
// refers to the place.
func freshSlot(n, frame unsafe.Pointer) {
	i, level := *at[int](n, layout.findex), *at[int](n, layout.level)
	if *at[unsafe.Pointer](n, layout.sym) != nil || level != 0 {
		return
	}
	if data := *at[[]reflect.Value](frame, layout.frameData); i >= 0 && i < len(data) && data[i].IsValid() {
		data[i] = reflect.New(data[i].Type()).Elem()
	}
}

// guardDeferred keeps a panic of the call that was deferred last from ending those
// deferred before it: it takes the place of the panic under way, as in Go.
func guardDeferred(frame unsafe.Pointer) {
	deferred := *at[[][]reflect.Value](frame, layout.frameDeferred)
	if len(deferred) == 0 || len(deferred[0]) == 0 {
		return
	}
	f := deferred[0][0]
	if !f.IsValid() || f.Kind() != reflect.Func || f.IsNil() {
		return
	}
	t := f.Type()
	deferred[0][0] = reflect.MakeFunc(t, func(in []reflect.Value) (out []reflect.Value) {
		defer func() {
			if v := recover(); v != nil {
				*at[any](frame, layout.frameRecovered) = v
				for o := range t.Outs() {
					out = append(out, reflect.Zero(o))
				}
			}
		}()
		if t.IsVariadic() {
			return f.CallSlice(in)
		}
		return f.Call(in)
	})
}

// assertedNil goes on behind v, ok := x.(T) where x is nil, at which yaegi fails
// for some T.
func assertedNil(op string, n, frame unsafe.Pointer) (next step) {
	if op != "typeAssertLong" && op != "typeAssertStatus" {
		return nil
	}
	x := operand(n, frame, 0)
	for x.Kind() == reflect.Interface && !x.IsNil() {
		x = x.Elem()
	}
	tnext := *at[unsafe.Pointer](n, layout.tnext)
	if x.IsValid() && x.Kind() != reflect.Interface || tnext == nil {
		return nil
	}
	to := *at[[]unsafe.Pointer](*at[unsafe.Pointer](n, layout.anc), layout.child)
	for _, c := range to[:min(2, len(to))] {
		if v := nodeValue(c, frame); v.CanSet() {
			v.SetZero()
		}
	}
	return *at[step](tnext, layout.exec)
}

// setsMap says of an assignment that it sets an element, of a map at that.
func setsMap(n unsafe.Pointer) bool {
	for _, c := range *at[[]unsafe.Pointer](n, layout.child) {
		if kindOf(c) == "indexExpr" {
			return true
		}
	}
	return false
}

func kindOf(n unsafe.Pointer) string {
	if n == nil {
		return ""
	}
	kind, ok := reflect.NewAt(layout.kindType, unsafe.Add(n, layout.kind)).Elem().Interface().(fmt.Stringer)
	if !ok {
		return ""
	}
	return kind.String()
}

// placeOfNode is the node's place in the source.
func placeOfNode(fset *token.FileSet, n unsafe.Pointer) token.Position {
	return fset.Position(*at[token.Pos](n, layout.pos))
}

// typeOfNode is the runtime name of the cells' type that a node's value has, with a
// star in front of it if it is a pointer to one; or "".
func typeOfNode(n unsafe.Pointer) string {
	if n == nil || !layout.ok {
		return ""
	}
	t := *at[unsafe.Pointer](n, layout.typ)
	if t == nil {
		return ""
	}
	if name := *at[string](t, layout.typName); name != "" {
		return name
	}
	if t = *at[unsafe.Pointer](t, layout.typVal); t != nil {
		return "*" + *at[string](t, layout.typName)
	}
	return ""
}

// boxed takes apart what yaegi puts a value into that becomes an interface of a cell's
// type, or an any in some places: the value and the node that it comes from.
func boxed(v reflect.Value) (node unsafe.Pointer, inner reflect.Value, ok bool) {
	if t := v.Type(); !layout.ok || t.Kind() != reflect.Struct || t.Name() != "valueInterface" || t.PkgPath() != "github.com/traefik/yaegi/interp" || t.NumField() != 2 {
		return nil, v, false
	}
	own := reflect.New(v.Type())
	own.Elem().Set(v)
	p := own.UnsafePointer()
	return *at[unsafe.Pointer](p, own.Type().Elem().Field(0).Offset), *at[reflect.Value](p, own.Type().Elem().Field(1).Offset), true
}

// operand is the value of a node's n-th child in a frame.
func operand(node, frame unsafe.Pointer, n int) (v reflect.Value) {
	children := *at[[]unsafe.Pointer](node, layout.child)
	if n >= len(children) {
		return v
	}
	defer func() { _ = recover() }() // it is for a message only
	return nodeValue(children[n], frame)
}

func nodeValue(c, frame unsafe.Pointer) reflect.Value {
	if rv := *at[reflect.Value](c, layout.rval); rv.IsValid() {
		return rv
	}
	i, level := *at[int](c, layout.findex), *at[int](c, layout.level)
	if sym := *at[unsafe.Pointer](c, layout.sym); sym != nil {
		i = *at[int](sym, layout.symIndex)
		if def := *at[unsafe.Pointer](sym, layout.symNode); i < 0 && def != c {
			return nodeValue(def, frame)
		}
		if *at[bool](sym, layout.symGlobal) {
			level = -1
		}
	}
	if level < 0 {
		frame = *at[unsafe.Pointer](frame, layout.frameRoot)
	}
	for ; level > 0; level-- {
		frame = *at[unsafe.Pointer](frame, layout.frameAnc)
	}
	data := *at[[]reflect.Value](frame, layout.frameData)
	if i < 0 || i >= len(data) {
		return reflect.Value{}
	}
	return data[i]
}
