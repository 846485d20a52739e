package repl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/adabc437/fanout/frontend/internal/colour"
	"github.com/adabc437/fanout/frontend/internal/edit"
	"github.com/adabc437/fanout/frontend/internal/inline"
)

// Settings are what a user chooses, in a file such as
//
//	keys = "vi"
//	colours = "light"
//
//	[bind]
//	"C-t" = "complete"
//
// The zero value means the default of each.
type Settings struct {
	// Keys is emacs or vi.
	Keys string `toml:"keys"`
	// Colours is auto, dark, light or never.
	Colours string `toml:"colours"`
	// Images is auto, kitty, iterm2, sixel or none.
	Images string `toml:"images"`
	// Page says what goes to the pager where it is longer than the terminal: all
	// (documentation and results), help (documentation) or nothing.
	Page string `toml:"page"`
	// Pager and Editor are commands, in place of $PAGER and $VISUAL or $EDITOR.
	Pager  string `toml:"pager"`
	Editor string `toml:"editor"`
	// Bind gives keys other commands.
	Bind map[string]string `toml:"bind"`
}

// maxSettings is how many bytes a settings file may have.
const maxSettings = 1 << 20

// ReadSettings reads a settings file. One that is not there leaves all at their
// defaults, as does each setting that is wrong: the error joins what is wrong, with the
// file, the line and what would be right, and the settings hold all the same.
func ReadSettings(path string) (Settings, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Settings{}, nil
	}
	if err != nil {
		return Settings{}, fmt.Errorf("settings: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSettings+1))
	if err != nil {
		return Settings{}, fmt.Errorf("settings: %w", err)
	}
	s, wrong := parseSettings(string(text))
	for i, w := range wrong {
		wrong[i] = fmt.Errorf("settings: %s:%w", path, w)
	}
	return s, errors.Join(wrong...)
}

// parseSettings gives the settings that are right, and what is wrong with the others,
// each with its line in front.
func parseSettings(text string) (Settings, []error) {
	if len(text) > maxSettings {
		return Settings{}, []error{fmt.Errorf("1: the file has more than %d bytes, and is left out", maxSettings)}
	}
	var raw map[string]any
	meta, err := toml.Decode(text, &raw)
	var syntax toml.ParseError
	if errors.As(err, &syntax) {
		return Settings{}, []error{fmt.Errorf("%d: %s; all settings keep their defaults", syntax.Position.Line, syntax.Message)}
	}
	if err != nil {
		return Settings{}, []error{fmt.Errorf("1: %w", err)}
	}
	s := Settings{Bind: map[string]string{}}
	var wrong []error
	told := ""
	for _, key := range meta.Keys() {
		if key[0] == told {
			continue // a table of what is no setting
		}
		if err := s.set(raw, key); err != nil {
			wrong = append(wrong, fmt.Errorf("%d: %w", lineOf(text, key), err))
			if key[0] != "bind" {
				told = key[0]
			}
		}
	}
	return s, wrong
}

// set takes over one setting of a file, if it is right.
func (s *Settings) set(raw map[string]any, key toml.Key) error {
	value := raw[key[0]]
	if key[0] == "bind" {
		table, ok := value.(map[string]any)
		if !ok {
			return errors.New(`bind is a table: [bind], and below it lines such as "C-t" = "complete"`)
		}
		if len(key) == 1 {
			return nil
		}
		command, ok := table[key[1]].(string)
		if !ok || len(key) > 2 {
			return fmt.Errorf("[bind] %q: a command is a text in quotes, such as %q", key[1], "complete")
		}
		if !slices.Contains(edit.Commands(), command) {
			return fmt.Errorf("[bind] %q: there is no command %q; there are %s", key[1], command, strings.Join(edit.Commands(), ", "))
		}
		s.Bind[key[1]] = command
		return nil
	}
	for _, c := range s.known() {
		if c.name != key[0] {
			continue
		}
		text, ok := value.(string)
		switch {
		case !ok:
			return fmt.Errorf("%s is %v, but is a text in quotes", c.name, value)
		case len(c.want) > 0 && !slices.Contains(c.want, text):
			return fmt.Errorf("%s is %q, but can be %s", c.name, text, strings.Join(c.want, ", "))
		}
		*c.value = text
		return nil
	}
	return fmt.Errorf("there is no setting %s; there are keys, colours, images, page, pager, editor and [bind]", key)
}

// A setting is one that is a text; want lists what it can be, if it cannot be all.
type setting struct {
	name  string
	value *string
	want  []string
}

func (s *Settings) known() []setting {
	return []setting{
		{"keys", &s.Keys, []string{"emacs", "vi"}},
		{"colours", &s.Colours, []string{colour.Auto, colour.Dark, colour.Light, colour.Never}},
		{"images", &s.Images, []string{string(inline.Auto), string(inline.Kitty), string(inline.ITerm), string(inline.Sixel), string(inline.None)}},
		{"page", &s.Page, []string{"all", "help", "nothing"}},
		{"pager", &s.Pager, nil},
		{"editor", &s.Editor, nil},
	}
}

// ends finds what follows a key.
var ends = regexp.MustCompile(`^[ \t]*[=\].]`)

// lineOf is the line, from 1, on which a key stands, or the first one.
func lineOf(text string, key toml.Key) int {
	last := key[len(key)-1]
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimLeft(line, " \t[")
		for _, form := range []string{last, strconv.Quote(last), "'" + last + "'"} {
			if rest, ok := strings.CutPrefix(line, form); ok && ends.MatchString(rest) {
				return n
			}
		}
	}
	return 1
}
