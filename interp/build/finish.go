package build

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// finish makes a shared library of the one object that Go's linker writes for
// a plugin. It does what the external linker would, for the few kinds of
// relocations that Go's code has, so that no C toolchain is needed to build
// cells. next is where runtime.moduledata links to the next one.
func finish(object []byte, next uint32) ([]byte, error) {
	f, err := elf.NewFile(bytes.NewReader(object))
	if err != nil {
		return nil, fmt.Errorf("build: the linker's object: %w", err)
	}
	l := &finisher{f: f, next: next, byName: map[string]int{}, slots: map[slotKey]int{}, stubs: map[int]int{}}
	for _, step := range []func() error{l.readSymbols, l.chooseDynamic, l.readRelocs, l.findModule} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("build: the linker's object: %w", err)
		}
	}
	l.layOut()
	if err := l.write(); err != nil {
		return nil, fmt.Errorf("build: the linker's object: %w", err)
	}
	return l.out, nil
}

// A finisher turns an object into a library.
type finisher struct {
	f    *elf.File
	next uint32

	symbols []elfSymbol
	dynamic []int          // the symbol of each entry of .dynsym; the first stands for none
	byName  map[string]int // entries of .dynsym
	relocs  []elfReloc
	slots   map[slotKey]int // of the global offset table, by symbol
	stubs   map[int]int     // entries of the procedure linkage table, by symbol
	order   []int           // symbols of these entries
	module  int             // symbol of this library's module data
	last    int             // symbol of runtime.lastmoduledatap

	addr        []uint64 // of the sections
	hash        []byte
	names       []byte
	at          map[string]uint64 // of what the library has besides
	ends        [3]uint64         // of the segments
	starts      [3]uint64
	fileEnd     uint64
	initAt      uint64
	initSize    uint64
	relocations int
	out         []byte
	rela        []byte
}

// maxImage bounds the bytes of an image, whose code reaches 31 bits far.
const maxImage = 1 << 31

type elfSymbol struct {
	elf.Sym64
	name    string
	dynamic int // entry in .dynsym, or 0
}

// placed reports whether the symbol has an address in the library.
func (s *elfSymbol) placed() bool {
	return s.Shndx != uint16(elf.SHN_UNDEF) && elf.ST_TYPE(s.Info) != elf.STT_TLS
}

type elfReloc struct {
	section int // that is changed
	off     uint64
	symbol  int
	kind    elf.R_X86_64
	add     int64
}

// A slotKey names a slot: it holds a symbol's address, or its offset from the
// thread's pointer.
type slotKey struct {
	symbol int
	thread bool
}

func (l *finisher) readSymbols() error {
	var total uint64
	for _, s := range l.f.Sections {
		if total += s.Size; s.Size > maxImage || total > maxImage || s.Addralign > elfPage {
			return fmt.Errorf("%w: its sections are too large", errObject)
		}
	}
	for _, s := range l.f.Sections {
		if s.Type != elf.SHT_SYMTAB || int(s.Link) >= len(l.f.Sections) {
			continue
		}
		table, err := s.Data()
		if err != nil {
			return err
		}
		names, err := l.f.Sections[s.Link].Data()
		if err != nil {
			return err
		}
		for ; len(table) >= elf.Sym64Size; table = table[elf.Sym64Size:] {
			var x elfSymbol
			if _, err := binary.Decode(table, le, &x.Sym64); err != nil {
				return err
			}
			if int(x.Name) >= len(names) {
				return errObject
			}
			name, _, _ := bytes.Cut(names[x.Name:], []byte{0})
			x.name = string(name)
			if x.name == "runtime.addmoduledata" && !x.placed() {
				// Go's linker takes it for the last of its functions, though
				// it is in the stub.
				x.Info = elf.ST_INFO(elf.STB_LOCAL, elf.ST_TYPE(x.Info))
				x.Shndx = l.section(".text")
			}
			l.symbols = append(l.symbols, x)
		}
	}
	for i := range l.symbols {
		s := &l.symbols[i]
		if s.Shndx < uint16(elf.SHN_LORESERVE) && int(s.Shndx) >= len(l.f.Sections) {
			return errObject
		}
		if s.Shndx >= uint16(elf.SHN_LORESERVE) && elf.ST_TYPE(s.Info) != elf.STT_FILE {
			return fmt.Errorf("%w: symbol %s in section %#x", errObject, s.name, s.Shndx)
		}
	}
	return nil
}

func (l *finisher) section(name string) uint16 {
	return uint16(max(0, slices.IndexFunc(l.f.Sections, func(s *elf.Section) bool { return s.Name == name })))
}

// chooseDynamic puts each global symbol in .dynsym, once by name.
func (l *finisher) chooseDynamic() error {
	l.dynamic = []int{0}
	l.names = []byte{0}
	for i := range l.symbols {
		s := &l.symbols[i]
		if elf.ST_BIND(s.Info) == elf.STB_LOCAL || s.name == "" {
			continue
		}
		k, ok := l.byName[s.name]
		if !ok {
			k = len(l.dynamic)
			l.byName[s.name] = k
			l.dynamic = append(l.dynamic, i)
		} else if d := &l.symbols[l.dynamic[k]]; !d.placed() && s.placed() {
			l.dynamic[k] = i
		}
		s.dynamic = k
	}
	l.hashNames()
	return nil
}

// hashNames makes the table by which names are looked up.
func (l *finisher) hashNames() {
	buckets := max(1, len(l.dynamic)/2)
	l.hash = make([]byte, 4*(2+buckets+len(l.dynamic)))
	le.PutUint32(l.hash, uint32(buckets))
	le.PutUint32(l.hash[4:], uint32(len(l.dynamic)))
	for k := 1; k < len(l.dynamic); k++ {
		var h uint32
		for _, c := range []byte(l.symbols[l.dynamic[k]].name) {
			h = h<<4 + uint32(c)
			g := h & 0xf0000000
			h ^= g >> 24
			h &^= g
		}
		p := 8 + 4*int(h%uint32(buckets))
		le.PutUint32(l.hash[8+4*buckets+4*k:], le.Uint32(l.hash[p:]))
		le.PutUint32(l.hash[p:], uint32(k))
	}
}

// readRelocs reads the relocations, and finds which symbols need a slot.
func (l *finisher) readRelocs() error {
	for _, s := range l.f.Sections {
		if s.Type != elf.SHT_RELA || int(s.Info) >= len(l.f.Sections) || l.f.Sections[s.Info].Flags&elf.SHF_ALLOC == 0 {
			continue
		}
		b, err := s.Data()
		if err != nil {
			return err
		}
		for ; len(b) >= 24; b = b[24:] {
			info := le.Uint64(b[8:])
			r := elfReloc{int(s.Info), le.Uint64(b), int(info >> 32), elf.R_X86_64(uint32(info)), int64(le.Uint64(b[16:]))}
			target := l.f.Sections[s.Info]
			if r.symbol >= len(l.symbols) || target.Type == elf.SHT_NOBITS || r.off > target.FileSize || target.FileSize-r.off < r.width() {
				return errObject
			}
			if d := l.symbols[r.symbol].dynamic; d != 0 {
				r.symbol = l.dynamic[d]
			}
			if err := l.reserve(r); err != nil {
				return err
			}
			l.relocs = append(l.relocs, r)
		}
	}
	return nil
}

func (r elfReloc) width() uint64 {
	if r.kind == elf.R_X86_64_64 {
		return 8
	}
	return 4
}

// reserve sees to the slot that a relocation needs.
func (l *finisher) reserve(r elfReloc) error {
	switch r.kind {
	case elf.R_X86_64_GOTPCREL, elf.R_X86_64_GOTPCRELX, elf.R_X86_64_REX_GOTPCRELX:
		l.slot(slotKey{r.symbol, false})
	case elf.R_X86_64_GOTTPOFF:
		l.slot(slotKey{r.symbol, true})
	case elf.R_X86_64_PLT32:
		if _, ok := l.stubs[r.symbol]; !ok && l.symbols[r.symbol].dynamic != 0 {
			l.slot(slotKey{r.symbol, false})
			l.stubs[r.symbol] = len(l.order)
			l.order = append(l.order, r.symbol)
		}
	case elf.R_X86_64_64:
		l.relocations++
	case elf.R_X86_64_PC32:
	default:
		return fmt.Errorf("%w: relocation %v", errObject, r.kind)
	}
	return nil
}

func (l *finisher) slot(k slotKey) int {
	i, ok := l.slots[k]
	if !ok {
		i = len(l.slots)
		l.slots[k] = i
	}
	return i
}

// findModule finds what the library's initialiser works on.
func (l *finisher) findModule() error {
	l.module, l.last = -1, -1
	for i := range l.symbols {
		switch l.symbols[i].name {
		case "local.moduledata":
			l.module = i
		case "runtime.lastmoduledatap":
			l.last = l.dynamic[l.symbols[i].dynamic]
		}
	}
	if l.module < 0 || l.last <= 0 {
		return errors.New("no module data")
	}
	l.slot(slotKey{l.last, false})
	return nil
}
