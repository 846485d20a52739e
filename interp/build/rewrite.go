package build

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// A hostSymbol is something in this process that a package refers to.
type hostSymbol struct {
	name     string // in the process's symbol table
	addr     uintptr
	fn       bool
	internal bool // called with Go's own register convention
}

// A resolver answers what the rewriting of an object asks.
type resolver struct {
	// find looks a name up in this process.
	find func(name string) (hostSymbol, bool)
	// name returns the name of a symbol of a package by its index, or "".
	name func(pkg string, index uint32) string
}

// A rewritten is an object whose references to other packages are by name.
type rewritten struct {
	archive []byte
	needs   []hostSymbol
	missing []string // names that this process does not have
}

// rewriteArchive has an archive of the compiler refer to other packages by
// name, so that the linker need not read these packages, and keeps all that
// the package defines, since nobody knows what later packages will use.
func rewriteArchive(archive []byte, path string, r resolver) (*rewritten, error) {
	list, err := members(archive)
	if err != nil {
		return nil, err
	}
	for i, m := range list {
		if m.name != objectMember {
			continue
		}
		head, obj, err := splitObject(m.body)
		if err != nil {
			return nil, err
		}
		o, err := openObject(obj)
		if err != nil {
			return nil, err
		}
		w := &rewriter{object: o, resolver: r, path: path, byName: map[string]uint32{}, byRef: map[symRef]uint32{},
			seen: map[string]bool{}, out: &rewritten{}}
		b, err := w.rewrite()
		if err != nil {
			return nil, err
		}
		list[i].body = append(bytes.Clone(head), b...)
		w.out.archive = pack(list[:i+1])
		return w.out, nil
	}
	return nil, errObject
}

// A rewriter rewrites one object.
type rewriter struct {
	*object
	resolver
	path   string
	out    *rewritten
	c      []byte // the copy that is changed; laid out as the object
	extra  []byte // new references by name
	text_  []byte // the new names
	byName map[string]uint32
	byRef  map[symRef]uint32
	seen   map[string]bool
	err    error

	keepRefs bool // references stay as they are
}

func (w *rewriter) rewrite() ([]byte, error) {
	w.c = bytes.Clone(w.b)
	w.hide(pluginTabs) // it refers to types by offsets, which cannot reach into the program
	w.byNames()
	w.indexed()
	w.instances()
	for p := w.off[blkRefFlags]; p < w.off[blkHash64]; p += sizeRefFlags {
		w.fix(p)
	}
	for p := w.off[blkReloc]; p < w.off[blkAux]; p += sizeReloc {
		w.fix(p + 15)
	}
	w.auxiliary()
	if w.bad {
		w.err = errors.Join(w.err, errObject)
	}
	if w.err != nil {
		return nil, w.err
	}
	return w.assemble()
}

// byNames enters the references that are by name already.
func (w *rewriter) byNames() {
	defined := map[string]bool{}
	n := w.count(blkNonpkgdef, sizeSym)
	for i := range n {
		p := w.off[blkNonpkgdef] + i*sizeSym
		defined[w.object.text(p)] = true
	}
	for i := range w.count(blkNonpkgref, sizeSym) {
		p := w.off[blkNonpkgref] + i*sizeSym
		name, abi := w.object.text(p), le.Uint16(w.b[p+8:])
		if name == "" || defined[name] || abi == abiStatic {
			continue
		}
		if fn := w.need(name, abi == abiInternal); !fn || abi != abi0 { // references by index are to Go's convention
			w.byName[name] = uint32(n + i)
		}
	}
}

// indexed enters the references by index whose names the object lists.
func (w *rewriter) indexed() {
	for p := w.off[blkRefName]; p < w.off[blkEnd]; p += sizeRefName {
		r := w.ref(p)
		if r.pkg == 0 || r.pkg >= pkgSelf {
			continue
		}
		name := w.object.text(p + 8)
		id, ok := w.byName[name]
		if !ok {
			id = w.add(name, w.need(name, true))
		}
		w.byRef[r] = id
	}
}

// instances gives up the object's own descriptors of those types whose methods
// are elsewhere: instances of generic types that other packages made. Their
// tables of methods hold offsets, which cannot reach into the program, and the
// program has the descriptors too.
func (w *rewriter) instances() {
	for again := true; again; { // those that refer to others given up follow
		again = false
		for i := range w.count(blkNonpkgdef, sizeSym) {
			p := w.off[blkNonpkgdef] + i*sizeSym
			name, r := w.object.text(p), symRef{pkgNone, uint32(i)}
			_, done := w.byRef[r]
			if done || !strings.HasPrefix(name, "type:") || strings.HasPrefix(name, "type:.") || !strings.Contains(name, "[") || !w.reachesOut(i) {
				continue
			}
			if _, ok := w.find(mangle(name)); !ok {
				continue
			}
			w.setText(w.c[p:], name+" of "+w.path)
			w.need(name, false)
			w.byRef[r] = w.add(name, false)
			again = true
		}
	}
}

// reachesOut reports whether the i-th descriptor, among the symbols that are
// defined by name, has an offset of something that is not in the object.
func (w *rewriter) reachesOut(i int) bool {
	const sizeAt, refAt = 4, 15
	named, refs := w.count(blkNonpkgdef, sizeSym), w.count(blkNonpkgref, sizeSym)
	from, to := w.span(blkRelocIdx, w.defined()-named+i, w.count(blkReloc, sizeReloc))
	for k := from; k < to; k++ {
		at := w.off[blkReloc] + k*sizeReloc
		r := w.ref(at + refAt)
		if w.b[at+sizeAt] != 4 || r.pkg != pkgNone {
			continue
		}
		if int(r.sym) < named {
			if _, ok := w.byRef[r]; ok {
				return true
			}
		} else if int(r.sym) < named+refs {
			method := w.object.text(w.off[blkNonpkgdef] + int(r.sym)*sizeSym)
			if s, ok := w.find(mangle(method)); ok && s.fn {
				return true
			}
		}
	}
	return false
}

// suffixes are those that the linker gives a function of a convention, Go's internal
// one or assembly's: where a name has both, the one of assembly is marked. It reads
// them so, too.
var suffixes = map[bool][]string{true: {"", ".abi0"}, false: {".abi0", ""}}

// need has the program's symbol be part of what the linker is shown. It
// reports whether it is a function.
func (w *rewriter) need(full string, internal bool) bool {
	name := mangle(full)
	var s hostSymbol
	ok := false
	for _, suffix := range suffixes[internal] {
		if s, ok = w.find(name + suffix); ok {
			break
		}
	}
	if key := name + suffixes[internal][0]; !w.seen[key] {
		w.seen[key] = true
		if ok {
			s.internal = internal && s.fn
			w.out.needs = append(w.out.needs, s)
		} else if !strings.HasSuffix(full, ".go") && full != "<autogenerated>" && !strings.HasSuffix(full, "..inittask") && !strings.HasPrefix(full, "go:info.") {
			w.out.missing = append(w.out.missing, full)
		}
	}
	return ok && s.fn
}

// add makes a new reference by name.
func (w *rewriter) add(name string, fn bool) uint32 {
	var s [sizeSym]byte
	w.setText(s[:], name)
	if fn {
		le.PutUint16(s[8:], abiInternal)
	}
	id := uint32(w.count(blkNonpkgdef, sizeSym) + w.count(blkNonpkgref, sizeSym) + len(w.extra)/sizeSym)
	w.extra = append(w.extra, s[:]...)
	w.byName[name] = id
	return id
}

// fix changes a reference by index, in the copy, to one by name.
func (w *rewriter) fix(p int) {
	r := w.ref(p)
	id, ok := w.byRef[r]
	if w.bad || !ok && (r.pkg == 0 || r.pkg >= pkgSelf) {
		return
	}
	if !ok {
		// A function that was inlined, or the type of a variable of one: only
		// its own package knows the name.
		if int(r.pkg) >= w.count(blkPkgIdx, sizeString) {
			w.bad = true
			return
		}
		pkg := w.object.text(w.off[blkPkgIdx] + sizeString*int(r.pkg))
		name := w.name(pkg, r.sym)
		if name == "" {
			w.err = errors.Join(w.err, fmt.Errorf("symbol %d of package %q has no name", r.sym, pkg))
			return
		}
		if id, ok = w.byName[name]; !ok {
			isType := strings.HasPrefix(name, "type:")
			if isType {
				w.need(name, false)
			}
			id = w.add(name, !isType)
		}
		w.byRef[r] = id
	}
	le.PutUint32(w.c[p:], pkgNone)
	le.PutUint32(w.c[p+4:], id)
}

// auxiliary fixes the references of the data about functions: the tables of
// what was inlined into them, and others.
func (w *rewriter) auxiliary() {
	done := map[int]bool{}
	for i := range w.defined() {
		from, to := w.span(blkAuxIdx, i, w.count(blkAux, sizeAux))
		for a := from; a < to; a++ {
			p := w.off[blkAux] + a*sizeAux
			if w.b[p] == auxFuncInfo {
				if j := w.index(w.ref(p + 1)); j < 0 {
					w.bad = true
				} else if !done[j] {
					done[j] = true
					w.inlined(j)
				}
			}
			w.fix(p + 1)
		}
		if w.bad {
			return
		}
	}
}

// inlined fixes the table of inlined calls in the FuncInfo of symbol i.
func (w *rewriter) inlined(i int) {
	const fixed, call, fn = 16, 24, 12
	from, to := w.span(blkDataIdx, i, w.off[blkRefName]-w.off[blkData])
	start, end := w.off[blkData]+from, w.off[blkData]+to
	files := int(w.u32(start + fixed))
	if files > (end-start)/4 {
		w.bad = true
		return
	}
	p := start + fixed + 4 + 4*files
	calls := int(w.u32(p))
	if p += 4; p > end || calls > (end-p)/call {
		w.bad = true
		return
	}
	for x := range calls {
		w.fix(p + call*x + fn)
	}
}

// assemble lays the new object out.
func (w *rewriter) assemble() ([]byte, error) {
	out := append(bytes.Clone(w.c[:w.off[blkAutolib]]), w.text_...)
	relocs, index, err := w.keepAll()
	if err != nil {
		return nil, err
	}
	var off [blocks]int
	for blk := range blkEnd {
		off[blk] = len(out)
		b := w.c[w.off[blk]:w.off[blk+1]]
		switch {
		case blk == blkRelocIdx:
			b = index
		case blk == blkReloc:
			b = relocs
		case w.keepRefs:
		case blk == blkPkgIdx:
			b = b[:min(len(b), sizeString)] // the first stands for none
		case blk == blkNonpkgref:
			b = append(bytes.Clone(b), w.extra...)
		case blk == blkRefName:
			b = nil
		}
		out = append(out, b...)
	}
	off[blkEnd] = len(out)
	for i, v := range off {
		le.PutUint32(out[objOffsets+4*i:], uint32(v))
	}
	return out, nil
}

// setText makes a new string and refers to it.
func (w *rewriter) setText(ref []byte, s string) {
	le.PutUint32(ref, uint32(len(s)))
	le.PutUint32(ref[4:], uint32(w.off[blkAutolib]+len(w.text_)))
	w.text_ = append(w.text_, s...)
}
