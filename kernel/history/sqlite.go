package history

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// busyTimeout is how long a process waits for another one that writes.
const busyTimeout = 5 * time.Second

// schema makes the tables. A session gets its row, and with it its number, when
// its first cell is written.
const schema = `
CREATE TABLE IF NOT EXISTS sessions (
	session INTEGER PRIMARY KEY AUTOINCREMENT,
	started TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE TABLE IF NOT EXISTS history (
	session INTEGER NOT NULL,
	line    INTEGER NOT NULL,
	input   TEXT NOT NULL,
	output  TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (session, line)
) WITHOUT ROWID;`

// sqlite is the backend over a file. The file has no write-ahead log: home
// folders on network file systems, where a log cannot be shared, are common
// where parallel programs are run, and there is little to write.
type sqlite struct {
	db      *sql.DB
	bound   int
	session int // 0 until the first write
}

var _ backend = (*sqlite)(nil)

func openSQLite(path string, bound int) (_ *sqlite, err error) {
	if err := makeFile(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	db.SetMaxOpenConns(1)
	if err := check(db); err != nil {
		return nil, err
	}
	return &sqlite{db: db, bound: bound}, nil
}

func dsn(path string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "synchronous(NORMAL)", "trusted_schema(OFF)",
	}}
	slashed := filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		slashed = "/" + slashed
	}
	return "file:" + (&url.URL{Path: slashed}).EscapedPath() + "?" + q.Encode()
}

// makeFile makes the file and its folder for the user's eyes only.
func makeFile(path string) error {
	if path == "" {
		return errors.New("no path was given")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() {
		return &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	if runtime.GOOS != "windows" && st.Mode().Perm()&0o077 != 0 {
		return f.Chmod(0o600)
	}
	return nil
}

// check makes sure that the file can be read and has the tables. Several
// processes may do this at once.
func check(db *sql.DB) error {
	var tables int
	err := db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name IN ('sessions', 'history')").Scan(&tables)
	if err != nil {
		return err
	}
	if tables < 2 {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if _, err := tx.Exec(schema); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	_, err = db.Exec("SELECT session, line, input, output FROM history LIMIT 1")
	return err
}

func (s *sqlite) write(writes []write) (err error) {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tx.Rollback()
		}
	}()
	session := s.session
	if session == 0 {
		if session, err = s.begin(tx); err != nil {
			return err
		}
	}
	for _, w := range writes {
		if w.output {
			_, err = tx.Exec("UPDATE history SET output = ? WHERE session = ? AND line = ?", w.entry.Output, session, w.entry.Line)
		} else {
			_, err = tx.Exec("INSERT INTO history (session, line, input) VALUES (?, ?, ?) "+
				"ON CONFLICT DO UPDATE SET input = excluded.input", session, w.entry.Line, w.entry.Input)
		}
		if err != nil {
			return err
		}
	}
	if err = tx.Commit(); err != nil {
		return err
	}
	s.session = session
	return nil
}

// begin gives the session its number and removes the oldest entries beyond the
// bound.
func (s *sqlite) begin(tx *sql.Tx) (int, error) {
	r, err := tx.Exec("INSERT INTO sessions DEFAULT VALUES")
	if err != nil {
		return 0, err
	}
	id, err := r.LastInsertId()
	if err != nil {
		return 0, err
	}
	var count int
	if err := tx.QueryRow("SELECT count(*) FROM history").Scan(&count); err != nil {
		return 0, err
	}
	if over := count - s.bound; over > 0 {
		_, err = tx.Exec("DELETE FROM history WHERE (session, line) IN "+
			"(SELECT session, line FROM history ORDER BY session, line LIMIT ?)", over)
		if err != nil {
			return 0, err
		}
		_, err = tx.Exec("DELETE FROM sessions WHERE session < ? AND session NOT IN (SELECT session FROM history)", id)
	}
	return int(id), err
}

func (s *sqlite) current() (int, error) {
	if s.session != 0 {
		return s.session, nil
	}
	var next int
	err := s.db.QueryRow("SELECT 1 + coalesce(max(session), 0) FROM sessions").Scan(&next)
	return next, err
}

func (s *sqlite) tail(n int) ([]Entry, error) {
	found, err := s.entries("SELECT session, line, input, output FROM history ORDER BY session DESC, line DESC LIMIT ?", n)
	slices.Reverse(found)
	return found, err
}

func (s *sqlite) rangeOf(session, start, stop int) ([]Entry, error) {
	return s.entries("SELECT session, line, input, output FROM history "+
		"WHERE session = ? AND line >= ? AND (? = 0 OR line < ?) ORDER BY line", session, start, stop, stop)
}

// globEscape makes SQLite take as they are the characters that only its own
// patterns give a meaning.
var globEscape = strings.NewReplacer("[", "[[]")

func (s *sqlite) search(pattern string, n int, unique bool) ([]Entry, error) {
	if n == 0 {
		n = -1 // no limit
	}
	from := "history"
	if unique {
		from = "(SELECT *, row_number() OVER (PARTITION BY input ORDER BY session DESC, line DESC) AS nth FROM history) WHERE nth = 1 AND"
	} else {
		from += " WHERE"
	}
	found, err := s.entries("SELECT session, line, input, output FROM "+from+
		" input GLOB ? ORDER BY session DESC, line DESC LIMIT ?", globEscape.Replace(pattern), n)
	slices.Reverse(found)
	return found, err
}

func (s *sqlite) entries(query string, args ...any) ([]Entry, error) {
	rows, err := s.db.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Entry
	for rows.Next() {
		var e Entry
		if err := rows.Scan(&e.Session, &e.Line, &e.Input, &e.Output); err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, rows.Err()
}

func (s *sqlite) close() error { return s.db.Close() }
