package main

import "fmt"

// Ciphers and checks: Vigenère, XOR, Luhn, ISBN and a checksum.

func vigenere(text, key string, sign int) string {
	out := make([]byte, 0, len(text))
	k := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= 'A' && c <= 'Z' {
			shift := int(key[k%len(key)]-'A') * sign
			c = byte((int(c-'A')+shift+26)%26) + 'A'
			k++
		}
		out = append(out, c)
	}
	return string(out)
}

func xor(data []byte, key byte) []byte {
	out := make([]byte, len(data))
	for i, b := range data {
		out[i] = b ^ key
	}
	return out
}

func luhn(s string) bool {
	sum := 0
	double := false
	for i := len(s) - 1; i >= 0; i-- {
		d := int(s[i] - '0')
		if double {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
		double = !double
	}
	return sum%10 == 0
}

func isbn(s string) bool {
	sum := 0
	for i, c := range s {
		v := 10
		if c != 'X' {
			v = int(c - '0')
		}
		sum += v * (10 - i)
	}
	return sum%11 == 0
}

func adler(s string) uint32 {
	var a, b uint32 = 1, 0
	for i := 0; i < len(s); i++ {
		a = (a + uint32(s[i])) % 65521
		b = (b + a) % 65521
	}
	return b<<16 | a
}

func main() {
	enc := vigenere("ATTACK AT DAWN", "LEMON", 1)
	fmt.Println(enc, vigenere(enc, "LEMON", -1))
	x := xor([]byte("secret"), 42)
	fmt.Println(x, string(xor(x, 42)))
	fmt.Println(luhn("4539578763621486"), luhn("1234567812345678"))
	fmt.Println(isbn("0306406152"), isbn("0306406153"), isbn("080442957X"))
	fmt.Printf("%08x\n", adler("Wikipedia"))
}
