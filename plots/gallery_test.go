package plots

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var gallery = flag.String("gallery", "", "write all pictures into this `folder`, to look at")

func TestGallery(t *testing.T) {
	if *gallery == "" {
		t.Skip("no -gallery")
	}
	for name, run := range cases() {
		for variant, f := range map[string]*Figure{"": Timeline(run), "-dark": Timeline(run, Dark())} {
			write(t, name+variant, f)
		}
	}
}

func write(t *testing.T, name string, f *Figure) {
	for ext, data := range map[string][]byte{".svg": []byte(f.SVG()), ".png": f.PNG(), ".txt": []byte(f.Text() + "\n")} {
		if err := os.WriteFile(filepath.Join(*gallery, name+ext), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGalleryOfHistograms(t *testing.T) {
	if *gallery == "" {
		t.Skip("no -gallery")
	}
	for name, samples := range timings() {
		write(t, "h-"+name, Histogram(samples))
		write(t, "h-"+name+"-dark", Histogram(samples, Dark(), Title("fib(27)")))
	}
}
