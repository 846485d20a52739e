package main

import "fmt"

// A panic with an error value ends the program after the deferred calls.

type DBError struct {
	Table string
	Code  int
}

func (e DBError) Error() string { return fmt.Sprintf("table %s: code %d", e.Table, e.Code) }

func query(t string) int {
	defer fmt.Println("query done", t)
	if t == "users" {
		panic(DBError{t, 42})
	}
	return len(t)
}

func report() {
	defer fmt.Println("report done")
	for _, t := range []string{"orders", "items", "users", "never"} {
		n := query(t)
		fmt.Println(t, n)
	}
}

func main() {
	defer fmt.Println("main done")
	report()
	fmt.Println("not reached")
}
