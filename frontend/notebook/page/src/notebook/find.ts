// Find and replace over every cell of the notebook.

import { signal } from "@preact/signals";
import { RangeSetBuilder, StateEffect, type Extension } from "@codemirror/state";
import { Decoration, ViewPlugin, type DecorationSet, type EditorView, type ViewUpdate } from "@codemirror/view";
import { countInOutputs, showInOutputs, unmarkOutput } from "./findOutputs";
import type { Notebook } from "./notebook";
import { changeTexts, type Replaced } from "./replaceUndo";

export interface Query {
  text: string;
  caseSensitive: boolean;
  regexp: boolean;
}

export interface Match {
  cell: string;
  from: number;
  to: number;
  /** Which match in the cell's outputs it is, behind those in its source. */
  output?: number;
}

const afterSource = 2 ** 32; // from of the matches in outputs

export const findOpen = signal(false);
export const findQuery = signal<Query>({ text: "", caseSensitive: false, regexp: false });
export const findCurrent = signal<Match | null>(null);

/** The expression of a query; null if it is empty or no expression. */
export function expression(q: Query): RegExp | null {
  if (q.text === "") return null;
  try {
    return new RegExp(q.regexp ? q.text : q.text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), q.caseSensitive ? "gmu" : "gimu");
  } catch {
    return null;
  }
}

const mostMatches = 10_000;

/** Every match of a query in sources and outputs, in the order of the cells. */
export function findAll(nb: Notebook, q: Query): Match[] {
  const re = expression(q);
  const out: Match[] = [];
  if (!re) return out;
  for (const cell of nb.order.peek()) {
    for (const m of nb.source(cell).matchAll(re)) {
      if (m[0] === "") continue;
      out.push({ cell, from: m.index, to: m.index + m[0].length });
      if (out.length >= mostMatches) return out;
    }
    const n = nb.cell(cell).peek().type === "code" ? countInOutputs(nb, cell, re) : 0;
    for (let i = 0; i < n && out.length < mostMatches; i++) out.push({ cell, from: afterSource + i, to: afterSource + i, output: i });
  }
  return out;
}

/** Shows a match where it is. */
export function showMatch(nb: Notebook, m: Match, q: Query, opens = true): void {
  unmarkOutput();
  const re = expression(q);
  if (m.output === undefined) nb.show(m.cell, m.from, m.to, opens);
  else if (re) showInOutputs(nb, m.cell, m.output, re, opens);
}

/** The first match at or behind a place, from the top again if there is none. */
export function firstFrom(nb: Pick<Notebook, "order">, matches: readonly Match[], place: { cell: string; from: number }): Match | undefined {
  const order = new Map(nb.order.peek().map((id, i) => [id, i]));
  const at = order.get(place.cell) ?? 0;
  return matches.find((m) => (m.cell === place.cell ? m.from >= place.from : order.get(m.cell)! > at)) ?? matches[0];
}

/** Replaces matches in sources, as one step that can be undone. */
export function replaceMatches(nb: Notebook, matches: readonly Match[], q: Query, by: string): Replaced | null {
  const re = expression(q);
  if (!re) return null;
  const there = new RegExp(re.source, re.flags.replace("g", "y")); // with what is before and behind, which it may look at
  const byCell = new Map<string, { from: number; to: number; insert: string }[]>();
  for (const m of matches) {
    if (m.output !== undefined) continue;
    const change = { from: m.from, to: m.to, insert: q.regexp ? replacement(there, nb.source(m.cell), m, by) : by };
    byCell.set(m.cell, [...(byCell.get(m.cell) ?? []), change]);
  }
  return changeTexts(nb, byCell);
}

/** What a match becomes: by, with its $1, $& and the like filled in. */
export function replacement(there: RegExp, text: string, m: { from: number; to: number }, by: string): string {
  there.lastIndex = m.from;
  const found = there.exec(text);
  if (!found) return text.slice(m.from, m.to);
  there.lastIndex = m.from;
  // A sticky expression replaces this match alone, and leaves what is before and behind it.
  return text.replace(there, by).slice(m.from, text.length - m.from - found[0].length > 0 ? -(text.length - m.from - found[0].length) : undefined);
}

const refresh = StateEffect.define<null>();
const mark = Decoration.mark({ class: "find-match" });

/** Marks matches in an editor while the find bar is open. */
export function findHighlight(_: Notebook): Extension {
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      private stop: () => void;
      constructor(view: EditorView) {
        this.decorations = build(view);
        let first = true;
        const again = () => {
          findOpen.value;
          findQuery.value;
          if (!first) queueMicrotask(() => view.dispatch({ effects: refresh.of(null) }));
          first = false;
        };
        const stops = [findOpen.subscribe(again), findQuery.subscribe(again)];
        this.stop = () => stops.forEach((s) => s());
      }
      update(u: ViewUpdate) {
        if (u.docChanged || u.viewportChanged || u.transactions.some((t) => t.effects.some((e) => e.is(refresh)))) {
          this.decorations = build(u.view);
        }
      }
      destroy() {
        this.stop();
      }
    },
    { decorations: (v) => v.decorations },
  );
}

function build(view: EditorView): DecorationSet {
  const b = new RangeSetBuilder<Decoration>();
  const re = findOpen.peek() ? expression(findQuery.peek()) : null;
  if (!re) return b.finish();
  for (const { from, to } of view.visibleRanges) {
    for (const m of view.state.sliceDoc(from, to).matchAll(re)) {
      if (m[0] !== "") b.add(from + m.index, from + m.index + m[0].length, mark);
    }
  }
  return b.finish();
}
