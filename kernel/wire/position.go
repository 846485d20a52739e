package wire

import "unicode/utf8"

// ByteOffset returns the byte offset of the code point number n (from 0) in s.
// A negative n gives 0, one past the end gives len(s). A byte that is not valid
// UTF-8 counts as one code point.
func ByteOffset(s string, n int) int {
	if n <= 0 {
		return 0
	}
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// CodePoints returns how many code points s has before the byte offset, which
// is brought into [0, len(s)]. A code point that the offset cuts does not count.
func CodePoints(s string, offset int) int {
	if offset <= 0 {
		return 0
	}
	if offset >= len(s) {
		return utf8.RuneCountInString(s)
	}
	n := -1 // the code point that holds the offset does not end before it
	for i := range s {
		if i > offset {
			break
		}
		n++
	}
	return n
}
