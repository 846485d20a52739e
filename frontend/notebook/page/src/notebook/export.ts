// The notebook as a file on the user's machine.

import { sentence, splitPath } from "../ui/format";
import { toast } from "../ui/notify";
import type { Notebook } from "./notebook";

export type Format = "ipynb" | "go" | "md" | "html";

/** What notebooks can be saved as, in the order of the menu. */
export const formats: readonly [to: Format, label: string][] = [
  ["ipynb", "Download (.ipynb)"],
  ["go", "Download as Go (.go)"],
  ["md", "Download as Markdown (.md)"],
  ["html", "Download as a page (.html)"],
];

/** Saves the notebook, as it is on the screen, as a file of the user's machine. */
export async function exportAs(nb: Notebook, to: Format): Promise<void> {
  if (nb.link.peek() !== "open") {
    toast("There is no connection to the server: nothing was downloaded", "warning");
    return;
  }
  await nb.sent();
  const path = nb.path.peek();
  try {
    const r = await fetch("/api/fanout/export?" + String(new URLSearchParams({ path, to })));
    if (!r.ok) throw new Error((await r.text()).trim() || r.statusText);
    const name = splitPath(path)[1].replace(/\.ipynb$/, "") + (r.headers.get("Content-Type") === "application/zip" ? ".zip" : "." + to);
    save(await r.blob(), name);
  } catch (e) {
    toast("The notebook was not downloaded. " + sentence((e as Error).message), "error");
  }
}

function save(data: Blob, name: string): void {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(data);
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 60_000); // once the browser has read it
}
