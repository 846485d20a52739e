// What every page has: messages, questions, and the choice of theme.

import { Icon, type IconName } from "./icons";
import { Questions } from "./Dialog";
import { dismiss, spoken, toasts } from "./notify";
import { setTheme, theme, type Theme } from "./theme";

export function Shell() {
  return (
    <>
      <Questions />
      <div class="toasts">
        {toasts.value.map((t) => (
          <div key={t.id} class={"toast toast-" + t.level} role={t.level === "error" ? "alert" : "status"}>
            <span>{t.text}</span>
            <button class="icon-button" aria-label="Dismiss" onClick={() => dismiss(t.id)}>
              <Icon name="close" size={14} />
            </button>
          </div>
        ))}
      </div>
      <div class="visually-hidden" aria-live="polite" role="status">
        {spoken.value}
      </div>
    </>
  );
}

const order: Theme[] = ["system", "light", "dark"];
const look: Record<Theme, [IconName, string]> = {
  system: ["auto", "Theme: as the system"],
  light: ["sun", "Theme: light"],
  dark: ["moon", "Theme: dark"],
};

export function ThemeSwitch() {
  const [icon, label] = look[theme.value];
  return (
    <button
      class="icon-button"
      title={label}
      aria-label={label + ". Change"}
      onClick={() => setTheme(order[(order.indexOf(theme.value) + 1) % order.length]!)}
    >
      <Icon name={icon} />
    </button>
  );
}
