//go:build bare

package main

import _ "github.com/adabc437/fanout/parallel"

// packages are what cells of this program may import: with the tag "bare" one of this
// module, so that little is compiled for a test that builds it in its own way.
func packages() []string { return []string{"github.com/adabc437/fanout/parallel"} }
