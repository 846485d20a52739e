package build

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/binary"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// stub returns an ELF shared library that defines symbols of this program, for
// Go's linker to link a package against. Nothing of it is ever loaded: the
// linker reads names, whether they are functions, and of types their
// descriptors.
func stub(symbols []hostSymbol) []byte {
	symbols = slices.Clone(symbols)
	slices.SortFunc(symbols, func(a, b hostSymbol) int { return cmp.Compare(a.name, b.name) })
	symbols = slices.CompactFunc(symbols, func(a, b hostSymbol) bool { return a.name == b.name })
	const base = 0x100000
	var data []byte
	names := []byte{0}
	table := make([]byte, elf.Sym64Size) // the first stands for none
	for _, s := range symbols {
		sym := elf.Sym64{Name: uint32(len(names)), Info: elf.ST_INFO(elf.STB_GLOBAL, elf.STT_OBJECT), Shndx: 1, Value: base + uint64(len(data)), Size: 8}
		if s.internal {
			s.name += internalSuffix
		}
		names = append(append(names, s.name...), 0)
		content := make([]byte, 8)
		switch {
		case s.fn:
			sym.Info = elf.ST_INFO(elf.STB_GLOBAL, elf.STT_FUNC)
		case strings.HasPrefix(s.name, "type:") && s.addr != 0:
			content = descriptor(s.addr, base+uint64(len(data)))
			sym.Size = uint64(len(content))
		}
		data = append(data, content...)
		table, _ = binary.Append(table, le, sym)
	}
	return library(data, table, names, base)
}

// internalSuffix marks functions of Go's register convention, as the linker
// does where a name has two.
const internalSuffix = ".abiinternal"

// descriptor copies the descriptor of a type as far as the linker reads it:
// the head, the pointer mask after it, and what belongs to its kind. addr is
// where it is here, and at where it will be in the library.
func descriptor(addr uintptr, at uint64) []byte {
	const kindOff, flagOff, maskOff, ptrBytes = 23, 20, 32, 8
	t := typeAt(addr)
	n := 48
	switch t.Kind() {
	case reflect.Array, reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.Struct:
		n = 120
	}
	b := bytes.Clone(unsafe.Slice((*byte)(pointer(addr)), n))
	words := le.Uint64(b[ptrBytes:]) / 8
	if words == 0 {
		return b
	}
	mask := make([]byte, (words+63)/64*8)
	setMask(mask, t, 0)
	if k := t.Kind(); k == reflect.Struct || k == reflect.Array {
		// Of another kind, so that the linker takes the mask, and does not
		// look for the descriptors of fields.
		b[kindOff] = b[kindOff]&^31 | byte(reflect.Map)
	}
	b[flagOff] &^= 1 << 4 // the mask is there
	le.PutUint64(b[maskOff:], at+uint64(n))
	return append(b, mask...)
}

// setMask sets the bits of the words of t, at word, that hold pointers.
func setMask(mask []byte, t reflect.Type, word uintptr) {
	set := func(i uintptr) { mask[i/8] |= 1 << (i % 8) }
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.String, reflect.Slice:
		set(word)
	case reflect.Interface:
		set(word)
		set(word + 1)
	case reflect.Array:
		if e := t.Elem(); hasPointers(e) {
			for i := range t.Len() {
				setMask(mask, e, word+uintptr(i)*(e.Size()/8))
			}
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); hasPointers(f.Type) {
				setMask(mask, f.Type, word+f.Offset/8)
			}
		}
	}
}

func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && hasPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.String, reflect.Slice, reflect.Interface:
		return true
	}
	return false
}

// typeAt returns the type whose descriptor is at an address.
func typeAt(addr uintptr) reflect.Type {
	v := [2]unsafe.Pointer{pointer(addr), nil}
	return reflect.TypeOf(*(*any)(unsafe.Pointer(&v)))
}

// pointer makes a pointer of the address of something that is no part of Go's
// heap.
func pointer(addr uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }

// library lays an ELF shared library out.
func library(data, symbols, names []byte, base uint64) []byte {
	const sectionNames = "\x00.data\x00.dynsym\x00.dynstr\x00.rela.dyn\x00.shstrtab\x00"
	name := func(n string) uint32 { return uint32(strings.Index(sectionNames, "\x00"+n+"\x00") + 1) }
	b := make([]byte, 64)
	put := func(p []byte) uint64 {
		for len(b)%8 != 0 {
			b = append(b, 0)
		}
		at := len(b)
		b = append(b, p...)
		return uint64(at)
	}
	dataAt, symbolsAt, namesAt, sectionsAt := put(data), put(symbols), put(names), put([]byte(sectionNames))
	sections := []elf.Section64{
		{},
		{Name: name(".data"), Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_ALLOC | elf.SHF_WRITE), Addr: base, Off: dataAt, Size: uint64(len(data)), Addralign: 8},
		{Name: name(".dynsym"), Type: uint32(elf.SHT_DYNSYM), Flags: uint64(elf.SHF_ALLOC), Off: symbolsAt, Size: uint64(len(symbols)), Link: 3, Info: 1, Addralign: 8, Entsize: elf.Sym64Size},
		{Name: name(".dynstr"), Type: uint32(elf.SHT_STRTAB), Flags: uint64(elf.SHF_ALLOC), Off: namesAt, Size: uint64(len(names)), Addralign: 1},
		{Name: name(".rela.dyn"), Type: uint32(elf.SHT_RELA), Flags: uint64(elf.SHF_ALLOC), Off: namesAt, Link: 2, Addralign: 8, Entsize: 24},
		{Name: name(".shstrtab"), Type: uint32(elf.SHT_STRTAB), Off: sectionsAt, Size: uint64(len(sectionNames)), Addralign: 1},
	}
	var table []byte
	table, _ = binary.Append(table, le, sections)
	h := elf.Header64{Type: uint16(elf.ET_DYN), Machine: uint16(elf.EM_X86_64), Version: 1, Ehsize: 64, Phentsize: 56,
		Shoff: put(table), Shentsize: 64, Shnum: uint16(len(sections)), Shstrndx: 5}
	copy(h.Ident[:], "\x7fELF\x02\x01\x01")
	head, _ := binary.Append(nil, le, h)
	copy(b, head)
	return b
}
