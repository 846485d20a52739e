// What "Replace all" did, in however many cells, is undone and redone as one step, in turn
// with what was done to cells.

import { invertedEffects, isolateHistory, redo, undo } from "@codemirror/commands";
import { StateEffect, type ChangeSpec, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { Notebook } from "./notebook";

/** A replacement: the cells whose texts it changed. */
export interface Replaced {
  readonly cells: readonly string[];
}

type How = "undo" | "redo";

/** Marks the edits of a replacement, and in the history of each text what undoes them. */
const part = StateEffect.define<Replaced>();

const mostSteps = 200; // that are known

/** Steps are what was done to cells here, on the server or by a replacement, in order. */
export class Steps {
  private readonly lists: Record<How, (Replaced | "cells")[]> = { undo: [], redo: [] };

  /** Notes what was done. */
  did(step: Replaced | "cells"): void {
    this.lists.undo = [...this.lists.undo.slice(1 - mostSteps), step];
    this.lists.redo = [];
  }

  /** What is to be undone or redone next, if it is a replacement. */
  next(how: How): Replaced | null {
    const step = this.lists[how].at(-1);
    return step && step !== "cells" ? step : null;
  }

  /** Notes that a step was undone or redone. */
  turned(how: How, step: Replaced | "cells"): void {
    const list = this.lists[how];
    const at = list.lastIndexOf(step);
    if (at >= 0) this.lists[how === "undo" ? "redo" : "undo"].push(...list.splice(at, 1));
  }

  /** Notes that there are no such steps any more. */
  none(how: How): void {
    this.lists[how] = this.lists[how].filter((s) => s !== "cells");
  }
}

/** Changes the texts of cells, as one step. */
export function changeTexts(nb: Notebook, changes: ReadonlyMap<string, ChangeSpec>): Replaced {
  const step: Replaced = { cells: [...changes.keys()] };
  for (const [cell, spec] of changes) {
    nb.text(cell).change({ changes: spec, effects: part.of(step), userEvent: "input.replace", annotations: isolateHistory.of("full") });
  }
  nb.steps.did(step);
  return step;
}

/**
 * Takes a step of changeTexts back, or makes it again, in all cells in which nothing was
 * written here since. Returns these.
 */
export function stepBack(nb: Pick<Notebook, "has" | "text" | "steps">, step: Replaced, how: How = "undo"): string[] {
  const turned = step.cells.filter((cell) => nb.has(cell) && turnText(nb, cell, step, how));
  if (turned.length > 0) nb.steps.turned(how, step);
  return turned;
}

function turnText(nb: Pick<Notebook, "text">, cell: string, step: Replaced, how: How): boolean {
  const text = nb.text(cell);
  let done = false;
  (how === "undo" ? undo : redo)({
    state: text.current,
    dispatch: (tr) => {
      if (!tr.effects.some((e) => e.is(part) && e.value === step)) return; // something else was done last
      text.change(tr);
      done = true;
    },
  });
  return done;
}

let following = false;

/** Has the other cells of a step follow when it is undone or redone in one. */
export function undoTogether(nb: Notebook): Extension {
  return [
    invertedEffects.of((tr) => tr.effects.filter((e) => e.is(part))),
    EditorView.updateListener.of((u) => {
      for (const tr of u.transactions) {
        const how = tr.isUserEvent("undo") ? "undo" : tr.isUserEvent("redo") ? "redo" : null;
        const step = tr.effects.find((e) => e.is(part))?.value as Replaced | undefined;
        if (!how || !step || following) continue;
        following = true;
        queueMicrotask(() => { // one update is over before the next begins
          try {
            stepBack(nb, step, how);
            nb.steps.turned(how, step); // here at least
          } finally {
            following = false;
          }
        });
      }
    }),
  ];
}
