// What becomes of edits that had no reply when the server shows a text anew.

import { ChangeSet, Text } from "@codemirror/state";

/** How to get from the text that was last agreed on to the server's. */
export interface Adoption {
  /** How many of the edits that had no reply the server has. */
  confirmed: number;
  /** What others changed after those; null for nothing. */
  remote: ChangeSet | null;
}

/**
 * Compares the server's text with the one that was last agreed on (base) and the
 * edits since. Edits that the server took before the connection was lost are in its
 * text already, and must not be made twice.
 */
export function adopt(base: Text, pending: readonly ChangeSet[], server: Text): Adoption {
  let doc = base;
  if (doc.eq(server)) return { confirmed: 0, remote: null };
  for (let i = 0; i < pending.length; i++) {
    doc = pending[i]!.apply(doc);
    if (doc.eq(server)) return { confirmed: i + 1, remote: null };
  }
  return { confirmed: 0, remote: difference(base, server) };
}

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
