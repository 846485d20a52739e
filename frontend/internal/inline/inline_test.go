package inline

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strings"
	"testing"
)

func picture(t testing.TB, w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			img.Set(x, y, color.RGBA{uint8(x * 7), uint8(y * 5), uint8(x * y), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestKittySendsTheFileInParts(t *testing.T) {
	file := picture(t, 200, 100)
	got, err := Kitty.Encode(file, 180, Place{Columns: 80})
	if err != nil {
		t.Fatal(err)
	}
	var data strings.Builder
	parts := regexp.MustCompile("\x1b_G([^;]*);([^\x1b]*)\x1b\\\\").FindAllStringSubmatch(got, -1)
	for i, p := range parts {
		want := "m=1"
		if i == len(parts)-1 {
			want = "m=0"
		}
		if i == 0 {
			want = "a=T,f=100,q=2,c=20,r=5," + want
		}
		if p[1] != want || len(p[2]) > 4096 {
			t.Errorf("part %d has %s and %d bytes, want %s", i, p[1], len(p[2]), want)
		}
		data.WriteString(p[2])
	}
	if back, err := base64.StdEncoding.DecodeString(data.String()); err != nil || !bytes.Equal(back, file) || len(parts) < 2 {
		t.Errorf("%d parts do not make the file: %v", len(parts), err)
	}
}

func TestITerm(t *testing.T) {
	file := picture(t, 30, 10)
	got, err := ITerm.Encode(file, 0, Place{Columns: 2, CellW: 10, CellH: 20})
	want := "\x1b]1337;File=inline=1;size=" // no wider than the terminal
	if err != nil || !strings.HasPrefix(got, want) || !strings.Contains(got, ";width=2;") || !strings.HasSuffix(got, ":"+base64.StdEncoding.EncodeToString(file)+"\x07\n") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestSixelIsScaled(t *testing.T) {
	got, err := Sixel.Encode(picture(t, 400, 200), 0, Place{Columns: 10, CellW: 10, CellH: 20})
	if err != nil || !strings.HasPrefix(got, "\x1bP") || !strings.Contains(got, ";100;50") {
		t.Errorf("got %.60q, %v", got, err)
	}
}

func TestWhatIsNoImage(t *testing.T) {
	for _, p := range []Protocol{Kitty, ITerm, Sixel} {
		if _, err := p.Encode([]byte("x"), 0, Place{Columns: 80}); err == nil {
			t.Errorf("%s takes what is no PNG", p)
		}
	}
	if _, err := None.Encode(picture(t, 2, 2), 0, Place{Columns: 80}); err == nil {
		t.Error("a terminal without images shows one")
	}
}

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		kitty, sixel bool
		name         string
		want         Protocol
	}{{true, true, "WezTerm 1", Kitty}, {false, true, "WezTerm 1", ITerm}, {false, true, "foot", Sixel}, {false, false, "", None}, {false, false, "iTerm.app", ITerm}} {
		if got := Choose(c.kitty, c.sixel, c.name); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}
