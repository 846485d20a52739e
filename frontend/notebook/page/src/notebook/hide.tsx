// What is hidden of cells, as Jupyter keeps it in their metadata.

import type { Cell } from "../room/state";
import type { Bundle, Output } from "../room/types";
import { announce } from "../ui/notify";
import type { Notebook } from "./notebook";

export type Part = "source" | "outputs";

const ofJupyter = (metadata: Bundle) => (metadata.jupyter ?? {}) as Bundle;

/** Says whether a part of a cell is hidden, by the metadata of the cell. */
export function isHidden(metadata: Bundle, part: Part): boolean {
  const named = ofJupyter(metadata)[part + "_hidden"];
  return typeof named === "boolean" ? named : part === "outputs" && metadata.collapsed === true;
}

/** The metadata of a cell with a part of it hidden or shown. What else is in it stays. */
export function withHidden(metadata: Bundle, part: Part, hidden: boolean): Bundle {
  const { jupyter: _, collapsed: __, ...rest } = metadata;
  const jupyter = { ...ofJupyter(metadata) };
  let { collapsed } = metadata;
  delete jupyter[part + "_hidden"];
  if (hidden) jupyter[part + "_hidden"] = true;
  if (part === "outputs") collapsed = hidden || undefined; // which says the same to programs of before
  return { ...rest, ...(Object.keys(jupyter).length > 0 ? { jupyter } : {}), ...(collapsed === undefined ? {} : { collapsed }) };
}

/** Says whether the outputs of a cell scroll in a box of their own. */
export const isScrolled = (metadata: Bundle) => metadata.scrolled === true;

/** Says whether this page hides a part of a cell: one that is hidden, and was not opened here. */
export function hides(nb: Pick<Notebook, "opened">, c: Cell, part: Part): boolean {
  return !nb.opened.value.has(`${part} ${c.id}`) && isHidden(c.metadata, part);
}

/** Shows a hidden part of a cell in this page, as something in it is gone to. It stays hidden in the file. */
export function openPart(nb: Pick<Notebook, "opened" | "cell">, id: string, part: Part): void {
  if (hides(nb, nb.cell(id).peek(), part)) nb.opened.value = new Set([...nb.opened.peek(), `${part} ${id}`]);
}

function closeParts(nb: Notebook, ids: readonly string[], part: Part): void {
  const closed = new Set(ids.map((id) => `${part} ${id}`));
  nb.opened.value = new Set([...nb.opened.peek()].filter((o) => !closed.has(o)));
}

/** Hides or shows a part of cells: if it is shown of any, it is hidden of all. */
export async function toggleHidden(nb: Notebook, part: Part, ids = nb.selection()): Promise<void> {
  const some = ids.filter((id) => part === "source" || nb.cell(id).peek().type === "code");
  const hide = some.some((id) => !hides(nb, nb.cell(id).peek(), part));
  closeParts(nb, some, part);
  await change(nb, some.filter((id) => isHidden(nb.cell(id).peek().metadata, part) !== hide), (m) => withHidden(m, part, hide));
  if (some.length > 0) announce(`${part === "source" ? "Source" : "Output"} ${hide ? "hidden" : "shown"}`);
}

/** Has the outputs of cells scroll in a box, or show whole. */
export async function toggleScrolled(nb: Notebook, ids = nb.selection()): Promise<void> {
  const some = ids.filter((id) => nb.cell(id).peek().type === "code");
  const scroll = some.some((id) => !isScrolled(nb.cell(id).peek().metadata));
  await change(nb, some, ({ scrolled: _, ...rest }) => (scroll ? { ...rest, scrolled: true } : rest));
  if (some.length > 0) announce(scroll ? "The output scrolls" : "The output shows whole");
}

async function change(nb: Notebook, ids: readonly string[], f: (metadata: Bundle) => Bundle): Promise<void> {
  await Promise.all(ids.map((id) => nb.ask("metadata", { cell: id, metadata: f(nb.cell(id).peek().metadata) })));
}

/** What stands in the place of a part that is hidden, and shows it again. */
export function HiddenBar({ nb, id, part, text }: { nb: Notebook; id: string; part: Part; text: string }) {
  return (
    <button
      class={"hidden-bar hidden-" + part}
      aria-expanded={false}
      aria-label={`Show the ${part === "source" ? "source" : "output"}: ${text}`}
      title={part === "outputs" ? "Show the output (o)" : "Show the source"}
      onClick={() => void toggleHidden(nb, part, [id])}
    >
      <span class="hidden-text">{text}</span>
      <span class="hidden-dots" aria-hidden="true">
        …
      </span>
    </button>
  );
}

/** The bar beside an output, which hides it. */
export function FoldBar({ nb, id }: { nb: Notebook; id: string }) {
  return <button class="fold-bar" tabIndex={-1} aria-expanded={true} aria-label="Hide the output" title="Hide the output (o)" onClick={() => void toggleHidden(nb, "outputs", [id])} />;
}

/** The first line of a source that says something. */
export const firstLine = (source: string) => source.split("\n").find((l) => l.trim() !== "")?.trim() ?? "empty";

/** What is hidden of outputs, in words. */
export function outputWords(outputs: readonly Output[]): string {
  const failed = outputs.some((o) => o.output_type === "error");
  const n = outputs.length;
  return `${n === 1 ? "1 output" : `${n} outputs`}${failed ? ", with an error" : ""}`;
}
