// Package examples holds the tutorials, which the web notebook offers on its first
// page.
package examples

import "embed"

// Notebooks holds the tutorials and the gallery.
//
//go:embed *.ipynb
var Notebooks embed.FS
