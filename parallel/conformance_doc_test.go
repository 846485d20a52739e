package parallel_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const poolPage = "../docs/pool.md"

// notHere is how a row says that Fanout has nothing for it.
const notHere = "not here"

var (
	testLinkRE   = regexp.MustCompile("\\[`([^`]+)`\\]\\(([^)]+)\\)")
	codeRE       = regexp.MustCompile("`[^`]+`")
	exportedRE   = regexp.MustCompile(`(?:^|[^\w.])(?:(?:f|h|p|run|err)\.)?([A-Z]\w*)`)
	magicRE      = regexp.MustCompile(`%(\w+)`)
	flagRE       = regexp.MustCompile(`(?:^|[ (])(--?[a-z][\w-]*)`)
	magicNameRE  = regexp.MustCompile(`\b[nN]ame: "(\w+)"`)
	separatorRow = regexp.MustCompile(`^\|[-:| ]+\|$`)
)

// A tableRow is a row of a table of the page, below its head.
type tableRow struct {
	line  int
	names bool // a table of names: there, in a program, in a cell, seen by
	cells []string
}

func tableRows(page string) (rows []tableRow) {
	lines := strings.Split(page, "\n")
	names := false
	for i, line := range lines {
		head := i+1 < len(lines) && separatorRow.MatchString(lines[i+1])
		if head {
			names = strings.Contains(line, "in a program")
		}
		if strings.HasPrefix(line, "|") && !head && !separatorRow.MatchString(line) {
			rows = append(rows, tableRow{i + 1, names, strings.Split(strings.Trim(line, "|"), "|")})
		}
	}
	return rows
}

func readPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(poolPage)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// Every row names tests that there are, or says that what it is about is not here.
func TestThePageOnPoolsNamesTestsThatExist(t *testing.T) {
	page := readPage(t)
	known := map[string]map[string]bool{}
	links := 0
	for _, row := range tableRows(page) {
		last := row.cells[len(row.cells)-1]
		named := testLinkRE.FindAllStringSubmatch(last, -1)
		if len(named) == 0 && !strings.Contains(strings.Join(row.cells, "|"), notHere) {
			t.Errorf("line %d names no test, and does not say %q", row.line, notHere)
		}
		for _, m := range named {
			links++
			name, file := m[1], filepath.Join(filepath.Dir(poolPage), m[2])
			if known[file] == nil {
				known[file] = testsIn(t, file)
			}
			if !known[file][name] {
				t.Errorf("line %d: there is no %s in %s", row.line, name, m[2])
			}
		}
	}
	if links < 100 {
		t.Errorf("%d tests named: the tables were not read", links)
	}
}

var pythonTestRE = regexp.MustCompile(`(?m)^def (test_\w+)\(`)

// testsIn lists the tests of a file: of Go, of Python, or a session that TestSessions of
// package interp replays.
func testsIn(t *testing.T, file string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	text, err := os.ReadFile(file)
	switch {
	case err != nil:
		t.Error(err)
	case filepath.Ext(file) == ".go" && strings.HasSuffix(file, "_test.go"):
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			break
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	case filepath.Ext(file) == ".py":
		for _, m := range pythonTestRE.FindAllSubmatch(text, -1) {
			names[string(m[1])] = true
		}
	case filepath.Ext(file) == ".txt":
		if testsIn(t, filepath.Join(filepath.Dir(file), "../../golden_test.go"))["TestSessions"] {
			names["TestSessions/"+strings.TrimSuffix(filepath.Base(file), ".txt")] = true
		}
	}
	return names
}

// Every name of package parallel, every magic and every flag on the page is one that
// there is.
func TestThePageOnPoolsNamesWhatExists(t *testing.T) {
	exported := exportedNames(t)
	magics, flags := magicsAndFlags(t)
	for _, row := range tableRows(readPage(t)) {
		if !row.names {
			continue
		}
		if len(row.cells) != 4 {
			t.Fatalf("line %d has %d cells", row.line, len(row.cells))
		}
		for _, code := range codeRE.FindAllString(row.cells[1], -1) {
			for _, m := range exportedRE.FindAllStringSubmatch(strings.Trim(code, "`"), -1) {
				if !exported[m[1]] {
					t.Errorf("line %d: package parallel has no %s", row.line, m[1])
				}
			}
		}
		for _, code := range codeRE.FindAllString(row.cells[2], -1) {
			code = strings.Trim(code, "`")
			for _, m := range magicRE.FindAllStringSubmatch(code, -1) {
				if !magics[m[1]] {
					t.Errorf("line %d: there is no magic %%%s", row.line, m[1])
				}
			}
			for _, m := range flagRE.FindAllStringSubmatch(code, -1) {
				if !flags[m[1]] {
					t.Errorf("line %d: no magic has a flag %s", row.line, m[1])
				}
			}
		}
	}
}

// exportedNames are the exported names of the package: of what it declares, of methods
// and of fields.
func exportedNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				names[n.Name.Name] = true
				return false
			case *ast.TypeSpec:
				names[n.Name.Name] = true
			case *ast.ValueSpec:
				for _, name := range n.Names {
					names[name.Name] = true
				}
			case *ast.Field:
				for _, name := range n.Names {
					names[name.Name] = true
				}
			}
			return true
		})
	}
	return names
}

// magicsAndFlags are those that the source of package interp declares.
func magicsAndFlags(t *testing.T) (magics, flags map[string]bool) {
	t.Helper()
	magics, flags = map[string]bool{}, map[string]bool{}
	files, err := filepath.Glob("../interp/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no package interp", err)
	}
	flagNameRE := regexp.MustCompile(`"(--?[a-z][\w-]*)"`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range magicNameRE.FindAllSubmatch(text, -1) {
			magics[string(m[1])] = true
		}
		for _, m := range flagNameRE.FindAllSubmatch(text, -1) {
			flags[string(m[1])] = true
		}
	}
	return magics, flags
}
