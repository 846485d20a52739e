// About how high outputs are, in pixels, before the browser has laid them out.

import type { Output } from "../room/types";

/** Counts lines, up to a limit: long texts are not read to their end. */
export function countLines(text: string, limit: number): number {
  let n = 1;
  for (let at = text.indexOf("\n"); at >= 0 && n < limit; at = text.indexOf("\n", at + 1)) n++;
  return n;
}

/** About how many lines a text has once it is wrapped, up to a limit; lines without words count nothing. */
export function wrappedLines(text: string, width: number, limit: number): number {
  let n = 0;
  for (let from = 0; from < text.length && n < limit; ) {
    const end = text.indexOf("\n", from);
    const to = end < 0 ? text.length : end;
    n += Math.ceil((to - from) / width);
    from = to + 1;
  }
  return Math.min(n, limit);
}

/** The lines of a text that are shown before it scrolls. */
const shownLines = 28;

export function heightOf(o: Output): number {
  if (o.output_type === "stream") return Math.min(o.later?.lines ?? countLines(o.text ?? "", shownLines), shownLines) * 20 + 8;
  if (o.output_type === "error") return (o.traceback?.length ?? 1) * 20 + 30;
  const types = o.later?.types ?? Object.keys(o.data ?? {});
  if (types.includes("image/svg+xml") || types.includes("image/png")) return 420;
  return types.includes("text/html") ? 160 : 36;
}
