package check

import (
	"regexp"
	"strings"
)

// A habit is something that users of other languages type, and what Go has in
// its place.
type habit struct {
	message, line *regexp.Regexp // either may be nil: it fits everything
	hint          string
}

func pattern(s string) *regexp.Regexp { return regexp.MustCompile(s) }

// flagsHint is for a flag behind the arguments, whose letter is read as a name there.
const flagsHint = "flags stand before the arguments, as in %pmap -q f xs"

var habits = []habit{
	{nil, pattern(`^\s*def\s+\w+\s*\(`), "a function is declared as in func f(x int) int { return x * x }"},
	{nil, pattern(`^\s*from\s+\S+\s+import\b`), `packages are imported by their path, as in import "math"; those of the standard library need no import here`},
	{nil, pattern(`^\s*import\s+[A-Za-z_][\w.]*(\s+as\s+\w+)?\s*$`), `the path is in double quotes, as in import "math"; the standard library needs no import here`},
	{nil, pattern(`^\s*for\s+\w+(\s*,\s*\w+)?\s+in\b`), "a loop over elements is for _, x := range xs { … }"},
	{nil, pattern(`^\s*(?:if|for|while|else|elif|try|with|class)\b.*:\s*$`), "a block stands in braces: if x > 0 { … }"},
	{nil, pattern(`^\s*(?:if|elif|for|while|else)\b[^{]*:\s`), "a block stands in braces: if x > 0 { … }"},
	{nil, pattern(`^\s*while\b`), "a loop with a condition is for x < 10 { … }"},
	{pattern(`found 'if'`), pattern(`\sif\b.*\selse\b`), "Go has no conditional expression: y := b; if c { y = a }"},
	{pattern(`found in$`), nil, "slices.Contains(xs, x) tells whether x is in a slice, and _, ok := m[k] whether k is in a map"},
	{nil, pattern(`^\s*assert\b`), `Go has no assert: if x != 1 { panic("x should be 1") }`},
	{nil, pattern(`^\s*del\s`), "delete(m, k) takes a key out of a map, xs = slices.Delete(xs, i, i+1) an element out of a slice"},
	{pattern(`^illegal character U\+0023`), nil, "a comment starts with //"},
	{pattern(`index -\d+ .*must not be negative`), nil, "the last element is xs[len(xs)-1]"},
	{pattern(`\.append undefined \(type \[`), nil, "append is a function, and gives the longer slice back: xs = append(xs, x)"},
	{pattern(`\.extend undefined \(type \[`), nil, "append takes slices, too: xs = append(xs, ys...)"},
	{pattern(`\.(?:len|length|size) undefined \(type (?:\[|map|string|untyped string)`), nil, "len is a function: len(xs)"},
	{pattern(`\.sort undefined \(type \[\]`), nil, "slices.Sort(xs) sorts a slice"},
	{pattern(`\.(?:items|keys|values) undefined \(type map`), nil, "a loop over a map is for k, v := range m { … }"},
	{pattern(`\.(?:upper|lower|strip|split|join|replace|startswith|endswith|find|title|capitalize) undefined \(type (?:untyped )?string`), nil, "texts are worked on by functions of package strings: strings.ToUpper(s)"},
	{pattern(`\.format undefined \(type (?:untyped )?string`), nil, `formatted text is fmt.Sprintf("x = %v", x)`},
	{pattern(`^undefined: help$`), nil, "x? describes x, %lsmagic lists the magics"},
	{nil, pattern(`\blambda\b`), "a function literal is func(x int) int { return x * x }"},
	{nil, pattern(`(?:^|[^*])\*\*[^*]`), "Go has no operator **: math.Pow(x, y) for floats, x * x for squares"},
	{nil, pattern(`^\s*\[.*,.*\]\s*$`), "a slice literal names the type of its elements: []int{1, 2, 3}"},
	{pattern(`^expected expression|^expected operand|^unexpected comma`), pattern(`=\s*\[`), "a slice literal names the type of its elements: []int{1, 2, 3}"},
	{nil, pattern(`=\s*\{\s*["']`), `a map literal names its types: map[string]int{"a": 1}`},
	{nil, pattern(`\bf"`), `formatted text is fmt.Sprintf("x = %v", x)`},
	{pattern(`rune literal|illegal rune`), nil, `strings stand in double quotes: "text"`},
	{pattern(`^undefined: True$`), nil, "Go's word is true"},
	{pattern(`^undefined: False$`), nil, "Go's word is false"},
	{pattern(`^undefined: (?:None|null|NULL)$`), nil, "Go's word is nil"},
	{pattern(`^undefined: range$`), nil, "for i := range n { … } counts from 0 to n−1"},
	{nil, pattern(`\b(?:and|or|not)\b\s+\w`), "Go's operators are &&, || and !"},
	{nil, pattern(`^\s*(?:try|except|raise|throw|catch)\b`), "errors are values: y, err := f(x); if err != nil { … }"},
	{nil, pattern(`^\s*let\s+\w+\s*=|^\s*const\s+\w+\s*=\s*\[`), "a variable is declared as in x := 3"},
	{nil, pattern(`^\s*![a-zA-Z./]+(\s|$)`), "a shell line stands at the top level of a cell; inside functions and blocks use exec.Command"},
	{pattern(`permits only one iteration variable`), pattern(`%pimap\b`), "%pimap gives the results alone: a failure ends the cell, --on-error collect leaves failed results out, and for y, err := range parallel.ImapErr(f, slices.Values(xs)) gives both"},
	{pattern(`^\(*%p\w+\b.*\(no value\) used as value`), nil, "f has no result, or only an error: a failure ends the cell; with --on-error collect all tasks run, and %records then has their errors"},
	{pattern(`^undefined: (?:[acoquw]|async|out|quiet|seed|unordered|workers)$`), pattern(`%\w+\s.*\s-`), flagsHint},
	{pattern(`\(built-in\) must be called`), pattern(`%[a-z]+\s`), "a built-in function is no value; wrap it in a literal, as in func(s string) int { return len(s) }"},
	{pattern(`^cannot use .* value in argument to %(?:p(?:i|star)?map|pfilter|preduce|gpu(?:map|reduce|scan|stencil)|speedup|chunks|compare|efficiency)$`), nil, "a magic cannot map what has a type parameter for its type: call parallel.Map(f, xs) there"},
	{pattern(`device\.Array\[.*\) for built-in (?:len|cap)`), nil, "the number of elements of an array on a device is a.Len()"},
	{pattern(`^(?:cannot (?:index|slice|range over)|invalid operation: cannot (?:index|slice)) .*\*device\.Array\[`), nil, "xs, err := a.ToHost() copies an array on a device into a slice; a function for a device gets the elements where the array is a list: %gpumap f a"},
	{pattern(`found '%'`), pattern(`^\s*%%\w`), "a magic of the whole cell, as %%gpu and %%bash, stands on its first line"},
	{pattern(`'else'`), nil, "put else on the line of the closing brace: } else {"},
}

// Habit is a hint for a line that is wrong in the way of another language, or "".
func Habit(message, line string) string {
	line, _, _ = strings.Cut(line, "//")
	for _, h := range habits {
		if h.hint == flagsHint && !strings.Contains(line, "-"+strings.TrimPrefix(message, "undefined: ")) {
			continue
		}
		if (h.message == nil || h.message.MatchString(message)) && (h.line == nil || h.line.MatchString(line)) {
			return h.hint
		}
	}
	return ""
}
