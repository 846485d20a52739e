package build

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
)

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
