package build

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strings"
	"testing"
)

// relocatable makes an object as Go's linker leaves it, with one of each kind
// of relocation.
func relocatable() []byte {
	const names = "\x00.text\x00.data\x00.bss\x00.init_array\x00.rela\x00.symtab\x00.strtab\x00"
	at := func(n string) uint32 { return uint32(strings.Index(names, "\x00"+n+"\x00") + 1) }
	text := []byte{0}
	symbol := func(name string, info byte, section uint16, value uint64) elf.Sym64 {
		s := elf.Sym64{Name: uint32(len(text)), Info: info, Shndx: section, Value: value, Size: 8}
		text = append(append(text, name...), 0)
		return s
	}
	global, local := elf.ST_INFO(elf.STB_GLOBAL, elf.STT_OBJECT), elf.ST_INFO(elf.STB_LOCAL, elf.STT_OBJECT)
	symbols := []elf.Sym64{
		{},
		symbol("local.moduledata", local, 2, 0),
		symbol("runtime.lastmoduledatap", global, 0, 0),
		symbol("cell/a.F", elf.ST_INFO(elf.STB_GLOBAL, elf.STT_FUNC), 1, 0),
		symbol("cell/a.V", global, 3, 8),
		symbol("fmt.Println", elf.ST_INFO(elf.STB_GLOBAL, elf.STT_FUNC), 0, 0),
		symbol("runtime.tlsg", elf.ST_INFO(elf.STB_GLOBAL, elf.STT_TLS), 0, 0),
		symbol("runtime.addmoduledata", elf.ST_INFO(elf.STB_GLOBAL, elf.STT_FUNC), 0, 0),
	}
	rela := func(off uint64, symbol int, kind elf.R_X86_64) elf.Rela64 {
		return elf.Rela64{Off: off, Info: elf.R_INFO(uint32(symbol), uint32(kind)), Addend: -4}
	}
	parts := []struct {
		elf.Section64
		data any
	}{
		{},
		{elf.Section64{Name: at(".text"), Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_ALLOC | elf.SHF_EXECINSTR), Addralign: 32}, make([]byte, 64)},
		{elf.Section64{Name: at(".data"), Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_ALLOC | elf.SHF_WRITE), Addralign: 8}, make([]byte, 64)},
		{elf.Section64{Name: at(".bss"), Type: uint32(elf.SHT_NOBITS), Flags: uint64(elf.SHF_ALLOC | elf.SHF_WRITE), Size: 100, Addralign: 32}, []byte{}},
		{elf.Section64{Name: at(".init_array"), Type: uint32(elf.SHT_INIT_ARRAY), Flags: uint64(elf.SHF_ALLOC | elf.SHF_WRITE), Addralign: 8}, make([]byte, 8)},
		{elf.Section64{Name: at(".rela"), Type: uint32(elf.SHT_RELA), Link: 8, Info: 1, Entsize: 24}, []elf.Rela64{
			rela(0, 4, elf.R_X86_64_GOTPCREL), rela(8, 5, elf.R_X86_64_PLT32), rela(16, 6, elf.R_X86_64_GOTTPOFF), rela(24, 1, elf.R_X86_64_PC32), rela(32, 7, elf.R_X86_64_PC32)}},
		{elf.Section64{Name: at(".rela"), Type: uint32(elf.SHT_RELA), Link: 8, Info: 2, Entsize: 24}, []elf.Rela64{
			rela(0, 3, elf.R_X86_64_64), rela(8, 1, elf.R_X86_64_64)}},
		{elf.Section64{Name: at(".rela"), Type: uint32(elf.SHT_RELA), Link: 8, Info: 4, Entsize: 24}, []elf.Rela64{rela(0, 3, elf.R_X86_64_64)}},
		{elf.Section64{Name: at(".symtab"), Type: uint32(elf.SHT_SYMTAB), Link: 9, Info: 2, Entsize: elf.Sym64Size}, symbols},
		{elf.Section64{Name: at(".strtab"), Type: uint32(elf.SHT_STRTAB)}, text},
		{elf.Section64{Name: at(".strtab"), Type: uint32(elf.SHT_STRTAB)}, []byte(names)},
	}
	b := make([]byte, 64)
	var sections []elf.Section64
	for _, p := range parts {
		s := p.Section64
		s.Off = uint64(len(b))
		if p.data != nil {
			b, _ = binary.Append(b, le, p.data)
		}
		if s.Type != uint32(elf.SHT_NOBITS) {
			s.Size = uint64(len(b)) - s.Off
		}
		sections = append(sections, s)
	}
	h := elf.Header64{Type: uint16(elf.ET_REL), Machine: uint16(elf.EM_X86_64), Version: 1, Ehsize: 64, Shoff: uint64(len(b)), Shentsize: 64,
		Shnum: uint16(len(sections)), Shstrndx: uint16(len(sections) - 1)}
	copy(h.Ident[:], "\x7fELF\x02\x01\x01")
	head, _ := binary.Append(nil, le, h)
	copy(b, head)
	b, _ = binary.Append(b, le, sections)
	return b
}

func TestFinish(t *testing.T) {
	b, err := finish(relocatable(), 0x248)
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, s := range symbols {
		where := "elsewhere"
		if s.Section != elf.SHN_UNDEF {
			where = "here"
		}
		text = append(text, s.Name+" "+where)
	}
	if got, want := strings.Join(text, ", "), "runtime.lastmoduledatap elsewhere, cell/a.F here, cell/a.V here, fmt.Println elsewhere, runtime.tlsg elsewhere"; got != want {
		t.Errorf("symbols are %s, not %s", got, want)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Flags&elf.PF_X != 0 && p.Flags&elf.PF_W != 0 {
			t.Error("a segment is both written and executed")
		}
	}
	if !bytes.Contains(b, []byte{0x48, 0x89, 0xb9, 0x48, 0x02, 0, 0}) {
		t.Error("the initialiser does not link the module's data")
	}
}

// FuzzFinish has the last step of linking read anything.
func FuzzFinish(f *testing.F) {
	f.Add(uint16(0), []byte(nil), relocatable())
	f.Add(uint16(600), []byte{0xff, 0xff}, relocatable())
	f.Fuzz(func(t *testing.T, pos uint16, patch, b []byte) {
		b = bytes.Clone(b)
		if int(pos) < len(b) {
			copy(b[pos:], patch)
		}
		_, _ = finish(b, 8)
	})
}
