package main

import "fmt"

// Primes, Collatz, Roman numerals, bases, perfect numbers, digits.

func sieve(n int) (primes []int) {
	composite := make([]bool, n+1)
	for i := 2; i <= n; i++ {
		if composite[i] {
			continue
		}
		primes = append(primes, i)
		for j := i * i; j <= n; j += i {
			composite[j] = true
		}
	}
	return
}

func collatz(n int) (steps, peak int) {
	for peak = n; n != 1; steps++ {
		if n%2 == 0 {
			n /= 2
		} else {
			n = 3*n + 1
		}
		if n > peak {
			peak = n
		}
	}
	return
}

func roman(n int) string {
	vals := []int{1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1}
	syms := []string{"M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"}
	s := ""
	for i := 0; n > 0; i++ {
		for n >= vals[i] {
			n -= vals[i]
			s += syms[i]
		}
	}
	return s
}

func unroman(s string) (n int) {
	v := map[byte]int{'I': 1, 'V': 5, 'X': 10, 'L': 50, 'C': 100, 'D': 500, 'M': 1000}
	for i := range len(s) {
		if i+1 < len(s) && v[s[i]] < v[s[i+1]] {
			n -= v[s[i]]
		} else {
			n += v[s[i]]
		}
	}
	return
}

func factors(n int) (out []int) {
	for p := 2; p*p <= n; p++ {
		for ; n%p == 0; n /= p {
			out = append(out, p)
		}
	}
	if n > 1 {
		out = append(out, n)
	}
	return
}

func digits(n int) (sum, rev int) {
	for ; n != 0; n /= 10 {
		d := n % 10
		sum += d
		rev = rev*10 + d
	}
	return
}

func powmod(b, e, m uint64) uint64 {
	r := uint64(1)
	for b %= m; e > 0; e >>= 1 {
		if e&1 == 1 {
			r = r * b % m
		}
		b = b * b % m
	}
	return r
}

func main() {
	fmt.Println(sieve(50))
	fmt.Println(collatz(27))
	for _, n := range []int{1994, 2024, 3999, 4} {
		fmt.Print(roman(n), " ", unroman(roman(n)), " ")
	}
	fmt.Println()
	fmt.Println(factors(360), factors(97), factors(1<<20-1))
	fmt.Println(digits(9045))
	fmt.Println(powmod(3, 200, 1000007), powmod(2, 62, 1<<31))
	for i := 1; i <= 15; i++ {
		switch {
		case i%15 == 0:
			fmt.Print("FizzBuzz ")
		case i%3 == 0:
			fmt.Print("Fizz ")
		case i%5 == 0:
			fmt.Print("Buzz ")
		default:
			fmt.Print(i, " ")
		}
	}
	fmt.Println()
}
