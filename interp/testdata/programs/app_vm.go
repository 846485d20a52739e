package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A stack machine with an assembler, jumps, calls and errors.

type Op byte

const (
	Push Op = iota
	Add
	Sub
	Mul
	Dup
	Jmp
	Jz
	Call
	Ret
	Print
	Halt
)

var names = map[string]Op{"push": Push, "add": Add, "sub": Sub, "mul": Mul, "dup": Dup, "jmp": Jmp, "jz": Jz, "call": Call, "ret": Ret, "print": Print, "halt": Halt}

type Instr struct {
	Op  Op
	Arg int
}

type VM struct {
	code  []Instr
	stack []int
	calls []int
	pc    int
	out   []string
	steps int
}

var binary = map[Op]func(a, b int) int{
	Add: func(a, b int) int { return a + b },
	Sub: func(a, b int) int { return a - b },
	Mul: func(a, b int) int { return a * b },
}

func assemble(src string) ([]Instr, error) {
	labels := map[string]int{}
	var lines [][]string
	for _, l := range strings.Split(src, "\n") {
		f := strings.Fields(l)
		if len(f) == 0 {
			continue
		}
		if name, ok := strings.CutSuffix(f[0], ":"); ok {
			labels[name] = len(lines)
			continue
		}
		lines = append(lines, f)
	}
	var code []Instr
	for i, f := range lines {
		op, ok := names[f[0]]
		if !ok {
			return nil, fmt.Errorf("instruction %d: unknown %q", i, f[0])
		}
		in := Instr{Op: op}
		if len(f) > 1 {
			if at, ok := labels[f[1]]; ok {
				in.Arg = at
			} else if n, err := strconv.Atoi(f[1]); err == nil {
				in.Arg = n
			} else {
				return nil, fmt.Errorf("instruction %d: %w", i, err)
			}
		}
		code = append(code, in)
	}
	return code, nil
}

func (v *VM) push(n int) { v.stack = append(v.stack, n) }
func (v *VM) pop() int {
	if len(v.stack) == 0 {
		panic(fmt.Sprintf("stack underflow at %d", v.pc-1))
	}
	n := v.stack[len(v.stack)-1]
	v.stack = v.stack[:len(v.stack)-1]
	return n
}

func (v *VM) Run() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("vm: %v", r)
		}
	}()
	for {
		in := v.code[v.pc]
		v.pc++
		v.steps++
		switch in.Op {
		case Push:
			v.push(in.Arg)
		case Add, Sub, Mul:
			b, a := v.pop(), v.pop()
			v.push(binary[in.Op](a, b))
		case Dup:
			n := v.pop()
			v.push(n)
			v.push(n)
		case Jmp:
			v.pc = in.Arg
		case Jz:
			if v.pop() == 0 {
				v.pc = in.Arg
			}
		case Call:
			v.calls = append(v.calls, v.pc)
			v.pc = in.Arg
		case Ret:
			v.pc = v.calls[len(v.calls)-1]
			v.calls = v.calls[:len(v.calls)-1]
		case Print:
			v.out = append(v.out, fmt.Sprint(v.pop()))
		case Halt:
			return nil
		}
	}
}

func main() {
	for _, src := range []string{
		"push 5\nloop:\ndup\nprint\npush 1\nsub\ndup\njz end\njmp loop\nend:\nhalt",
		"push 7\ncall sq\nprint\nhalt\nsq:\ndup\nmul\nret",
		"push 1\nadd\nhalt", "bogus", "push x", "ret",
	} {
		code, err := assemble(src)
		if err != nil {
			fmt.Println(err)
			continue
		}
		v := &VM{code: code}
		err = v.Run()
		fmt.Println(strings.Join(v.out, " "), v.steps, err)
	}
}
