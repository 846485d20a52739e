package main

import (
	"encoding/json"
	"fmt"
	"time"
)

// time: durations, dates, arithmetic and formats, of fixed moments.

type span struct{ from, to time.Time }

func (s span) overlaps(o span) bool { return s.from.Before(o.to) && o.from.Before(s.to) }

func (s span) String() string { return s.to.Sub(s.from).String() }

func main() {
	t := time.Date(2024, time.February, 28, 23, 59, 30, 5e8, time.UTC)
	fmt.Println(t)
	u := t.Add(90 * time.Second)
	fmt.Println(u.Format(time.RFC3339), u.Day(), u.Month(), u.Weekday(), u.YearDay())
	fmt.Println(t.AddDate(0, 1, 2).Format("Jan 2, 2006 at 3:04pm (MST)"), t.Truncate(time.Hour).Format(time.Kitchen))
	fmt.Println(u.Sub(t), u.After(t), t.Equal(u), t.Compare(u))
	d := 90*time.Minute + 30*time.Second + 5*time.Millisecond
	fmt.Println(d, d.Hours(), d.Minutes(), d.Round(time.Minute), d.Truncate(time.Hour), int64(d), d.Milliseconds())
	for _, s := range []string{"1h15m30.918s", "-1.5h", "100ns", "bad", "5"} {
		d, err := time.ParseDuration(s)
		fmt.Println(d, err)
	}
	p, err := time.Parse("2006-01-02 15:04", "2023-12-25 08:30")
	fmt.Println(p, err)
	_, err = time.Parse(time.RFC3339, "yesterday")
	fmt.Println(err != nil)
	var zero time.Time
	fmt.Println(zero.IsZero(), zero, p.IsZero())
	loc := time.FixedZone("XST", 2*3600)
	fmt.Println(t.In(loc), t.In(loc).Equal(t), t.In(loc) == t)
	a := span{t, u}
	b := span{u.Add(-time.Second), u.Add(time.Hour)}
	fmt.Println(a.overlaps(b), a.overlaps(span{u, u}), a, b)
	fmt.Printf("%v %d %T %s\n", time.March, time.March, time.Sunday, time.Saturday)
	fmt.Println(time.Duration(1500)*time.Microsecond, time.Duration(0), -time.Nanosecond)
	y, w := t.ISOWeek()
	fmt.Println(y, w, t.Unix(), t.UnixMilli(), time.Unix(0, 0).UTC())
	m := map[time.Month]int{time.May: 31, time.April: 30}
	fmt.Println(m)
	days := 0
	for d := time.Date(2023, 2, 1, 0, 0, 0, 0, time.UTC); d.Month() == 2; d = d.AddDate(0, 0, 1) {
		days++
	}
	fmt.Println(days)
	js, _ := json.Marshal(struct {
		T time.Time
		D time.Duration
	}{t, d})
	fmt.Println(string(js))
	const timeout = 2 * time.Second
	n := 3
	fmt.Println(timeout*time.Duration(n), timeout/4, time.Second > 999*time.Millisecond)
}
