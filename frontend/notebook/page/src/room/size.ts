// How large the text of a cell may be.

import { EditorState, type Extension, type Text, type Transaction } from "@codemirror/state";

/** The bytes that the source of a cell may have. */
export const maxSource = 8 * 1024 * 1024;

/** The bytes in JSON of an edit that the server takes, with room for what is about it. */
const maxEdit = 15 * 1024 * 1024;

/** The bytes of a text in UTF-8. */
function bytesOf(doc: Text): number {
  let n = doc.lines - 1;
  const encoder = new TextEncoder();
  for (const line of doc.iterLines()) n += encoder.encode(line).length;
  return n;
}

/** Refuses, before it is made, what would make a text longer than the server takes. */
export function sizeLimit(refused: () => void): Extension {
  return EditorState.transactionFilter.of((tr) => {
    if (fits(tr)) return tr;
    queueMicrotask(refused);
    return [];
  });
}

function fits(tr: Transaction): boolean {
  const { length, newLength } = tr.changes;
  if (newLength <= length || newLength * 6 <= maxSource) return true; // a unit has 3 bytes, and 6 in JSON
  if (newLength * 3 > maxSource && bytesOf(tr.newDoc) > maxSource) return false;
  const json = (newLength - length) * 6 > maxEdit ? JSON.stringify(tr.changes) : "";
  return new TextEncoder().encode(json).length <= maxEdit;
}
