package repl

import (
	"os"
	"path/filepath"
	"reflect"
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
		`keys = "nano"`:             "emacs, vi",
		`colors = "dark"`:           "there is no setting colors; there are keys, colours",
		`colours = 3`:               "incompatible types",
		`keys = `:                   "line 1",
		"[bind]\n\"C-t\" = \"fly\"": `there is no command "fly"; there are abort`,
		`images = "gif"`:            "kitty",
		`page = "some"`:             "nothing",
	} {
		if _, err := parseSettings(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q in it", text, err, want)
		}
	}
}

func FuzzSettings(f *testing.F) {
	f.Add("keys = \"vi\"\n[bind]\n\"C-t\" = \"complete\"")
	f.Add("colours = \"dark\" # x")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := parseSettings(text); err == nil {
			if err := s.check(); err != nil {
				t.Errorf("%q is taken and has %v", text, err)
			}
		}
	})
}
