package main

import "fmt"

// Labels with break, continue and goto, out of every kind of block.

func find(grid [][]int, want int) (r, c int) {
outer:
	for r = range grid {
		for c = range grid[r] {
			if grid[r][c] == want {
				break outer
			}
		}
	}
	return
}

func primes(n int) (out []int) {
next:
	for i := 2; i < n; i++ {
		for _, p := range out {
			if p*p > i {
				break
			}
			if i%p == 0 {
				continue next
			}
		}
		out = append(out, i)
	}
	return
}

func countdown(n int) string {
	s := ""
again:
	if n > 0 {
		s += fmt.Sprint(n, " ")
		n--
		goto again
	}
	goto end
end:
	return s + "end"
}

func machine(in string) (tokens []string) {
	i := 0
start:
	if i >= len(in) {
		goto done
	}
	switch {
	case in[i] == ' ':
		i++
		goto start
	case in[i] >= '0' && in[i] <= '9':
		j := i
		for j < len(in) && in[j] >= '0' && in[j] <= '9' {
			j++
		}
		tokens = append(tokens, "N"+in[i:j])
		i = j
		goto start
	}
	tokens = append(tokens, "O"+in[i:i+1])
	i++
	goto start
done:
	return tokens
}

func main() {
	fmt.Println(find([][]int{{1, 2}, {3, 4}, {5, 6}}, 3))
	fmt.Println(primes(40))
	fmt.Println(countdown(4))
	fmt.Println(machine("12 + 34*(5)"))
	ch := make(chan int, 5)
	for i := range 5 {
		ch <- i
	}
loop:
	for {
		select {
		case v := <-ch:
			if v == 1 {
				continue loop
			}
			if v == 3 {
				break loop
			}
			fmt.Print("got ", v, "; ")
		default:
			break loop
		}
	}
	fmt.Println("left", len(ch))
sw:
	switch x := 5; {
	case x > 3:
		for i := 0; ; i++ {
			if i > x {
				break sw
			}
		}
		fmt.Println("never")
	}
rows:
	for i := 0; i < 3; i++ {
		for j := 0; ; j++ {
			switch {
			case j > i:
				fmt.Println()
				continue rows
			case i == 2 && j == 1:
				break rows
			}
			fmt.Print(i, j, " ")
		}
	}
	fmt.Println("|")
}
