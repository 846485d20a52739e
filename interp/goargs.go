package interp

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"regexp"
	"strings"
)

// splitArgs cuts Go text into n expressions that blanks separate: the split in
// which the earlier ones are shortest. It returns their places in text. n < 0
// asks for as many as there are.
func splitArgs(text string, n int) ([][2]int, error) {
	end := len(strings.TrimRight(text, " \t\r\n"))
	start := len(text) - len(strings.TrimLeft(text, " \t\r\n"))
	if start >= end {
		if n <= 0 {
			return nil, nil
		}
		return nil, fmt.Errorf("expected %s", argCount(n))
	}
	list, ok := split(text, start, end, n, map[int]bool{})
	if !ok && n != 1 {
		if right := withBlanks(text[start:end]); right != "" {
			return nil, fmt.Errorf("blanks stand between the arguments, not commas or parentheses around them all: write %s", right)
		}
	}
	if !ok && n > 1 && isExpr(text[start:end]) {
		return nil, fmt.Errorf("expected %s, found only %s", argCount(n), text[start:end])
	}
	if !ok {
		return nil, misread(text[start:end], n)
	}
	return list, nil
}

var (
	nestedRE = regexp.MustCompile(`(?:[=(,{;:]|\breturn\b)\s*%[A-Za-z_]+\b|\s%p(?:i|star)?map\s`)
	lambdaRE = regexp.MustCompile(`(?:^|[\s(])lambda\b[^:]*:|(?:\w|\))\s*=>`)
	listRE   = regexp.MustCompile(`(?:^|\s)\[([^\[\]]*)\](?:\s|$)`)
)

// severalLists is what there is for a map of more lists than one.
const severalLists = ", and %pstarmap f as bs maps over several lists side by side"

// misread says why text cannot be read as n expressions.
func misread(text string, n int) error {
	if nestedRE.MatchString(text) {
		return errors.New("a magic may not stand inside another magic's arguments: give its result a name first, or declare a function that has it")
	}
	if lambdaRE.MatchString(text) {
		return errors.New("a function literal is func(x int) int { return x * x }")
	}
	if m := listRE.FindStringSubmatch(text); m != nil {
		elem := "int"
		switch inner := m[1]; {
		case strings.ContainsAny(inner, "\"`"), strings.Contains(inner, "'"):
			elem, m[1] = "string", strings.ReplaceAll(inner, "'", `"`)
		case strings.Contains(inner, "."):
			elem = "float64"
		}
		return fmt.Errorf("a slice names the type of its elements: write []%s{%s}", elem, m[1])
	}
	if n == 2 {
		if list, ok := split(text, 0, len(text), -1, map[int]bool{}); ok && len(list) > n {
			return fmt.Errorf("found %s where 2 are expected; an argument that has blanks in it stands in parentheses%s", argCount(len(list)), severalLists)
		}
	}
	return fmt.Errorf("cannot read %q as %s; put an argument that has blanks in it in parentheses", text, argCount(n))
}

// rangeRE finds range(n), a habit from Python.
var rangeRE = regexp.MustCompile(`\brange\(([^()]*)\)`)

// withBlanks is what f, xs or (f, xs) should have been, or "".
func withBlanks(text string) string {
	plain := rangeRE.ReplaceAllString(text, "$1")
	if strings.HasPrefix(plain, "(") && strings.HasSuffix(plain, ")") {
		plain = plain[1 : len(plain)-1]
	}
	e, err := parser.ParseExpr("f(" + plain + ")")
	call, ok := e.(*ast.CallExpr)
	if err != nil || !ok || len(call.Args) < 2 {
		if plain != text && isExpr(strings.ReplaceAll(plain, " ", "+")) {
			return plain
		}
		return ""
	}
	var parts []string
	for _, a := range call.Args {
		parts = append(parts, plain[int(a.Pos())-3:int(a.End())-3])
	}
	return strings.Join(parts, " ")
}

func argCount(n int) string {
	switch {
	case n == 1:
		return "one Go expression"
	case n > 1:
		return fmt.Sprintf("%d Go expressions", n)
	}
	return "Go expressions"
}

// split does it for text[start:end]. dead holds the starts from which it cannot be
// done when n < 0, lest each be tried once for every way to get there.
func split(text string, start, end, n int, dead map[int]bool) ([][2]int, bool) {
	if n == 1 {
		return [][2]int{{start, end}}, isExpr(text[start:end])
	}
	for at := start; at < end; at++ {
		if c := text[at]; c != ' ' && c != '\t' && c != '\n' || !isExpr(text[start:at]) {
			continue
		}
		next := at + len(text[at:end]) - len(strings.TrimLeft(text[at:end], " \t\r\n"))
		if n < 0 && dead[next] {
			continue
		}
		if rest, ok := split(text, next, end, n-1, dead); ok {
			return append([][2]int{{start, at}}, rest...), true
		}
	}
	if n < 0 && isExpr(text[start:end]) {
		return [][2]int{{start, end}}, true
	}
	dead[start] = n < 0
	return nil, false
}

func isExpr(s string) bool {
	_, err := parser.ParseExpr(s)
	return err == nil
}

// argsAt is where the magic's Go arguments lie in the cell, behind its flags.
func (x *expansion) argsAt(skip, n int) ([][2]int, error) {
	list, err := splitArgs(x.piece.Args[skip:], n)
	if err != nil {
		if right := x.flagsFirst(skip, n); right != "" {
			return nil, fmt.Errorf("flags stand before the arguments: write %s", right)
		}
		if fewer, ok := strings.CutSuffix(err.Error(), severalLists); ok && x.piece.Name != "pmap" && x.piece.Name != "pimap" {
			return nil, errors.New(fewer)
		}
		return nil, err
	}
	for i := range list {
		list[i][0] += x.piece.ArgsAt + skip
		list[i][1] += x.piece.ArgsAt + skip
	}
	return list, nil
}

// flagsFirst is the magic with the flags that stand behind or between its n arguments in
// front of them, or "".
func (x *expansion) flagsFirst(skip, n int) string {
	m := x.run.interp.magics[x.piece.Name]
	var flags, args []string
	words := strings.Fields(x.piece.Args[skip:])
	for k := 0; k < len(words); k++ {
		f, size, ok := m.flag(words[k])
		if !ok {
			args = append(args, words[k])
			continue
		}
		flags = append(flags, words[k])
		if k+1 < len(words) && f.Value != "" && size == len(words[k]) {
			k++
			flags = append(flags, words[k])
		}
	}
	rest := strings.Join(args, " ")
	if _, err := splitArgs(rest, n); err != nil || len(flags) == 0 {
		return ""
	}
	flags = append(strings.Fields(x.piece.Args[:skip]), flags...)
	return fmt.Sprintf("%%%s %s %s", m.Name, strings.Join(flags, " "), rest)
}

// headerRE finds the start of a statement whose block follows on its line.
var headerRE = regexp.MustCompile(`\b(?:for|if|switch)\b[^{}()]*$`)

// blockBehind is the text of a magic with two Go arguments that a block follows,
// as in for _, v := range %pmap f xs { … }, or "".
func (x *expansion) blockBehind(skip int) string {
	code, p := x.run.cell.Code, x.piece
	line := code[strings.LastIndexByte(code[:p.Start], '\n')+1 : p.Start]
	if p.Statement || !headerRE.MatchString(line) || !strings.HasSuffix(p.Args, "}") || strings.HasPrefix(code[p.End:], ";") {
		return ""
	}
	for end := strings.LastIndexByte(p.Args, '{'); end > skip; end = strings.LastIndexByte(p.Args[:end], '{') {
		if _, err := splitArgs(p.Args[skip:end], 2); err == nil {
			return strings.TrimSpace(code[p.Start : p.ArgsAt+end])
		}
	}
	return ""
}

// applyArgs reads f a b, or f(a, b): a single call is taken apart.
func (x *expansion) applyArgs(skip int) ([][2]int, error) {
	text := x.piece.Args[skip:]
	trimmed := strings.TrimSpace(text)
	lead := x.piece.ArgsAt + skip + strings.Index(text, trimmed)
	e, err := parser.ParseExpr(trimmed)
	if call, ok := e.(*ast.CallExpr); err == nil && ok {
		list := [][2]int{{lead + int(call.Fun.Pos()) - 1, lead + int(call.Fun.End()) - 1}}
		for _, a := range call.Args {
			list = append(list, [2]int{lead + int(a.Pos()) - 1, lead + int(a.End()) - 1})
		}
		return list, nil
	}
	return x.argsAt(skip, -1)
}
