// Matches in outputs: counted in what is shown, and in the texts of those that are not
// shown yet, as their cells are far from the screen.

import { overwrite, plain } from "../outputs/ansi";
import { chooseMime } from "../outputs/mime";
import type { Output } from "../room/types";
import { openPart } from "./hide";
import { rangesIn } from "./marks";
import type { Notebook } from "./notebook";

const current = "find-current";
const most = 2_000; // matches of one cell
const patience = 60; // frames until a cell is shown

const texts = new WeakMap<Output, string>();

/** About the text that an output shows. */
export function textOf(o: Output): string {
  let text = texts.get(o);
  if (text === undefined) texts.set(o, (text = read(o)));
  return text;
}

function read(o: Output): string {
  if (o.later) return "";
  if (o.output_type === "stream") return plain(overwrite(o.text ?? ""));
  if (o.output_type === "error") return plain(o.traceback?.join("\n") ?? `${o.ename}: ${o.evalue}`);
  const mime = chooseMime(o.data ?? {});
  const value = o.data?.[mime ?? ""];
  if (!mime || mime === "application/javascript" || (mime.startsWith("image/") && mime !== "image/svg+xml")) return "";
  if (typeof value !== "string") return JSON.stringify(value) ?? "";
  if (mime !== "text/html" && mime !== "image/svg+xml") return plain(value);
  const page = new DOMParser().parseFromString(value, "text/html"); // whose scripts do not run
  for (const el of page.querySelectorAll("style, script")) el.remove();
  return page.body.textContent ?? "";
}

const shown = (cell: string) => document.querySelectorAll(`#cell-${CSS.escape(cell)} .output`);

function ranges(cell: string, re: RegExp): Range[] {
  const out: Range[] = [];
  for (const el of shown(cell)) out.push(...rangesIn(el, re, most - out.length));
  return out;
}

/** How many matches the outputs of a cell have. */
export function countInOutputs(nb: Notebook, cell: string, re: RegExp): number {
  const c = nb.cell(cell).peek();
  if (c.outputs.length === 0) return 0;
  if (shown(cell).length > 0) return ranges(cell, re).length;
  let n = 0;
  for (const o of c.outputs) for (const m of textOf(o).matchAll(re)) if (m[0] !== "" && n < most) n++;
  return n;
}

/** Goes to a match in the outputs of a cell, and marks it. */
export function showInOutputs(nb: Notebook, cell: string, nth: number, re: RegExp, opens = true): void {
  nb.mode.value = "command";
  nb.select(cell);
  if (opens) openPart(nb, cell, "outputs");
  const turn = ++turns;
  const look = (left: number) => {
    if (turn !== turns) return;
    const list = ranges(cell, re);
    const range = list[Math.min(nth, list.length - 1)];
    if (!range) {
      if (left === patience) document.getElementById("cell-" + cell)?.scrollIntoView({ block: "center" });
      if (left > 0) requestAnimationFrame(() => look(left - 1));
      return;
    }
    const at = range.startContainer.parentElement;
    at?.scrollIntoView({ block: "nearest" });
    // A long text scrolls in its own box first.
    const box = at?.closest<HTMLElement>("pre.text, .outputs-scroll");
    if (box && box.scrollHeight > box.clientHeight) box.scrollTop += range.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 2;
    const { top, bottom } = range.getBoundingClientRect();
    if (top < 120 || bottom > innerHeight - 60) scrollBy({ top: top - innerHeight / 2, behavior: "instant" });
    if (typeof Highlight !== "undefined") CSS.highlights.set(current, Object.assign(new Highlight(range), { priority: 1 }));
  };
  look(patience);
}

let turns = 0;

/** Takes the mark of the match that was gone to away. */
export function unmarkOutput(): void {
  turns++;
  if (typeof Highlight !== "undefined") CSS.highlights.delete(current);
}
