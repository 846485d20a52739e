// Package fanout is the binding of Fanout's own packages.
package fanout
