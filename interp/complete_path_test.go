package interp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCompletePaths(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	for _, name := range []string{"data/one.csv", "data/two.csv", "a b.txt", ".hidden", "main.go"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	nb := newNotebook(t)
	for code, want := range map[string]string{
		`os.ReadFile("`:                 "a b.txt|data/|main.go",
		`x, err := os.Open("da`:         "data/",
		`os.ReadFile("data/t`:           "two.csv",
		"s := `./m":                     "main.go",
		`s := "` + dir + `/data/o`:      "one.csv",
		`s := "~/ma`:                    "main.go",
		`os.ReadFile(".h`:               ".hidden",
		`os.ReadFile("missing/`:         "",
		"x := 1\n!cat ma":               "main.go",
		"!cat a":                        `a\ b.txt`,
		"!./m":                          "main.go",
		"%cd ":                          "data/",
		"%save -p ma":                   "main.go",
		"%timeline --out data/":         "one.csv|two.csv",
		`fmt.Println("ma`:               "",
		"// os.ReadFile(\"ma":           "",
		`strings.Split("data/one", "da`: "",
	} {
		got, err := nb.i.Complete(t.Context(), code, len(code))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, item := range got.Items {
			names = append(names, item.Text)
			if item.Type != "path" || !strings.HasPrefix(item.Text, strings.ReplaceAll(code[got.Start:got.End], " ", `\ `)) {
				t.Errorf("%s: %+v in place of %q", code, item, code[got.Start:got.End])
			}
		}
		if s := strings.Join(names, "|"); s != want {
			t.Errorf("%s: got %q, want %q", code, s, want)
		}
	}
}
