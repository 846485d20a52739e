// Markdown as clean nodes.

import MarkdownIt from "markdown-it";
import { highlightGo } from "../notebook/highlight";
import { mathRules, setMath } from "./math";
import { cleanMarkdown, isElsewhere, pictureElsewhere } from "./sanitize";

const md = new MarkdownIt({ html: true, linkify: true });
md.use(mathRules);

export interface MarkdownContext {
  /** The folder of the notebook, for pictures beside it. */
  folder?: string;
  attachments?: Record<string, Record<string, string>>;
}

/** A heading's name in links: words joined by hyphens, as in Jupyter. */
export function slug(heading: string): string {
  return heading.trim().replace(/\s+/g, "-");
}

export function renderMarkdown(source: string, context: MarkdownContext | false = {}): DocumentFragment {
  const content = cleanMarkdown(md.render(source));
  for (const h of content.querySelectorAll<HTMLElement>("h1,h2,h3,h4,h5,h6")) h.dataset.slug = slug(h.textContent ?? "");
  for (const code of content.querySelectorAll<HTMLElement>("pre > code")) {
    if (/language-(go|golang)\b/.test(code.className)) code.replaceChildren(highlightGo(code.textContent ?? ""));
    code.parentElement!.tabIndex = 0;
  }
  for (const img of content.querySelectorAll("img")) placeImage(img, context || {});
  for (const item of content.querySelectorAll("li")) markTask(item);
  for (const t of content.querySelectorAll("table")) {
    const wrap = document.createElement("div");
    wrap.className = "table-scroll";
    t.replaceWith(wrap);
    wrap.append(t);
  }
  void setMath(content);
  return content;
}

/** Makes a box of the "[ ]" or "[x]" at the beginning of an item of a list. */
function markTask(item: HTMLElement): void {
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
  text: string;
}

/** The headings of a Markdown source, in order; those in code are none. */
export function headings(source: string): Heading[] {
  const out: Heading[] = [];
  if (!source.includes("#") && !/^(=|-)+\s*$/m.test(source)) return out;
  const list = md.parse(source, {});
  for (let i = 0; i < list.length; i++) {
    if (list[i]!.type !== "heading_open") continue;
    const inline = list[i + 1];
    const text = (inline?.children ?? [])
      .map((c) => (c.type === "text" || c.type === "code_inline" || c.type === "math" ? c.content : c.type === "softbreak" ? " " : ""))
      .join("");
    out.push({ level: Number(list[i]!.tag.slice(1)), text });
  }
  return out;
}
