package convert

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// gone are the elements that withoutScripts takes out, with all that is in them.
var gone = []string{
	"script", "noscript", "iframe", "frame", "frameset", "object", "embed", "applet", "base", "meta", "link", "portal", "template", "form",
}

// urls are the attributes that hold addresses.
var urls = []string{"href", "src", "action", "formaction", "xlink:href", "data", "poster", "background", "from", "to", "values"}

// withoutScripts takes out of HTML what runs scripts, loads other pages or leads
// away, and closes what is open. It is not what a page's safety rests on: that is
// its policy, which forbids every script. It makes that nothing is seen to be
// missing, and that an output ends where its cell does.
func withoutScripts(text string) (string, error) {
	nodes, err := html.ParseFragment(strings.NewReader(text), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return "", fmt.Errorf("HTML in an output: %w", err)
	}
	var out strings.Builder
	for _, n := range nodes {
		if !keep(n) {
			continue
		}
		clean(n)
		if err := html.Render(&out, n); err != nil {
			return "", fmt.Errorf("HTML in an output: %w", err)
		}
	}
	return out.String(), nil
}

func keep(n *html.Node) bool {
	return n.Type == html.TextNode || n.Type == html.ElementNode && !slices.Contains(gone, strings.ToLower(n.Data))
}

// clean cleans n, which stays, and what is below it.
func clean(n *html.Node) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
		key := strings.ToLower(a.Key)
		return strings.HasPrefix(key, "on") || key == "srcdoc" || key == "target" || slices.Contains(urls, key) && !harmless(a.Val)
	})
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if keep(c) {
			clean(c)
		} else {
			n.RemoveChild(c)
		}
		c = next
	}
}

// harmless says that an address leads to a page, a place or a picture.
func harmless(address string) bool {
	address = strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return -1 // as browsers do
		}
		return r
	}, address))
	scheme, _, ok := strings.Cut(address, ":")
	if !ok || strings.ContainsAny(scheme, "/?#") {
		return true // relative
	}
	return slices.Contains([]string{"http", "https", "mailto"}, scheme) || strings.HasPrefix(address, "data:image/")
}
