package main

import (
	"fmt"
	"math"
)

// Dynamic programming: knapsack, subsequences, edit distance, coins.

func lcs(a, b string) string {
	dp := make([][]int, len(a)+1)
	for i := range dp {
		dp[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				dp[i][j] = 1 + dp[i+1][j+1]
			} else {
				dp[i][j] = max(dp[i+1][j], dp[i][j+1])
			}
		}
	}
	var out []byte
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			out = append(out, a[i])
			i++
			j++
		case dp[i+1][j] >= dp[i][j+1]:
			i++
		default:
			j++
		}
	}
	return string(out)
}

func distance(a, b []rune) int {
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i, ra := range a {
		cur := make([]int, len(b)+1)
		cur[0] = i + 1
		for j, rb := range b {
			cost := 1
			if ra == rb {
				cost = 0
			}
			cur[j+1] = min(prev[j+1]+1, cur[j]+1, prev[j]+cost)
		}
		prev = cur
	}
	return prev[len(b)]
}

type thing struct{ weight, value int }

func knapsack(things []thing, limit int) int {
	best := make([]int, limit+1)
	for _, t := range things {
		for w := limit; w >= t.weight; w-- {
			best[w] = max(best[w], best[w-t.weight]+t.value)
		}
	}
	return best[limit]
}

func coins(n int, kinds ...int) (ways int, fewest int) {
	w := make([]int, n+1)
	f := make([]int, n+1)
	w[0] = 1
	for i := 1; i <= n; i++ {
		f[i] = math.MaxInt32
	}
	for _, k := range kinds {
		for i := k; i <= n; i++ {
			w[i] += w[i-k]
			f[i] = min(f[i], f[i-k]+1)
		}
	}
	return w[n], f[n]
}

var memo = map[[2]int]int{}

func paths(r, c int) int {
	if r == 0 || c == 0 {
		return 1
	}
	k := [2]int{r, c}
	if v, ok := memo[k]; ok {
		return v
	}
	memo[k] = paths(r-1, c) + paths(r, c-1)
	return memo[k]
}

func main() {
	fmt.Println(lcs("AGGTABQRS", "GXTXAYBSR"), distance([]rune("kitten"), []rune("sitting")), distance([]rune("naïve"), []rune("naive")))
	fmt.Println(knapsack([]thing{{1, 1}, {3, 4}, {4, 5}, {5, 7}}, 7))
	fmt.Println(coins(100, 1, 5, 10, 25, 50))
	fmt.Println(paths(16, 16), len(memo))
}
