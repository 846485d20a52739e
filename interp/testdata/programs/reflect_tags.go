package main

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Struct tags: parsing, a small validator, and a printer driven by them.

type Signup struct {
	Name  string   `valid:"required,max=5" col:"1"`
	Age   int      `valid:"min=18"`
	Email string   `valid:"required,contains=@" col:"2"`
	Langs []string `valid:"max=2"`
	note  string   `valid:"required"`
	Inner struct {
		Code string `valid:"required"`
	}
}

type Errs []string

func (e Errs) Error() string { return strings.Join(e, "; ") }

func validate(v any) error {
	var errs Errs
	check(reflect.ValueOf(v), "", &errs)
	if len(errs) == 0 {
		return nil
	}
	return errs
}

func size(v reflect.Value) int {
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Map:
		return v.Len()
	case reflect.Int:
		return int(v.Int())
	}
	return 0
}

func check(v reflect.Value, at string, errs *Errs) {
	v = reflect.Indirect(v)
	for i := range v.NumField() {
		f, fv := v.Type().Field(i), v.Field(i)
		name := at + f.Name
		if !f.IsExported() {
			continue
		}
		if fv.Kind() == reflect.Struct {
			check(fv, name+".", errs)
			continue
		}
		tag, ok := f.Tag.Lookup("valid")
		if !ok {
			continue
		}
		for _, rule := range strings.Split(tag, ",") {
			key, arg, _ := strings.Cut(rule, "=")
			n, _ := strconv.Atoi(arg)
			bad := false
			switch key {
			case "required":
				bad = fv.IsZero()
			case "min":
				bad = size(fv) < n
			case "max":
				bad = size(fv) > n
			case "contains":
				bad = !strings.Contains(fv.String(), arg)
			}
			if bad {
				*errs = append(*errs, name+" "+rule)
			}
		}
	}
}

func main() {
	good := Signup{Name: "ann", Age: 20, Email: "a@b"}
	good.Inner.Code = "x"
	fmt.Println(validate(good), validate(&good))
	bad := Signup{Name: "toolong", Age: 3, Langs: []string{"a", "b", "c"}}
	err := validate(&bad)
	fmt.Println(err)
	if e, ok := err.(Errs); ok {
		fmt.Println(len(e), e[0])
	}
	t := reflect.TypeOf(good)
	for i := range t.NumField() {
		if col := t.Field(i).Tag.Get("col"); col != "" {
			fmt.Print(col, "=", t.Field(i).Name, " ")
		}
	}
	fmt.Println()
	tag := reflect.StructTag(`a:"1" b:"x \"y\"" bad c:"3"`)
	v, ok := tag.Lookup("b")
	fmt.Println(tag.Get("a"), v, ok, tag.Get("c") == "")
}
