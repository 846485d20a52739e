import katex from "katex";
import { describe, expect, test } from "vitest";
import { count } from "../src/notebook/numbering";
import { mayNumber, numberEquations, withReferences } from "../src/outputs/equations";
import { equationsOf, renderMarkdown } from "../src/outputs/markdown";

const html = (f: DocumentFragment) => {
  const d = document.createElement("div");
  d.append(f);
  return d;
};

describe("equations", () => {
  test.each([
    ["x = 1", "x = 1", 3],
    ["\\begin{equation*}x\\end{equation*}", "\\begin{equation*}x\\end{equation*}", 3],
    ["\\begin{equation}x\\end{equation}", "\\begin{equation}x\\tag{3}\\end{equation}", 4],
    ["\\begin{equation}x\\nonumber\\end{equation}", "\\begin{equation}x\\nonumber\\end{equation}", 3],
    ["\\begin{equation}x\\tag{A}\\end{equation}", "\\begin{equation}x\\tag{A}\\end{equation}", 3],
    ["\\begin{align}a&=b\\\\[4pt]c&=d\\notag\\\\e\\end{align}", "\\begin{align}a&=b\\tag{3}\\\\[4pt]c&=d\\notag\\\\e\\tag{4}\\end{align}", 5],
    ["\\begin{align}a\\\\\n\\end{align}", "\\begin{align}a\\tag{3}\\\\\n\\end{align}", 4],
    ["\\begin{equation}\\begin{pmatrix}a\\\\b\\end{pmatrix}\\end{equation}", "\\begin{equation}\\begin{pmatrix}a\\\\b\\end{pmatrix}\\tag{3}\\end{equation}", 4],
    ["\\begin{gather}\\text{a \\{ \\\\ b}\\\\ 5\\% \\end{gather}", "\\begin{gather}\\text{a \\{ \\\\ b}\\tag{3}\\\\ 5\\% \\tag{4}\\end{gather}", 5],
  ])("%s", (tex, want, next) => {
    expect(numberEquations(tex, 3)).toMatchObject({ tex: want, next });
  });

  test("have labels, which KaTeX does not see", () => {
    const n = numberEquations("\\begin{align}a\\label{one}\\\\b\\tag{*}\\label{two}\\\\c\\nonumber\\label{none}\\end{align}", 5);
    expect(n.labels).toEqual([["one", "5"], ["two", "*"]]);
    expect(n.tex).not.toContain("label");
    expect(katex.renderToString(n.tex, { displayMode: true })).toContain("(5)".slice(1, 2));
    expect(numberEquations("x \\tag{3.1} \\label{q}", 1).labels).toEqual([["q", "3.1"]]);
    expect(withReferences("a \\text{ by } \\eqref{one}, \\ref{gone}", new Map([["one", "5"]]))).toBe("a \\text{ by } \\text{(5)}, \\text{?}");
  });

  test("are counted over the cells, in their order", () => {
    const a = "$$\\begin{equation}x\\label{a}\\end{equation}$$";
    const two = "\\begin{align}\nx\\\\\ny\\label{b}\n\\end{align}";
    expect(equationsOf(two)).toEqual({ count: 2, labels: [{ label: "b", nth: 1 }] });
    const n = count([["1", a], ["2", "no equation, $x$"], ["3", two], ["4", a], ["5", "see \\eqref{b}"]]);
    expect([...n.first]).toEqual([["1", 1], ["3", 2], ["4", 4], ["5", 5]]);
    expect([...n.labels]).toEqual([["a", "1"], ["b", "3"]]);
    expect(n.cells.get("b")).toBe("3");
    expect(mayNumber("plain $x$")).toBe(false);
  });

  test("are referred to in text, which leads to them", () => {
    let gone = "";
    const d = html(renderMarkdown("see \\eqref{a}, \\ref{a} and \\eqref{nowhere}\n\n\\begin{equation}y\\end{equation}", { equations: { first: 7, labels: new Map([["a", "<2>"]]), go: (l) => (gone = l) } }));
    expect(d.querySelector("p")!.textContent).toBe("see (<2>), <2> and (?)");
    d.querySelector<HTMLElement>("a[data-ref]")!.click();
    expect(gone).toBe("a");
    expect(d.querySelector(".math")!.textContent).toContain("\\tag{7}");
  });
});

describe("footnotes", () => {
  test("and their marks lead to each other, without ids", () => {
    const d = html(renderMarkdown("A claim[^1] and another^[inline].\n\n[^1]: The *reason*. <script>alert(1)</script>"));
    document.body.append(d);
    const refs = [...d.querySelectorAll<HTMLElement>(".footnote-ref a")];
    expect(refs.map((a) => [a.textContent, a.getAttribute("aria-label")])).toEqual([["[1]", "Footnote 1"], ["[2]", "Footnote 2"]]);
    expect(d.querySelectorAll("[id]").length).toBe(0);
    expect(d.querySelector("script")).toBeNull();
    const notes = [...d.querySelectorAll<HTMLElement>(".footnote-item")];
    expect(notes[0]!.textContent).toContain("The reason.");
    for (const n of [...notes, ...refs]) n.scrollIntoView = () => {};
    refs[0]!.click();
    expect(document.activeElement).toBe(notes[0]);
    d.querySelectorAll<HTMLElement>(".footnote-backref")[1]!.click();
    expect(document.activeElement).toBe(refs[1]);
    d.remove();
  });
});
