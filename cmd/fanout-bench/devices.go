package main

import (
	"context"
	_ "embed"
	"fmt"
	"log"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/parallel/device/ir"
	"github.com/adabc437/fanout/parallel/philox"
)

//go:embed devices_work.go
var deviceSource string

// onCores calls f(i) for i from 0 to n−1 on all cores, in pieces: what a Go programmer
// would write by hand.
func onCores(n int, f func(i int)) {
	var wg sync.WaitGroup
	const piece = 4096
	next := make(chan int, n/piece+1)
	for lo := 0; lo < n; lo += piece {
		next <- lo
	}
	close(next)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for lo := range next {
				for i := lo; i < min(lo+piece, n); i++ {
					f(i)
				}
			}
		})
	}
	wg.Wait()
}

// seconds is how long f takes.
func seconds(f func() error) (float64, error) {
	runtime.GC()
	start := time.Now()
	err := f()
	return time.Since(start).Seconds(), err
}

// A deviceMap is a map that is measured.
type deviceMap struct {
	name, title string
	lists       func(n int) []any
	n           int
	host        func(lists []any, n int) // the same in Go
}

func deviceMaps() []deviceMap {
	floats := func(n int) []any {
		xs := make([]float64, n)
		for i := range xs {
			xs[i] = float64(i) / float64(n)
		}
		return []any{xs}
	}
	count := func(n int) []any { return []any{n} }
	return []deviceMap{
		{"polynomial", "polynomial of 20 terms, 4 million `float64`", floats, 4_000_000, func(l []any, n int) {
			xs, ys := l[0].([]float64), make([]float64, n)
			onCores(n, func(i int) { ys[i] = polynomial(xs[i]) })
		}},
		{"escape", "Mandelbrot set, 1000 × 1000, 200 turns", count, 1_000_000, func(_ []any, n int) {
			ys := make([]int32, n)
			onCores(n, func(i int) { ys[i] = escape(i) })
		}},
		{"collatz", "Collatz sequences of 1 million numbers", count, 1_000_000, func(_ []any, n int) {
			ys := make([]int, n)
			onCores(n, func(i int) { ys[i] = collatz(i) })
		}},
		{"hits", "π by 20,000 tasks of up to 1000 random points", func(n int) []any {
			xs := make([]int, n)
			for i := range xs {
				xs[i] = i % 1000
			}
			return []any{xs}
		}, 20_000, func(l []any, n int) {
			xs, ys := l[0].([]int), make([]int, n)
			onCores(n, func(i int) { ys[i] = hits(rand.New(philox.New(1, uint64(i))), xs[i]) })
		}},
	}
}

// devices measures package device beside compiled Go on all cores.
func (b *bench) devices(ctx context.Context) (string, error) {
	set := device.Open()
	defer set.Close()
	source, err := device.Parse("devices_work.go", deviceSource)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	fmt.Fprintf(&out, "\n## Devices\n\nThe same Go function, compiled and called on all %d cores, and translated and run on each device, %d times in turns: medians.\n", runtime.GOMAXPROCS(0), b.repeats)
	if set.Missing != nil {
		fmt.Fprintf(&out, "\n%s\n", set.Missing)
	}
	for _, d := range set.Devices {
		info := d.Info()
		fmt.Fprintf(&out, "\nDevice %d is %s (%s, %s).\n", d.Number, info.Name, info.Backend, info.Driver)
	}
	out.WriteString("\n| | Go on all cores |")
	for _, d := range set.Devices {
		fmt.Fprintf(&out, " device %d (%s) | kernel alone | Go ÷ device |", d.Number, d.Info().Backend)
	}
	out.WriteString("\n|---|---:|" + strings.Repeat("---:|---:|---:|", len(set.Devices)) + "\n")
	for _, m := range deviceMaps() {
		log.Printf("devices: %s", m.name)
		if b.quick {
			m.n /= 100
		}
		row, err := b.deviceRow(ctx, set, source, m)
		if err != nil {
			return "", fmt.Errorf("%s: %w", m.name, err)
		}
		out.WriteString(row)
	}
	fmt.Fprintf(&out, "\nThe cpu device interprets; it did a %dth of the work, and its times are %d times what that took.\n", few, few)
	for _, part := range []func(context.Context, *device.Set) (string, error){b.reductions, b.overheads} {
		text, err := part(ctx, set)
		if err != nil {
			return "", err
		}
		out.WriteString(text)
	}
	return out.String(), nil
}

// few is the part of the work that the cpu device does: one in so many.
const few = 20

func (b *bench) deviceRow(ctx context.Context, set *device.Set, source *device.Source, m deviceMap) (string, error) {
	f, err := source.Function(m.name)
	if err != nil {
		return "", err
	}
	lists := m.lists(m.n)
	result := map[string]reflect.Type{"polynomial": reflect.TypeFor[float64](), "escape": reflect.TypeFor[int32](), "collatz": reflect.TypeFor[int](), "hits": reflect.TypeFor[int]()}[m.name]
	var host []float64
	whole, kernel := map[int][]float64{}, map[int][]float64{}
	for turn := range b.repeats + 1 { // the first one is to warm up
		took, _ := seconds(func() error { m.host(lists, m.n); return nil })
		if turn > 0 {
			host = append(host, took)
		}
		for _, d := range set.Devices {
			in, share := lists, 1.0
			if d.Info().Backend == "cpu" { // it interprets
				in, share = m.lists(m.n/few), few
			}
			var p *device.Profile
			took, err := seconds(func() (err error) {
				_, p, err = d.Map(ctx, &device.Call{Function: f, Lists: in, Result: result, Seed: 1})
				return err
			})
			if err != nil {
				return "", err
			}
			if turn > 0 {
				k, _ := p.Stage(device.Kernel)
				whole[d.Number], kernel[d.Number] = append(whole[d.Number], took*share), append(kernel[d.Number], k.Seconds()*share)
			}
		}
	}
	row := fmt.Sprintf("| %s | %s ms |", m.title, number(median(host)*1e3))
	for _, d := range set.Devices {
		row += fmt.Sprintf(" %s ms | %s ms | **%.2f** |", number(median(whole[d.Number])*1e3), number(median(kernel[d.Number])*1e3), median(host)/median(whole[d.Number]))
	}
	return row + "\n", nil
}

// reductions are sums of lists that are on the device, as bandwidth.
func (b *bench) reductions(ctx context.Context, set *device.Set) (string, error) {
	n := 20_000_000
	if b.quick {
		n /= 100
	}
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = float64(i % 7)
	}
	cores := runtime.GOMAXPROCS(0)
	var host []float64
	sums := make([]float64, cores)
	for range b.repeats {
		took, _ := seconds(func() error {
			var wg sync.WaitGroup
			for c := range cores {
				wg.Go(func() {
					part := xs[c*n/cores : (c+1)*n/cores]
					var a [4]float64
					for ; len(part) >= 4; part = part[4:] {
						a[0] += part[0]
						a[1] += part[1]
						a[2] += part[2]
						a[3] += part[3]
					}
					sums[c] = a[0] + a[1] + a[2] + a[3]
				})
			}
			wg.Wait()
			return nil
		})
		host = append(host, took)
	}
	text := fmt.Sprintf("\nThe sum of %d million `float64` that are there already, in GB/s of memory that is read: Go on all cores, with four sums each, %s", n/1_000_000, number(float64(8*n)/median(host)/1e9))
	for _, d := range set.Devices {
		if d.Info().Backend == "cpu" {
			continue
		}
		a, err := device.ToDevice(d, xs)
		if err != nil {
			return "", err
		}
		f, err := device.Operator("sum", ir.Float64)
		if err != nil {
			return "", err
		}
		var times []float64
		for range b.repeats + 1 {
			took, err := seconds(func() error {
				_, _, err := d.Reduce(ctx, &device.Call{Function: f, Lists: []any{a}})
				return err
			})
			if err != nil {
				return "", err
			}
			times = append(times, took)
		}
		a.Free()
		text += fmt.Sprintf("; device %d, %s", d.Number, number(float64(8*n)/median(times[1:])/1e9))
	}
	return text + ".\n", nil
}

// overheads are what a call costs besides its work.
func (b *bench) overheads(ctx context.Context, set *device.Set) (string, error) {
	var translating []float64
	for range b.repeats {
		source, err := device.Parse("devices_work.go", deviceSource)
		if err != nil {
			return "", err
		}
		took, err := seconds(func() error { _, err := source.Function("escape"); return err })
		if err != nil {
			return "", err
		}
		translating = append(translating, took)
	}
	text := fmt.Sprintf("\nTranslating the Mandelbrot function takes %s ms.", number(median(translating)*1e3))
	for _, d := range set.Devices {
		source, err := device.Parse("devices_work.go", deviceSource)
		if err != nil {
			return "", err
		}
		one, err := source.Function("plusOne")
		if err != nil {
			return "", err
		}
		a, err := device.ToDevice(d, []float64{1})
		if err != nil {
			return "", err
		}
		var times []float64
		for range 200 {
			start := time.Now()
			if _, _, err := d.Map(ctx, &device.Call{Function: one, Lists: []any{a}, Out: a}); err != nil {
				return "", err
			}
			times = append(times, time.Since(start).Seconds())
		}
		a.Free()
		slices.Sort(times)
		text += fmt.Sprintf(" A map of one element that is there already takes %s µs on device %d (%s).", number(times[len(times)/2]*1e6), d.Number, d.Info().Backend)
	}
	return text + "\n", nil
}
