package device

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/adabc437/fanout/parallel"
)

// A place is a device with a function: see [Device.Place].
type place struct {
	device *Device
	call   Call
}

// Place is where a [parallel.Map] runs the function on the device:
//
//	ys, err := parallel.Map(f, xs, parallel.WithPlace(d.Place(translated)))
//
// captures are the values of [Function.Captures].
func (d *Device) Place(f *Function, captures ...any) parallel.Place {
	return place{d, Call{Function: f, Captures: captures}}
}

// MapPlace is for parallel.WithPlace.
func (p place) MapPlace(ctx context.Context, xs, out any, run *parallel.Run) error {
	c := p.call
	c.Lists = []any{xs}
	results := reflect.ValueOf(out)
	if results.Kind() != reflect.Slice {
		return fmt.Errorf("device: the results are a %T, and not a slice", out)
	}
	c.Result = results.Type().Elem()
	ys, profile, err := p.device.Map(ctx, &c)
	if profile != nil {
		*run = *profile.Run()
	}
	var task *TaskError
	if errors.As(err, &task) {
		return &parallel.TaskError{Index: int(task.Index), Input: task.Input, Err: task}
	}
	if err == nil && ys != nil {
		reflect.Copy(results, reflect.ValueOf(ys))
	}
	return err
}
