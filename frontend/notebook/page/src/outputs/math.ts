// Mathematics: found in Markdown by a rule for markdown-it, set by KaTeX, which is
// loaded when a notebook first needs it.

import type { MarkdownIt } from "markdown-it";
import { numberEquations, referenceText, withReferences, type Equations } from "./equations";

const escapeHTML = (s: string) =>
  s.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

/** What rendering is told, and counts in: the number of the next equation. */
export interface MathEnv {
  [key: PropertyKey]: unknown;
  equations?: Equations;
  next?: number;
}

/** A formula as an element, whose equations get their numbers. */
function formula(tex: string, display: boolean, env: MathEnv): string {
  const labels = env.equations?.labels ?? new Map<string, string>();
  const n = numberEquations(tex, env.next ?? 1);
  env.next = n.next;
  const named = n.labels.map(([label]) => label.replace(/\s/g, "")).join(" ");
  return `<span class="math${display ? " math-display" : ""}"${named ? ` data-label="${escapeHTML(named)}"` : ""}>${escapeHTML(withReferences(n.tex, labels).trim())}</span>`;
}

/** Finds $…$, $$…$$, \(…\), \[…\] and \begin{…}…\end{…}, and \ref{…} and \eqref{…} in text. */
export function mathRules(md: MarkdownIt): void {
  md.inline.ruler.before("escape", "math_ref", (state, silent) => {
    const m = /^\\(eq)?ref\{([^{}\n]+)\}/.exec(state.src.slice(state.pos, Math.min(state.posMax, state.pos + 200)));
    if (!m) return false;
    if (!silent) state.push("math_ref", "a", 0).meta = { label: m[2], brackets: m[1] !== undefined };
    state.pos += m[0].length;
    return true;
  });
  md.renderer.rules.math_ref = (tokens, i, _, env: MathEnv = {}) => {
    const { label, brackets } = tokens[i]!.meta as { label: string; brackets: boolean };
    const of = env.equations?.labels.get(label);
    const text = escapeHTML(referenceText(of, brackets));
    return of === undefined ? `<span title="There is no equation with this label">${text}</span>` : `<a href="#" data-ref="${escapeHTML(label)}">${text}</a>`;
  };
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
  md.renderer.rules.math = (tokens, i, _, env: MathEnv = {}) => formula(tokens[i]!.content, tokens[i]!.meta?.display === true, env);
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
  md.renderer.rules.math_block = (tokens, i, _, env: MathEnv = {}) => `<p>${formula(tokens[i]!.content.trim(), true, env)}</p>\n`;
}

interface Found {
  tex: string;
  display: boolean;
  end: number;
}

type Span = readonly [from: number, to: number];

const delimiters: readonly [open: string, close: string, display: boolean][] = [
  ["$$", "$$", true],
  ["\\[", "\\]", true],
  ["\\(", "\\)", false],
];

/**
 * The formula that begins at a position. It does not end in the code of a text, which binds
 * tighter. A $ before a digit after the formula is money.
 */
export function mathAt(src: string, pos: number, max = src.length, spans: (src: string) => readonly Span[] = codeSpans): Found | null {
  for (const [open, close, display] of delimiters) {
    if (!src.startsWith(open, pos)) continue;
    const from = pos + open.length;
    const at = outside(spans(src), from, (i) => src.indexOf(close, i));
    return at > from && at + close.length <= max ? { tex: src.slice(from, at), display, end: at + close.length } : null;
  }
  if (src[pos] !== "$") return null;
  const from = pos + 1;
  if (dollar(src, from) < 0) return null;
  const at = outside(spans(src), from, (i) => dollar(src, i));
  if (at <= from || at >= max || /\s/.test(src[from]! + src[at - 1]!) || /\d/.test(src[at + 1] ?? "")) return null;
  return { tex: src.slice(from, at), display: false, end: at + 1 };
}

/** The next $ that no backslash is before; -1 for none. */
function dollar(src: string, from: number): number {
  for (let i = from; i < src.length; i++) {
    if (src[i] === "\\") i++;
    else if (src[i] === "$") return i;
  }
  return -1;
}

/** The next place, from one on, that find gives and that is in no code. */
function outside(code: readonly Span[], from: number, find: (from: number) => number): number {
  let at = find(from);
  for (let i = firstBehind(code, from); i < code.length && at >= code[i]![0]; i++) {
    if (at < code[i]![1]) at = find(code[i]![1]);
  }
  return at;
}

/** The first of spans in order that ends behind a place. */
function firstBehind(code: readonly Span[], place: number): number {
  let [from, to] = [0, code.length];
  while (from < to) {
    const mid = (from + to) >> 1;
    if (code[mid]![1] > place) to = mid;
    else from = mid + 1;
  }
  return from;
}

/** What is behind the backticks that begin a quotation in TeX, as ``so''. */
const quoted = /^[^`$]*''(?!\s*``)/;

let spansOf: { src: string; spans: Span[] } = { src: "", spans: [] };

/** The code between backticks in a text, as CommonMark has it: up to the next as many backticks. */
function codeSpans(src: string): Span[] {
  if (spansOf.src === src) return spansOf.spans;
  const runs = new Map<number, { at: number[]; next: number }>(); // where backticks may end it, by their number
  for (const { 0: run, index } of src.matchAll(/`+/g)) {
    const those = runs.get(run.length) ?? { at: [], next: 0 };
    those.at.push(index);
    runs.set(run.length, those);
  }
  const spans: Span[] = [];
  const begins = /\\[\s\S]|`+/g;
  for (let m = begins.exec(src); m; m = begins.exec(src)) {
    if (m[0] === "``" && quoted.test(src.slice(begins.lastIndex, begins.lastIndex + 200))) continue;
    const ends = m[0][0] === "`" ? runs.get(m[0].length) : undefined;
    while (ends && ends.at[ends.next]! < begins.lastIndex) ends.next++;
    const end = ends?.at[ends.next];
    if (end === undefined) continue;
    begins.lastIndex = end + m[0].length;
    spans.push([m.index, begins.lastIndex]);
  }
  spansOf = { src, spans };
  return spans;
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
  const found = mathAt(trimmed, 0, trimmed.length, () => []);
  const whole = found && found.end === trimmed.length;
  const span = document.createElement("span");
  span.className = "math math-display";
  span.textContent = whole ? found.tex : trimmed;
  el.append(span);
  void setMath(el);
  return el;
}
