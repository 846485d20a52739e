// What becomes of edits that had no reply when the server shows a text anew.

import { ChangeSet, Text } from "@codemirror/state";

/** What the server says of this client's requests. */
export interface Past {
  /** The highest that it answered. */
  done: number;
  /** The last edits that it made, in order. */
  took: readonly number[];
}

/** Of how many edits the server remembers that it made them. */
const remembered = 1_000;

/**
 * Whether the edit of a request was made by the server that shows the room, of which the
 * reply was lost. Null if that is not known: the server was started anew, or has forgotten.
 */
export function wasMade(request: number, past: Past | null): boolean | null {
  if (!past) return null;
  if (past.took.includes(request)) return true;
  const forgotten = past.took.length >= remembered && request < past.took[0]!;
  return request <= past.done && forgotten ? null : false;
}

/** The text after changes. */
export const after = (doc: Text, changes: readonly ChangeSet[]) => changes.reduce((d, c) => c.apply(d), doc);

/** Several changes as one; there must be some. */
export const composed = (changes: readonly ChangeSet[]) => changes.reduce((a, b) => a.compose(b));

/** The one change that makes b of a: what is between what they share at both ends. */
export function difference(a: Text, b: Text): ChangeSet {
  const x = a.toString();
  const y = b.toString();
  const most = Math.min(x.length, y.length);
  let start = 0;
  while (start < most && x.charCodeAt(start) === y.charCodeAt(start)) start++;
  let end = 0;
  while (end < most - start && x.charCodeAt(x.length - 1 - end) === y.charCodeAt(y.length - 1 - end)) end++;
  // A pair of surrogates is not taken apart.
  if (start > 0 && isHigh(x.charCodeAt(start - 1))) start--;
  if (end > 0 && isLow(x.charCodeAt(x.length - end))) end--;
  return ChangeSet.of({ from: start, to: x.length - end, insert: y.slice(start, y.length - end) }, x.length);
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;
