// Mathematics: found in Markdown by a rule for markdown-it, set by KaTeX, which is
// loaded when a notebook first needs it.

import type { MarkdownIt } from "markdown-it";

const escapeHTML = (s: string) =>
  s.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

/** Finds $…$, $$…$$, \(…\), \[…\] and \begin{…}…\end{…}. */
export function mathRules(md: MarkdownIt): void {
  md.inline.ruler.before("escape", "math", (state, silent) => {
    const found = mathAt(state.src, state.pos, state.posMax);
    if (!found) return false;
    if (!silent) {
      const token = state.push("math", "span", 0);
      token.content = found.tex;
      token.meta = { display: found.display };
    }
    state.pos = found.end;
    return true;
  });
  md.renderer.rules.math = (tokens, i) => {
    const t = tokens[i]!;
    return `<span class="math${t.meta?.display ? " math-display" : ""}">${escapeHTML(t.content)}</span>`;
  };
  md.block.ruler.before(
    "fence",
    "math_block",
    (state, startLine, endLine, silent) => {
      const begin = state.bMarks[startLine]! + state.tShift[startLine]!;
      const first = state.src.slice(begin, state.eMarks[startLine]!);
      const open = /^(\$\$|\\\[|\\begin\{(?:equation|align|gather|multline|cases|matrix|pmatrix|bmatrix)\*?\})/.exec(first);
      if (!open) return false;
      const close = open[1] === "$$" ? "$$" : open[1] === "\\[" ? "\\]" : open[1]!.replace("begin", "end");
      for (let line = startLine; line < endLine; line++) {
        const lineEnd = state.eMarks[line]!;
        const text = state.src.slice(begin, lineEnd);
        const at = text.indexOf(close, open[1]!.length);
        if (at < 0) continue;
        if (text.slice(at + close.length).trim() !== "") return false;
        if (silent) return true;
        const token = state.push("math_block", "div", 0);
        const own = open[1]!.startsWith("\\begin");
        token.content = own ? text.slice(0, at + close.length) : text.slice(open[1]!.length, at);
        token.block = true;
        token.map = [startLine, line + 1];
        state.line = line + 1;
        return true;
      }
      return false;
    },
    { alt: ["paragraph", "reference", "blockquote", "list"] },
  );
  md.renderer.rules.math_block = (tokens, i) =>
    `<p><span class="math math-display">${escapeHTML(tokens[i]!.content.trim())}</span></p>\n`;
}

interface Found {
  tex: string;
  display: boolean;
  end: number;
}

/** The formula that begins at a position. A $ before a digit after the formula is money. */
export function mathAt(src: string, pos: number, max = src.length): Found | null {
  const rest = src.slice(pos, max);
  const pairs: [string, string, boolean][] = [
    ["$$", "$$", true],
    ["\\[", "\\]", true],
    ["\\(", "\\)", false],
  ];
  for (const [open, close, display] of pairs) {
    if (!rest.startsWith(open)) continue;
    const at = rest.indexOf(close, open.length);
    if (at <= open.length) return null;
    return { tex: rest.slice(open.length, at), display, end: pos + at + close.length };
  }
  if (!rest.startsWith("$")) return null;
  const m = /^\$(?![\s$])((?:\\.|[^\\$])*?[^\s\\])\$(?!\d)/.exec(rest) ?? /^\$([^\s\\$])\$(?!\d)/.exec(rest);
  return m ? { tex: m[1]!, display: false, end: pos + m[0].length } : null;
}

/** Sets the formulas in a tree. They are shown as source until KaTeX is there. */
export async function setMath(root: ParentNode): Promise<void> {
  const formulas = root.querySelectorAll<HTMLElement>(".math");
  if (formulas.length === 0) return;
  const { default: katex } = await import("./katex");
  for (const el of formulas) {
    const tex = el.textContent ?? "";
    katex.render(tex, el, {
      displayMode: el.classList.contains("math-display"),
      throwOnError: false,
      trust: false,
      maxExpand: 200,
      maxSize: 50,
    });
  }
}

/** A LaTeX output as a formula: its own delimiters are taken off. */
export function latexNode(text: string): HTMLElement {
  const el = document.createElement("div");
  const trimmed = text.trim();
  const found = mathAt(trimmed, 0);
  const whole = found && found.end === trimmed.length;
  const span = document.createElement("span");
  span.className = "math math-display";
  span.textContent = whole ? found.tex : trimmed;
  el.append(span);
  void setMath(el);
  return el;
}
