package build

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// keepArchive has the linker keep all that a package defines, as
// rewriteArchive does, and hides tables, but leaves its references alone.
func keepArchive(archive []byte, path string, hide []string) ([]byte, error) {
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
		w := &rewriter{object: o, path: path, keepRefs: true}
		b, err := w.keepOnly(hide...)
		if err != nil {
			return nil, err
		}
		list[i].body = append(slices.Clone(head), b...)
		return pack(list[:i+1]), nil
	}
	return nil, errObject
}

// Tables that the compiler makes for package plugin.
const (
	pluginTabs    = "go:plugin.tabs"
	pluginExports = "go:plugin.exports"
)

// keepOnly changes nothing but what is kept, and the names of tables.
func (w *rewriter) keepOnly(hide ...string) ([]byte, error) {
	w.c = bytes.Clone(w.b)
	w.hide(hide...)
	return w.assemble()
}

// hide renames tables, so that the linker does not find them.
func (w *rewriter) hide(tables ...string) {
	for i := range w.defined() {
		p := w.off[blkSymdef] + i*sizeSym
		if name := w.object.text(p); slices.Contains(tables, name) {
			w.setText(w.c[p:], name+"."+w.path)
		}
	}
}

// keepAll returns the relocations and their index, with all that the package
// defines added to what its exports refer to: these are what a linker keeps.
func (w *rewriter) keepAll() (relocs, index []byte, err error) {
	relocs, index = w.c[w.off[blkReloc]:w.off[blkAux]], bytes.Clone(w.c[w.off[blkRelocIdx]:w.off[blkAuxIdx]])
	exports := -1
	var keep []symRef
	for i := range w.defined() {
		p := w.off[blkSymdef] + i*sizeSym
		name := w.object.text(p)
		if name == pluginExports {
			exports = i
		}
		if !w.outlives(name, p) {
			continue
		}
		if r, ok := w.refTo(i); ok {
			keep = append(keep, r)
		}
	}
	if exports < 0 {
		return nil, nil, fmt.Errorf("%w: no table of exports", errObject)
	}
	from, to := w.span(blkRelocIdx, exports, w.count(blkReloc, sizeReloc))
	if w.bad || from == to {
		return nil, nil, fmt.Errorf("%w: an empty table of exports", errObject)
	}
	var added []byte
	for _, r := range keep {
		x := bytes.Clone(relocs[from*sizeReloc : (from+1)*sizeReloc])
		le.PutUint32(x[15:], r.pkg)
		le.PutUint32(x[19:], r.sym)
		added = append(added, x...)
	}
	all := append(bytes.Clone(relocs[:to*sizeReloc]), added...)
	for i := exports + 1; i < len(index)/4; i++ {
		le.PutUint32(index[4*i:], le.Uint32(index[4*i:])+uint32(len(keep)))
	}
	return append(all, relocs[to*sizeReloc:]...), index, nil
}

// outlives reports whether later packages may use a symbol, defined at p: a
// variable, function, method or type of the package, but no instance of a
// generic one, of which each package has its own, and no function that was
// inlined away.
func (w *rewriter) outlives(name string, p int) bool {
	const text, textFIPS = 1, 2
	kind, size := w.b[p+10], le.Uint32(w.b[p+13:])
	if t, ok := strings.CutPrefix(name, "type:"); ok {
		name = strings.TrimPrefix(t, "*")
	}
	name, ok := strings.CutPrefix(name, w.path+".")
	return ok && name != "" && name[0] != '.' && !strings.Contains(name, "[") && le.Uint16(w.b[p+8:]) != abiStatic &&
		(size > 0 || kind != text && kind != textFIPS)
}

// refTo returns a reference to the i-th defined symbol.
func (w *rewriter) refTo(i int) (symRef, bool) {
	for _, k := range []struct{ blk, pkg int }{{blkSymdef, pkgSelf}, {blkHashed64def, pkgHashed64}, {blkHasheddef, pkgHashed}, {blkNonpkgdef, pkgNone}} {
		n := w.count(k.blk, sizeSym)
		if i < n {
			return symRef{uint32(k.pkg), uint32(i)}, true
		}
		i -= n
	}
	return symRef{}, false
}
