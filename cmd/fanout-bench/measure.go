package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// measureScript starts one kernel and prints a [measurement].
//
//go:embed measure.py
var measureScript []byte

// patience is how long one kernel may take for all of its figures.
const patience = 10 * time.Minute

// A measurement is what one start of one kernel gave. Times are in seconds,
// memory in bytes; a figure that the kernel could not give is nil.
type measurement struct {
	Figures  map[string]*float64 `json:"figures"`
	Versions map[string]string   `json:"versions"`
}

// writeScript puts the script where Python can run it; remove takes it away.
func writeScript() (path string, remove func(), err error) {
	folder, err := os.MkdirTemp("", "fanout-bench-")
	if err != nil {
		return "", nil, err
	}
	path = filepath.Join(folder, "measure.py")
	return path, func() { os.RemoveAll(folder) }, os.WriteFile(path, measureScript, 0o644)
}

// measure starts p once and measures it.
func measure(ctx context.Context, python, script string, p peer) (measurement, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	state, err := os.MkdirTemp("", "fanout-bench-state-") // history and the like, new each time
	if err != nil {
		return measurement{}, err
	}
	defer os.RemoveAll(state)

	cmd := exec.CommandContext(ctx, python, script, p.kernel, p.dialect)
	cmd.Env = append(os.Environ(), "FANOUT_HISTORY="+filepath.Join(state, "history.sqlite"), "IPYTHONDIR="+state)
	if p.path != "" {
		cmd.Env = append(cmd.Env, "JUPYTER_PATH="+p.path, "PATH="+p.bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return measurement{}, fmt.Errorf("measuring %s: %w\n%s", p.title, err, errs.Bytes())
	}
	var m measurement
	if err := json.Unmarshal(out.Bytes(), &m); err != nil {
		return measurement{}, fmt.Errorf("measuring %s: %w in %q", p.title, err, out.Bytes())
	}
	return m, nil
}
