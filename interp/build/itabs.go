package build

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
	"unsafe"
)

// The tables by which interface values find methods, itabs, are compared by address:
// x.(T) asks whether the table of x is the one of T and x's interface. A table
// that compiled code names is in its image; one that reflection or an assertion
// needed earlier was made by the runtime. So that there is one for each pair, an
// image uses the one that the runtime knows: the references in its global offset
// table are changed, before any of its code has run.

// itab is the head of runtime.itab; see internal/abi in the Go distribution.
type itab struct {
	inter, typ unsafe.Pointer
}

// shareItabs changes the references of an image to itabs. It is called when the
// runtime knows the image.
func shareItabs(b []byte, handle unsafe.Pointer) error {
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return err
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return err
	}
	base, err := imageBase(symbols, handle)
	if err != nil || base == 0 {
		return err
	}
	own := map[uint64]uintptr{} // addresses of tables in the image to those to use
	named := map[int]uintptr{}  // and of those that it takes from elsewhere, by symbol
	for n, y := range symbols {
		if !strings.HasPrefix(y.Name, "go:itab.") {
			continue
		}
		at := uintptr(dlsym(nil, y.Name))
		if y.Section != elf.SHN_UNDEF && y.Value != 0 {
			at = base + uintptr(y.Value)
		}
		if at == 0 {
			continue
		}
		if to := sharedItab(at); to != at {
			named[n+1] = to
			if y.Value != 0 {
				own[y.Value] = to
			}
		}
	}
	if len(named) == 0 {
		return nil
	}
	relocations, err := dynamicRelocations(f, b)
	if err != nil {
		return err
	}
	for _, r := range relocations {
		to := named[int(elf.R_SYM64(r.Info))]
		if elf.R_SYM64(r.Info) == 0 {
			to = own[uint64(r.Addend)]
		} else if r.Addend != 0 {
			continue
		}
		slot := (*uintptr)(pointer(base + uintptr(r.Off)))
		if to == 0 || *slot == to {
			continue
		}
		if err := writable(uintptr(unsafe.Pointer(slot)), 8); err != nil {
			return err
		}
		*slot = to
	}
	return nil
}

// dynamicRelocations reads what the dynamic linker relocates in an image.
func dynamicRelocations(f *elf.File, b []byte) ([]elf.Rela64, error) {
	var table, size uint64
	for _, p := range f.Progs {
		if p.Type != elf.PT_DYNAMIC {
			continue
		}
		data := make([]byte, p.Filesz)
		if _, err := p.ReadAt(data, 0); err != nil {
			return nil, err
		}
		for ; len(data) >= 16; data = data[16:] {
			switch elf.DynTag(binary.LittleEndian.Uint64(data)) {
			case elf.DT_RELA:
				table = binary.LittleEndian.Uint64(data[8:])
			case elf.DT_RELASZ:
				size = binary.LittleEndian.Uint64(data[8:])
			}
		}
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && table >= p.Vaddr && table+size <= p.Vaddr+p.Filesz {
			data := make([]byte, size)
			if _, err := p.ReadAt(data, int64(table-p.Vaddr)); err != nil {
				return nil, err
			}
			list := make([]elf.Rela64, size/24)
			err := binary.Read(bytes.NewReader(data), binary.LittleEndian, list)
			return list, err
		}
	}
	return nil, fmt.Errorf("an image of %d bytes has no relocations", len(b))
}

// sharedItab is the address of the table that the runtime uses for the interface and
// the type of the one at addr.
func sharedItab(addr uintptr) (shared uintptr) {
	defer func() {
		if recover() != nil { // a table of another kind than was thought
			shared = addr
		}
	}()
	t := (*itab)(pointer(addr))
	inter, typ := typeAt(uintptr(t.inter)), typeAt(uintptr(t.typ))
	if inter.Kind() != reflect.Interface || inter.NumMethod() == 0 || !typ.Implements(inter) {
		return addr
	}
	v := reflect.New(inter)
	v.Elem().Set(reflect.Zero(typ))
	shared = *(*uintptr)(v.UnsafePointer())
	if shared != addr {
		// Type switches look at the hash first, which the runtime leaves out.
		const hash = 16
		if own := *(*uint32)(pointer(addr + hash)); *(*uint32)(pointer(shared + hash)) != own { // else it may be read-only
			*(*uint32)(pointer(shared + hash)) = own
		}
	}
	return shared
}

// imageBase is where an image is mapped, or 0 if it defines nothing by which that
// can be told.
func imageBase(symbols []elf.Symbol, handle unsafe.Pointer) (uintptr, error) {
	for _, s := range symbols {
		if s.Section == elf.SHN_UNDEF || s.Value == 0 || !strings.HasPrefix(s.Name, "cell/") {
			continue
		}
		p := dlsym(handle, s.Name)
		if p == nil {
			return 0, fmt.Errorf("symbol %s is not found", s.Name)
		}
		return uintptr(p) - uintptr(s.Value), nil
	}
	return 0, nil
}
