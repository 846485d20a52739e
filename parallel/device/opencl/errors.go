package opencl

import (
	"errors"
	"fmt"
	"strings"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// An Error is a call that the driver refused, or a command that failed.
type Error struct {
	Code int32  // as in cl.h
	Call string // the function, such as clEnqueueNDRangeKernel
	lost bool
}

// Error names the code and the call.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s (%d) from %s", CodeName(e.Code), e.Code, e.Call)
	if e.lost {
		return text + ": " + backend.ErrLost.Error()
	}
	return text
}

// Unwrap gives [backend.ErrLost] where the device does not answer any more.
func (e *Error) Unwrap() error {
	if e.lost {
		return backend.ErrLost
	}
	return nil
}

// Is says whether target is an Error with the same code and, if it names one, the same call.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && (t.Call == "" || t.Call == e.Call)
}

// A NotFoundError says that there is no OpenCL on this machine: no loader, or a loader
// that knows no device. Where the system is one that OpenCL is not supported on, nothing
// was looked for, and the hint says so.
type NotFoundError struct {
	Tried []string // what was looked for, and what came of it
	Hint  string   // how to install it
}

// Error says what was looked for and what to do.
func (e *NotFoundError) Error() string {
	if len(e.Tried) == 0 {
		return "no OpenCL device was found: " + e.Hint
	}
	return fmt.Sprintf("no OpenCL device was found (looked for %s). %s", strings.Join(e.Tried, "; "), e.Hint)
}

var errClosed = errors.New("opencl: the device is closed")

// The codes that mean something to this package.
const (
	success                = 0
	codeDeviceNotFound     = -1
	codeDeviceNotAvailable = -2
	codeMemAllocation      = -4
	codeOutOfResources     = -5
	codeOutOfHostMemory    = -6
	codeBuildFailure       = -11
	codeWaitList           = -14
	codeInvalidContext     = -34
	codeInvalidQueue       = -36
	codeInvalidBufferSize  = -61
	codePlatformNotFound   = -1001
	codeNvidiaFault        = -9999
)

// CodeName is the name that a status has in cl.h or in an extension.
func CodeName(code int32) string {
	if name, ok := codeNames[code]; ok {
		return name
	}
	return "unknown OpenCL status"
}

var codeNames = map[int32]string{
	0: "CL_SUCCESS", -1: "CL_DEVICE_NOT_FOUND", -2: "CL_DEVICE_NOT_AVAILABLE", -3: "CL_COMPILER_NOT_AVAILABLE",
	-4: "CL_MEM_OBJECT_ALLOCATION_FAILURE", -5: "CL_OUT_OF_RESOURCES", -6: "CL_OUT_OF_HOST_MEMORY",
	-7: "CL_PROFILING_INFO_NOT_AVAILABLE", -8: "CL_MEM_COPY_OVERLAP", -9: "CL_IMAGE_FORMAT_MISMATCH",
	-10: "CL_IMAGE_FORMAT_NOT_SUPPORTED", -11: "CL_BUILD_PROGRAM_FAILURE", -12: "CL_MAP_FAILURE",
	-13: "CL_MISALIGNED_SUB_BUFFER_OFFSET", -14: "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST",
	-15: "CL_COMPILE_PROGRAM_FAILURE", -16: "CL_LINKER_NOT_AVAILABLE", -17: "CL_LINK_PROGRAM_FAILURE",
	-18: "CL_DEVICE_PARTITION_FAILED", -19: "CL_KERNEL_ARG_INFO_NOT_AVAILABLE",
	-30: "CL_INVALID_VALUE", -31: "CL_INVALID_DEVICE_TYPE", -32: "CL_INVALID_PLATFORM", -33: "CL_INVALID_DEVICE",
	-34: "CL_INVALID_CONTEXT", -35: "CL_INVALID_QUEUE_PROPERTIES", -36: "CL_INVALID_COMMAND_QUEUE",
	-37: "CL_INVALID_HOST_PTR", -38: "CL_INVALID_MEM_OBJECT", -39: "CL_INVALID_IMAGE_FORMAT_DESCRIPTOR",
	-40: "CL_INVALID_IMAGE_SIZE", -41: "CL_INVALID_SAMPLER", -42: "CL_INVALID_BINARY", -43: "CL_INVALID_BUILD_OPTIONS",
	-44: "CL_INVALID_PROGRAM", -45: "CL_INVALID_PROGRAM_EXECUTABLE", -46: "CL_INVALID_KERNEL_NAME",
	-47: "CL_INVALID_KERNEL_DEFINITION", -48: "CL_INVALID_KERNEL", -49: "CL_INVALID_ARG_INDEX",
	-50: "CL_INVALID_ARG_VALUE", -51: "CL_INVALID_ARG_SIZE", -52: "CL_INVALID_KERNEL_ARGS",
	-53: "CL_INVALID_WORK_DIMENSION", -54: "CL_INVALID_WORK_GROUP_SIZE", -55: "CL_INVALID_WORK_ITEM_SIZE",
	-56: "CL_INVALID_GLOBAL_OFFSET", -57: "CL_INVALID_EVENT_WAIT_LIST", -58: "CL_INVALID_EVENT",
	-59: "CL_INVALID_OPERATION", -60: "CL_INVALID_GL_OBJECT", -61: "CL_INVALID_BUFFER_SIZE",
	-62: "CL_INVALID_MIP_LEVEL", -63: "CL_INVALID_GLOBAL_WORK_SIZE", -64: "CL_INVALID_PROPERTY",
	-65: "CL_INVALID_IMAGE_DESCRIPTOR", -66: "CL_INVALID_COMPILER_OPTIONS", -67: "CL_INVALID_LINKER_OPTIONS",
	-68: "CL_INVALID_DEVICE_PARTITION_COUNT", -69: "CL_INVALID_PIPE_SIZE", -70: "CL_INVALID_DEVICE_QUEUE",
	-71: "CL_INVALID_SPEC_ID", -72: "CL_MAX_SIZE_RESTRICTION_EXCEEDED",
	-1000: "CL_INVALID_GL_SHAREGROUP_REFERENCE_KHR", -1001: "CL_PLATFORM_NOT_FOUND_KHR",
	-1002: "CL_INVALID_D3D10_DEVICE_KHR", -1003: "CL_INVALID_D3D10_RESOURCE_KHR",
	-1004: "CL_D3D10_RESOURCE_ALREADY_ACQUIRED_KHR", -1005: "CL_D3D10_RESOURCE_NOT_ACQUIRED_KHR",
	-1006: "CL_INVALID_D3D11_DEVICE_KHR", -1007: "CL_INVALID_D3D11_RESOURCE_KHR",
	-1008: "CL_D3D11_RESOURCE_ALREADY_ACQUIRED_KHR", -1009: "CL_D3D11_RESOURCE_NOT_ACQUIRED_KHR",
	-1010: "CL_INVALID_DX9_MEDIA_ADAPTER_KHR", -1011: "CL_INVALID_DX9_MEDIA_SURFACE_KHR",
	-1012: "CL_DX9_MEDIA_SURFACE_ALREADY_ACQUIRED_KHR", -1013: "CL_DX9_MEDIA_SURFACE_NOT_ACQUIRED_KHR",
	-1057: "CL_DEVICE_PARTITION_FAILED_EXT", -1058: "CL_INVALID_PARTITION_COUNT_EXT", -1059: "CL_INVALID_PARTITION_NAME_EXT",
	-1092: "CL_EGL_RESOURCE_NOT_ACQUIRED_KHR", -1093: "CL_INVALID_EGL_OBJECT_KHR",
	-1094: "CL_INVALID_ACCELERATOR_INTEL", -1095: "CL_INVALID_ACCELERATOR_TYPE_INTEL",
	-1096: "CL_INVALID_ACCELERATOR_DESCRIPTOR_INTEL", -1097: "CL_ACCELERATOR_TYPE_NOT_SUPPORTED_INTEL",
	-1098: "CL_INVALID_VA_API_MEDIA_ADAPTER_INTEL", -1099: "CL_INVALID_VA_API_MEDIA_SURFACE_INTEL",
	-1100: "CL_VA_API_MEDIA_SURFACE_ALREADY_ACQUIRED_INTEL", -1101: "CL_VA_API_MEDIA_SURFACE_NOT_ACQUIRED_INTEL",
	-1108: "CL_CANCELLED_IMG",
	-9999: "illegal access of memory, as NVIDIA's driver says",
}

// failed is the error of a status: nil for success, and ErrLost where it tells that the
// device is gone.
func failed(status int32, call string) error {
	switch status {
	case success:
		return nil
	case codeDeviceNotAvailable, codeNvidiaFault:
		return &Error{status, call, true}
	}
	return &Error{Code: status, Call: call}
}

// failed is the error of a call's status. Where it speaks of memory, it is a
// [backend.MemoryError]; asked is how many bytes were asked for, 0 if none.
func (d *device) failed(status int32, call string, asked int64) error {
	err := failed(status, call)
	switch status {
	case codeMemAllocation, codeOutOfHostMemory, codeInvalidBufferSize:
		return d.noRoom(asked, err)
	case codeOutOfResources:
		if asked > 0 {
			return d.noRoom(asked, err)
		}
		return &Error{status, call, !d.answers()}
	case codeInvalidContext, codeInvalidQueue:
		return &Error{status, call, !d.answers()}
	}
	return err
}

func (d *device) noRoom(asked int64, err error) error {
	return &backend.MemoryError{Asked: asked, InUse: d.InUse(), Memory: d.info.Memory, Err: err}
}
