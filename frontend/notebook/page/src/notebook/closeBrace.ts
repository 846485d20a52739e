// A "}" that is typed on an empty line above the one that was put there by itself goes
// to that one: it was meant for the same block.

import { StateField, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

/** The places of the brackets that were put there by themselves. */
const own = StateField.define<readonly number[]>({
  create: () => [],
  update(places, tr) {
    if (!tr.docChanged) return places;
    const next: number[] = [];
    for (const p of places) {
      const at = tr.changes.mapPos(p, 1);
      if (tr.newDoc.sliceString(at, at + 1) === "}") next.push(at);
    }
    if (tr.isUserEvent("input.type")) {
      tr.changes.iterChanges((_, __, from, ___, text) => {
        if (text.toString() === "{}") next.push(from + 1);
      });
    }
    return next;
  },
});

/** Goes to the bracket below that came by itself, and takes the empty lines away. Says whether there is one. */
function stepToBrace(view: EditorView, at: number): boolean {
  const { doc } = view.state;
  const line = doc.lineAt(at);
  if (/\S/.test(doc.sliceString(line.from, at))) return false;
  const bracket = view.state.field(own).find((p) => p >= at && /^\s*\n\s*$/.test(doc.sliceString(at, p)));
  if (bracket === undefined) return false;
  const from = doc.lineAt(bracket).from;
  view.dispatch({
    changes: { from: line.from, to: from },
    selection: { anchor: line.from + (bracket - from) + 1 },
    scrollIntoView: true,
    userEvent: "input.type",
  });
  return true;
}

export const closeBrace: Extension = [own, EditorView.inputHandler.of((view, from, to, text) => text === "}" && from === to && view.state.selection.ranges.length === 1 && stepToBrace(view, from))];
