package main

import (
	"fmt"
	"strings"
)

// Goto and labels in a scanner of comments and strings.

func strip(src string) (out string, comments int) {
	i := 0
	b := make([]byte, 0, len(src))
code:
	for i < len(src) {
		switch {
		case strings.HasPrefix(src[i:], "//"):
			comments++
			goto line
		case strings.HasPrefix(src[i:], "/*"):
			comments++
			i += 2
			goto block
		case src[i] == '"':
			b = append(b, '"')
			i++
			goto str
		}
		b = append(b, src[i])
		i++
	}
	return string(b), comments
line:
	for i < len(src) && src[i] != '\n' {
		i++
	}
	goto code
block:
	if i >= len(src) {
		return string(b) + "<unclosed>", comments
	}
	if strings.HasPrefix(src[i:], "*/") {
		i += 2
		goto code
	}
	i++
	goto block
str:
	for ; i < len(src); i++ {
		b = append(b, src[i])
		if src[i] == '\\' && i+1 < len(src) {
			i++
			b = append(b, src[i])
			continue
		}
		if src[i] == '"' {
			i++
			goto code
		}
	}
	return string(b) + "<open string>", comments
}

func retry(fail int) (tries int, err error) {
try:
	tries++
	if tries <= fail {
		if tries > 3 {
			err = fmt.Errorf("gave up after %d", tries)
			goto fail
		}
		goto try
	}
	return tries, nil
fail:
	return tries, err
}

func nested() (log []string) {
	i := 0
outer:
	for {
		for j := 0; ; j++ {
			switch {
			case j == 2:
				i++
				continue outer
			case i == 2:
				goto out
			}
			log = append(log, fmt.Sprint(i, j))
		}
	}
out:
	return append(log, "out")
}

func main() {
	fmt.Println(strip("a // c\nb /* x */ c"))
	fmt.Println(strip(`s = "no // comment \" /* here" // yes`))
	fmt.Println(strip("/* open"))
	fmt.Println(strip(`"open`))
	fmt.Println(retry(0))
	fmt.Println(retry(2))
	fmt.Println(retry(9))
	fmt.Println(nested())
}
