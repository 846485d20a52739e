// What the kernel knows of a name: on a key, under the mouse, beside a completion.

import { StateEffect, StateField, type EditorState } from "@codemirror/state";
import { EditorView, hoverTooltip, showTooltip, type Tooltip } from "@codemirror/view";
import { ansiToNodes } from "../outputs/ansi";
import { renderMarkdown } from "../outputs/markdown";
import { docNodes } from "./docText";
import { highlightGo } from "./highlight";
import type { Notebook } from "./notebook";

interface InspectReply {
  found?: boolean;
  data?: Record<string, string>;
}

async function ask(nb: Notebook, code: string, pos: number, detail = 0): Promise<HTMLElement | null> {
  let reply: InspectReply;
  try {
    reply = (await nb.socket.request("inspect", { code, pos, detail })) as InspectReply;
  } catch {
    return null;
  }
  return reply.found && reply.data ? render(reply.data) : null;
}

function render(data: Record<string, string>): HTMLElement | null {
  const el = document.createElement("div");
  el.className = "doc";
  if (data["text/markdown"]) {
    el.append(renderMarkdown(data["text/markdown"], false));
    return el;
  }
  const text = data["text/plain"];
  if (!text) return null;
  // The first paragraph is the declaration.
  const at = text.search(/\n\s*\n/);
  const head = document.createElement("pre");
  head.className = "doc-head";
  const first = at < 0 ? text : text.slice(0, at);
  head.append(first.includes("\x1b") ? ansiToNodes(first) : declaration(first));
  el.append(head);
  if (at >= 0) el.append(docNodes(text.slice(at)));
  return el;
}

/** A declaration in colours; what a line of carets points at is marked, as lines may wrap. */
export function declaration(text: string): DocumentFragment {
  const found = /(?:^|\n)(.*)\n([ \t]*)(\^+)(?=\n|$)/.exec(text);
  if (!found) return highlightGo(text);
  const from = found.index + (text[found.index] === "\n" ? 1 : 0) + found[2]!.length;
  const to = from + found[3]!.length;
  const lineEnd = found.index + (text[found.index] === "\n" ? 1 : 0) + found[1]!.length;
  const out = document.createDocumentFragment();
  const mark = document.createElement("mark");
  mark.append(highlightGo(text.slice(from, to)));
  out.append(highlightGo(text.slice(0, from)), mark, highlightGo(text.slice(to, lineEnd)), text.slice(found.index + found[0].length));
  return out;
}

/** The declaration of what stands at pos, with the parameter marked if it is an argument. */
export async function inspectHead(nb: Notebook, code: string, pos: number): Promise<HTMLElement | null> {
  const el = await ask(nb, code, pos);
  return el?.querySelector<HTMLElement>(".doc-head") ?? null;
}

/** The documentation of the name that ends at pos; null if nothing is known. */
export function documentation(nb: Notebook, code: string, pos: number): Promise<HTMLElement | null> {
  return ask(nb, code, pos);
}

const setTooltip = StateEffect.define<Tooltip | null>();

const field = StateField.define<Tooltip | null>({
  create: () => null,
  update(value, tr) {
    for (const e of tr.effects) if (e.is(setTooltip)) return e.value;
    if (!value) return null;
    if (tr.docChanged || tr.selection) return null;
    return value;
  },
  provide: (f) => showTooltip.from(f),
});

export const inspectTooltip = field;

/** Shows a tooltip, or with null hides it. Says whether there was one to hide. */
export function showInspect(view: EditorView, tooltip: Tooltip | null): boolean {
  const had = view.state.field(field, false) != null;
  if (tooltip || had) view.dispatch({ effects: setTooltip.of(tooltip) });
  return had;
}

/** Asks the kernel about the name or call at pos and shows what it says. */
export async function inspectAt(nb: Notebook, view: EditorView, pos: number): Promise<void> {
  const before = view.state.doc;
  const el = await ask(nb, before.toString(), pos);
  if (!view.state.doc.eq(before) || !view.hasFocus) return;
  showInspect(view, { pos, above: true, arrow: false, create: () => ({ dom: framed(el ?? nothing()) }) });
}

function nothing(): HTMLElement {
  const el = document.createElement("div");
  el.className = "doc-none";
  el.textContent = "Nothing is known of this";
  return el;
}

function framed(el: HTMLElement): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "inspect";
  dom.setAttribute("role", "tooltip");
  dom.append(el);
  return dom;
}

/** Shows what is known of the name under the mouse. */
export function inspectHover(nb: Notebook) {
  return hoverTooltip(
    async (view, pos) => {
      const word = wordAt(view.state, pos);
      if (!word) return null;
      const el = await ask(nb, view.state.doc.toString(), word.to);
      return el ? { pos: word.from, end: word.to, above: true, create: () => ({ dom: framed(el) }) } : null;
    },
    { hoverTime: 450 },
  );
}

function wordAt(state: EditorState, pos: number): { from: number; to: number } | null {
  const range = state.wordAt(pos);
  if (!range || !/^[\p{L}_]/u.test(state.sliceDoc(range.from, range.to))) return null;
  return range;
}
