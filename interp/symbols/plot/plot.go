// Package plot is the binding of Gonum's plot.
package plot
