package main

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Changing values through reflect: fields, elements, maps, new values.

type Config struct {
	Host   string   `env:"HOST" default:"localhost"`
	Port   int      `env:"PORT" default:"8080"`
	Debug  bool     `env:"DEBUG"`
	Rate   float64  `env:"RATE" default:"0.5"`
	Tags   []string `env:"TAGS"`
	hidden int
	Nested struct {
		Level uint8 `env:"LEVEL" default:"3"`
	}
}

func load(into any, env map[string]string) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("want a pointer, got %T", into)
	}
	return fill(v.Elem(), env)
}

func fill(v reflect.Value, env map[string]string) error {
	for i := 0; i < v.NumField(); i++ {
		f, t := v.Field(i), v.Type().Field(i)
		if !f.CanSet() {
			continue
		}
		if f.Kind() == reflect.Struct {
			if err := fill(f, env); err != nil {
				return err
			}
			continue
		}
		s, ok := env[t.Tag.Get("env")]
		if !ok {
			if s, ok = t.Tag.Lookup("default"); !ok {
				continue
			}
		}
		switch f.Kind() {
		case reflect.String:
			f.SetString(s)
		case reflect.Int:
			n, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				return fmt.Errorf("%s: %w", t.Name, err)
			}
			f.SetInt(n)
		case reflect.Uint8:
			n, _ := strconv.ParseUint(s, 10, 8)
			f.SetUint(n)
		case reflect.Bool:
			f.SetBool(s == "true")
		case reflect.Float64:
			x, _ := strconv.ParseFloat(s, 64)
			f.SetFloat(x)
		case reflect.Slice:
			f.Set(reflect.ValueOf(strings.Split(s, ",")))
		}
	}
	return nil
}

func main() {
	var c Config
	fmt.Println(load(&c, map[string]string{"PORT": "99", "DEBUG": "true", "TAGS": "a,b"}))
	fmt.Printf("%+v\n", c)
	fmt.Println(load(c, nil), load((*Config)(nil), nil))
	fmt.Println(load(&c, map[string]string{"PORT": "x"}))
	s := []int{1, 2, 3}
	sv := reflect.ValueOf(s)
	sv.Index(1).SetInt(20)
	sv = reflect.Append(sv, reflect.ValueOf(4))
	fmt.Println(s, sv.Interface(), sv.Len())
	m := reflect.MakeMap(reflect.TypeFor[map[string]int]())
	m.SetMapIndex(reflect.ValueOf("k"), reflect.ValueOf(5))
	fmt.Println(m.Interface(), m.MapIndex(reflect.ValueOf("none")).IsValid())
	p := reflect.New(reflect.TypeFor[Config]()).Interface().(*Config)
	p.Port = 1
	fmt.Println(p.Port, reflect.Zero(reflect.TypeFor[[2]int]()))
	x := 1
	xv := reflect.ValueOf(&x).Elem()
	xv.Set(reflect.ValueOf(5))
	fmt.Println(x, xv.CanAddr(), reflect.ValueOf(x).CanSet())
	swap := reflect.Swapper(s)
	swap(0, 2)
	fmt.Println(s, reflect.DeepEqual(s, []int{3, 20, 1}))
}
