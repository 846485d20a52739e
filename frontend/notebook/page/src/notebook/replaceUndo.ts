// What "Replace all" did, in however many cells, is undone and redone as one step.

import { isolateHistory, redo, undo } from "@codemirror/commands";
import type { ChangeSpec, Extension, Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { Notebook } from "./notebook";

interface Replaced {
  cell: string;
  before: Text;
  after: Text;
}

const steps = new WeakMap<Notebook, readonly Replaced[]>();

/** Changes the texts of cells, as one step. */
export function changeTexts(nb: Notebook, changes: ReadonlyMap<string, ChangeSpec>): void {
  const done: Replaced[] = [];
  for (const [cell, spec] of changes) {
    const text = nb.text(cell);
    const before = text.doc;
    text.change({ changes: spec, userEvent: "input.replace", annotations: isolateHistory.of("full") });
    done.push({ cell, before, after: text.doc });
  }
  steps.set(nb, done);
}

/** Takes the last step of changeTexts back in all cells that are as it left them, or makes it again. */
export function stepBack(nb: Notebook, how: "undo" | "redo" = "undo"): void {
  for (const r of steps.get(nb) ?? []) {
    if (!nb.has(r.cell)) continue;
    const text = nb.text(r.cell);
    if (!text.doc.eq(how === "undo" ? r.after : r.before)) continue;
    (how === "undo" ? undo : redo)({ state: text.current, dispatch: (tr) => text.change(tr) });
  }
}

let following = false;

/** Has the other cells of a step follow when it is undone or redone in one. */
export function undoTogether(nb: Notebook, id: string): Extension {
  return EditorView.updateListener.of((u) => {
    const how = u.transactions.some((t) => t.isUserEvent("undo")) ? "undo" : u.transactions.some((t) => t.isUserEvent("redo")) ? "redo" : null;
    if (!how || following) return;
    const mine = steps.get(nb)?.find((r) => r.cell === id);
    const [from, to] = how === "undo" ? [mine?.after, mine?.before] : [mine?.before, mine?.after];
    if (!from || !u.startState.doc.eq(from) || !u.state.doc.eq(to!)) return;
    following = true;
    queueMicrotask(() => { // one update is over before the next begins
      try {
        stepBack(nb, how);
      } finally {
        following = false;
      }
    });
  });
}
