// What the user should know of the notebook as a whole, with what can be done about it.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useComputed, useSignal } from "@preact/signals";
import { sentence } from "../ui/format";
import { Icon, type IconName } from "../ui/icons";
import type { Output } from "../room/types";
import type { Notebook } from "./notebook";

const conflictBar = "conflict";

/** Gives the focus to the bar that says what to do about a file that another program changed. */
export function focusConflict(): void {
  document.getElementById(conflictBar)?.focus();
}

export function Banners({ nb }: { nb: Notebook }) {
  const file = nb.file.value;
  const kernel = nb.kernel.value;
  const link = nb.link.value;
  const failure = nb.failure.value;
  const hidden = useSignal<ReadonlySet<string>>(new Set());
  const hide = (name: string) => () => (hidden.value = new Set([...hidden.peek(), name]));
  const el = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The notebook gets as much room above as the bars cover.
    const root = document.documentElement.style;
    const sizes = new ResizeObserver(() => root.setProperty("--banners", `${el.current!.offsetHeight}px`));
    sizes.observe(el.current!);
    return () => {
      sizes.disconnect();
      root.removeProperty("--banners");
    };
  }, []);
  const active = useComputed(() => nb.file.value?.trusted === false && hasActive(nb)).value;
  return (
    <div class="banners" ref={el}>
      {link !== "open" && nb.loaded.value && !failure && <Lost nb={nb} />}
      {failure && link !== "open" && (
        <Banner icon="warning" level="error" title={failure.error}>
          {failure.hint && sentence(failure.hint)}
          {failure.login ? (
            <button class="button button-small button-primary" onClick={() => (nb.loaded.peek() ? window.open("/login", "_blank") : location.assign("/login?next=" + encodeURIComponent(location.pathname)))}>
              Log in
            </button>
          ) : (
            <button class="button button-small button-primary" onClick={() => location.reload()}>
              Try again
            </button>
          )}
          {!nb.loaded.value && (
            <a class="button button-small" href="/">
              All files
            </a>
          )}
        </Banner>
      )}
      {file?.conflict && (
        <Banner id={conflictBar} icon="warning" level="error" title="The file was changed by another program">
          What is here was not saved over it.
          <button class="button button-small" onClick={() => void nb.reload()}>
            Take the file's version
          </button>
          <button class="button button-small button-danger" onClick={() => void nb.save(true)}>
            Overwrite the file
          </button>
        </Banner>
      )}
      {file?.readonly && (
        <Banner icon="lock" level="info" title="This file is read-only">
          You can run cells, but not save.
        </Banner>
      )}
      {active && !hidden.value.has("trust") && (
        <Banner icon="shield" level="warning" title="This notebook was not made here" onClose={hide("trust")}>
          Its outputs are shown without scripts. Trust it if you know where it comes from.
          <button class="button button-small" onClick={() => void nb.ask("trust")}>
            Trust this notebook
          </button>
        </Banner>
      )}
      {file?.recovered && !hidden.value.has("recovered") && (
        <Banner icon="check" level="info" title="Recovered" onClose={hide("recovered")}>
          The last session ended before it could save. Nothing that you see here was lost.
        </Banner>
      )}
      {kernel.status === "dead" && (
        <Banner icon="warning" level="error" title="The kernel has ended">
          The cells and their outputs are still here.
          <button class="button button-small button-primary" onClick={() => void nb.restart()}>
            Start a new one
          </button>
        </Banner>
      )}
    </div>
  );
}

/** Says whether an output would do more if the notebook were trusted. */
function hasActive(nb: Notebook): boolean {
  for (const id of nb.order.value) {
    const c = nb.cell(id).value;
    if (c.trusted) continue;
    let is = active.get(c.outputs);
    if (is === undefined) active.set(c.outputs, (is = c.outputs.some(isActive)));
    if (is) return true;
  }
  return false;
}

const active = new WeakMap<readonly Output[], boolean>();

function isActive(o: Output): boolean {
  if (o.later) return o.later.types?.some((t) => t === "application/javascript" || t === "text/html") ?? false;
  return o.data !== undefined && ("application/javascript" in o.data || /<script|<iframe|\son\w+\s*=/i.test(String(o.data["text/html"] ?? "")));
}

function Lost({ nb }: { nb: Notebook }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const t = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(t);
  }, []);
  const s = Math.max(0, Math.ceil((nb.retryAt.value - Date.now()) / 1000));
  return (
    <Banner icon="warning" level="warning" title="The server cannot be reached">
      What you write here is kept, and sent when it answers again.
      {s > 0 && <span aria-hidden="true"> Next try in {s} s.</span>}
      <button class="button button-small" onClick={() => nb.socket.connect()}>
        Connect now
      </button>
    </Banner>
  );
}

function Banner(p: { id?: string; icon: IconName; level: string; title: string; children: ComponentChildren; onClose?: () => void }) {
  return (
    <div id={p.id} tabIndex={p.id ? -1 : undefined} class={"banner banner-" + p.level} role={p.level === "error" ? "alert" : "status"}>
      <Icon name={p.icon} />
      <div class="banner-text">
        <strong>{p.title}</strong>
        <span>{p.children}</span>
      </div>
      {p.onClose && (
        <button class="icon-button" aria-label="Dismiss" onClick={p.onClose}>
          <Icon name="close" size={15} />
        </button>
      )}
    </div>
  );
}
