package supervisor

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

func physicalMemory() (int64, error) {
	// MEMORYSTATUSEX
	var status struct {
		length, load                               uint32
		totalPhys, availPhys, totalPage, availPage uint64
		totalVirtual, availVirtual, availExtended  uint64
	}
	status.length = uint32(unsafe.Sizeof(status))
	proc := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")
	if ok, _, err := proc.Call(uintptr(unsafe.Pointer(&status))); ok == 0 {
		return 0, err
	}
	return int64(status.totalPhys), nil
}

func groupMemory() int64 { return 0 }

func limitData(uint64) {}
