package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

// openFile opens a Store that fails the test when it warns.
func openFile(t *testing.T, path string) *Store {
	t.Helper()
	s := Open(Options{Path: path, Warn: func(err error) { t.Errorf("warning: %v", err) }})
	t.Cleanup(func() { s.Close() })
	return s
}

// want compares what a read returned, each entry as session/line:input>output.
func want(t *testing.T, what string, got []Entry, err error, entries ...string) {
	t.Helper()
	var texts []string
	for _, e := range got {
		s := fmt.Sprintf("%d/%d:%s", e.Session, e.Line, e.Input)
		if e.Output != "" {
			s += ">" + e.Output
		}
		texts = append(texts, s)
	}
	if err != nil || !reflect.DeepEqual(texts, entries) {
		t.Errorf("%s: %v, %v; want %v", what, texts, err, entries)
	}
}

// TestConformance holds every way of keeping the entries to the same answers.
func TestConformance(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) *Store{
		"memory": func(t *testing.T) *Store {
			s := Memory()
			t.Cleanup(func() { s.Close() })
			return s
		},
		"file":     func(t *testing.T) *Store { return openFile(t, filepath.Join(t.TempDir(), "new folder", "h?%.sqlite")) },
		"fallback": func(t *testing.T) *Store { return Open(Options{Path: t.TempDir(), Warn: func(error) {}}) },
	} {
		t.Run(name, func(t *testing.T) { conform(t, open(t)) })
	}
}

func conform(t *testing.T, s *Store) {
	defer s.Close()
	got, err := s.Tail(ctx, 3)
	want(t, "tail of nothing", got, err)
	for i, input := range []string{"x := 1", "x", "x := 2", "f[x]", "x", "é\nz"} {
		s.Append(i+1, input)
	}
	s.SetOutput(2, "1")
	s.SetOutput(77, "nothing has this line")

	got, err = s.Tail(ctx, 3)
	want(t, "tail", got, err, "1/4:f[x]", "1/5:x", "1/6:é\nz")
	got, err = s.Tail(ctx, 99)
	want(t, "long tail", got, err, "1/1:x := 1", "1/2:x>1", "1/3:x := 2", "1/4:f[x]", "1/5:x", "1/6:é\nz")
	got, err = s.Tail(ctx, -1)
	want(t, "negative tail", got, err)

	for _, tc := range []struct {
		session, start, stop int
		want                 []string
	}{
		{0, 2, 4, []string{"1/2:x>1", "1/3:x := 2"}},
		{1, 5, 0, []string{"1/5:x", "1/6:é\nz"}},
		{1, -2, 0, []string{"1/5:x", "1/6:é\nz"}},
		{0, 3, -2, []string{"1/3:x := 2", "1/4:f[x]"}},
		{0, 1, -99, nil},
		{-1, 0, 0, nil},
		{9, 0, 0, nil},
	} {
		got, err = s.Range(ctx, tc.session, tc.start, tc.stop)
		want(t, fmt.Sprintf("range %d %d %d", tc.session, tc.start, tc.stop), got, err, tc.want...)
	}

	for _, tc := range []struct {
		pattern string
		n       int
		unique  bool
		want    []string
	}{
		{"x := *", 0, false, []string{"1/1:x := 1", "1/3:x := 2"}},
		{"x", 0, false, []string{"1/2:x>1", "1/5:x"}},
		{"x", 0, true, []string{"1/5:x"}},
		{"*x*", 2, false, []string{"1/4:f[x]", "1/5:x"}},
		{"*x*", 2, true, []string{"1/4:f[x]", "1/5:x"}},
		{"?[x]", 0, false, []string{"1/4:f[x]"}},
		{"?[y]", 0, false, nil},
		{"?\n?", 0, false, []string{"1/6:é\nz"}},
		{"", 0, false, nil},
	} {
		got, err = s.Search(ctx, tc.pattern, tc.n, tc.unique)
		want(t, fmt.Sprintf("search %q %d %v", tc.pattern, tc.n, tc.unique), got, err, tc.want...)
	}

	s.Append(3, "the same line again")
	s.Append(8, strings.Repeat("x", MaxText+1))
	got, err = s.Range(ctx, 0, 3, 4)
	want(t, "rewritten line", got, err, "1/3:the same line again")
	got, err = s.Tail(ctx, 1)
	want(t, "oversized input is left out", got, err, "1/6:é\nz")

	s.Close()
	s.Append(9, "late")
	if _, err := s.Tail(ctx, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v, want %v", err, ErrClosed)
	}
}

func TestHistoryOutlivesTheSession(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.sqlite")
	first := openFile(t, path)
	first.Append(1, "a")
	first.Append(2, "b")
	first.Close()

	second := openFile(t, path)
	got, err := second.Range(ctx, -1, 0, 0)
	want(t, "range -1 before the first cell", got, err, "1/1:a", "1/2:b")
	second.Append(1, "a")
	got, err = second.Range(ctx, -1, 2, 0)
	want(t, "range -1", got, err, "1/2:b")
	got, err = second.Tail(ctx, 2)
	want(t, "tail", got, err, "1/2:b", "2/1:a")
	got, err = second.Search(ctx, "*", 0, true)
	want(t, "unique", got, err, "1/2:b", "2/1:a")
}

func TestFileIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other permissions")
	}
	path := filepath.Join(t.TempDir(), "history.sqlite")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := openFile(t, path)
	s.Append(1, "a")
	s.Close()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", st.Mode())
	}
}

func TestUnusedStoreMakesNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.sqlite")
	openFile(t, path).Close()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("stat: %v, want no file", err)
	}
}

func TestCorruptFileFallsBackToMemory(t *testing.T) {
	for name, content := range map[string]string{
		"not a database":   strings.Repeat("this is not a database\n", 500),
		"half a database":  "SQLite format 3\x00" + strings.Repeat("\x01", 4096),
		"another database": "", // filled below
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.sqlite")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if content == "" {
				other(t, path)
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var warnings []error
			s := Open(Options{Path: path, Warn: func(err error) { warnings = append(warnings, err) }})
			s.Append(1, "a")
			s.Append(2, "b")
			got, err := s.Tail(ctx, 5)
			want(t, "tail", got, err, "1/1:a", "1/2:b")
			s.Close()
			if len(warnings) != 1 || !strings.Contains(warnings[0].Error(), path) {
				t.Errorf("warnings %v, want one that names the file", warnings)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the file was changed (%v)", err)
			}
		})
	}
}

// other makes a database whose tables have other columns.
func other(t *testing.T, path string) {
	t.Helper()
	b, err := openSQLite(path, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	if _, err := b.db.Exec("ALTER TABLE history RENAME COLUMN input TO source"); err != nil {
		t.Fatal(err)
	}
}

func TestFileThatBreaksInUseFallsBackToMemory(t *testing.T) {
	for _, breaks := range []string{"write", "read"} {
		t.Run(breaks, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.sqlite")
			warnings := make(chan error, 9)
			s := Open(Options{Path: path, Warn: func(err error) { warnings <- err }})
			defer s.Close()
			s.Append(1, "a")
			if _, err := s.Tail(ctx, 1); err != nil {
				t.Fatal(err)
			}
			b, err := openSQLite(path, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer b.close()
			if _, err := b.db.Exec("DROP TABLE history"); err != nil {
				t.Fatal(err)
			}
			if breaks == "write" {
				s.Append(2, "b")
				s.Append(3, "c")
			}
			got, err := s.Tail(ctx, 5)
			if breaks == "write" {
				want(t, "tail", got, err, "1/2:b", "1/3:c")
			} else {
				want(t, "tail", got, err)
			}
			if len(warnings) != 1 {
				t.Errorf("%d warnings, want 1", len(warnings))
			}
		})
	}
}

func TestOldEntriesAreRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.sqlite")
	for range 4 {
		s := Open(Options{Path: path, MaxEntries: 3, Warn: func(err error) { t.Error(err) }})
		s.Append(1, "a")
		s.Append(2, "b")
		s.Close()
	}
	s := openFile(t, path)
	got, err := s.Tail(ctx, 99)
	want(t, "tail", got, err, "2/2:b", "3/1:a", "3/2:b", "4/1:a", "4/2:b")

	m := newMemory(2)
	for line := 1; line < 5; line++ {
		m.write([]write{{entry: Entry{Line: line, Input: "x"}}})
	}
	got, err = m.tail(9)
	want(t, "memory", got, err, "1/3:x", "1/4:x")
}

func TestHammerStoresOnOneFile(t *testing.T) {
	const stores, writers, each = 3, 4, 25
	path := filepath.Join(t.TempDir(), "history.sqlite")
	var wg sync.WaitGroup
	var all []*Store
	for range stores {
		s := openFile(t, path)
		all = append(all, s)
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					line := w*each + i + 1
					s.Append(line, fmt.Sprint(line))
					if i%5 == 0 {
						got, err := s.Range(ctx, 0, line, line+1)
						if err != nil || len(got) != 1 || got[0].Input != fmt.Sprint(line) {
							t.Errorf("line %d: %v, %v", line, got, err)
						}
					}
				}
			})
		}
	}
	wg.Wait()
	for _, s := range all {
		s.Close()
	}
	got, err := openFile(t, path).Tail(ctx, 9999)
	if err != nil || len(got) != stores*writers*each {
		t.Errorf("%d entries, %v; want %d", len(got), err, stores*writers*each)
	}
}

func TestQueryObeysItsContext(t *testing.T) {
	s := Memory()
	defer s.Close()
	release := make(chan struct{})
	s.send(op{read: func(backend, bool) error { <-release; return nil }})
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Tail(done, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	close(release)
}

func TestMatch(t *testing.T) {
	for _, tc := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"*", "", true}, {"**", "ab", true}, {"?", "", false}, {"?", "é", true},
		{"a*b*c", "a-b-b-c", true}, {"a*b*c", "a-b-b-", false}, {"*a", "baa", true}, {"a?", "a", false},
	} {
		if got := match(tc.pattern, tc.s); got != tc.want {
			t.Errorf("match(%q, %q) = %v", tc.pattern, tc.s, got)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("a*é?", "abé\n")
	b, err := openSQLite(filepath.Join(f.TempDir(), "h.sqlite"), 1)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { b.close() })
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern)+len(s) > 100 || strings.ToValidUTF8(pattern+s, "") != pattern+s || strings.ContainsRune(pattern+s, 0) {
			t.Skip()
		}
		var want bool
		if err := b.db.QueryRow("SELECT ? GLOB ?", s, globEscape.Replace(pattern)).Scan(&want); err != nil {
			t.Skip()
		}
		if got := match(pattern, s); got != want {
			t.Errorf("match(%q, %q) = %v, SQLite says %v", pattern, s, got, want)
		}
	})
}
