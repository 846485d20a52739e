package interp

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/parallel/device/opencl"
)

// completionSession is what the cells of TestComplete find declared.
var completionSession = []string{
	"type Point struct{ X, Y int; label string }\nfunc (p Point) Norm() float64 { return 0 }\nfunc (p *Point) Move(dx, dy int) { p.X += dx; p.Y += dy }",
	"type Named struct { Point; Name string; when time.Time }",
	"type Shape interface { Area() float64; Name() string }\ntype Color int\nconst (\n\tRed Color = iota\n\tGreen\n)",
	"origin := Point{}\npoints := []Point{{1, 2, \"a\"}}\nbyName := map[string]Point{}\ncount := 3\nratio := 0.5\ntitle := \"t\"\nready := true\nch := make(chan Color, 1)\nnamed := Named{}",
	"func isPrime(n int) bool { return n > 1 }\nfunc area(p Point, scale float64) float64 { return scale }\nfunc paint(c Color) {}\nfunc apply(f func(int) bool, n int) bool { return f(n) }\nfunc both() (int, error) { return 0, nil }\ntype Pair[K comparable, V any] struct { Key K; Value V }\nfunc (p Pair[K, V]) Swap() V { return p.Value }\npair := Pair[string, Point]{}",
}

func TestComplete(t *testing.T) {
	nb := newNotebook(t)
	nb.i.devices.find = func() *device.Set { return device.Open(opencl.Libraries()) } // the cores alone
	for _, c := range completionSession {
		if reply, _ := nb.run(c); reply.Err != nil {
			t.Fatalf("%s\n%v", c, reply.Err)
		}
	}
	for _, c := range []struct {
		code  string // the cursor is at |
		first string // what is offered first, in this order
		not   string // what is not offered
	}{
		// Names.
		{"ori|", "origin", "count"},
		{"ORI|", "origin", ""},
		{"po|", "points", "origin"},
		{"Po|", "Point points", ""},
		{"pri|", "printer print println", "origin"},
		{"x := 1\nxyz := 2\nx|", "x xyz", ""},
		{"x|\nxyz := 2", "x509 xml", "xyz"},
		{"func f(count2 string) {\n\tcount1 := 1\n\tcou|\n}", "count1 count2 count", ""},
		{"for i := range 3 {\n\tinner := i\n\tfmt.Println(inn|", "inner", ""},
		{"if _, err := both(); er|", "err errors error", ""},
		{"sw|", "switch", ""},
		{"x := sw|", "", "switch"},
		{"for range points {\n\tcontin|", "continue", ""},
		{"ca|", "cap", "case"},
		{"switch count {\nca|", "case", ""},
		{"é := 1; é|", "é", ""},
		{"mySlice := []int{}\ngo func() { myS|", "mySlice", ""},
		{"func helper() {}\nhel|", "helper", ""},
		{"hel|\nfunc helper() {}", "helper", ""},
		{"goto en|", "", "encoding"},
		{"var cou|", "", "count"},
		{"func ori|", "", "origin"},

		// What magics take beside names.
		{"%gpureduce |", "sum product min max", ""},
		{"ys := %gpuscan -q s|", "sum", "product"},
		{"%gpureduce sum |", "", "product"},
		{"%gpu p|", "profile", "use"},
		{"%gpu use |", "0 cpu", "origin"},
		{"%gpu use c|", "cpu", "0"},
		{"%gpu -d |", "0 cpu", "origin"},
		{"ys := %gpumap -k --device=|", "0 cpu", ""},
		{"%gpumatmul -d c|", "cpu", "count"},
		{"%gpumap -w |", "", "0"},

		// Members.
		{"origin.|", "X Y label Move Norm", "Area"},
		{"origin.m|", "Move", "X"},
		{"origin.x|", "X", "Y"},
		{"fmt.Println(origin.|", "X Y label Norm Move", ""},
		{"points[0].|", "X Y label", ""},
		{"byName[\"a\"].|", "X Y label", ""},
		{"named.|", "Point Name when X Y label Move Norm", ""},
		{"named.when.Yea|", "Year YearDay", ""},
		{"pair.Value.|", "X Y", ""},
		{"pair.S|", "Swap", ""},
		{"Point.|", "Norm", "X"},
		{"(&origin).|", "X Y", ""},
		{"both().|", "", "origin"},
		{"var s Shape\ns.|", "Area Name", ""},
		{"func f(s Shape) {\n\ts.|", "Area Name", ""},
		{"func (p *Point) Grow() {\n\tp.|\n}", "X Y label", ""},
		{"func (p *Point) Grow() {\n\tq := p\n\tq.|", "X Y label", ""},
		{"func show[T Shape](t T) {\n\tt.|\n}", "Area Name", ""},
		{"type Local struct{ Alpha int }\nvar l Local\nl.|", "Alpha", ""},
		{"for _, p := range points {\n\tp.|\n}", "X Y label", ""},
		{"for _, p := range points { if p.|", "X Y label", ""},
		{"if origin.|", "X Y label Move Norm", ""},
		{"x := 1.|", "", "origin"},
		{"nothing.|", "", "origin"},
		{"time.Now().Add(time.Second).Form|", "Format", ""},
		{"bufio.NewReader(os.Stdin).ReadS|", "ReadSlice ReadString", ""},
		{"a, err := strconv.Atoi(\"1\")\nerr.|", "Error", ""},
		{"apply(func(n int) bool { return origin.|", "X Y label", ""},
		{"defer origin.|", "Move Norm", ""},
		{"go origin.M|", "Move", ""},

		// Members of packages.
		{"strings.ToUp|", "ToUpper ToUpperSpecial", "ToLower"},
		{"strings.toup|", "ToUpper", ""},
		{"fmt.Println(math.P|", "Phi Pi Pow Pow10", ""},
		{"var b strings.|", "Builder Reader Replacer", ""},
		{"import r \"math/rand/v2\"\nr.IntN|", "IntN", ""},
		{"x := math.Sq|\ny := 2", "Sqrt Sqrt2", ""},

		// What fits the place comes first.
		{"area(|", "origin Point", "if"},
		{"area(o|", "origin", ""},
		{"paint(|", "Green Red", "if"},
		{"area(origin, |", "ratio area", ""},
		{"area(origin, math.|", "E Ln10 Ln2", ""},
		{"isPrime(|)", "count", ""},
		{"apply(|", "isPrime", ""},
		{"count = |", "count cap copy int", ""},
		{"title = |", "title", ""},
		{"title = strings.|", "Clone Join Map", ""},
		{"var z float64 = |", "ratio area", ""},
		{"if |", "ready false true", ""},
		{"if !|", "ready", ""},
		{"for r|", "ready", ""},
		{"x := origin.X + |", "count", ""},
		{"if ratio > |", "ratio", ""},
		{"if title == |", "title", ""},
		{"ch <- |", "Green Red", ""},
		{"byName[|", "title", ""},
		{"points[|", "count", ""},
		{"points = append(points, |", "origin", ""},
		{"points = append(|", "points", ""},
		{"delete(byName, |", "title", ""},
		{"func f() (int, string) {\n\treturn count, |", "title", ""},
		{"func f() Color {\n\tlocal := 1\n\treturn |\n}", "Green Red", ""},
		{"g := func() Color { return |", "Green Red", ""},
		{"switch <-ch {\ncase |", "Green Red", ""},
		{"for _, p := range |", "byName ch points title", ""},
		{"var p |", "Color Named", ""},
		{"var p Po|", "Point", ""},
		{"func f(p |", "Color Named Pair Point Shape", ""},
		{"func f(p *Po|", "Point points", ""},
		{"type Q struct {\n\tA Po|", "Point points", ""},
		{"m := map[string]Po|", "Point points", ""},
		{"q := make([]|", "Color Named", ""},
		{"var e any = 1\n_, ok := e.(|", "Color Named", ""},
		{"switch v := any(1).(type) {\ncase |", "Color Named", ""},
		{"func f() error {\n\t_, err := both()\n\treturn |", "err", ""},
		{"xs := []int{}\nsort.Ints(|", "xs nil", ""},
		{"slices.Sort(|", "points", ""},
		{"go |", "apply area both", ""},
		{"x := |", "", "if"},

		// Struct literals.
		{"Point{|", "X:_ Y:_ label:_", ""},
		{"Point{X: 1, |", "Y:_ label:_", "X:_ origin"},
		{"Point{X: 1, |, label: \"\"}", "Y:_", "X:_ label:_"},
		{"q := Point{\n\tX: 1,\n\t|\n}\nq", "Y:_ label:_", "X:_ origin"},
		{"q := &Point{Y: 1, l|", "label:_", "X:_"},
		{"Point{l|: \"x\"}", "label", "label:_"},
		{"Point{X: |", "count", "Y:_"},
		{"Point{X: 1, Y: co|", "count", ""},
		{"[]Point{{|", "X:_ Y:_ label:_", ""},
		{"[]*Point{{X: 1}, {|", "X:_ Y:_ label:_", ""},
		{"map[string]Point{\"a\": {X: 1, |", "Y:_ label:_", "X:_"},
		{"Named{|", "Point:_ Name:_ when:_", "X:_"},
		{"area(Point{X: 1, |", "Y:_ label:_", "X:_"},
		{"Point{1, |", "count", "Y:_"},
		{"http.Server{Ad|", "Addr:_", "inShutdown:_"},
		{"http.Server{|", "Addr:_", "inShutdown:_ origin"},
		{"strings.Builder{|", "", "addr:_ buf:_ origin nil"},
		{"Pair[string, int]{|", "Key:_ Value:_", ""},
		{"[]Point{|", "origin", "X:_"},
		{"map[Color]string{|", "Green Red", ""},
		{"map[string]Color{\"a\": |", "Green Red", ""},

		// Cells that do not parse.
		{"fmt.Println(strings.ToUpper(ti|", "title", ""},
		{"x := origin.|\ny := := 3", "X Y", ""},
		{"y := := 3\norigin.|", "X Y", ""},
		{"for {{{ (\nq := origin\norigin.|", "X Y", ""},
		{"f(((\norigin.|", "X Y", ""},
		{")\norigin.|", "X Y", ""},
		{"a := origin\nb := a.|\nfunc broken( {\n", "X Y", ""},
		{"func f() {\n\tp := origin\n\tp.|\n}\nfunc g() { return 1 }", "X Y", ""},
		{"func f() {\n\tp := origin\n\tif p.|\n\tp = 2\n}", "X Y", ""},
		{"if ready {\n} else if or|", "", "import"},
		{"x, or|", "origin", ""},
		{"select {\ncase v := <-|", "ch", ""},
		{"var x = \"unclosed\ntit|", "title", ""},

		// Where there is nothing to complete.
		{"\"ori|", "", "origin"},
		{"s := `\nori|", "", "origin"},
		{"// ori|", "", "origin"},
		{"/* ori|", "", "origin"},
		{"'o|", "", "origin"},
		{"!ls ori|", "", "origin"},
		{"%%bash\nori|", "", "origin"},
		{"x := 12|", "", "origin"},

		// Magics, their flags and their arguments.
		{"%pm|", "%pmap", "%papply"},
		{"ys := %p|", "%papply %pcancel %pfilter %pimap %pmap", "%time"},
		{"%%ti|", "%%time %%timeit", "%time"},
		{"x := 1\n%%ti|", "", "%%time"},
		{"x := 7\nx %t|", "", "%time"},
		{"%gpu|", "%gpu %gpumap %gpumatmul %gpureduce %gpuscan %gpustencil", "%pmap"},
		{"%gpumap -|", "--device -d", "--workers"},
		{"%gpumap -d cpu is|", "isPrime", ""},
		{"%gpumap is|", "isPrime", ""},
		{"ys := %gpumap func(p Point) float64 { return p.|", "Norm X Y", ""},
		{"%pmap -|", "--workers -w --chunk -c", ""},
		{"%pmap --w|", "--workers", "--chunk"},
		{"%pmap -w 4 -|", "--chunk", "--workers -w"},
		{"%pmap isPrime -|", "", "--workers"},
		{"%pmap -w4 --c|", "--chunk", "--workers"},
		{"%pmap -w |", "", "isPrime"},
		{"%pmap --on-error |", "collect stop", "isPrime math"},
		{"%pmap -q --on-error=st|", "stop", "collect"},
		{"%pmap -o o|", "origin", ""},
		{"%pmap --on-error stop is|", "isPrime", ""},
		{"%history -|", "--numbers -n", ""},
		{"%%timeit -|", "--loops", ""},
		{"%pmap is|", "isPrime", ""},
		{"%pmap |", "apply area both isPrime", ""},
		{"%pmap -w 2 isPrime po|", "points", ""},
		{"%pmap func(p Point) int { return p.|", "X Y label", ""},
		{"%time area(or|", "origin", ""},
		{"%time x := origin; x.|", "X Y", ""},
		{"%%time\nx := origin\nx.|", "X Y", ""},
		{"ys := %pmap area2 points\norigin.|", "X Y", ""},
		{"ys := %pmap isPrime 10\nys[0] = r|", "ready", ""},
		{"?ori|", "origin", ""},
		{"x := 1\n?? strings.ToUp|", "ToUpper", ""},

		// Import paths.
		{"import \"math/ra|", "math/rand math/rand/v2", ""},
		{"import (\n\t\"fmt\"\n\tr \"math/ra|", "math/rand", ""},
		{"import \"go|", "go/ast", ""},
		{"import \"gonum.org/v1/gonum/ma|", "gonum.org/v1/gonum/mat", ""},
	} {
		before, after, _ := strings.Cut(c.code, "|")
		got, err := nb.i.Complete(t.Context(), before+after, len(before))
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, item := range got.Items {
			texts = append(texts, strings.ReplaceAll(item.Text, " ", "_"))
		}
		want := strings.Fields(c.first)
		if len(texts) < len(want) || !slices.Equal(texts[:len(want)], want) {
			t.Errorf("%q\n first %v\n want  %v", c.code, texts[:min(len(texts), 8)], want)
		}
		for _, not := range strings.Fields(c.not) {
			if slices.Contains(texts, not) {
				t.Errorf("%q offers %s", c.code, not)
			}
		}
	}
}

// A driver that does not answer keeps nobody from typing.
func TestCompletionDoesNotWaitForDrivers(t *testing.T) {
	nb := newNotebook(t)
	h := &hungDriver{make(chan struct{}), make(chan struct{})}
	nb.i.devices.find = h.find
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c, err := nb.i.Complete(ctx, "%gpu use ", len("%gpu use ")); err != nil || len(c.Items) > 0 {
			t.Error(c, err)
		}
	}()
	<-h.asked
	cancel()
	<-done
	close(h.answer)
	if c, err := nb.i.Complete(t.Context(), "%gpu use ", len("%gpu use ")); err != nil || len(c.Items) == 0 {
		t.Error("when the driver has answered:", c, err)
	}
}

// Of structs of other packages completion says no more than what can be used.
func TestCompletionOfTypesOfPackages(t *testing.T) {
	nb := newNotebook(t)
	for code, want := range map[string]string{
		"var b strings.Builder": "struct{…}",
		"var r net.IPNet":       "struct{IP net.IP; Mask net.IPMask}",
		"var r bufio.ReadWrite": "struct{*bufio.Reader; *bufio.Writer}",
	} {
		c, err := nb.i.Complete(t.Context(), code, len(code))
		if err != nil || len(c.Items) == 0 {
			t.Fatal(code, err, c)
		}
		if got := c.Items[0].Signature; got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}
