package backend

import "testing"

func TestTidy(t *testing.T) {
	for name, want := range map[string]string{
		"pthread-skylake-avx512-Intel(R) Xeon(R) Processor @ 2.50GHz": "Intel Xeon",
		"cpu-haswell-AMD EPYC 7763 64-Core Processor":                 "AMD EPYC 7763 64-Core",
		"Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz":                    "Intel Core i7-8550U",
		"NVIDIA H200":                  "NVIDIA H200",
		"gfx1100":                      "gfx1100",
		"Apple M2":                     "Apple M2",
		"Intel(R) Iris(R) Xe Graphics": "Intel Iris Xe",
		"Processor":                    "Processor",
		"":                             "",
	} {
		if got := Tidy(name); got != want {
			t.Errorf("Tidy(%q) is %q, want %q", name, got, want)
		}
	}
}
