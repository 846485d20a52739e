// Formulas for reports, which have no scripts: this one runs in the program that writes
// them. It is built into dist/math.js and defines functions for it.

import katex from "katex";
import { numberEquations, referenceText, withReferences } from "../outputs/equations";
import { mathAt } from "../outputs/math";

type Labels = Record<string, string>;

/** A formula with the numbers of its equations from first on, as JSON of {tex, next, labels}. */
function number(tex: string, first: number): string {
  const { labels, ...n } = numberEquations(tex.trim(), first);
  return JSON.stringify({ ...n, labels: Object.fromEntries(labels) });
}

/** A formula as MathML, with the numbers beside it. Without known labels, references show a question mark. */
function set(tex: string, display: boolean, labels: string): string {
  let source = withReferences(tex, new Map(Object.entries(JSON.parse(labels) as Labels)));
  const tags = [...source.matchAll(/\\tag(\*?)\s*\{([^{}]*)\}/g)].map((m) => (m[1] ? m[2]! : `(${m[2]})`));
  const rows = /\\begin\{(align|gather|alignat)\}/.test(source);
  if (display && tags.length > 0 && !rows) source = source.replace(/\\tag\*?\s*\{[^{}]*\}/g, "");
  let html = katex.renderToString(source, { output: "mathml", displayMode: display, throwOnError: false, trust: false, maxExpand: 200, maxSize: 50 });
  if (!display || tags.length === 0) return html;
  if (!rows) return html + `<span class="math-number">${escaped(tags.join(" "))}</span>`;
  // KaTeX leaves the column of the numbers empty.
  let row = 0;
  html = html.replace(/<mtd class ?="mml-eqn-num"><\/mtd>/g, () => `<mtd class="mml-eqn-num"><mtext>${escaped(tags[row++] ?? "")}</mtext></mtd>`);
  return html;
}

const escaped = (s: string) => s.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** What of a LaTeX output is the formula: its own delimiters are taken off. */
function formulaOf(text: string): string {
  const trimmed = text.trim();
  const found = mathAt(trimmed, 0, trimmed.length, () => []);
  return found && found.end === trimmed.length ? found.tex : trimmed;
}

/** How long a formula is that begins at the front of a text, in UTF-16 units, as JSON of {tex, display, end}; "" for none. */
function at(text: string): string {
  const found = mathAt(text, 0);
  return found ? JSON.stringify(found) : "";
}

Object.assign(globalThis, { mathNumber: number, mathSet: set, mathOf: formulaOf, mathAt: at, mathReference: referenceText });
