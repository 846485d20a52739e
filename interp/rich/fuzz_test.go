package rich

import (
	"math"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"
)

// maker builds values of any shape out of the bytes of a fuzzer.
type maker struct {
	data []byte
	pos  int
}

func (m *maker) next() int {
	if m.pos >= len(m.data) {
		return 0
	}
	m.pos++
	return int(m.data[m.pos-1])
}

func (m *maker) text() string {
	n := min(m.next(), len(m.data)-m.pos)
	m.pos += n
	return string(m.data[m.pos-n : m.pos])
}

var scalars = []reflect.Type{
	reflect.TypeFor[int](), reflect.TypeFor[uint8](), reflect.TypeFor[float64](), reflect.TypeFor[string](),
	reflect.TypeFor[bool](), reflect.TypeFor[complex128](), reflect.TypeFor[any](), reflect.TypeFor[error](),
	reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](), reflect.TypeFor[chain](), reflect.TypeFor[broken](),
	reflect.TypeFor[func(point) error](), reflect.TypeFor[chan int](), reflect.TypeFor[reflect.Value](),
}

func (m *maker) typ(depth int) reflect.Type {
	if depth == 0 {
		return scalars[m.next()%len(scalars)]
	}
	switch m.next() % 6 {
	case 0:
		return reflect.SliceOf(m.typ(depth - 1))
	case 1:
		return reflect.ArrayOf(m.next()%4, m.typ(depth-1))
	case 2:
		key := scalars[m.next()%7]
		return reflect.MapOf(key, m.typ(depth-1))
	case 3:
		return reflect.PointerTo(m.typ(depth - 1))
	case 4:
		var fields []reflect.StructField
		for i := range m.next() % 4 {
			fields = append(fields, reflect.StructField{Name: "X" + string(rune('a'+i)), Type: m.typ(depth - 1)})
		}
		return reflect.StructOf(fields)
	}
	return scalars[m.next()%len(scalars)]
}

func (m *maker) fill(v reflect.Value, depth int) {
	if depth == 0 || m.next()%16 == 15 {
		return
	}
	switch v.Kind() {
	case reflect.Int:
		v.SetInt(int64(m.next()) << (m.next() % 60))
	case reflect.Uint8:
		v.SetUint(uint64(m.next()))
	case reflect.Float64:
		v.SetFloat([]float64{math.NaN(), math.Inf(-1), float64(m.next()) / 3, 1e300, math.Copysign(0, -1)}[m.next()%5])
	case reflect.String:
		v.SetString(m.text())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), m.next(), 256))
		for i := range min(v.Len(), 1+m.next()%8) {
			m.fill(v.Index(i), depth-1)
		}
	case reflect.Array:
		for i := range v.Len() {
			m.fill(v.Index(i), depth-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range m.next() % 8 {
			key, val := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			if key.Kind() != reflect.Interface {
				m.fill(key, depth-1)
			}
			m.fill(val, depth-1)
			v.SetMapIndex(key, val)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		m.fill(v.Elem(), depth-1)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				m.fill(v.Field(i), depth-1)
			}
		}
	case reflect.Interface:
		if v.NumMethod() == 0 {
			inner := reflect.New(m.typ(min(depth-1, 2))).Elem()
			m.fill(inner, depth-1)
			v.Set(inner)
		}
	}
}

// FuzzPlain holds Plain and Bundle to their word on values of any shape.
func FuzzPlain(f *testing.F) {
	for i := range 256 {
		seed := make([]byte, 200)
		for j := range seed {
			seed[j] = byte(i*31 + j*j*7 + j*i)
		}
		f.Add(seed, "[]Point")
	}
	f.Fuzz(func(t *testing.T, data []byte, typeName string) {
		m := &maker{data: data}
		v := reflect.New(m.typ(4)).Elem()
		m.fill(v, 6)
		typeName = cut(typeName, 100)
		start := time.Now()
		text := Plain(v.Interface(), typeName, Options{})
		if len(text) > 13_000 || !utf8.ValidString(text) {
			t.Errorf("%d bytes, valid UTF-8: %v\n%q", len(text), utf8.ValidString(text), text)
		}
		bundle, _ := BundleAs(v.Interface(), typeName, nil, Options{})
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("took %v", d)
		}
		for mime, v := range bundle {
			if s, ok := v.(string); !ok || len(s) > 1<<20 || !utf8.ValidString(s) {
				t.Errorf("%s: %.200q", mime, v)
			}
		}
	})
}
