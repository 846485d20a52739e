// Numbers of lines beside the code, of one cell or of all.

import { effect, signal } from "@preact/signals";
import { Compartment, type Extension } from "@codemirror/state";
import { lineNumbers, ViewPlugin, type EditorView } from "@codemirror/view";

const key = "fanout.lines";

function stored(): boolean {
  try {
    return localStorage.getItem(key) === "on";
  } catch {
    return false;
  }
}

const all = signal(stored());
const others = signal<ReadonlySet<string>>(new Set()); // cells that are not as all are

const hasNumbers = (id: string) => all.value !== others.value.has(id);

/** Shows or hides the numbers of one cell, while the page is open. */
export function toggleNumbers(id: string): void {
  const next = new Set(others.peek());
  if (!next.delete(id)) next.add(id);
  others.value = next;
}

/** Shows or hides the numbers of all cells, which the browser remembers. */
export function toggleAllNumbers(): void {
  all.value = !all.peek();
  others.value = new Set();
  try {
    localStorage.setItem(key, all.peek() ? "on" : "off");
  } catch {
    // Storage is off: it holds for this page.
  }
}

const place = new Compartment();
const none: Extension = [];
const numbers: Extension = lineNumbers();

/** The numbers of a cell's editor, as they are chosen. */
export function numberedLines(id: string): Extension {
  return [
    place.of(none),
    ViewPlugin.define((view: EditorView) => {
      let here = true;
      const stop = effect(() => {
        const want = hasNumbers(id) ? numbers : none;
        queueMicrotask(() => {
          if (here && place.get(view.state) !== want) view.dispatch({ effects: place.reconfigure(want) });
        });
      });
      return {
        destroy: () => {
          here = false;
          stop();
        },
      };
    }),
  ];
}
