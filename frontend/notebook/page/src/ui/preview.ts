// Which file is shown beside the list that it was chosen in.

import { signal } from "@preact/signals";
import { urlPath } from "./format";

export interface Previewed {
  path: string;
  /** Bytes. */
  size: number | null;
}

export const previewed = signal<Previewed | null>(null);

/** The address of a file's bytes. */
export const fileAddress = (path: string) => "/files/" + urlPath(path);

/** Shows a file in place of a link to it, unless the link is to open elsewhere. */
export function preview(e: MouseEvent, file: Previewed): void {
  if (e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  e.preventDefault();
  previewed.value = { path: file.path, size: file.size };
}
