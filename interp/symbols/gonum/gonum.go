// Package gonum is the binding of Gonum.
package gonum
