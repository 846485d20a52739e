// Markdown as clean nodes.

import MarkdownIt from "markdown-it";
import footnote from "markdown-it-footnote";
import { highlightGo } from "../notebook/highlight";
import { shortened } from "../ui/format";
import { numberEquations, type Equations } from "./equations";
import { mathRules, setMath, type MathEnv } from "./math";
import { cleanMarkdown, isElsewhere, pictureElsewhere } from "./sanitize";

const md = new MarkdownIt({ html: true, linkify: true });
md.use(mathRules);
md.use(footnote);
// The panel of contents knows the headings of Markdown; those in HTML have no mark.
md.core.ruler.push("mark_headings", (state) => {
  for (const t of state.tokens) if (t.type === "heading_open") t.attrSet("data-heading", "");
});
// Items that are tasks know their line.
md.core.ruler.push("task_lines", (state) => {
  state.tokens.forEach((t, i) => {
    const inline = state.tokens[i + 2];
    if (t.type === "list_item_open" && inline?.type === "inline" && inline.map && /^\[[ xX]\]\s/.test(inline.content)) t.attrSet("data-line", String(inline.map[0]));
  });
});

interface MarkdownContext {
  /** The folder of the notebook, for pictures beside it. */
  folder?: string;
  attachments?: Record<string, Record<string, string>>;
  /** What its equations are called; without, they count from 1. */
  equations?: Equations;
  /** Is told of a task, by its line in the source, counted from 0, that is marked as done or not; without, boxes only show. */
  onTask?: (line: number, done: boolean) => void;
}

/** A heading's name in links: words joined by hyphens, as in Jupyter. */
export function slug(heading: string): string {
  return heading.trim().replace(/\s+/g, "-");
}

export function renderMarkdown(source: string, context: MarkdownContext | false = {}): DocumentFragment {
  const equations = context ? context.equations : undefined;
  const env: MathEnv = equations ? { equations, next: equations.first } : {};
  const content = cleanMarkdown(md.render(source, env));
  for (const code of content.querySelectorAll<HTMLElement>("pre > code")) {
    if (/language-(go|golang)\b/.test(code.className)) code.replaceChildren(highlightGo(code.textContent ?? ""));
    code.parentElement!.tabIndex = 0;
  }
  for (const img of content.querySelectorAll("img")) placeImage(img, context || {});
  for (const item of content.querySelectorAll("li")) markTask(item, context ? context.onTask : undefined);
  for (const t of content.querySelectorAll("table")) {
    const wrap = document.createElement("div");
    wrap.className = "table-scroll";
    t.replaceWith(wrap);
    wrap.append(t);
  }
  for (const a of content.querySelectorAll<HTMLElement>("a[data-ref]")) onGo(a, () => equations?.go?.(a.dataset.ref!));
  if (content.querySelector(".footnotes")) linkFootnotes(content);
  void setMath(content);
  return content;
}

function onGo(a: HTMLElement, go: () => void): void {
  a.removeAttribute("target");
  a.addEventListener("click", (e) => {
    e.preventDefault();
    go();
  });
}

/** Has footnotes and what refers to them lead to each other. They have no ids: other cells have the same. */
function linkFootnotes(content: DocumentFragment): void {
  const targets = new Map<string, HTMLElement>();
  for (const el of content.querySelectorAll<HTMLElement>(".footnote-ref a[id], .footnote-item[id]")) {
    targets.set(el.id.replace(/^user-content-/, ""), el);
    el.removeAttribute("id");
  }
  for (const a of content.querySelectorAll<HTMLAnchorElement>(".footnote-ref a, a.footnote-backref")) {
    const to = targets.get(a.getAttribute("href")!.slice(1));
    const back = a.classList.contains("footnote-backref");
    a.setAttribute("aria-label", back ? "Back to the text" : "Footnote " + (a.textContent ?? "").replace(/[[\]]/g, ""));
    if (back) a.textContent = "↩";
    onGo(a, () => {
      if (!to) return;
      to.scrollIntoView({ block: "center" });
      if (to.tabIndex < 0) to.tabIndex = -1;
      to.focus({ preventScroll: true });
    });
  }
}

/** How many equations of a source have numbers; and its labels, with their place among those or their tag. */
export function equationsOf(source: string): { count: number; labels: { label: string; nth: number; tag?: string }[] } {
  const labels: { label: string; nth: number; tag?: string }[] = [];
  let next = 1;
  for (const t of md.parse(source, {}).flatMap((t) => [t, ...(t.children ?? [])])) {
    if (t.type !== "math" && t.type !== "math_block") continue;
    const n = numberEquations(t.content, next);
    for (const [label, text] of n.labels) {
      const nth = Number(text) - 1;
      labels.push(nth >= next - 1 && nth < n.next - 1 ? { label, nth } : { label, nth: 0, tag: text });
    }
    next = n.next;
  }
  return { count: next - 1, labels };
}

/** Makes a box of the "[ ]" or "[x]" at the beginning of an item of a list. */
function markTask(item: HTMLElement, onTask: MarkdownContext["onTask"]): void {
  const first = item.querySelector(":scope > p:first-child") ?? item;
  const text = first.firstChild;
  const mark = text?.nodeType === Node.TEXT_NODE ? /^\s*\[([ xX])\]\s+/.exec(text.nodeValue!) : null;
  if (!mark) return;
  text!.nodeValue = text!.nodeValue!.slice(mark[0].length);
  const box = document.createElement("input");
  box.type = "checkbox";
  box.disabled = true;
  box.checked = mark[1] !== " ";
  box.setAttribute("aria-label", box.checked ? "done" : "to do");
  const line = item.dataset.line;
  if (onTask && line !== undefined && /^\d+$/.test(line)) {
    const words = [...first.childNodes].filter((n) => !/^[UO]L$/.test(n.nodeName)).map((n) => n.textContent);
    box.disabled = false;
    box.setAttribute("aria-label", shortened(words.join("").trim(), 100) || "task");
    box.addEventListener("change", () => onTask(Number(line), box.checked));
  }
  first.insertBefore(box, text!);
  item.classList.add("task");
}

/** Finds the bytes of a picture: attached to the cell, or in a file beside the notebook. */
function placeImage(img: HTMLImageElement, context: MarkdownContext): void {
  const src = img.getAttribute("src") ?? "";
  img.loading = "lazy";
  if (src.startsWith("attachment:")) {
    const [mime, data] = Object.entries(context.attachments?.[decodeURIComponent(src.slice(11))] ?? {})[0] ?? [];
    if (mime && data && /^image\/(png|jpeg|gif|webp|svg\+xml)$/.test(mime)) img.src = `data:${mime};base64,${data}`;
    return;
  }
  if (isElsewhere(src)) {
    pictureElsewhere(img);
    return;
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(src) || src === "") return;
  const path = new URL(src, `http://x/files/${(context.folder ?? "").split("/").map(encodeURIComponent).join("/")}/`).pathname;
  if (path.startsWith("/files/")) img.src = path.replace(/\/{2,}/g, "/");
  else img.removeAttribute("src"); // it would be outside of the folder that is served
}

export interface Heading {
  level: number;
  parts: readonly HeadingPart[];
}

interface HeadingPart {
  kind: "text" | "code" | "math";
  text: string;
}

/** The headings of a Markdown source, in order; those in code are none. */
export function headings(source: string): Heading[] {
  const out: Heading[] = [];
  if (!source.includes("#") && !/^(=|-)+\s*$/m.test(source)) return out;
  const list = md.parse(source, {});
  for (let i = 0; i < list.length; i++) {
    if (list[i]!.type !== "heading_open") continue;
    const parts: HeadingPart[] = [];
    const add = (kind: HeadingPart["kind"], text: string) => {
      const last = parts.at(-1);
      if (kind === "text" && last?.kind === "text") last.text += text;
      else if (text !== "") parts.push({ kind, text });
    };
    for (const c of list[i + 1]?.children ?? []) {
      if (c.type === "text") add("text", c.content);
      else if (c.type === "code_inline") add("code", c.content);
      else if (c.type === "math") add("math", c.content);
      else if (c.type === "softbreak") add("text", " ");
    }
    out.push({ level: Number(list[i]!.tag.slice(1)), parts });
  }
  return out;
}

/** A heading as nodes, for a list of headings. */
export function headingNodes(parts: readonly HeadingPart[]): DocumentFragment {
  const out = document.createDocumentFragment();
  for (const { kind, text } of parts) {
    if (kind === "text") {
      out.append(text);
      continue;
    }
    const el = document.createElement(kind === "code" ? "code" : "span");
    if (kind === "math") el.className = "math";
    el.textContent = text;
    out.append(el);
  }
  void setMath(out);
  return out;
}
