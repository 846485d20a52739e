package interp

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/adabc437/fanout/interp/session"
)

var (
	shellLineRE = regexp.MustCompile(`(?:^|\n)[^\S\n]*!([^\n]*)$`)
	fileMagicRE = regexp.MustCompile(`(?:^|\n)[^\S\n]*%(?:(cd)|save|timeline[^\n]*[^\S\n](?:-o|--out))(?:[^\S\n]+|=)(?:-\w+[^\S\n]+)*["']?([^\n"']*)$`)
	fileCallRE  = regexp.MustCompile(`\bos\.(?:ReadFile|WriteFile|Open|OpenFile|Create|ReadDir|Stat|Lstat|Remove|RemoveAll|Mkdir|MkdirAll|Chdir|DirFS|Rename|Truncate)\($`)
)

// maxPaths bounds how many files are offered.
const maxPaths = 1000

// completePath offers the files that the word before the cursor may name: in lines for
// the shell, behind magics that take a file, in strings that begin as paths do, and in
// those that functions of package os take for one. ok is false elsewhere.
func (i *Interp) completePath(before string) (c session.Completion, ok bool) {
	if m := fileMagicRE.FindStringSubmatchIndex(before); m != nil {
		return pathsFor(before[m[4]:], len(before), m[2] >= 0, plainPath), true
	}
	if m := shellLineRE.FindStringSubmatchIndex(before); m != nil {
		line := before[m[2]:]
		word := line[strings.LastIndexAny(line, " \t\"'`=;|&<>()")+1:]
		if strings.TrimSpace(line) == word && !strings.Contains(word, "/") { // a command
			return c, false
		}
		return pathsFor(word, len(before), false, shellPath), true
	}
	start, _, ok := stringAround(before, len(before))
	if !ok || before[start] == '\'' {
		return c, false
	}
	text := before[start+1:]
	begins := slices.ContainsFunc([]string{"/", "./", "../", "~/"}, func(p string) bool { return strings.HasPrefix(text, p) })
	if !begins && !fileCallRE.MatchString(strings.TrimRight(before[:start], " \t")) {
		return c, false
	}
	return pathsFor(text, len(before), false, plainPath), true
}

// plainPath is a name as it stands in a string; "" if it cannot as it is.
func plainPath(name string) string {
	if strings.ContainsAny(name, "\"'`\\") {
		return ""
	}
	return name
}

// shellPath is a name as it stands in a line for the shell.
func shellPath(name string) string {
	var b strings.Builder
	for _, r := range name {
		if strings.ContainsRune(" \"'`\\$&|;<>()*?[]#~!", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// pathsFor lists the files whose paths begin with a prefix that ends at an offset, those
// that begin with a dot if it does; of folders alone, if that is asked for.
func pathsFor(prefix string, end int, folders bool, form func(string) string) session.Completion {
	dir, base := "", prefix
	if n := strings.LastIndexByte(prefix, '/'); n >= 0 {
		dir, base = prefix[:n+1], prefix[n+1:]
	}
	c := session.Completion{Start: end - len(base), End: end}
	where := dir
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			where = filepath.Join(home, rest)
		}
	}
	if where == "" {
		where = "."
	}
	list, err := os.ReadDir(filepath.FromSlash(where))
	if err != nil {
		return c
	}
	for _, e := range list {
		name := e.Name()
		if !strings.HasPrefix(name, base) || strings.HasPrefix(name, ".") && base == "" || strings.ContainsFunc(name, unicode.IsControl) {
			continue
		}
		isDir := e.IsDir()
		if e.Type()&os.ModeSymlink != 0 {
			info, err := os.Stat(filepath.Join(where, name))
			isDir = err == nil && info.IsDir()
		}
		text := form(name)
		if text == "" || folders && !isDir {
			continue
		}
		if isDir {
			text += "/"
		}
		if c.Items = append(c.Items, session.Candidate{Text: text, Type: "path"}); len(c.Items) == maxPaths {
			break
		}
	}
	return c
}
