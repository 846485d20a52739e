// What the kernel says of a name: declarations in colours, a line each; and prose.

import { ansiToNodes } from "../outputs/ansi";
import { highlightGo } from "./highlight";

interface Part {
  kind: "code" | "prose";
  text: string;
}

/** The parts of a description behind its first declaration: methods, imports and code are code, all else is prose. */
export function docParts(text: string): Part[] {
  const out: Part[] = [];
  for (const paragraph of text.split(/\n[^\S\n]*\n/)) {
    if (paragraph.trim() === "") continue;
    const kind = isCode(paragraph) ? "code" : "prose";
    const last = out.at(-1);
    if (last && last.kind === kind) last.text += "\n\n" + paragraph;
    else out.push({ kind, text: paragraph });
  }
  return out;
}

/** Says that a paragraph is a declaration, or lines that are indented, as code is in doc comments. */
function isCode(paragraph: string): boolean {
  const lines = paragraph.split("\n").filter((l) => l !== "");
  return /^(func( \([^)]*\))? ?\w*[[(]|import "|(var|const|type) \w+ .*[{(=]$|\/\/ … \d+ more)/.test(lines[0]!) || lines.every((l) => /^([ \t]|[})])/.test(l) && !/^ *[-*•\d]/.test(l));
}

/** The parts as nodes. */
export function docNodes(text: string): DocumentFragment {
  const out = document.createDocumentFragment();
  for (const { kind, text: part } of docParts(text)) {
    const el = document.createElement(kind === "code" ? "pre" : "div");
    el.className = kind === "code" ? "doc-code" : "doc-body";
    el.append(part.includes("\x1b") ? ansiToNodes(part) : kind === "code" ? highlightGo(part.replace(/^\n+/, "")) : reflow(part.trim()));
    out.append(el);
  }
  return out;
}

/** Joins the lines of paragraphs, which doc comments break at a width of their own. */
function reflow(text: string): string {
  return text.replace(/^(\S.{44,})\n(?=[^\s\-*•#])/gm, "$1 ");
}
