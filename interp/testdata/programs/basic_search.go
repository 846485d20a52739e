package main

import "fmt"

// Searching and counting: binary search, two sums, primes, runs.

func binarySearch(xs []int, want int) int {
	lo, hi := 0, len(xs)-1
	for lo <= hi {
		mid := lo + (hi-lo)/2
		if xs[mid] == want {
			return mid
		} else if xs[mid] < want {
			lo = mid + 1
		} else {
			hi = mid - 1
		}
	}
	return -1
}

func twoSum(xs []int, target int) (int, int, bool) {
	seen := map[int]int{}
	for i, x := range xs {
		if j, ok := seen[target-x]; ok {
			return j, i, true
		}
		seen[x] = i
	}
	return 0, 0, false
}

func isPrime(n int) bool {
	if n < 2 {
		return false
	}
	for i := 2; i*i <= n; i++ {
		if n%i == 0 {
			return false
		}
	}
	return true
}

func longestRun(xs []int) (best int) {
	run := 0
	for i, x := range xs {
		if i > 0 && x > xs[i-1] {
			run++
		} else {
			run = 1
		}
		if run > best {
			best = run
		}
	}
	return best
}

func maxSubarray(xs []int) int {
	best, cur := xs[0], xs[0]
	for _, x := range xs[1:] {
		if cur < 0 {
			cur = x
		} else {
			cur += x
		}
		if cur > best {
			best = cur
		}
	}
	return best
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func main() {
	xs := []int{2, 3, 5, 7, 11, 13, 17}
	fmt.Println(binarySearch(xs, 11), binarySearch(xs, 4), binarySearch(nil, 1))
	fmt.Println(twoSum([]int{3, 8, 12, 5}, 17))
	for n := 0; n < 30; n++ {
		if isPrime(n) {
			fmt.Print(n, " ")
		}
	}
	fmt.Println()
	fmt.Println(longestRun([]int{5, 1, 2, 3, 2, 9}), maxSubarray([]int{-2, 1, -3, 4, -1, 2, 1, -5, 4}), gcd(48, 36))
}
