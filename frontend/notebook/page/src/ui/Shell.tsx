// What every page has: messages, questions, and the choice of theme.

import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons";
import { Questions } from "./Dialog";
import { dismiss, spoken, toasts } from "./notify";
import { previewed, type Previewed } from "./preview";
import { setTheme, theme, type Theme } from "./theme";

export function Shell() {
  return (
    <>
      <Questions />
      <Previews />
      <div class="toasts">
        {toasts.value.map((t) => (
          <div key={t.id} class={"toast toast-" + t.level} role={t.level === "error" ? "alert" : "status"}>
            <span>{t.text}</span>
            {t.action && (
              <button class="button button-small" onClick={() => (t.action!.run(), dismiss(t.id))}>
                {t.action.label}
              </button>
            )}
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

type View = FunctionComponent<{ file: Previewed; onClose: () => void }>;

/** The file that is looked at. What shows files is loaded with the first. */
function Previews() {
  const file = previewed.value;
  const [view, setView] = useState<{ Show: View } | null>(null);
  useEffect(() => {
    if (file && !view) void import("./Preview").then((m) => setView({ Show: m.Preview }));
  }, [file]);
  return file && view ? <view.Show key={file.path} file={file} onClose={() => (previewed.value = null)} /> : null;
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
