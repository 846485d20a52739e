// Jupyter's keys for command mode.

import { toggleHidden, toggleScrolled } from "./hide";
import { toggleAllNumbers, toggleNumbers } from "./lineNumbers";
import type { Notebook } from "./notebook";

export interface Binding {
  /** The keys one after another, as in KeyboardEvent.key, with Shift+, Mod+ and so on before. */
  keys: string;
  what: string;
  group: "Cells" | "Run" | "Move" | "Kernel" | "Notebook";
  run: (nb: Notebook, ui: KeyUI) => void;
}

/** What keys ask of the page around the notebook. */
export interface KeyUI {
  help(): void;
  find(): void;
  restart(): void;
  panel(): void;
}

export const bindings: readonly Binding[] = [
  { keys: "Enter", what: "Edit the cell", group: "Move", run: (nb) => nb.active.peek() && nb.edit(nb.active.peek()!) },
  { keys: "ArrowUp", what: "Cell above", group: "Move", run: (nb) => nb.step(-1) },
  { keys: "k", what: "Cell above", group: "Move", run: (nb) => nb.step(-1) },
  { keys: "ArrowDown", what: "Cell below", group: "Move", run: (nb) => nb.step(1) },
  { keys: "j", what: "Cell below", group: "Move", run: (nb) => nb.step(1) },
  { keys: "Shift+ArrowUp", what: "Select the one above too", group: "Move", run: (nb) => nb.step(-1, true) },
  { keys: "Shift+K", what: "Select the one above too", group: "Move", run: (nb) => nb.step(-1, true) },
  { keys: "Shift+ArrowDown", what: "Select the one below too", group: "Move", run: (nb) => nb.step(1, true) },
  { keys: "Shift+J", what: "Select the one below too", group: "Move", run: (nb) => nb.step(1, true) },
  { keys: "Home", what: "First cell", group: "Move", run: (nb) => nb.step(-1e9) },
  { keys: "End", what: "Last cell", group: "Move", run: (nb) => nb.step(1e9) },
  { keys: "Mod+ArrowUp", what: "First cell", group: "Move", run: (nb) => nb.step(-1e9) },
  { keys: "Mod+ArrowDown", what: "Last cell", group: "Move", run: (nb) => nb.step(1e9) },
  { keys: "Mod+a", what: "Select all cells", group: "Move", run: (nb) => nb.selectAll() },

  { keys: "Shift+Enter", what: "Run, and go to the next", group: "Run", run: (nb) => nb.runSelected("next") },
  { keys: "Mod+Enter", what: "Run, and stay", group: "Run", run: (nb) => nb.runSelected("stay") },
  { keys: "Alt+Enter", what: "Run, and add a cell below", group: "Run", run: (nb) => nb.runSelected("insert") },

  { keys: "a", what: "Add a cell above", group: "Cells", run: (nb) => nb.insertAt("above") },
  { keys: "b", what: "Add a cell below", group: "Cells", run: (nb) => nb.insertAt("below") },
  { keys: "d d", what: "Delete", group: "Cells", run: (nb) => void nb.remove() },
  { keys: "z", what: "Undo what was done to cells", group: "Cells", run: (nb) => void nb.undo() },
  { keys: "Mod+z", what: "Undo delete, move, split, merge or replace", group: "Cells", run: (nb) => void nb.undo() },
  { keys: "Shift+Z", what: "Redo what was undone", group: "Cells", run: (nb) => void nb.redo() },
  { keys: "Mod+Shift+Z", what: "Redo what was undone", group: "Cells", run: (nb) => void nb.redo() },
  { keys: "x", what: "Cut", group: "Cells", run: (nb) => void nb.cut() },
  { keys: "c", what: "Copy", group: "Cells", run: (nb) => nb.copy() },
  { keys: "v", what: "Paste below", group: "Cells", run: (nb) => void nb.paste("below") },
  { keys: "Shift+V", what: "Paste above", group: "Cells", run: (nb) => void nb.paste("above") },
  { keys: "m", what: "Make Markdown", group: "Cells", run: (nb) => void nb.setType("markdown") },
  { keys: "y", what: "Make code", group: "Cells", run: (nb) => void nb.setType("code") },
  { keys: "r", what: "Make raw", group: "Cells", run: (nb) => void nb.setType("raw") },
  ...[1, 2, 3, 4, 5, 6].map(
    (n): Binding => ({ keys: String(n), what: "Make a heading " + n, group: "Cells", run: (nb) => void nb.heading(n) }),
  ),
  { keys: "Shift+M", what: "Merge with the next", group: "Cells", run: (nb) => void nb.merge() },
  { keys: "Alt+ArrowUp", what: "Move up", group: "Cells", run: (nb) => void nb.move(-1) },
  { keys: "Alt+ArrowDown", what: "Move down", group: "Cells", run: (nb) => void nb.move(1) },

  { keys: "o", what: "Hide or show the output", group: "Cells", run: (nb) => void toggleHidden(nb, "outputs") },
  { keys: "Shift+O", what: "Scroll the output in a box", group: "Cells", run: (nb) => void toggleScrolled(nb) },
  { keys: "l", what: "Line numbers of the cell", group: "Cells", run: (nb) => nb.selection().forEach(toggleNumbers) },
  { keys: "Shift+L", what: "Line numbers of all cells", group: "Cells", run: () => toggleAllNumbers() },

  { keys: "i i", what: "Interrupt", group: "Kernel", run: (nb) => void nb.interrupt() },
  { keys: "0 0", what: "Restart the kernel", group: "Kernel", run: (_, ui) => ui.restart() },

  { keys: "s", what: "Save", group: "Notebook", run: (nb) => void nb.save() },
  { keys: "Mod+s", what: "Save", group: "Notebook", run: (nb) => void nb.save() },
  { keys: "f", what: "Find and replace", group: "Notebook", run: (_, ui) => ui.find() },
  { keys: "Mod+f", what: "Find and replace", group: "Notebook", run: (_, ui) => ui.find() },
  { keys: "Mod+b", what: "Show or hide the side panel", group: "Notebook", run: (_, ui) => ui.panel() },
  { keys: "h", what: "These keys", group: "Notebook", run: (_, ui) => ui.help() },
  { keys: "?", what: "These keys", group: "Notebook", run: (_, ui) => ui.help() },
];

/** The keys inside an editor, for the help. */
export const editorKeys: readonly [string, string][] = [
  ["Escape", "Leave the editor"],
  ["Tab", "Complete, or indent"],
  ["Shift+Tab", "What is this?"],
  ["Ctrl+Space", "Complete"],
  ["Mod+/", "Comment"],
  ["Ctrl+Shift+-", "Split the cell here"],
  ["Shift+Alt+f", "Format as gofmt does"],
  ["Mod+z", "Undo"],
  ["Mod+Shift+z", "Redo"],
  ["Alt+ArrowUp", "Move the line up"],
  ["Mod+d", "Select the next match"],
];

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** A key event in the notation of bindings; "" for a modifier alone. */
export function keyName(e: { key: string; shiftKey: boolean; ctrlKey: boolean; metaKey: boolean; altKey: boolean }): string {
  if (["Shift", "Control", "Alt", "Meta", "Dead", "Process"].includes(e.key)) return "";
  const mod = isMac ? e.metaKey : e.ctrlKey;
  const other = isMac ? e.ctrlKey : e.metaKey;
  const letter = e.key.length === 1;
  const shift = e.shiftKey && (!letter || /[a-z]/i.test(e.key));
  const key = letter && shift ? e.key.toUpperCase() : letter ? e.key.toLowerCase() : e.key;
  return (mod ? "Mod+" : "") + (other ? "Other+" : "") + (e.altKey ? "Alt+" : "") + (shift ? "Shift+" : "") + key;
}

const together = 800; // ms between two keys of one command

/** Matches keys in order against the bindings. */
export class KeySequence {
  private before = "";
  private at = 0;

  /** The binding that a key completes; "wait" if it begins one; null for none. */
  press(key: string, now: number): Binding | "wait" | null {
    const pair = this.before !== "" && now - this.at < together ? `${this.before} ${key}` : "";
    this.before = "";
    const found = (pair && bindings.find((b) => b.keys === pair)) || bindings.find((b) => b.keys === key);
    if (found) return found;
    if (!bindings.some((b) => b.keys.startsWith(key + " "))) return null;
    this.before = key;
    this.at = now;
    return "wait";
  }
}

const symbols: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Mod: isMac ? "⌘" : "Ctrl", Alt: isMac ? "⌥" : "Alt" };

/** Keys as they are written on keyboards. */
export function keyParts(keys: string): string[][] {
  return keys.split(" ").map((k) => k.split(/\+(?!$)/).map((p) => symbols[p] ?? (p.length === 1 ? p.toUpperCase() : p)));
}
