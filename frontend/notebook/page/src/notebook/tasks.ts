// The boxes of tasks in Markdown, which change its text.

import type { Notebook } from "./notebook";

const mark = /^([\s>]*(?:[-*+]|\d+[.)])\s+(?:(?:[-*+]|\d+[.)])\s+)*\[)[ xX]\]/;

/** The line with its task done or not; null if it is no task. */
export function withTask(line: string, done: boolean): string | null {
  return mark.test(line) ? line.replace(mark, `$1${done ? "x" : " "}]`) : null;
}

/** Marks the task on a line of a cell, counted from 0, as done or not, and keeps the focus on its box. */
export function setTask(nb: Notebook, id: string, line: number, done: boolean): void {
  const text = nb.text(id);
  if (line < 0 || line >= text.doc.lines) return;
  const at = text.doc.line(line + 1);
  const insert = withTask(at.text, done);
  if (insert === null || insert === at.text) return;
  const from = at.from + at.text.indexOf("[") + 1;
  const spec = { changes: { from, to: from + 1, insert: done ? "x" : " " }, userEvent: "input.task" };
  if (text.view) text.view.dispatch(spec);
  else {
    text.state = text.state.update(spec).state;
    nb.touched(id);
  }
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`#cell-${CSS.escape(id)} li[data-line="${line}"] > input, #cell-${CSS.escape(id)} li[data-line="${line}"] > p > input`)?.focus());
}
