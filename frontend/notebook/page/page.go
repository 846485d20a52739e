// Package page holds the browser page of the web notebook: HTML, scripts, styles and
// fonts. Its source is TypeScript in src, built into dist, which is committed:
//
//	npm ci && npm run build
//
// Serving it is left to package notebook: index.html for the first page and for each
// notebook, and the other files under their own names.
package page

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

// Dist holds index.html and all that it refers to.
func Dist() fs.FS {
	sub, err := fs.Sub(files, "dist")
	if err != nil {
		panic(err) // the path is a valid one
	}
	return sub
}
