package translate

import (
	"go/types"
	"strings"
)

// A Missing is why there is no source of a function, and what to do without it.
type Missing struct{ Why, Hint string }

// Error is why.
func (m *Missing) Error() string { return m.Why }

// libraryHint says what to do in place of a call of a function of a library.
func libraryHint(fn *types.Func) string {
	const ours = "only functions of the session, and those of math and math/bits, can be called on a device; "
	if fn.Pkg() == nil {
		return ours + "write it as a function of the session"
	}
	switch path := fn.Pkg().Path(); path {
	case "fmt", "log":
		if strings.HasPrefix(fn.Name(), "Print") || path == "log" {
			return "return the values, and print them afterwards"
		}
		return "return numbers, and make text of them on the host"
	case "strconv", "strings", "bytes", "unicode", "unicode/utf8", "regexp", "text/template", "encoding/json":
		return "return numbers, and make text of them on the host; text that goes in is a []byte there"
	case "math/rand", "math/rand/v2":
		return "let the first parameter be r *rand.Rand of math/rand/v2, and call its methods: each task has a stream of its own"
	case "sort", "slices", "maps", "container/heap", "container/list":
		return "sort and search on the host, or write it as a function of the session, with a loop over an array or a slice"
	case "time":
		return "take the time on the host; %gpumap shows how long the kernel took"
	case "sync", "sync/atomic", "context":
		return "there are no locks and atomics on a device: return a value for each element, and put them together with %gpureduce; a kernel by hand (%%gpu) has OpenCL's atomic_add"
	case "os", "io", "bufio", "net/http":
		return "read and write on the host, before and after"
	case "errors":
		return "use a bool or a number that says what went wrong, or panic with a constant message"
	case "math/big":
		return "use uint64, and Add64 and Mul64 of math/bits for more digits"
	}
	if strings.HasSuffix(fn.Pkg().Path(), "/parallel/device") {
		return captureHint
	}
	return ours + "write it as a function of the session"
}

// captureHint is for arrays on a device that a function reads from outside.
const captureHint = "an array on a device cannot be captured: give it as a list of the call, %gpumap f a, and the function gets its elements"
