package clc

import (
	"fmt"
	"regexp"
	"strings"
)

// names are those that are taken.
type names map[string]bool

// name gives a name like the one asked for, which is valid in OpenCL C, none of its words,
// and not taken yet; now it is.
func (n names) name(want string) string {
	s := clean(want)
	for base, i := s, 2; n[s]; i++ {
		s = fmt.Sprintf("%s_%d", base, i)
	}
	n[s] = true
	return s
}

func (n names) copy() names {
	m := make(names, len(n))
	for k := range n {
		m[k] = true
	}
	return m
}

// clean gives a valid name that means nothing in OpenCL C.
func clean(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case r == '_', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', i > 0 && '0' <= r && r <= '9':
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "u%04x", r)
		}
	}
	s := b.String()
	if s == "" || s == "_" {
		return "blank"
	}
	if strings.HasPrefix(s, "fo_") || strings.HasPrefix(s, "__") || s[0] == '_' && len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return "u" + s
	}
	if words[s] || patterns.MatchString(s) {
		return s + "_"
	}
	return s
}

// patterns are names that OpenCL C has many of, now or in extensions.
var patterns = regexp.MustCompile(`^(u?(char|short|int|long)|float|double|half|bool|quad)(2|3|4|8|16|[234]x[234])$` +
	`|^(as|convert|vload|vstore|async|atomic|atom|native|half|sub_group|work_group|cl|intel|amd|cles|memory|enqueue|ndrange|arm)_` +
	`|^get_(global|local|group|work|num|sub|enqueued|image|pipe|fence|default|kernel)|^(read|write)_(image|mem|pipe|only)` +
	`|^(CL|CLK|M|FP|DBL|FLT|HALF|INT|UINT|LONG|ULONG|CHAR|SCHAR|UCHAR|SHRT|USHRT|ATOMIC|NAN|ARM)_` +
	`|^(image[123]d.*|vload.*|vstore.*|.*_t)$`)

// words are those of C and OpenCL C, names of its types, macros and built-in functions.
var words = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
asm typeof alignof bool true false nullptr class template namespace operator new delete this private public protected
virtual friend using try catch throw export mutable explicit typename and or not xor bitand bitor compl constexpr
thread_local decltype noexcept static_assert complex imaginary quad wchar_t generic main
uchar ushort uint ulong half size_t ptrdiff_t intptr_t uintptr_t event_t sampler_t queue_t
global local constant kernel read_only write_only read_write uniform pipe
NULL NAN INFINITY HUGE_VAL HUGE_VALF MAXFLOAT CHAR_BIT EXIT_SUCCESS
linux unix i386 vax sun I assert errno offsetof va_list alloca
acos acosh acospi asin asinh asinpi atan atan2 atanh atanpi atan2pi cbrt ceil copysign cos cosh cospi erfc erf exp
exp2 exp10 expm1 fabs fdim floor fma fmax fmin fmod fract frexp hypot ilogb ldexp lgamma lgamma_r log log2 log10
log1p logb mad maxmag minmag modf nan nextafter pow pown powr remainder remquo rint rootn round rsqrt sin sincos
sinh sinpi sqrt tan tanh tanpi tgamma trunc signbit
abs abs_diff add_sat hadd rhadd clamp clz ctz mad_hi mad_sat max min mul_hi rotate sub_sat upsample popcount mad24
mul24 degrees mix radians step smoothstep sign cross dot distance length normalize fast_distance fast_length
fast_normalize isequal isnotequal isgreater isgreaterequal isless islessequal islessgreater isfinite isinf isnan
isnormal isordered isunordered any all bitselect select barrier mem_fence read_mem_fence write_mem_fence prefetch
wait_group_events shuffle shuffle2 printf vec_step
cmpxchg memcpy memset memmove memcmp malloc free abort exit y0 y1 yn j0 j1 jn gamma`) {
		m[w] = true
	}
	return m
}()
