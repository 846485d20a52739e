package repl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
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
// defaults. The error names the file, the place and what is wrong.
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
	s, err := parseSettings(string(text))
	if err != nil {
		return Settings{}, fmt.Errorf("settings: %s: %w", path, err)
	}
	return s, nil
}

func parseSettings(text string) (Settings, error) {
	if len(text) > maxSettings {
		return Settings{}, fmt.Errorf("the file has more than %d bytes", maxSettings)
	}
	var s Settings
	meta, err := toml.Decode(text, &s)
	if err != nil {
		return Settings{}, err
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return Settings{}, fmt.Errorf("there is no setting %s; there are keys, colours, images, page, pager, editor and [bind]", extra[0])
	}
	return s, s.check()
}

// check says what is no value of a setting.
func (s Settings) check() error {
	for _, c := range []struct {
		name, value string
		want        []string
	}{
		{"keys", s.Keys, []string{"emacs", "vi"}},
		{"colours", s.Colours, []string{colour.Auto, colour.Dark, colour.Light, colour.Never}},
		{"images", s.Images, []string{string(inline.Auto), string(inline.Kitty), string(inline.ITerm), string(inline.Sixel), string(inline.None)}},
		{"page", s.Page, []string{"all", "help", "nothing"}},
	} {
		if c.value != "" && !slices.Contains(c.want, c.value) {
			return fmt.Errorf("%s is %q, but can be %s", c.name, c.value, strings.Join(c.want, ", "))
		}
	}
	for key, command := range s.Bind {
		if !slices.Contains(edit.Commands(), command) {
			return fmt.Errorf("[bind] %q: there is no command %q; there are %s", key, command, strings.Join(edit.Commands(), ", "))
		}
	}
	return nil
}
