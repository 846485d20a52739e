import { confirmDialog } from "../ui/Dialog";
import type { Notebook } from "./notebook";

/** Restarts the kernel, once the user has said so. */
export async function askRestart(nb: Notebook, andRun: boolean): Promise<void> {
  const yes = await confirmDialog({
    title: andRun ? "Restart and run all?" : "Restart the kernel?",
    text: "Variables and functions are lost; cells and outputs stay. What runs now is stopped.",
    action: andRun ? "Restart and run all" : "Restart",
    danger: true,
  });
  nb.command();
  if (yes) await nb.restart(andRun);
}
