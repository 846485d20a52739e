package device

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// An Array is a list that stays on a device: maps take it without copying, and give one.
// Its memory is free when nothing refers to it any more, or at Free.
type Array[T any] struct{ raw }

// raw is an Array of whichever type.
type raw struct {
	on     *memory
	lo, hi int64 // elements
	elem   reflect.Type
	cut    bool // a part of another array, which has the memory
}

// memory is a buffer that several arrays may be parts of.
type memory struct {
	device *Device
	buffer backend.Buffer
	mu     sync.Mutex
	freed  bool
}

// onDevice is any *Array.
type onDevice interface{ part() *raw }

func (a *raw) part() *raw { return a }

// Arrays are made by maps, which know their types at run time only.
type maker interface {
	make(raw)
	elemType() reflect.Type
}

func (a *Array[T]) make(r raw) { a.raw = r }

func (a *Array[T]) elemType() reflect.Type { return reflect.TypeFor[T]() }

var errNil = errors.New("device: the array is nil: ToDevice makes one")

// ErrFreed says that the memory of an array has been given back.
var ErrFreed = errors.New("device: the array has been freed")

// ToDevice copies a list to a device.
func ToDevice[T any](d *Device, xs []T) (*Array[T], error) {
	a, err := NewArray[T](d, len(xs))
	if err != nil {
		return nil, err
	}
	return a, a.FromHost(xs)
}

// NewArray makes room for n elements on a device, with undefined content.
func NewArray[T any](d *Device, n int) (*Array[T], error) {
	elem := reflect.TypeFor[T]()
	if err := plain(elem); err != nil {
		return nil, fmt.Errorf("device: an array of %s: %w", elem, err)
	}
	r, err := d.room(elem, int64(n))
	if err != nil {
		return nil, err
	}
	return &Array[T]{raw: r}, nil
}

// room makes room for n elements.
func (d *Device) room(elem reflect.Type, n int64) (raw, error) {
	if n < 0 {
		return raw{}, fmt.Errorf("device: an array of %d elements", n)
	}
	size, err := d.bytesFor(elem, n)
	if err != nil {
		return raw{}, err
	}
	b, err := d.alloc(max(1, size))
	if err != nil {
		return raw{}, fmt.Errorf("device: %d elements of %s: %w", n, elem, err)
	}
	return raw{on: &memory{device: d, buffer: b}, hi: n, elem: elem}, nil
}

// mostBytes bounds what a call can ask for.
const mostBytes = 1 << 46

// bytesFor is how many bytes n values take.
func (d *Device) bytesFor(elem reflect.Type, n int64) (int64, error) {
	size := int64(elem.Size())
	if size > 0 && n > mostBytes/size {
		return 0, fmt.Errorf("device: %d values of %s: %w", n, elem, &backend.MemoryError{Asked: mostBytes, InUse: d.InUse(), Memory: d.Info().Memory})
	}
	return n * size, nil
}

// alloc is Alloc, with a second try when arrays that nothing refers to any more have been
// collected: what they take on a device is no reason for Go to collect them.
func (d *Device) alloc(size int64) (backend.Buffer, error) {
	b, err := d.Alloc(size)
	var full *backend.MemoryError
	if err == nil || !errors.As(err, &full) || size > d.Info().Memory {
		return b, err
	}
	used := d.InUse()
	runtime.GC()
	for range 20 { // cleanups run a little later
		if d.InUse() < used {
			if b, err = d.Alloc(size); err == nil {
				return b, nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return b, err
}

// apart says that an array is a part of another one's memory, but not the same part: what
// is written to it would be read as an input.
func (a *raw) apart(in *raw) error {
	if in == nil || in.on != a.on || in.lo == a.lo || in.hi <= a.lo || a.hi <= in.lo {
		return nil
	}
	return errors.New("device: Out overlaps an input: it must be the same part of the memory, or another one")
}

// plain says why values of a type cannot be on a device.
func plain(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Array:
		return plain(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if err := plain(t.Field(i).Type); err != nil {
				return fmt.Errorf("field %s: %w", t.Field(i).Name, err)
			}
		}
		return nil
	case reflect.Slice:
		return fmt.Errorf("%s is not a value of its own", t)
	}
	if KindOf(t) == 0 {
		return fmt.Errorf("%s cannot be on a device: numbers, bools, arrays and structs of these can", t)
	}
	return nil
}

// Len is the number of elements.
func (a *raw) Len() int { return int(a.hi - a.lo) }

// Device is where the elements are.
func (a *raw) Device() *Device {
	if a == nil || a.on == nil {
		return nil
	}
	return a.on.device
}

// Free gives the memory back, also that of the parts that [Array.Slice] has made of the
// array. Of such a part it does nothing: its memory is the whole array's.
func (a *raw) Free() {
	if a == nil || a.on == nil || a.cut {
		return
	}
	a.on.mu.Lock()
	defer a.on.mu.Unlock()
	if !a.on.freed {
		a.on.freed = true
		a.on.buffer.Free()
	}
}

func (a *raw) use() (backend.Buffer, error) {
	if a == nil || a.on == nil {
		return nil, errNil
	}
	a.on.mu.Lock()
	defer a.on.mu.Unlock()
	if a.on.freed {
		return nil, fmt.Errorf("%w, by Free", ErrFreed)
	}
	if d := a.on.device; d.closed.Load() {
		return nil, fmt.Errorf("%w, when its device was closed: %s", ErrFreed, d.Info().Name)
	}
	return a.on.buffer, nil
}

// Slice is elements lo to hi: a part of the same memory.
// It keeps the memory, until the whole array is freed.
func (a *Array[T]) Slice(lo, hi int) (*Array[T], error) {
	if _, err := a.use(); err != nil {
		return nil, err
	}
	if lo < 0 || hi < lo || hi > a.Len() {
		return nil, fmt.Errorf("device: slice bounds [%d:%d] of an array of %d elements", lo, hi, a.Len())
	}
	return &Array[T]{raw{on: a.on, lo: a.lo + int64(lo), hi: a.lo + int64(hi), elem: a.elem, cut: true}}, nil
}

// FromHost sets the elements to those of a list, which has as many.
func (a *Array[T]) FromHost(xs []T) error {
	if len(xs) != a.Len() {
		return fmt.Errorf("device: %d elements for an array of %d", len(xs), a.Len())
	}
	b, err := a.use()
	if err != nil {
		return err
	}
	v := reflect.ValueOf(xs)
	return a.on.device.move(func(q backend.Queue) (backend.Event, error) {
		return q.Write(b, a.lo*int64(a.elem.Size()), bytesOf(v, 0, int64(len(xs))))
	}, len(xs))
}

// ToHost copies the elements into a list of this process.
func (a *Array[T]) ToHost() ([]T, error) {
	xs := make([]T, a.Len())
	b, err := a.use()
	if err != nil {
		return nil, err
	}
	v := reflect.ValueOf(xs)
	return xs, a.on.device.move(func(q backend.Queue) (backend.Event, error) {
		return q.Read(bytesOf(v, 0, int64(len(xs))), b, a.lo*int64(a.elem.Size()))
	}, len(xs))
}

// String says what the array is, and not what is in it.
func (a *Array[T]) String() string {
	if a == nil || a.on == nil {
		return "no array"
	}
	where := "on " + a.on.device.Label()
	if _, err := a.use(); err != nil {
		where = "that have been freed"
	}
	return fmt.Sprintf("%d elements of %s %s", a.Len(), a.elem, where)
}

// move runs a single copy of n elements, and waits for it.
func (d *Device) move(start func(backend.Queue) (backend.Event, error), n int) error {
	if n == 0 {
		return nil
	}
	q, err := d.Queue()
	if err != nil {
		return err
	}
	defer q.Free()
	e, err := start(q)
	if err != nil {
		return err
	}
	return e.Wait(context.Background())
}

// known are the arrays of Go's numbers, which NewOf can make.
var known = map[reflect.Type]func(raw) any{
	reflect.TypeFor[bool](): arrayOf[bool], reflect.TypeFor[float32](): arrayOf[float32], reflect.TypeFor[float64](): arrayOf[float64],
	reflect.TypeFor[int](): arrayOf[int], reflect.TypeFor[int8](): arrayOf[int8], reflect.TypeFor[int16](): arrayOf[int16],
	reflect.TypeFor[int32](): arrayOf[int32], reflect.TypeFor[int64](): arrayOf[int64],
	reflect.TypeFor[uint](): arrayOf[uint], reflect.TypeFor[uint8](): arrayOf[uint8], reflect.TypeFor[uint16](): arrayOf[uint16],
	reflect.TypeFor[uint32](): arrayOf[uint32], reflect.TypeFor[uint64](): arrayOf[uint64],
}

func arrayOf[T any](r raw) any { return &Array[T]{raw: r} }

// NewOf makes an *Array of n elements of a type that only running shows: one of Go's
// numbers or bool, or the type of the elements of one of like, which are *Arrays. Of other
// types it makes an [Untyped].
func (d *Device) NewOf(elem reflect.Type, n int, like ...any) (any, error) {
	make := known[elem]
	for _, x := range like {
		if a, ok := x.(onDevice); ok && make == nil && a.part() != nil && a.part().elem == elem {
			make = func(r raw) any {
				p := reflect.New(reflect.TypeOf(x).Elem())
				p.Interface().(maker).make(r)
				return p.Interface()
			}
		}
	}
	if make == nil {
		make = func(r raw) any { return &Untyped{r} }
	}
	if err := plain(elem); err != nil {
		return nil, fmt.Errorf("device: an array of %s: %w", elem, err)
	}
	r, err := d.room(elem, int64(n))
	if err != nil {
		return nil, err
	}
	return make(r), nil
}

// An Untyped is an array whose type is not known where it is made: Become makes an *Array of
// it where it is. It can be Call.Out.
type Untyped struct{ raw }

// Become makes a value of type t, the *Array of the elements' type, with the same memory.
func (u *Untyped) Become(t reflect.Type) (any, error) {
	if t.Kind() == reflect.Pointer {
		p := reflect.New(t.Elem())
		if a, ok := p.Interface().(maker); ok && a.elemType() == u.elem {
			a.make(u.raw)
			return p.Interface(), nil
		}
	}
	return nil, fmt.Errorf("device: an array of %s cannot be a %s", u.elem, t)
}
