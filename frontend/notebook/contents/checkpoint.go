package contents

import (
	"fmt"
	"io/fs"
	"path"
	"time"
)

// checkpoints is the folder that keeps them, as Jupyter's does.
const checkpoints = ".ipynb_checkpoints"

// CheckpointID is the id of a file's only checkpoint.
const CheckpointID = "checkpoint"

// A Checkpoint is a copy of a file that it can be set back to.
type Checkpoint struct {
	ID           string    `json:"id"`
	LastModified time.Time `json:"last_modified"`
}

// checkpointName is where the checkpoint of a file lies.
func checkpointName(name string) string {
	dir, file := path.Split(name)
	base, ext := splitExt(file)
	return path.Join(dir, checkpoints, base+"-checkpoint"+ext)
}

// Checkpoints lists the checkpoints of the file at p: one or none.
func (f *Files) Checkpoints(p string) ([]Checkpoint, error) {
	name, err := target(p)
	if err != nil {
		return nil, err
	}
	if _, err := f.stat(name); err != nil {
		return nil, err
	}
	info, err := f.root.Stat(checkpointName(name))
	if err != nil {
		return []Checkpoint{}, nil
	}
	return []Checkpoint{{CheckpointID, info.ModTime().UTC()}}, nil
}

// MakeCheckpoint keeps the file at p as it is, in place of an earlier checkpoint.
func (f *Files) MakeCheckpoint(p string) (Checkpoint, error) {
	name, err := target(p)
	if err != nil {
		return Checkpoint{}, err
	}
	f.saving.Lock()
	defer f.saving.Unlock()
	data, _, err := f.read(name)
	if err != nil {
		return Checkpoint{}, err
	}
	at := checkpointName(name)
	if err := f.root.Mkdir(path.Dir(at), 0o777); err != nil {
		if info, statErr := f.root.Lstat(path.Dir(at)); statErr != nil || !info.IsDir() {
			return Checkpoint{}, err
		}
	}
	if err := f.replaceHidden(at, data); err != nil {
		return Checkpoint{}, err
	}
	info, err := f.root.Stat(at)
	if err != nil {
		return Checkpoint{}, err
	}
	return Checkpoint{CheckpointID, info.ModTime().UTC()}, nil
}

// replaceHidden is replace for a name that users have no way to: it is never a
// link.
func (f *Files) replaceHidden(name string, data []byte) error {
	if info, err := f.root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%w: %q is not a file", ErrRefused, name)
	}
	return f.replace(name, data)
}

// RestoreCheckpoint sets the file at p back to its checkpoint.
func (f *Files) RestoreCheckpoint(p, id string) error {
	name, err := f.checkpoint(p, id)
	if err != nil {
		return err
	}
	f.saving.Lock()
	defer f.saving.Unlock()
	data, _, err := f.read(checkpointName(name))
	if err != nil {
		return err
	}
	return f.replace(name, data)
}

// DeleteCheckpoint removes the checkpoint of the file at p.
func (f *Files) DeleteCheckpoint(p, id string) error {
	name, err := f.checkpoint(p, id)
	if err != nil {
		return err
	}
	return f.root.Remove(checkpointName(name))
}

// checkpoint gives the name of the file at p, which has the checkpoint id.
func (f *Files) checkpoint(p, id string) (string, error) {
	name, err := target(p)
	if err != nil {
		return "", err
	}
	if _, err := f.root.Stat(checkpointName(name)); err != nil || id != CheckpointID {
		return "", fmt.Errorf("%q has no checkpoint %q: %w", p, id, fs.ErrNotExist)
	}
	return name, nil
}

// moveCheckpoint and dropCheckpoint take the checkpoint with the file. That they
// fail costs a checkpoint and nothing else.
func (f *Files) moveCheckpoint(old, name string) {
	if path.Dir(old) != path.Dir(name) {
		_ = f.root.Mkdir(path.Dir(checkpointName(name)), 0o777)
	}
	_ = f.root.Rename(checkpointName(old), checkpointName(name))
}

func (f *Files) dropCheckpoint(name string) { _ = f.root.Remove(checkpointName(name)) }
