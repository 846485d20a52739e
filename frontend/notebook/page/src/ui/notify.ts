// Short messages: shown in a corner, and said to screen readers.

import { signal } from "@preact/signals";

interface Toast {
  id: number;
  text: string;
  level: "info" | "warning" | "error";
  /** What can be done about it. */
  action?: { label: string; run: () => void };
}

export const toasts = signal<readonly Toast[]>([]);
export const spoken = signal("");

let next = 1;

/** Shows a message for a while. The same message is not shown twice at once; of two with an action the last stays. */
export function toast(text: string, level: Toast["level"] = "info", action?: Toast["action"]): void {
  const others = toasts.peek().filter((t) => t.text !== text);
  if (!action && others.length < toasts.peek().length) return;
  const id = next++;
  toasts.value = [...others.slice(-3), { id, text, level, action }];
  setTimeout(() => dismiss(id), level === "error" || action ? 9000 : 5000);
}

export function dismiss(id: number): void {
  toasts.value = toasts.peek().filter((t) => t.id !== id);
}

/** Says a message to screen readers only. */
export function announce(text: string): void {
  spoken.value = spoken.peek() === text ? text + "\u200b" : text; // the same twice is said twice
}
