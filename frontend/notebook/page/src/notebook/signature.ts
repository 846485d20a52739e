// The signature of the function whose arguments are being written.

import { StateEffect, StateField, type EditorState, type Extension } from "@codemirror/state";
import { EditorView, showTooltip, ViewPlugin, type Tooltip, type ViewUpdate } from "@codemirror/view";
import { callAt, type Call } from "./call";
import { inspectHead, inspectTooltip } from "./inspect";
import type { Notebook } from "./notebook";

interface Shown extends Call {
  tooltip: Tooltip;
}

const set = StateEffect.define<Shown | null>();

const field = StateField.define<Shown | null>({
  create: () => null,
  update(value, tr) {
    for (const e of tr.effects) if (e.is(set)) return e.value;
    if (!value || !(tr.docChanged || tr.selection)) return value;
    const call = callOf(tr.state);
    if (!call || call.open !== tr.changes.mapPos(value.open)) return null;
    return { ...value, open: call.open, tooltip: { ...value.tooltip, pos: call.open } };
  },
  // What was asked for with a key says the same and more.
  provide: (f) => showTooltip.compute([f, inspectTooltip], (s) => (s.field(inspectTooltip) ? null : (s.field(f)?.tooltip ?? null))),
});

function callOf(state: EditorState): Call | null {
  const { main } = state.selection;
  return main.empty ? callAt(state.sliceDoc(0, main.head), main.head) : null;
}

/** Hides the signature. Says whether there was one. */
export function hideSignature(view: EditorView): boolean {
  if (!view.state.field(field, false)) return false;
  view.dispatch({ effects: set.of(null) });
  return true;
}

/** Shows signatures as soon as a bracket or a comma of a call is typed, until the call is left. */
export function signatureHelp(nb: Notebook): Extension {
  const follow = ViewPlugin.fromClass(
    class {
      private asked = 0;
      update(u: ViewUpdate) {
        // One that was put away does not come back with the answer to a question of before.
        if (u.transactions.some((t) => t.effects.some((e) => e.is(set) && !e.value))) this.asked++;
        if (!u.docChanged && !u.selectionSet) return;
        const shown = u.state.field(field);
        const begins = u.transactions.some((t) => t.isUserEvent("input.type")) && /[(,]/.test(u.state.sliceDoc(Math.max(u.state.selection.main.head - 1, 0), u.state.selection.main.head));
        if (!begins && !shown) return;
        const call = callOf(u.state);
        if (!call || (!begins && shown?.from === call.from)) return;
        void this.ask(u.view, call);
      }
      private async ask(view: EditorView, call: Call) {
        const turn = ++this.asked;
        const head = await inspectHead(nb, view.state.doc.toString(), call.from);
        const now = callOf(view.state);
        if (turn !== this.asked || !view.hasFocus || now?.open !== call.open || now.from !== call.from) return;
        if (!head) {
          hideSignature(view);
          return;
        }
        const dom = document.createElement("div");
        dom.className = "inspect signature";
        dom.setAttribute("role", "status");
        dom.append(head);
        view.dispatch({ effects: set.of({ ...call, tooltip: { pos: call.open, above: true, arrow: false, create: () => ({ dom }) } }) });
      }
    },
  );
  return [field, follow];
}
