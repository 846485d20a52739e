package main

import (
	"fmt"
	"math"
	"strings"
)

// Matrix code: multiplication, transposition, elimination, determinants.

type Matrix [][]float64

func New(r, c int) Matrix {
	m := make(Matrix, r)
	back := make([]float64, r*c)
	for i := range m {
		m[i] = back[i*c : (i+1)*c : (i+1)*c]
	}
	return m
}

func Identity(n int) Matrix {
	m := New(n, n)
	for i := range n {
		m[i][i] = 1
	}
	return m
}

func (m Matrix) Mul(o Matrix) (Matrix, error) {
	if len(m[0]) != len(o) {
		return nil, fmt.Errorf("%dx%d times %dx%d", len(m), len(m[0]), len(o), len(o[0]))
	}
	out := New(len(m), len(o[0]))
	for i, row := range m {
		for k, a := range row {
			for j, b := range o[k] {
				out[i][j] += a * b
			}
		}
	}
	return out, nil
}

func (m Matrix) T() Matrix {
	out := New(len(m[0]), len(m))
	for i, row := range m {
		for j, v := range row {
			out[j][i] = v
		}
	}
	return out
}

func (m Matrix) Clone() Matrix {
	out := New(len(m), len(m[0]))
	for i := range m {
		copy(out[i], m[i])
	}
	return out
}

func (m Matrix) Det() float64 {
	a, det := m.Clone(), 1.0
	for c := range a {
		p := c
		for r := c + 1; r < len(a); r++ {
			if math.Abs(a[r][c]) > math.Abs(a[p][c]) {
				p = r
			}
		}
		if a[p][c] == 0 {
			return 0
		}
		if p != c {
			a[p], a[c] = a[c], a[p]
			det = -det
		}
		det *= a[c][c]
		for r := c + 1; r < len(a); r++ {
			f := a[r][c] / a[c][c]
			for k := c; k < len(a); k++ {
				a[r][k] -= f * a[c][k]
			}
		}
	}
	return det
}

func (m Matrix) String() string {
	var b strings.Builder
	for _, row := range m {
		for _, v := range row {
			fmt.Fprintf(&b, "%7.2f", v)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func pow(m Matrix, n int) Matrix {
	out := Identity(len(m))
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			out, _ = out.Mul(m)
		}
		m, _ = m.Mul(m)
	}
	return out
}

func main() {
	a := Matrix{{1, 2, 3}, {4, 5, 6}}
	fmt.Print(a, a.T())
	p, err := a.Mul(a.T())
	fmt.Print(p, err, "\n")
	_, err = a.Mul(a)
	fmt.Println(err)
	fmt.Printf("%.1f %.1f %.1f\n", Matrix{{1, 2}, {3, 4}}.Det(), Matrix{{0, 2}, {3, 0}}.Det(), Matrix{{1, 2}, {2, 4}}.Det())
	fmt.Println(pow(Matrix{{1, 1}, {1, 0}}, 30)[0][1])
	m := New(2, 2)
	m[0] = append(m[0], 9)
	fmt.Println(len(m[0]), m[1][0], len(Identity(3)))
}
