// One count of equations over the notebook, in the order of its cells.

import { computed, type ReadonlySignal } from "@preact/signals";
import { equationsOf } from "../outputs/markdown";
import { mayNumber, type Equations } from "../outputs/equations";
import type { Notebook } from "./notebook";

interface Numbering {
  /** The number of the first equation of a cell. */
  first: ReadonlyMap<string, number>;
  labels: ReadonlyMap<string, string>;
  /** The cell of a label. */
  cells: ReadonlyMap<string, string>;
}

const known = new Map<string, { source: string; found: ReturnType<typeof equationsOf> }>();

/** How many equations a cell numbers from 1 on, and their labels. */
function inCell(id: string, source: string): ReturnType<typeof equationsOf> {
  const k = known.get(id);
  if (k?.source === source) return k.found;
  const found = equationsOf(source);
  known.set(id, { source, found });
  return found;
}

const numberings = new WeakMap<Notebook, ReadonlySignal<Numbering>>();

function numberingOf(nb: Notebook): ReadonlySignal<Numbering> {
  let n = numberings.get(nb);
  if (!n) {
    n = computed(() => {
      nb.edits.value;
      const there = new Set(nb.order.value);
      for (const id of known.keys()) if (!there.has(id)) known.delete(id);
      return count(nb.order.value.filter((id) => nb.cell(id).peek().type === "markdown").map((id) => [id, nb.source(id)]));
    });
    numberings.set(nb, n);
  }
  return n;
}

/** Counts the equations of cells, which are given with their sources. */
export function count(cells: readonly (readonly [id: string, source: string])[]): Numbering {
  const first = new Map<string, number>();
  const labels = new Map<string, string>();
  const where = new Map<string, string>();
  let next = 1;
  for (const [id, source] of cells) {
    if (!mayNumber(source)) continue;
    first.set(id, next);
    const found = inCell(id, source);
    for (const l of found.labels) {
      if (labels.has(l.label)) continue; // the first of a name has it
      labels.set(l.label, l.tag ?? String(next + l.nth));
      where.set(l.label, id);
    }
    next += found.count;
  }
  return { first, labels, cells: where };
}

/** What the equations of a cell are called; key tells whether that is another than before. */
export function equations(nb: Notebook, id: string, source: string): { key: string; of: Equations | undefined } {
  if (!mayNumber(source)) return { key: "", of: undefined };
  const n = numberingOf(nb).value;
  const first = n.first.get(id) ?? 1;
  return { key: JSON.stringify([first, ...n.labels]), of: { first, labels: n.labels, go: (label) => go(nb, label) } };
}

function go(nb: Notebook, label: string): void {
  const id = numberingOf(nb).peek().cells.get(label);
  if (!id) return;
  nb.mode.value = "command";
  nb.go(id);
  requestAnimationFrame(() => document.querySelector(`#cell-${CSS.escape(id)} [data-label~="${CSS.escape(label)}"]`)?.scrollIntoView({ block: "center" }));
}
