package build

import (
	"bytes"
	"cmp"
	"debug/elf"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"unsafe"
)

// hidden is the first letter of fields that are unexported in a cell's source.
// They are compiled as exported ones, so that other cells, which are other
// packages, reach them.
const hidden = "Ʌ"

// Parts of the descriptors of types; see internal/abi in the Go distribution.
const (
	nameExported = 1 << 0
	nameTagged   = 1 << 1
	nameEmbedded = 1 << 3

	structPkgPath = 48
	structFields  = 56
	fieldSize     = 24
)

// mendNames has reflection see the fields of an image's struct types as their
// source has them: those with the hidden prefix without it, and unexported.
// It changes the descriptors in memory, and must be called before the runtime
// takes the image's types in. It reports whether the strings of types changed,
// so that they are no longer in order.
//
// The names of types that are arguments of generic types are mended too: the
// compiler writes their package's path, which cell reports, where its name is
// meant.
func mendNames(file string, handle unsafe.Pointer, cell func(path string) bool) (resort bool, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return false, err
	}
	if runtime.GOOS != "linux" && runtime.GOOS != "freebsd" {
		return false, fmt.Errorf("it is not known how on %s", runtime.GOOS)
	}
	types, err := imageTypes(b, handle)
	if err != nil {
		return false, err
	}
	m := mender{names: map[string]unsafe.Pointer{}, cell: cell}
	for _, addr := range types {
		t := typeAt(addr)
		if t.Kind() == reflect.Struct {
			if err := m.fields(addr); err != nil {
				return resort, err
			}
		}
		if err := m.uncommon(addr, t); err != nil {
			return resort, err
		}
		changed, err := m.text(t)
		if err != nil {
			return resort, err
		}
		resort = resort || changed
	}
	return resort, nil
}

// imageTypes returns the addresses of the descriptors that an image defines.
func imageTypes(b []byte, handle unsafe.Pointer) ([]uintptr, error) {
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return nil, err
	}
	var base uintptr
	var list []uintptr
	for _, s := range symbols {
		if s.Section == elf.SHN_UNDEF || s.Value == 0 || !strings.HasPrefix(s.Name, "type:") || strings.HasPrefix(s.Name, "type:.") || s.Name == "type:*" {
			continue
		}
		if base == 0 {
			// The handle's own definition comes first.
			p := dlsym(handle, s.Name)
			if p == nil {
				return nil, fmt.Errorf("symbol %s is not found", s.Name)
			}
			base = uintptr(p) - uintptr(s.Value)
		}
		list = append(list, base+uintptr(s.Value))
	}
	return list, nil
}

// A mender changes descriptors.
type mender struct {
	names map[string]unsafe.Pointer // new names, by their bytes
	cell  func(path string) bool
}

// fields mends the fields of a struct type.
func (m *mender) fields(addr uintptr) error {
	n := *(*int)(pointer(addr + structFields + 8))
	first := *(*uintptr)(pointer(addr + structFields))
	changed := false
	for i := range n {
		slot := (**byte)(pointer(first + uintptr(i)*fieldSize))
		if *slot == nil { // the linker has left out what no interface ever holds
			continue
		}
		flags, name, tag := readName(*slot)
		plain, ok := strings.CutPrefix(name, hidden)
		if !ok {
			continue
		}
		if err := writable(uintptr(unsafe.Pointer(slot)), 8); err != nil {
			return err
		}
		*slot = (*byte)(m.name(flags&(nameEmbedded|nameTagged), plain, tag))
		changed = true
	}
	if changed {
		slot := (**byte)(pointer(addr + structPkgPath))
		if *slot == nil {
			if err := writable(uintptr(unsafe.Pointer(slot)), 8); err != nil {
				return err
			}
			*slot = (*byte)(m.name(0, "main", ""))
		}
	}
	return nil
}

// name makes the data of a name, which stays for good.
func (m *mender) name(flags byte, name, tag string) unsafe.Pointer {
	b := appendString([]byte{flags}, name)
	if flags&nameTagged != 0 {
		b = appendString(b, tag)
	}
	p := m.names[string(b)]
	if p == nil {
		p = permanent(b)
		m.names[string(b)] = p
	}
	return p
}

// uncommonAt is where the part of a descriptor that has methods begins, by the kind of
// the type.
var uncommonAt = map[reflect.Kind]uintptr{
	reflect.Struct: 80, reflect.Pointer: 56, reflect.Func: 56, reflect.Slice: 56, reflect.Array: 72, reflect.Chan: 64, reflect.Interface: 80,
	reflect.Bool: 48, reflect.Int: 48, reflect.Int8: 48, reflect.Int16: 48, reflect.Int32: 48, reflect.Int64: 48,
	reflect.Uint: 48, reflect.Uint8: 48, reflect.Uint16: 48, reflect.Uint32: 48, reflect.Uint64: 48, reflect.Uintptr: 48,
	reflect.Float32: 48, reflect.Float64: 48, reflect.Complex64: 48, reflect.Complex128: 48, reflect.String: 48,
}

// uncommon mends the path of a type's package, which is main, and hides the methods
// with the hidden prefix from reflection: they come last.
func (m *mender) uncommon(addr uintptr, t reflect.Type) error {
	at, ok := uncommonAt[t.Kind()]
	const hasUncommon = 1 << 0
	if flags := *(*byte)(pointer(addr + 20)); !ok || flags&hasUncommon == 0 {
		return nil
	}
	if count := (*uint16)(pointer(addr + at + 6)); t.Kind() != reflect.Interface && int(*count) == t.NumMethod() {
		shown := 0
		for shown < t.NumMethod() && !strings.HasPrefix(t.Method(shown).Name, hidden) {
			shown++
		}
		if shown < int(*count) {
			if err := writable(uintptr(unsafe.Pointer(count)), 2); err != nil {
				return err
			}
			*count = uint16(shown)
		}
	}
	path := t.PkgPath()
	if !m.cell(path) || len(path) > 127 || len(path) < len("main") {
		return nil
	}
	start := uintptr(unsafe.Pointer(unsafe.StringData(path))) - 2
	if _, name, _ := readName((*byte)(pointer(start))); name != path {
		return nil
	}
	if err := writable(start, uintptr(len(path))+2); err != nil {
		return err
	}
	*(*byte)(pointer(start + 1)) = byte(len("main"))
	copy(unsafe.Slice((*byte)(pointer(start+2)), len("main")), "main")
	return nil
}

// text takes prefixes and paths out of the string of a type, in place. It
// reports whether the string had them.
func (m *mender) text(t reflect.Type) (bool, error) {
	s := t.String()
	if m.plain(s) == s {
		return false, nil
	}
	// The string may be shared with a pointer type, whose star comes first.
	start := uintptr(unsafe.Pointer(unsafe.StringData(s)))
	for _, star := range []uintptr{0, 1} {
		size := len(s) + int(star)
		head := uintptr(len(appendString(nil, strings.Repeat("x", size))) - size)
		at := start - star - head - 1
		_, name, _ := readName((*byte)(pointer(at)))
		if len(name) != size || name[star:] != s || star == 1 && name[0] != '*' {
			continue
		}
		flags := *(*byte)(pointer(at))
		if err := writable(at, uintptr(size)+head+1); err != nil {
			return false, err
		}
		b := appendString([]byte{flags &^ nameTagged}, m.plain(name))
		copy(unsafe.Slice((*byte)(pointer(at)), len(b)), b)
		return true, nil
	}
	return false, fmt.Errorf("the string of type %s is of an unknown form", s)
}

// plain returns the string of a type as the source has it. It is no longer
// than s.
func (m *mender) plain(s string) string {
	s = strings.ReplaceAll(s, hidden, "")
	if !strings.ContainsRune(s, '[') || !strings.ContainsRune(s, '/') {
		return s
	}
	return goodPathDot.ReplaceAllStringFunc(s, func(path string) string {
		if m.cell(path[:len(path)-1]) && len(path) > len("main") {
			return "main."
		}
		return path
	})
}

var goodPathDot = regexp.MustCompile(`[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)+\.`)

// readName reads the data of a name.
func readName(p *byte) (flags byte, name, tag string) {
	flags = *p
	read := func(off uintptr) (string, uintptr) {
		n, shift := 0, 0
		for {
			c := *(*byte)(unsafe.Add(unsafe.Pointer(p), off))
			off++
			n |= int(c&0x7f) << shift
			if c < 0x80 {
				break
			}
			shift += 7
		}
		return unsafe.String((*byte)(unsafe.Add(unsafe.Pointer(p), off)), n), off + uintptr(n)
	}
	name, end := read(1)
	if flags&nameTagged != 0 {
		tag, _ = read(end)
	}
	return flags, name, tag
}

// appendString appends a string with its length before it.
func appendString(b []byte, s string) []byte {
	n := len(s)
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(append(b, byte(n)), s...)
}

// sortTypelinks restores the order of the strings of types by which reflection
// looks for types. The caller makes sure that no image is being loaded.
func sortTypelinks() error {
	sections, offsets := typelinks()
	for i, list := range offsets {
		text := func(off int32) string { return typeAt(uintptr(sections[i]) + uintptr(off)).String() }
		less := func(a, b int32) int { return cmp.Compare(text(a), text(b)) }
		if i == 0 || slices.IsSortedFunc(list, less) { // the first is this program
			continue
		}
		if err := writable(uintptr(unsafe.Pointer(&list[0])), uintptr(len(list))*4); err != nil {
			return err
		}
		slices.SortStableFunc(list, less)
	}
	return nil
}
