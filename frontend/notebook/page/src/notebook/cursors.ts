// Several cursors and selections in one editor.

import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection } from "@codemirror/view";

const drawn = new Compartment();
const none: Extension = [];
const some = drawSelection();

/**
 * Draws cursors and selections while there are several. One is left to the browser: to draw it
 * takes another layout of the page with each key.
 */
export const cursors: Extension = [
  EditorState.allowMultipleSelections.of(true),
  drawn.of(none),
  EditorState.transactionExtender.of((tr) => {
    const wanted = tr.newSelection.ranges.length > 1 ? some : none;
    return drawn.get(tr.startState) === wanted ? null : { effects: drawn.reconfigure(wanted) };
  }),
];
