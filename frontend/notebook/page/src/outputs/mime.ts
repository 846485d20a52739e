// Which form of an output is shown.

import type { Bundle, Output } from "../room/types";

const preferred = [
  "text/html",
  "text/markdown",
  "text/latex",
  "image/svg+xml",
  "image/png",
  "image/jpeg",
  "image/webp",
  "image/gif",
  "application/javascript",
  "application/json",
  "text/plain",
] as const;

type Mime = (typeof preferred)[number];

/** The richest type of a bundle that the page can show. A type that is there but empty counts only if all are. */
export function chooseMime(data: Bundle): Mime | undefined {
  return preferred.find((m) => m in data && data[m] !== "") ?? preferred.find((m) => m in data);
}

/** Says that an output shows nothing, as a display does that was cleared. */
export function isEmpty(o: Output): boolean {
  if (o.cut || o.later) return false;
  if (o.output_type === "stream") return !o.text;
  if (o.output_type === "error") return false;
  const values = Object.values(o.data ?? {});
  return values.every((v) => v === "");
}
