// Errors of a run, marked at their place in the source until it changes.

import { forEachDiagnostic, setDiagnosticsEffect, type Diagnostic } from "@codemirror/lint";
import { RangeSetBuilder, StateField, type EditorState, type Extension } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";
import { places, plain } from "../outputs/ansi";
import type { Cell } from "../room/state";

/** How many UTF-16 units of a text its first so many UTF-8 bytes are. */
export function unitsOf(text: string, byteCount: number): number {
  let units = 0;
  let used = 0;
  for (const ch of text) {
    if (used >= byteCount) break;
    const code = ch.codePointAt(0)!;
    used += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units += ch.length;
  }
  return units;
}

/** What the outputs of a cell say of its own lines. */
export function diagnostics(state: EditorState, cell: Cell): Diagnostic[] {
  const { count, stale } = cell.state;
  const out: Diagnostic[] = [];
  if (count === null || stale) return out;
  for (const o of cell.outputs) {
    if (o.output_type !== "error" || o.ename === "Interrupted") continue;
    for (const row of (o.traceback ?? []).join("\n").split("\n")) {
      const text = plain(row);
      const at = places(text)[0];
      if (!at || at.count !== count || !text.startsWith("In[") || at.line > state.doc.lines) continue;
      const line = state.doc.line(at.line);
      const from = line.from + unitsOf(line.text, at.column - 1);
      const word = /^[\p{L}\p{N}_]+/u.exec(state.sliceDoc(from, line.to));
      out.push({
        from,
        to: Math.min(from + (word?.[0].length ?? 1), line.to),
        severity: "error",
        message: text.replace(/^In\[\d+\](:\d+)*( in \S+)?: /, ""),
      });
    }
  }
  return out.sort((a, b) => a.from - b.from);
}

const line = Decoration.line({ class: "cm-error-line" });

/** Marks the whole line of each error, beside what lint underlines. */
const lines = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, tr) {
    if (tr.effects.some((e) => e.is(setDiagnosticsEffect))) {
      const starts = new Set<number>();
      forEachDiagnostic(tr.state, (_, from) => starts.add(tr.state.doc.lineAt(from).from));
      const b = new RangeSetBuilder<Decoration>();
      for (const at of [...starts].sort((x, y) => x - y)) b.add(at, at, line);
      return b.finish();
    }
    return tr.docChanged ? Decoration.none : value;
  },
  provide: (f) => EditorView.decorations.from(f),
});

export const errorLines: Extension = lines;
