import { describe, expect, test } from "vitest";
import { docNodes, docParts } from "../src/notebook/docText";

const type = `func (*Builder) Cap() int
func (*Builder) WriteString(s string) (int, error)
// … 3 more

import "strings"

A Builder is used to efficiently build a string using [Builder.Write] methods.
It minimizes memory copying.

	var b Builder
	b.WriteString("x")

	use(b)

- a list
- of prose

func double(n int) int {
	return 2 * n

	// end
}`;

describe("what is said of a name", () => {
  test("has declarations and code apart from prose", () => {
    expect(docParts(type).map((p) => [p.kind, p.text.split("\n")[0]])).toEqual([
      ["code", "func (*Builder) Cap() int"],
      ["prose", "A Builder is used to efficiently build a string using [Builder.Write] methods."],
      ["code", "\tvar b Builder"],
      ["prose", "- a list"],
      ["code", "func double(n int) int {"],
    ]);
  });

  test("shows methods one a line, in code, and prose as it flows", () => {
    const d = document.createElement("div");
    d.append(docNodes(type));
    const code = d.querySelectorAll("pre.doc-code");
    expect(code).toHaveLength(3);
    expect(code[0]!.textContent!.split("\n").slice(0, 2)).toEqual(["func (*Builder) Cap() int", "func (*Builder) WriteString(s string) (int, error)"]);
    expect(d.querySelector(".doc-body")!.textContent).toBe("A Builder is used to efficiently build a string using [Builder.Write] methods. It minimizes memory copying.");
    d.replaceChildren(docNodes("functions are values <b>here</b>\n\nimport is a word"));
    expect(d.querySelector("pre, b")).toBeNull();
  });
});
