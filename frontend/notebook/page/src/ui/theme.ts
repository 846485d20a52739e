// Light and dark: as the system has it, unless chosen.

import { computed, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const key = "fanout.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", (e) => (systemDark.value = e.matches));

function stored(): Theme {
  try {
    const t = localStorage.getItem(key);
    return t === "light" || t === "dark" ? t : "system";
  } catch {
    return "system";
  }
}

export const theme = signal<Theme>(stored());
export const dark = computed(() => (theme.value === "system" ? systemDark.value : theme.value === "dark"));

export function setTheme(t: Theme): void {
  theme.value = t;
  if (t === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = t;
  try {
    if (t === "system") localStorage.removeItem(key);
    else localStorage.setItem(key, t);
  } catch {
    // Storage is off: the choice holds for this page.
  }
}
