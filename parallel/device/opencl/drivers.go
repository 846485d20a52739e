package opencl

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// vendorsDir is where the OpenCL library of Linux finds the drivers that are installed.
const vendorsDir = "/etc/OpenCL/vendors"

// Vendors says where drivers are looked for, and which are there.
func Vendors() string {
	dir := vendorsDir
	if own := os.Getenv("OCL_ICD_VENDORS"); own != "" {
		dir = own
	}
	if runtime.GOOS != "linux" {
		return "what the system's OpenCL library lists"
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.icd"))
	if len(files) == 0 {
		return dir + ", which lists none"
	}
	for i, f := range files {
		files[i] = filepath.Base(f)
	}
	return dir + ", which lists " + strings.Join(files, ", ")
}

// DriverHint says how to get the driver of a GPU.
func DriverHint() string {
	if runtime.GOOS != "linux" {
		return "if there is a GPU, install the driver of its maker: OpenCL comes with it"
	}
	return "if there is a GPU, install its driver: NVIDIA's comes with OpenCL (Debian: nvidia-opencl-icd, Ubuntu: libnvidia-compute-N of the driver's version N, Fedora: xorg-x11-drv-nvidia-cuda of RPM Fusion); " +
		"AMD: mesa-opencl-icd or ROCm (rocm-opencl-icd, Fedora: rocm-opencl); Intel: intel-opencl-icd (Fedora: intel-compute-runtime). clinfo -l shows what the system sees"
}
