// Package std is the binding of the standard library.
package std
