package build

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

var le = binary.LittleEndian

// The blocks of a Go object, in their order; see cmd/internal/goobj in the Go
// distribution.
const (
	blkAutolib = iota
	blkPkgIdx
	blkFile
	blkSymdef
	blkHashed64def
	blkHasheddef
	blkNonpkgdef
	blkNonpkgref
	blkRefFlags
	blkHash64
	blkHash
	blkRelocIdx
	blkAuxIdx
	blkDataIdx
	blkReloc
	blkAux
	blkData
	blkRefName
	blkEnd
	blocks
)

// Sizes of the records of the blocks.
const (
	sizeAutolib  = 16
	sizeString   = 8
	sizeSym      = 21
	sizeRefFlags = 10
	sizeReloc    = 23
	sizeAux      = 9
	sizeRefName  = 16
)

// Packages that references are to.
const (
	pkgNone     = 1<<31 - 1
	pkgHashed64 = pkgNone - 1
	pkgHashed   = pkgNone - 2
	pkgBuiltin  = pkgNone - 3
	pkgSelf     = pkgNone - 4
)

const (
	objMagic     = "\x00go120ld"
	objOffsets   = len(objMagic) + 8 + 4 // of the table of blocks
	objHeader    = objOffsets + 4*blocks
	auxFuncInfo  = 1
	abiStatic    = 0xffff
	abi0         = 0 // assembly's convention, and what is no function
	abiInternal  = 1
	archiveMagic = "!<arch>\n"
)

var errObject = errors.New("a Go object of an unknown form")

// An object reads a Go object file. What is out of its bounds reads as zero,
// and sets bad.
type object struct {
	b   []byte
	off [blocks]int
	bad bool
}

// A symRef is a reference to a symbol: its package, and its index there.
type symRef struct{ pkg, sym uint32 }

// openObject checks the outline of an object.
func openObject(b []byte) (*object, error) {
	o := &object{b: b}
	if len(b) < objHeader || string(b[:len(objMagic)]) != objMagic {
		return nil, errObject
	}
	last := objHeader
	for i := range o.off {
		o.off[i] = int(o.u32(objOffsets + 4*i))
		if o.off[i] < last || o.off[i] > len(b) {
			return nil, errObject
		}
		last = o.off[i]
	}
	size := map[int]int{blkAutolib: sizeAutolib, blkPkgIdx: sizeString, blkFile: sizeString, blkSymdef: sizeSym, blkHashed64def: sizeSym,
		blkHasheddef: sizeSym, blkNonpkgdef: sizeSym, blkNonpkgref: sizeSym, blkRefFlags: sizeRefFlags, blkReloc: sizeReloc, blkAux: sizeAux,
		blkRefName: sizeRefName, blkRelocIdx: 4, blkAuxIdx: 4, blkDataIdx: 4}
	for blk, n := range size {
		if (o.off[blk+1]-o.off[blk])%n != 0 {
			return nil, errObject
		}
	}
	for _, blk := range []int{blkRelocIdx, blkAuxIdx, blkDataIdx} {
		if o.count(blk, 4) != o.defined()+1 {
			return nil, errObject
		}
	}
	return o, nil
}

// count returns how many records a block has.
func (o *object) count(blk, size int) int { return (o.off[blk+1] - o.off[blk]) / size }

// defined returns how many symbols the object defines.
func (o *object) defined() int { return (o.off[blkNonpkgref] - o.off[blkSymdef]) / sizeSym }

func (o *object) u32(p int) uint32 {
	if p < 0 || p+4 > len(o.b) {
		o.bad = true
		return 0
	}
	return le.Uint32(o.b[p:])
}

// text reads the string that is referred to at p. Strings come before all blocks.
func (o *object) text(p int) string {
	n, q, end := int(o.u32(p)), int(o.u32(p+4)), o.off[blkAutolib]
	if q > end || n > end-q {
		o.bad = true
		return ""
	}
	return string(o.b[q : q+n])
}

func (o *object) ref(p int) symRef { return symRef{o.u32(p), o.u32(p + 4)} }

// at returns the i-th entry of an index block.
func (o *object) at(blk, i int) int {
	if i < 0 || i >= o.count(blk, 4) {
		o.bad = true
		return 0
	}
	return int(o.u32(o.off[blk] + 4*i))
}

// span returns the records of a symbol, by an index block.
func (o *object) span(blk, i, limit int) (from, to int) {
	from, to = o.at(blk, i), o.at(blk, i+1)
	if from > to || to > limit {
		o.bad = true
		return 0, 0
	}
	return from, to
}

// index returns the index, among the defined symbols, of one that is referred
// to from within, and -1 for others.
func (o *object) index(r symRef) int {
	var blk int
	switch r.pkg {
	case pkgSelf:
		blk = blkSymdef
	case pkgHashed64:
		blk = blkHashed64def
	case pkgHashed:
		blk = blkHasheddef
	case pkgNone:
		blk = blkNonpkgdef
	default:
		return -1
	}
	i := (o.off[blk]-o.off[blkSymdef])/sizeSym + int(r.sym)
	if int(r.sym) >= o.count(blk, sizeSym) || i >= o.defined() {
		return -1
	}
	return i
}

// A member is a file within an archive.
type member struct {
	header []byte // 60 bytes
	name   string
	body   []byte
}

// members splits an archive, as the compiler writes it with -pack.
func members(b []byte) ([]member, error) {
	if !bytes.HasPrefix(b, []byte(archiveMagic)) {
		return nil, errObject
	}
	var list []member
	for pos := len(archiveMagic); pos < len(b); {
		if len(b)-pos < 60 {
			return nil, errObject
		}
		h := b[pos : pos+60]
		size, err := strconv.Atoi(strings.TrimSpace(string(h[48:58])))
		if err != nil || size < 0 || size > len(b)-pos-60 {
			return nil, errObject
		}
		list = append(list, member{h, strings.TrimSpace(string(h[:16])), b[pos+60 : pos+60+size]})
		pos += 60 + size + size&1
	}
	return list, nil
}

// pack joins the members of an archive.
func pack(list []member) []byte {
	b := []byte(archiveMagic)
	for _, m := range list {
		b = append(b, m.header[:48]...)
		b = fmt.Appendf(b, "%-10d", len(m.body))
		b = append(b, m.header[58:60]...)
		b = append(b, m.body...)
		if len(m.body)%2 == 1 {
			b = append(b, 0)
		}
	}
	return b
}

// objectMember is the name of the member that holds the object.
const objectMember = "_go_.o"

// maxText bounds the text before an object.
const maxText = 64 << 20

// openArchive finds the object in an archive: where it starts, and its beginning, which
// holds the header at least. The rest of the archive is not read.
func openArchive(f io.ReaderAt) (start int64, obj []byte, err error) {
	for pos := int64(len(archiveMagic)); ; {
		var h [60]byte
		if _, err := f.ReadAt(h[:], pos); err != nil {
			return 0, nil, errObject
		}
		size, err := strconv.ParseInt(strings.TrimSpace(string(h[48:58])), 10, 64)
		if err != nil || size < 0 {
			return 0, nil, errObject
		}
		if strings.TrimSpace(string(h[:16])) == objectMember {
			// Its lines of text hold a few words, and what cgo has to say of each function of C.
			for n := int64(4096); ; n *= 4 {
				head := make([]byte, min(size, n))
				if _, err := f.ReadAt(head, pos+60); err != nil {
					return 0, nil, errObject
				}
				text, obj, err := splitObject(head)
				switch {
				case err == nil && len(obj) >= objHeader && string(obj[:len(objMagic)]) == objMagic:
					return pos + 60 + int64(len(text)), obj, nil
				case n >= size || n >= maxText:
					return 0, nil, errObject
				}
			}
		}
		pos += 60 + size + size&1
	}
}

// splitObject splits the object's member into its lines of text and the object.
func splitObject(body []byte) (head, obj []byte, err error) {
	i := bytes.Index(body, []byte("\n!\n"))
	if i < 0 {
		return nil, nil, errObject
	}
	return body[:i+3], body[i+3:], nil
}
