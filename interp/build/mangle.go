package build

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// mangle returns the name that Go's linker gives a symbol in a file: types and
// instances of generic functions get short ones. It is the linker's
// typeSymbolMangle.
func mangle(name string) string {
	isType := strings.HasPrefix(name, "type:")
	instance := strings.Contains(name, "@")
	if !isType && !instance || strings.HasPrefix(name, "type:runtime.") || strings.HasPrefix(name, "go:string.") || len(name) <= 14 && !instance {
		return name
	}
	if isType {
		prefix := "type:"
		if strings.HasPrefix(name, "type:.") {
			prefix = "type:."
		}
		return prefix + shorten(name[5:])
	}
	i, j := strings.IndexByte(name, '['), strings.LastIndexByte(name, ']')
	if j == -1 || j <= i {
		j = len(name)
	}
	return name[:i+1] + shorten(name[i+1:j]) + name[j:]
}

func shorten(s string) string {
	h := sha256.Sum256([]byte(s))
	h[0] ^= 0xff
	return base64.StdEncoding.EncodeToString(h[:6])
}
