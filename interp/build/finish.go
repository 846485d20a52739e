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

const (
	elfPage    = 4096
	elfHeaders = 64 + 56*6
	stubSize   = 16
	initSize   = 32
	dynEntries = 14
)

// layOut gives all parts their addresses, in three segments: what is read,
// what is executed, what is written. Offsets in the file are the same.
func (l *finisher) layOut() {
	l.addr = make([]uint64, len(l.f.Sections))
	l.at = map[string]uint64{}
	pos := uint64(elfHeaders)
	place := func(size, align uint64) uint64 {
		if align > 1 {
			pos = (pos + align - 1) / align * align
		}
		a := pos
		pos += size
		return a
	}
	sections := func(want func(*elf.Section) bool) {
		for i, s := range l.f.Sections {
			if s.Flags&elf.SHF_ALLOC != 0 && s.Flags&elf.SHF_TLS == 0 && want(s) {
				l.addr[i] = place(s.Size, s.Addralign)
			}
		}
	}
	code := func(s *elf.Section) bool { return s.Flags&elf.SHF_EXECINSTR != 0 }
	data := func(s *elf.Section) bool { return !code(s) && s.Flags&elf.SHF_WRITE != 0 }

	l.at["hash"] = place(uint64(len(l.hash)), 8)
	l.at["symbols"] = place(uint64(len(l.dynamic)*elf.Sym64Size), 8)
	for _, i := range l.dynamic[1:] {
		l.names = append(append(l.names, l.symbols[i].name...), 0)
	}
	l.at["names"] = place(uint64(len(l.names)), 1)
	l.relocations += len(l.slots)
	l.at["relocs"] = place(uint64(24*l.relocations), 8)
	sections(func(s *elf.Section) bool { return !code(s) && !data(s) })
	l.ends[0] = pos

	l.starts[1] = place(0, elfPage)
	sections(code)
	l.at["stubs"] = place(uint64(stubSize*len(l.order)), 16)
	l.at["init"] = place(initSize, 16)
	l.ends[1] = pos

	l.starts[2] = place(0, elfPage)
	l.at["dynamic"] = place(16*dynEntries, 8)
	l.at["slots"] = place(uint64(8*len(l.slots)), 8)
	sections(func(s *elf.Section) bool { return data(s) && s.Type != elf.SHT_NOBITS })
	for i, s := range l.f.Sections {
		if s.Type == elf.SHT_INIT_ARRAY {
			l.initAt, l.initSize = l.addr[i], s.Size
		}
	}
	l.fileEnd = pos
	sections(func(s *elf.Section) bool { return data(s) && s.Type == elf.SHT_NOBITS })
	l.ends[2] = pos
}

// value returns the address of a symbol, or 0 if it is elsewhere.
func (l *finisher) value(i int) uint64 {
	if s := &l.symbols[i]; s.placed() && int(s.Shndx) < len(l.addr) {
		return l.addr[s.Shndx] + s.Value
	}
	return 0
}

func (l *finisher) slotAt(k slotKey) uint64 { return l.at["slots"] + uint64(8*l.slots[k]) }

func (l *finisher) write() error {
	l.out = make([]byte, l.fileEnd)
	for i, s := range l.f.Sections {
		if l.addr[i] == 0 || s.Type == elf.SHT_NOBITS {
			continue
		}
		b, err := s.Data()
		if err != nil {
			return err
		}
		copy(l.out[l.addr[i]:], b)
	}
	l.writeSlots()
	l.writeCode()
	if err := l.relocate(); err != nil {
		return err
	}
	if len(l.rela) != 24*l.relocations {
		return errObject
	}
	copy(l.out[l.at["hash"]:], l.hash)
	copy(l.out[l.at["names"]:], l.names)
	copy(l.out[l.at["relocs"]:], l.rela)
	l.writeSymbols()
	l.writeHeaders()
	return nil
}

// emit leaves a relocation to the dynamic linker.
func (l *finisher) emit(at uint64, kind elf.R_X86_64, dynamic int, add int64) {
	l.rela, _ = binary.Append(l.rela, le, elf.Rela64{Off: at, Info: elf.R_INFO(uint32(dynamic), uint32(kind)), Addend: add})
}

func (l *finisher) writeSlots() {
	keys := make([]slotKey, len(l.slots))
	for k, i := range l.slots {
		keys[i] = k
	}
	for _, k := range keys {
		switch d := l.symbols[k.symbol].dynamic; {
		case k.thread:
			l.emit(l.slotAt(k), elf.R_X86_64_TPOFF64, d, 0)
		case d != 0:
			l.emit(l.slotAt(k), elf.R_X86_64_GLOB_DAT, d, 0)
		default:
			l.emit(l.slotAt(k), elf.R_X86_64_RELATIVE, 0, int64(l.value(k.symbol)))
		}
	}
}

// writeCode writes the stubs that calls of other libraries' functions go
// through, and the initialiser, which makes the module known to the runtime as
// runtime.addmoduledata does where a program has it.
func (l *finisher) writeCode() {
	for i, s := range l.order {
		at := l.at["stubs"] + uint64(stubSize*i)
		code := l.out[at : at+stubSize]
		copy(code, []byte{0xff, 0x25}) // jmp *slot(rip)
		le.PutUint32(code[2:], uint32(l.slotAt(slotKey{s, false})-(at+6)))
		copy(code[6:], bytes.Repeat([]byte{0xcc}, stubSize-6))
	}
	at := l.at["init"]
	code := l.out[at : at+initSize]
	copy(code, []byte{
		0x48, 0x8d, 0x3d, 0, 0, 0, 0, // lea moduledata(rip), rdi
		0x48, 0x8b, 0x05, 0, 0, 0, 0, // mov lastmoduledatap@slot(rip), rax
		0x48, 0x8b, 0x08, // mov (rax), rcx
		0x48, 0x89, 0xb9, 0, 0, 0, 0, // mov rdi, next(rcx)
		0x48, 0x89, 0x38, // mov rdi, (rax)
		0xc3, // ret
	})
	le.PutUint32(code[3:], uint32(l.value(l.module)-(at+7)))
	le.PutUint32(code[10:], uint32(l.slotAt(slotKey{l.last, false})-(at+14)))
	le.PutUint32(code[20:], l.next)
}

// relocate applies what is known now, and leaves the rest to the dynamic
// linker.
func (l *finisher) relocate() error {
	for _, r := range l.relocs {
		s := &l.symbols[r.symbol]
		if l.addr[r.section] == 0 {
			return errObject
		}
		at := l.addr[r.section] + r.off
		var v uint64
		switch r.kind {
		case elf.R_X86_64_64:
			switch {
			case l.f.Sections[r.section].Type == elf.SHT_INIT_ARRAY:
				l.emit(at, elf.R_X86_64_RELATIVE, 0, int64(l.at["init"]))
			case s.dynamic != 0:
				l.emit(at, elf.R_X86_64_64, s.dynamic, r.add)
			default:
				l.emit(at, elf.R_X86_64_RELATIVE, 0, int64(l.value(r.symbol))+r.add)
			}
			continue
		case elf.R_X86_64_GOTTPOFF:
			v = l.slotAt(slotKey{r.symbol, true})
		case elf.R_X86_64_PC32:
			v = l.value(r.symbol)
		case elf.R_X86_64_PLT32:
			v = l.value(r.symbol)
			if i, ok := l.stubs[r.symbol]; ok {
				v = l.at["stubs"] + uint64(stubSize*i)
			}
		default:
			v = l.slotAt(slotKey{r.symbol, false})
		}
		if v == 0 {
			return fmt.Errorf("%w: %s is undefined", errObject, s.name)
		}
		le.PutUint32(l.out[at:], uint32(v+uint64(r.add)-at))
	}
	return nil
}

func (l *finisher) writeSymbols() {
	table := make([]byte, elf.Sym64Size)
	name := 1
	for _, i := range l.dynamic[1:] {
		s := &l.symbols[i]
		out := elf.Sym64{Name: uint32(name), Info: s.Info}
		if s.placed() {
			out.Shndx, out.Value, out.Size = 1, l.value(i), s.Size
		}
		name += len(s.name) + 1
		table, _ = binary.Append(table, le, out)
	}
	copy(l.out[l.at["symbols"]:], table)
}

func (l *finisher) writeHeaders() {
	dynamic := []elf.Dyn64{
		{Tag: int64(elf.DT_HASH), Val: l.at["hash"]},
		{Tag: int64(elf.DT_STRTAB), Val: l.at["names"]},
		{Tag: int64(elf.DT_SYMTAB), Val: l.at["symbols"]},
		{Tag: int64(elf.DT_STRSZ), Val: uint64(len(l.names))},
		{Tag: int64(elf.DT_SYMENT), Val: elf.Sym64Size},
		{Tag: int64(elf.DT_RELA), Val: l.at["relocs"]},
		{Tag: int64(elf.DT_RELASZ), Val: uint64(len(l.rela))},
		{Tag: int64(elf.DT_RELAENT), Val: 24},
		{Tag: int64(elf.DT_INIT_ARRAY), Val: l.initAt},
		{Tag: int64(elf.DT_INIT_ARRAYSZ), Val: l.initSize},
		{Tag: int64(elf.DT_FLAGS), Val: uint64(elf.DF_BIND_NOW | elf.DF_STATIC_TLS)},
		{Tag: int64(elf.DT_FLAGS_1), Val: uint64(elf.DF_1_NOW)},
		{}, // the end
	}
	d, _ := binary.Append(nil, le, dynamic)
	copy(l.out[l.at["dynamic"]:], d)
	load := func(i int, flags elf.ProgFlag, file uint64) elf.Prog64 {
		at := l.starts[i]
		return elf.Prog64{Type: uint32(elf.PT_LOAD), Flags: uint32(flags), Off: at, Vaddr: at, Paddr: at, Filesz: file - at, Memsz: l.ends[i] - at, Align: elfPage}
	}
	dynAt := l.at["dynamic"]
	programs := []elf.Prog64{
		load(0, elf.PF_R, l.ends[0]),
		load(1, elf.PF_R|elf.PF_X, l.ends[1]),
		load(2, elf.PF_R|elf.PF_W, l.fileEnd),
		{Type: uint32(elf.PT_DYNAMIC), Flags: uint32(elf.PF_R | elf.PF_W), Off: dynAt, Vaddr: dynAt, Paddr: dynAt, Filesz: uint64(len(d)), Memsz: uint64(len(d)), Align: 8},
		{Type: uint32(elf.PT_GNU_STACK), Flags: uint32(elf.PF_R | elf.PF_W), Align: 16},
	}
	h := elf.Header64{Type: uint16(elf.ET_DYN), Machine: uint16(elf.EM_X86_64), Version: 1, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: uint16(len(programs))}
	copy(h.Ident[:], "\x7fELF\x02\x01\x01")
	head, _ := binary.Append(nil, le, h)
	head, _ = binary.Append(head, le, programs)
	copy(l.out, head)
	l.writeSections()
}

// writeSections adds the table of sections, which the dynamic linker does not
// need: only the symbols are listed, for mendNames and for debuggers.
func (l *finisher) writeSections() {
	for len(l.out)%8 != 0 {
		l.out = append(l.out, 0)
	}
	const names = "\x00.dynsym\x00.dynstr\x00.shstrtab\x00"
	at := uint64(len(l.out))
	sections := []elf.Section64{
		{},
		{Name: 1, Type: uint32(elf.SHT_DYNSYM), Flags: uint64(elf.SHF_ALLOC), Addr: l.at["symbols"], Off: l.at["symbols"],
			Size: uint64(len(l.dynamic) * elf.Sym64Size), Link: 2, Info: 1, Addralign: 8, Entsize: elf.Sym64Size},
		{Name: 9, Type: uint32(elf.SHT_STRTAB), Flags: uint64(elf.SHF_ALLOC), Addr: l.at["names"], Off: l.at["names"], Size: uint64(len(l.names)), Addralign: 1},
		{Name: 17, Type: uint32(elf.SHT_STRTAB), Off: at + 4*64, Size: uint64(len(names)), Addralign: 1},
	}
	l.out, _ = binary.Append(l.out, le, sections)
	l.out = append(l.out, names...)
	le.PutUint64(l.out[40:], at) // Shoff
	le.PutUint16(l.out[58:], 64) // Shentsize
	le.PutUint16(l.out[60:], uint16(len(sections)))
	le.PutUint16(l.out[62:], 3) // Shstrndx
}
