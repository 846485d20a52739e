//go:build !darwin

package cpu

func machineMemory() int64 { return linuxMemory() }
