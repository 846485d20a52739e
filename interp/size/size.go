// Package size reads numbers of bytes as users write them: see [Parse].
package size

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

var pattern = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)\s*([kKmMgGtT]?)(i?[bB])?$`)

// Parse reads a number of bytes: 1048576, 512MiB, 8G, 1.5 GB. K, M, G and T
// alone, and with iB, are powers of 1024; with B, powers of 1000.
func Parse(text string) (int64, error) {
	m := pattern.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil || (m[2] == "" && strings.HasPrefix(m[3], "i")) {
		return 0, fmt.Errorf("%q is not a size; write 512MiB, 8G or a number of bytes", text)
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a size: %w", text, err)
	}
	base := 1024.0
	if strings.EqualFold(m[3], "b") {
		base = 1000
	}
	if m[2] != "" {
		v *= math.Pow(base, float64(1+strings.Index("KMGT", strings.ToUpper(m[2]))))
	}
	if v >= 1<<62 {
		return 0, fmt.Errorf("%q is more than any machine has", text)
	}
	return int64(v), nil
}
