package irtest

import (
	"fmt"
	"slices"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// mostJoined is how many cases are one kernel: devices need take no more than 1024 bytes
// of arguments, which are 64 pointers with lengths.
const mostJoined = 18

// join makes one case of several whose kernels share nothing, where they need the same of a
// device. Others stay as they are.
func join(cases []Case) (list []Case) {
	groups := map[bool][]Case{}
	end := func(double bool) {
		if g := groups[double]; len(g) > 0 {
			list = append(list, joined(g))
		}
		groups[double] = nil
	}
	for _, c := range cases {
		if c.own == nil {
			list = append(list, c)
			continue
		}
		double := c.usesFloat64()
		groups[double] = append(groups[double], c)
		if len(groups[double]) == mostJoined {
			end(double)
		}
	}
	end(false)
	end(true)
	return list
}

// joined is a case whose first tasks are those of the first case, and so on.
func joined(cases []Case) Case {
	task := variable("task", tInt)
	k := &ir.Kernel{Name: "joined", Index: task}
	c := Case{Name: fmt.Sprintf("%s to %s", cases[0].Name, cases[len(cases)-1].Name), Program: &ir.Program{Kernels: []*ir.Kernel{k}}, Kernel: k.Name}
	for _, one := range cases {
		k.Params = append(k.Params, one.own.Params...)
		for i, a := range one.Args {
			a.Name = fmt.Sprintf("%s: argument %d", one.Name, i)
			c.Args = append(c.Args, a)
		}
		c.N += one.N
	}
	// The last case is what is left: the others are in front of it, one in the other's else.
	first := c.N
	for _, one := range slices.Backward(cases) {
		first -= one.N
		body := append([]ir.Stmt{declare(one.own.Index, op(ref(task), ir.SubOp, num(first)))}, one.own.Body...)
		if k.Body == nil {
			k.Body = body
		} else {
			k.Body = []ir.Stmt{&ir.If{Cond: op(ref(task), ir.Lt, num(first+one.N)), Then: body, Else: k.Body}}
		}
	}
	return c
}
