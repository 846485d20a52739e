package main

import "fmt"

// Calendars without package time: leap years, weekdays, days between.

type Date struct{ Year, Month, Day int }

var lengths = [12]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func leap(y int) bool { return y%4 == 0 && y%100 != 0 || y%400 == 0 }

func (d Date) Valid() bool {
	return d.Month >= 1 && d.Month <= 12 && d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

func daysIn(y, m int) int {
	if m == 2 && leap(y) {
		return 29
	}
	return lengths[m-1]
}

func (d Date) Ordinal() int {
	n := d.Day
	for m := 1; m < d.Month; m++ {
		n += daysIn(d.Year, m)
	}
	return n
}

func (d Date) Days() int {
	y := d.Year - 1
	return y*365 + y/4 - y/100 + y/400 + d.Ordinal()
}

func (d Date) Weekday() string {
	names := []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	return names[d.Days()%7]
}

func (d *Date) Next() {
	d.Day++
	if d.Day > daysIn(d.Year, d.Month) {
		d.Day = 1
		d.Month++
	}
	if d.Month > 12 {
		d.Month = 1
		d.Year++
	}
}

func main() {
	for _, y := range []int{1900, 2000, 2023, 2024} {
		fmt.Print(y, " ", leap(y), "; ")
	}
	fmt.Println()
	d := Date{2024, 2, 28}
	for i := 0; i < 3; i++ {
		fmt.Println(d.Year, d.Month, d.Day, d.Weekday(), d.Ordinal())
		d.Next()
	}
	fmt.Println(Date{2024, 12, 31}.Days()-Date{2024, 1, 1}.Days(), Date{2023, 2, 29}.Valid(), Date{2023, 13, 1}.Valid())
	ny := Date{1999, 12, 31}
	ny.Next()
	fmt.Println(ny == Date{2000, 1, 1}, ny.Weekday())
}
