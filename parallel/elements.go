package parallel

import (
	"context"
	"reflect"
)

// Elements lists what [MapValue] maps over: the elements that for _, x := range xs gives,
// as a slice or an array. The end of ctx ends the wait for a channel or an iterator.
func Elements(ctx context.Context, xs reflect.Value) (reflect.Value, error) {
	list, _, err := readElements(ctx, xs, false, "xs")
	return list, err
}
