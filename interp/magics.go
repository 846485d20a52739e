package interp

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
)

// A Magic is a command of the notebook, %name or %%name. Exactly those of Line,
// Cell and Expand that the magic supports are set.
type Magic struct {
	Name string
	// Args is the usage behind the name, and Short one line of what it does.
	Args, Short string
	// CellShort is what %%name does, where that is not the same for the whole cell.
	CellShort string
	// Words are what its first argument may be, beside Go.
	Words []string
	// Flags are its flags, as help shows them.
	Flags []Flag
	// Example is shown in help.
	Example string
	// Statements says that the Go behind the name may be several statements: all of
	// the line.
	Statements bool
	// Alone says that nothing else may stand in the magic's cell.
	Alone bool

	// Early says that Line runs before the Go of its cell is looked at.
	Early bool

	// Line runs %name with the text behind it.
	Line func(r *run, args string) error
	// Cell runs %%name.
	Cell func(r *run, p cell.Piece) error
	// Expand puts Go in the place of a %name whose arguments are Go.
	Expand func(x *expansion) error
}

// A Flag is one option of a magic. Value names its argument; a flag without one
// is a switch.
type Flag struct {
	Short, Long, Value, Help string
}

// magics is the table of all magics: a new one is one file and one row.
func magics() []*Magic {
	var list []*Magic
	for _, k := range mapKinds() {
		list = append(list, k.magic())
	}
	for _, e := range experiments() {
		list = append(list, e.magic())
	}
	for _, k := range deviceKinds() {
		list = append(list, k.magic())
	}
	return append(list,
		papplyMagic(), pimapMagic(), pwaitMagic(), presultMagic(), pcancelMagic(), pstatusMagic(), workersMagic(),
		timelineMagic(), recordsMagic(), lastrunMagic(), raceMagic(),
		gpumapMagic(), gpumatmulMagic(), gpuMagic(),
		timeMagic(), timeitMagic(),
		whoMagic(), whosMagic(), resetMagic(), restartMagic(), tierMagic(), historyMagic(),
		getMagic(), bashMagic(), envMagic(), cdMagic(), pwdMagic(),
		fmtMagic(), lsmagicMagic(),
	)
}

// usage is the first line of help.
func (m *Magic) usage() string { return strings.TrimSpace(m.spelling() + " " + m.Args) }

// spelling is its name with one % or, if it is for cells only, two.
func (m *Magic) spelling() string {
	if m.Line == nil && m.Expand == nil {
		return "%%" + m.Name
	}
	return "%" + m.Name
}

// help is the whole help text. Its lines fit a terminal, as far as code lets them.
func (m *Magic) help() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", m.usage(), broken("  ", "  ", m.Short))
	if m.Cell != nil && (m.Line != nil || m.Expand != nil) {
		fmt.Fprintln(&b, broken("  %%"+m.Name+" ", "  ", cmp.Or(m.CellShort, "does the same for the whole cell.")))
	}
	if len(m.Flags) > 0 {
		b.WriteString("\nflags:\n")
		for _, f := range m.Flags {
			name := strings.Join(slices.DeleteFunc([]string{f.Short, f.Long}, func(s string) bool { return s == "" }), ", ")
			first := fmt.Sprintf("  %-20s ", strings.TrimSpace(name+" "+f.Value))
			fmt.Fprintln(&b, broken(first, strings.Repeat(" ", len("  ")+20+len(" ")), f.Help))
		}
	}
	if m.Example != "" {
		b.WriteString("\nexample:\n")
		for line := range strings.SplitSeq(m.Example, "\n") {
			code, comment, ok := strings.Cut("  "+line, "// ")
			if !ok {
				fmt.Fprintln(&b, code)
				continue
			}
			margin := strings.Repeat(" ", utf8.RuneCountInString(code))
			fmt.Fprintln(&b, broken(code+"// ", margin+"// ", comment))
		}
	}
	return b.String()
}

// unknownMagic says that there is no such magic, and which is near.
func (i *Interp) unknownMagic(name, prefix string) error {
	var near []string
	for n := range i.magics {
		if strings.HasPrefix(n, name) || strings.HasPrefix(name, n) || len(name) > 2 && strings.Contains(n, name) {
			near = append(near, prefix+n)
		}
	}
	if best := check.Closest(name, slices.Collect(maps.Keys(i.magics))); best != "" && !slices.Contains(near, prefix+best) {
		near = append(near, prefix+best)
	}
	sort.Strings(near)
	if len(near) > 0 {
		return fmt.Errorf("there is no magic %s%s; did you mean %s?", prefix, name, strings.Join(near, " or "))
	}
	return fmt.Errorf("there is no magic %s%s; %%lsmagic lists them", prefix, name)
}

// flagSet holds the flags that a magic was given.
// What stood there for its value, in quotes or not, is kept under "raw " and the name.
type flagSet map[string]string

func (f flagSet) has(name string) bool { _, ok := f[name]; return ok }

// parseFlags reads the flags at the start of args and returns what follows and
// its offset in args. Flags are keyed by their long name without dashes.
func (m *Magic) parseFlags(args string) (flagSet, int, error) {
	set := flagSet{}
	pos := 0
	for {
		for pos < len(args) && (args[pos] == ' ' || args[pos] == '\t') {
			pos++
		}
		word, _, _ := strings.Cut(args[pos:], " ")
		word = strings.TrimRight(word, "\t")
		if len(word) < 2 || word[0] != '-' || word[1] >= '0' && word[1] <= '9' || word[1] == '.' || word[1] == '(' {
			return set, pos, nil
		}
		f, size, ok := m.flag(word)
		if !ok {
			name, _, _ := strings.Cut(word, "=")
			return nil, 0, m.unknownFlag(name)
		}
		name := word[:size]
		inline := strings.HasPrefix(word[size:], "=")
		key := strings.TrimLeft(f.Long, "-")
		pos += size
		switch {
		case f.Value == "" && inline:
			return nil, 0, fmt.Errorf("flag %s of %%%s takes no value", name, m.Name)
		case f.Value == "":
			set[key] = ""
			continue
		case inline:
			pos++ // the =
		case size == len(word):
			pos = len(args) - len(strings.TrimLeft(args[pos:], " \t"))
		}
		value, n, err := flagValue(args[pos:])
		if err != nil {
			return nil, 0, fmt.Errorf("flag %s of %%%s: %w", name, m.Name, err)
		}
		if n == 0 && !inline {
			return nil, 0, fmt.Errorf("flag %s of %%%s needs %s", name, m.Name, f.Value)
		}
		set["raw "+key] = args[pos : pos+n]
		set["at "+key] = strconv.Itoa(pos)
		pos += n
		set[key] = value
	}
}

// flag is the flag that a word gives, and the length of its name there: the whole word,
// or what stands before =4 or, of a short one, 4.
func (m *Magic) flag(word string) (f Flag, size int, ok bool) {
	name, _, _ := strings.Cut(word, "=")
	for _, f := range m.Flags {
		if f.Short == name || f.Long == name {
			return f, len(name), true
		}
	}
	for _, f := range m.Flags {
		if value, ok := strings.CutPrefix(word, f.Short); ok && f.Short != "" && f.Value != "" && value[0] >= '0' && value[0] <= '9' {
			return f, len(f.Short), true
		}
	}
	return f, 0, false
}

// unknownFlag says that there is no such flag, and which is near.
func (m *Magic) unknownFlag(name string) error {
	var known, all []string
	near := ""
	for _, f := range m.Flags {
		known = append(known, f.Long)
		all = append(all, strings.TrimPrefix(f.Short+" or "+f.Long, " or "))
		if near == "" && len(name) > 3 && (strings.HasPrefix(name, f.Long) || strings.HasPrefix(f.Long, name)) {
			near = f.Long
		}
	}
	if near = cmp.Or(near, check.Closest(name, known)); near != "" {
		return fmt.Errorf("%%%s has no flag %s; did you mean %s?", m.Name, name, near)
	}
	if len(all) == 0 {
		return fmt.Errorf("%%%s has no flags", m.Name)
	}
	return fmt.Errorf("%%%s has no flag %s; it has %s", m.Name, name, strings.Join(all, ", "))
}

// flagValue reads the value that text starts with, a word or a string in quotes
// of Go's or of the shell's, and says how long it is there.
func flagValue(text string) (value string, n int, err error) {
	switch {
	case strings.HasPrefix(text, `"`), strings.HasPrefix(text, "`"):
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return "", 0, fmt.Errorf("the string %s is not closed, or not one of Go's", text)
		}
		value, err := strconv.Unquote(quoted)
		return value, len(quoted), err
	case strings.HasPrefix(text, "'"):
		value, _, closed := strings.Cut(text[1:], "'")
		if !closed {
			return "", 0, fmt.Errorf("the string %s is not closed", text)
		}
		return value, len(value) + 2, nil
	}
	n = wordEnd(text)
	return text[:n], n, nil
}

// wordEnd is the length of the word that text starts with. Blanks in brackets do not end
// it, if the brackets are closed: (1 + 2), P{1, 2}.
func wordEnd(text string) int {
	first := strings.IndexAny(text, " \t")
	if first < 0 {
		return len(text)
	}
	depth := 0
	for n := 0; n < len(text); n++ {
		switch c := text[n]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				return first
			}
		case ' ', '\t':
			if depth == 0 {
				return n
			}
		case '"', '`', '\'':
			if depth == 0 {
				continue
			}
			quoted, err := strconv.QuotedPrefix(text[n:])
			if err != nil {
				return first
			}
			n += len(quoted) - 1
		}
	}
	if depth > 0 {
		return first
	}
	return len(text)
}
