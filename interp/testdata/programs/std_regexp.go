package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"text/tabwriter"
)

// regexp, path, url and text tables.

type rule struct {
	re   *regexp.Regexp
	name string
}

var rules = []rule{
	{regexp.MustCompile(`^\d+$`), "number"},
	{regexp.MustCompile(`^[a-z_]\w*$`), "name"},
	{regexp.MustCompile(`^"(?:[^"\\]|\\.)*"$`), "string"},
}

func classify(s string) string {
	for _, r := range rules {
		if r.re.MatchString(s) {
			return r.name
		}
	}
	return "other"
}

func main() {
	for _, s := range []string{"42", "foo_1", `"a\"b"`, "+", ""} {
		fmt.Print(classify(s), " ")
	}
	fmt.Println()
	re := regexp.MustCompile(`(?P<user>\w+)@(?P<host>[\w.]+)`)
	text := "mail ann@a.org and bob@b.net now"
	fmt.Println(re.FindString(text), re.FindStringIndex(text), re.FindAllString(text, -1))
	m := re.FindStringSubmatch(text)
	fmt.Println(m, m[re.SubexpIndex("host")], re.SubexpNames(), re.NumSubexp())
	fmt.Println(re.ReplaceAllString(text, "<${host}:$user>"))
	fmt.Println(re.ReplaceAllStringFunc(text, strings.ToUpper))
	fmt.Println(re.FindAllStringSubmatchIndex(text, 1))
	fmt.Printf("%q\n", regexp.MustCompile(`\s*[,;]\s*`).Split("a , b;c,d", -1))
	_, err := regexp.Compile(`a(b`)
	fmt.Println(err)
	fmt.Println(regexp.QuoteMeta("a.b*c"), regexp.MustCompile(`(?i)HELLO`).MatchString("hello"))
	fmt.Println(path.Join("a", "../b", "c.go"), path.Base("/x/y.txt"), path.Ext("y.tar.gz"), path.Dir("/x/y"))
	u, err := url.Parse("https://user:pw@host.org:8080/p/a th?q=1&q=2&z=%20x#frag")
	fmt.Println(u.Scheme, u.Hostname(), u.Port(), u.Path, u.Query()["q"], u.Query().Get("z"), u.Fragment, u.User.Username(), err)
	v := url.Values{"b": {"2"}, "a": {"1", "x y"}}
	fmt.Println(v.Encode(), url.QueryEscape("a/b c"))
	tw := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight)
	for _, r := range [][]string{{"name", "qty", ""}, {"apple", "3", ""}, {"kiwi", "12", ""}} {
		fmt.Fprintln(tw, strings.Join(r, "\t"))
	}
	tw.Flush()
	fmt.Println(hex.EncodeToString([]byte("hi")), base64.StdEncoding.EncodeToString([]byte("hello?")))
	sum := sha256.Sum256([]byte("abc"))
	fmt.Printf("%x %08x\n", sum[:4], crc32.ChecksumIEEE([]byte("abc")))
	var buf bytes.Buffer
	binary.Write(&buf, binary.BigEndian, struct {
		A uint16
		B int8
	}{0x0102, -1})
	fmt.Println(buf.Bytes(), binary.LittleEndian.Uint32([]byte{1, 0, 0, 1}))
}
