package programs

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// A node is a declaration that stays in one piece: a function, a group of
// constants, variables that are initialised together, or a type with its
// methods.
type node struct {
	names []string
	spans []span
	vars  bool // variables, which are initialised in an order
	uses  []*node
	place int // in the program

	// Of Tarjan's algorithm.
	index, low int
	onStack    bool
}

// A graph is what a program declares.
type graph struct {
	imports []span
	nodes   []*node
	inits   []span
	main    *ast.FuncDecl
	called  bool // something calls main
	names   map[string]*node
}

// declarations cuts a program into nodes, in its order.
func (p *parsed) declarations() *graph {
	g := &graph{names: map[string]*node{}}
	syntax := map[*node][]ast.Node{}
	add := func(n ast.Node, s span, names ...string) *node {
		d := &node{names: names, spans: []span{s}, place: len(g.nodes)}
		g.nodes = append(g.nodes, d)
		for _, name := range names {
			g.names[name] = d
		}
		syntax[d] = append(syntax[d], n)
		return d
	}
	var inits []ast.Node
	var methods []*ast.FuncDecl
	for _, d := range p.file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			p.general(g, d, add)
		case *ast.FuncDecl:
			switch {
			case d.Recv != nil:
				methods = append(methods, d)
			case d.Name.Name == "init":
				g.inits = append(g.inits, p.of(d, d.Doc, ""))
				inits = append(inits, d)
			case d.Name.Name == "main":
				g.main = d
			default:
				add(d, p.of(d, d.Doc, ""), d.Name.Name)
			}
		}
	}
	for _, m := range methods {
		if t := g.names[p.unalias(receiver(m))]; t != nil {
			t.spans = append(t.spans, p.of(m, m.Doc, ""))
			syntax[t] = append(syntax[t], m)
		}
	}
	for _, n := range g.nodes {
		for _, tree := range syntax[n] {
			g.references(n, tree)
		}
	}
	if g.main != nil {
		inits = append(inits, g.main)
	}
	for _, i := range inits {
		g.references(&node{}, i)
	}
	return g
}

// general adds what a declaration other than a function declares.
func (p *parsed) general(g *graph, d *ast.GenDecl, add func(ast.Node, span, ...string) *node) {
	if d.Tok == token.IMPORT {
		g.imports = append(g.imports, p.of(d, d.Doc, ""))
		return
	}
	if d.Tok == token.CONST || !d.Lparen.IsValid() {
		var names []string
		for _, s := range d.Specs {
			names = append(names, declared(s)...)
		}
		add(d, p.of(d, d.Doc, ""), names...).vars = d.Tok == token.VAR
		return
	}
	for _, s := range d.Specs {
		add(s, p.of(s, nil, d.Tok.String()+" "), declared(s)...).vars = d.Tok == token.VAR
	}
}

func declared(s ast.Spec) (names []string) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		names = append(names, s.Name.Name)
	case *ast.ValueSpec:
		for _, n := range s.Names {
			names = append(names, n.Name)
		}
	}
	return names
}

// receiver names the type that a method belongs to.
func receiver(m *ast.FuncDecl) string {
	name := ""
	ast.Inspect(m.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name
		}
		return name == ""
	})
	return name
}

// unalias is the name of the type that a name stands for, which is another one
// where that is an alias.
func (p *parsed) unalias(name string) string {
	for _, d := range p.file.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Tok != token.TYPE {
			continue
		}
		for _, s := range d.Specs {
			s := s.(*ast.TypeSpec)
			if of, ok := s.Type.(*ast.Ident); ok && s.Name.Name == name && s.Assign.IsValid() {
				return p.unalias(of.Name)
			}
		}
	}
	return name
}

// references notes which declarations a tree names. It takes every name for the
// declaration of that name, also where something else hides it: too many
// references join more declarations in a cell, and harm nothing.
func (g *graph) references(from *node, tree ast.Node) {
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			g.references(from, n.X)
			return false
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "main" { // the declaration itself
				g.references(from, n.Body)
				return false
			}
		case *ast.Ident:
			if n.Name == "main" {
				g.called = true
			}
			if to := g.names[n.Name]; to != nil && to != from && !slices.Contains(from.uses, to) {
				from.uses = append(from.uses, to)
			}
		}
		return true
	})
}

// order gives the nodes in groups that need each other, each group after those
// that it needs, and variables in the order in which Go initialises them: again
// and again the first one that needs none that is still to come.
func (g *graph) order() [][]*node {
	groups := g.components()
	of := map[*node]int{}
	for i, group := range groups {
		for _, n := range group {
			of[n] = i
		}
	}
	// needs[i] are the groups that group i needs, at any distance, in the order of
	// groups, in which each comes after those that it needs.
	needs := make([]map[int]bool, len(groups))
	for i, group := range groups {
		needs[i] = map[int]bool{}
		for _, n := range group {
			for _, to := range n.uses {
				if j := of[to]; j != i {
					needs[i][j] = true
					for k := range needs[j] {
						needs[i][k] = true
					}
				}
			}
		}
	}
	hasVars := func(i int) bool { return slices.ContainsFunc(groups[i], func(n *node) bool { return n.vars }) }
	var out [][]*node
	done := make([]bool, len(groups))
	emit := func(i int) {
		for j := range i { // groups come after what they need
			if needs[i][j] && !done[j] {
				done[j] = true
				out = append(out, groups[j])
			}
		}
		done[i] = true
		out = append(out, groups[i])
	}
	ready := func(i int) bool {
		for j := range needs[i] {
			if hasVars(j) && !done[j] {
				return false
			}
		}
		return true
	}
	for again := true; again; {
		again = false
		for _, n := range g.nodes {
			if i := of[n]; n.vars && !done[i] && ready(i) {
				emit(i)
				again = true
				break
			}
		}
	}
	for _, n := range g.nodes {
		if i := of[n]; !done[i] {
			emit(i)
		}
	}
	return out
}

// components finds the groups of nodes that need each other, by Tarjan's
// algorithm (SIAM J. Comput. 1 (1972), 146–160), each after those that it needs.
func (g *graph) components() [][]*node {
	var groups [][]*node
	var stack []*node
	next := 0
	var visit func(*node)
	visit = func(n *node) {
		next++
		n.index, n.low, n.onStack = next, next, true
		stack = append(stack, n)
		for _, to := range n.uses {
			if to.index == 0 {
				visit(to)
				n.low = min(n.low, to.low)
			} else if to.onStack {
				n.low = min(n.low, to.index)
			}
		}
		if n.low != n.index {
			return
		}
		at := slices.Index(stack, n)
		group := slices.Clone(stack[at:])
		stack = stack[:at]
		for _, m := range group {
			m.onStack = false
		}
		slices.SortFunc(group, func(a, b *node) int { return a.place - b.place })
		groups = append(groups, group)
	}
	for _, n := range g.nodes {
		if n.index == 0 {
			visit(n)
		}
	}
	return groups
}

// importNames are the names by which the program calls packages.
func (p *parsed) importNames() []string {
	var names []string
	for _, i := range p.file.Imports {
		if i.Name != nil {
			names = append(names, i.Name.Name)
			continue
		}
		path := strings.Trim(i.Path.Value, `"`)
		names = append(names, path[strings.LastIndex(path, "/")+1:])
	}
	return names
}
