package repl

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "repl.toml")
	if s, err := ReadSettings(path); err != nil || !reflect.DeepEqual(s, Settings{}) {
		t.Errorf("without a file: %+v, %v", s, err)
	}
	text := "keys = \"vi\"\ncolours = \"light\"\nimages = \"none\"\npage = \"help\"\npager = \"more\"\neditor = \"ed\"\n[bind]\n\"C-t\" = \"complete\"\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := Settings{Keys: "vi", Colours: "light", Images: "none", Page: "help", Pager: "more", Editor: "ed", Bind: map[string]string{"C-t": "complete"}}
	if s, err := ReadSettings(path); err != nil || !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v, %v, want %+v", s, err, want)
	}
}

func TestWrongSettingsAreExplained(t *testing.T) {
	for text, want := range map[string]string{
		`keys = "nano"`:                    `1: keys is "nano", but can be emacs, vi`,
		"\ncolors = \"dark\"":              "2: there is no setting colors; there are keys, colours",
		"keys = \"vi\"\ncolours = 3":       "2: colours is 3, but is a text in quotes",
		"# a\nkeys = ":                     "2: ",
		"[bind]\n\"C-t\" = \"fly\"":        `2: [bind] "C-t": there is no command "fly"; there are abort`,
		`images = "gif"`:                   "kitty",
		`page = "some"`:                    "nothing",
		"bind = 1":                         "1: bind is a table",
		"[bind]\n\"C-t\".x = \"complete\"": "a text in quotes",
		"\n[colors]\nx = 1":                "2: there is no setting colors",
	} {
		if _, err := parseSettings(text); len(err) == 0 || !strings.Contains(err[0].Error(), want) {
			t.Errorf("%s: got %v, want %q in it", text, err, want)
		}
	}
}

func TestAWrongSettingLeavesTheOthers(t *testing.T) {
	s, wrong := parseSettings("keys = \"vi\"\npage = \"some\"\n[bind]\n\"C-t\" = \"complete\"\n\"C-y\" = \"fly\"\n")
	if want := (Settings{Keys: "vi", Bind: map[string]string{"C-t": "complete"}}); !reflect.DeepEqual(s, want) || len(wrong) != 2 {
		t.Errorf("got %+v, %v, want %+v and two errors", s, wrong, want)
	}
}

func FuzzSettings(f *testing.F) {
	f.Add("keys = \"vi\"\n[bind]\n\"C-t\" = \"complete\"")
	f.Add("colours = \"dark\" # x")
	f.Fuzz(func(t *testing.T, text string) {
		s, _ := parseSettings(text)
		for _, c := range s.known() {
			if *c.value != "" && len(c.want) > 0 && !slices.Contains(c.want, *c.value) {
				t.Errorf("%q is taken and has %s = %q", text, c.name, *c.value)
			}
		}
	})
}
