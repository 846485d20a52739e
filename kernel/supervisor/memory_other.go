//go:build !linux && !darwin && !windows

package supervisor

import "errors"

func physicalMemory() (int64, error) { return 0, errors.ErrUnsupported }

func groupMemory() int64 { return 0 }

func limitData(uint64) {}
