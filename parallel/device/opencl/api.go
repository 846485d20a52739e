package opencl

import (
	"fmt"
	"strings"
	"unsafe"
)

// api is the driver's functions, by the names that they have without "cl". A handle is a
// pointer of the driver's.
type api struct {
	getPlatformIDs, getPlatformInfo, getDeviceIDs, getDeviceInfo,
	createContext, releaseContext, createCommandQueue, releaseCommandQueue,
	createBuffer, createSubBuffer, releaseMemObject,
	createProgramWithSource, createProgramWithBinary, buildProgram, getProgramInfo, getProgramBuildInfo, releaseProgram,
	createKernel, getKernelInfo, getKernelArgInfo, getKernelWorkGroupInfo, setKernelArg, releaseKernel,
	enqueueNDRangeKernel, enqueueReadBuffer, enqueueWriteBuffer, enqueueCopyBuffer, enqueueMapBuffer, enqueueUnmapMemObject, enqueueMarkerWithWaitList,
	flush, finish, waitForEvents, getEventInfo, getEventProfilingInfo, releaseEvent function
}

// A function is one of the driver's.
type function struct {
	name string
	at   uintptr
}

// do calls the function and gives its status.
//
//go:uintptrescapes
func (f *function) do(args ...uintptr) int32 { return int32(call(f.at, args...)) }

func (a *api) functions() map[string]*function {
	return map[string]*function{
		"clGetPlatformIDs": &a.getPlatformIDs, "clGetPlatformInfo": &a.getPlatformInfo,
		"clGetDeviceIDs": &a.getDeviceIDs, "clGetDeviceInfo": &a.getDeviceInfo,
		"clCreateContext": &a.createContext, "clReleaseContext": &a.releaseContext,
		"clCreateCommandQueue": &a.createCommandQueue, "clReleaseCommandQueue": &a.releaseCommandQueue,
		"clCreateBuffer": &a.createBuffer, "clCreateSubBuffer": &a.createSubBuffer, "clReleaseMemObject": &a.releaseMemObject,
		"clCreateProgramWithSource": &a.createProgramWithSource, "clCreateProgramWithBinary": &a.createProgramWithBinary,
		"clBuildProgram": &a.buildProgram, "clGetProgramInfo": &a.getProgramInfo,
		"clGetProgramBuildInfo": &a.getProgramBuildInfo, "clReleaseProgram": &a.releaseProgram,
		"clCreateKernel": &a.createKernel, "clGetKernelInfo": &a.getKernelInfo, "clGetKernelArgInfo": &a.getKernelArgInfo,
		"clGetKernelWorkGroupInfo": &a.getKernelWorkGroupInfo, "clSetKernelArg": &a.setKernelArg, "clReleaseKernel": &a.releaseKernel,
		"clEnqueueNDRangeKernel": &a.enqueueNDRangeKernel, "clEnqueueReadBuffer": &a.enqueueReadBuffer,
		"clEnqueueWriteBuffer": &a.enqueueWriteBuffer, "clEnqueueCopyBuffer": &a.enqueueCopyBuffer,
		"clEnqueueMapBuffer": &a.enqueueMapBuffer, "clEnqueueUnmapMemObject": &a.enqueueUnmapMemObject, "clEnqueueMarkerWithWaitList": &a.enqueueMarkerWithWaitList,
		"clFlush": &a.flush, "clFinish": &a.finish, "clWaitForEvents": &a.waitForEvents,
		"clGetEventInfo": &a.getEventInfo, "clGetEventProfilingInfo": &a.getEventProfilingInfo, "clReleaseEvent": &a.releaseEvent,
	}
}

// loadAPI finds the functions in a library that was opened.
func loadAPI(library uintptr) (*api, error) {
	a := &api{}
	for name, f := range a.functions() {
		at, err := symbol(library, name)
		if err != nil || at == 0 {
			return nil, fmt.Errorf("it has no %s: OpenCL 1.2 or newer is needed", name)
		}
		*f = function{name, at}
	}
	return a, nil
}

// make calls a function that gives a handle. It puts its status where its last argument says.
//
//go:uintptrescapes
func (f *function) make(args ...uintptr) uintptr { return call(f.at, args...) }

// infoBytes is what a clGet…Info function says; args are those before the size.
func infoBytes(f *function, args ...uintptr) ([]byte, int32) {
	var size uintptr
	if status := f.query(args, 0, nil, &size); status != success || size == 0 {
		return nil, status
	}
	if size > maxInfo {
		return nil, codeOutOfHostMemory
	}
	data := make([]byte, size)
	status := f.query(args, size, unsafe.Pointer(&data[0]), nil)
	return data, status
}

// maxInfo bounds what a driver can tell, such as a program's log.
const maxInfo = 256 << 20

// query calls a clGet…Info function.
func (f *function) query(args []uintptr, size uintptr, value unsafe.Pointer, needed *uintptr) int32 {
	switch len(args) {
	case 2:
		return f.do(args[0], args[1], size, uintptr(value), uintptr(unsafe.Pointer(needed)))
	default:
		return f.do(args[0], args[1], args[2], size, uintptr(value), uintptr(unsafe.Pointer(needed)))
	}
}

// infoText is a text that a clGet…Info function gives, or none.
func infoText(f *function, args ...uintptr) string {
	data, status := infoBytes(f, args...)
	if status != success {
		return ""
	}
	return strings.TrimSpace(strings.TrimRight(string(data), "\x00"))
}

// infoNumber is a number that a clGet…Info function gives, of 4 or 8 bytes, or 0.
func infoNumber(f *function, args ...uintptr) uint64 {
	var v uint64 // its lower bytes come first: all systems that Fanout runs on are so
	if f.query(args, 8, unsafe.Pointer(&v), nil) != success {
		return 0
	}
	return v
}

// The driver's numbers, of cl.h.
const (
	platformVersion = 0x0901
	platformName    = 0x0902

	deviceTypeAll     = 0xFFFFFFFF
	deviceTypeGPU     = 1 << 2
	deviceTypeCPU     = 1 << 1
	deviceType        = 0x1000
	deviceUnits       = 0x1002
	deviceMaxGroup    = 0x1004
	deviceClock       = 0x100C
	deviceMaxAlloc    = 0x1010
	deviceBaseAlign   = 0x1019
	deviceSingle      = 0x101B
	deviceMemory      = 0x101F
	deviceTick        = 0x1025
	deviceAvailable   = 0x1027
	deviceCompiler    = 0x1028
	deviceName        = 0x102B
	deviceVendor      = 0x102C
	deviceDriver      = 0x102D
	deviceVersion     = 0x102F
	deviceDouble      = 0x1032
	deviceUnified     = 0x1035
	deviceCVersion    = 0x103D
	roundedDivideSqrt = 1 << 7
	subnormals        = 1 << 0

	queueProfiling = 1 << 1

	memReadWrite    = 1 << 0
	memAllocHostPtr = 1 << 4
	mapRead         = 1 << 0
	mapWrite        = 1 << 1
	regionCreate    = 0x1220

	programBinarySizes = 0x1165
	programBinaries    = 0x1166
	programKernelNames = 0x1168
	programBuildLog    = 0x1183

	kernelNumArgs       = 0x1191
	kernelArgAddress    = 0x1196
	kernelArgTypeName   = 0x1198
	kernelArgQualifier  = 0x1199
	kernelArgName       = 0x119A
	kernelGroupSize     = 0x11B0
	kernelGroupMultiple = 0x11B3

	eventStatus      = 0x11D3
	profilingQueued  = 0x1280
	profilingGiven   = 0x1281
	profilingStarted = 0x1282
	profilingEnded   = 0x1283
)
