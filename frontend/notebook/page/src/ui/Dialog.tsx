// Dialogs and menus, as the browser has them: focus is kept in and given back.

import type { ComponentChildren } from "preact";
import { signal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { problem } from "./format";
import { Icon, type IconName } from "./icons";

export function Dialog(props: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
  /** Takes the whole screen. */
  full?: boolean;
  actions?: ComponentChildren;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const pressed = useRef<EventTarget | null>(null);
  const title = useId();
  useEffect(() => {
    const d = ref.current!;
    if (!d.open) d.showModal();
    return () => d.close();
  }, []);
  return (
    <dialog
      ref={ref}
      class={"dialog" + (props.wide ? " dialog-wide" : props.full ? " dialog-full" : "")}
      aria-labelledby={title}
      onClose={props.onClose}
      onPointerDown={(e) => (pressed.current = e.target)}
      onClick={(e) => e.target === ref.current && pressed.current === ref.current && props.onClose()} // not what was dragged out of it
      onKeyDown={(e) => e.stopPropagation()}
    >
      <div class="dialog-box">
        <header class="dialog-head">
          <h2 id={title}>{props.title}</h2>
          <button class="icon-button" aria-label="Close" onClick={props.onClose}>
            <Icon name="close" />
          </button>
        </header>
        <div class="dialog-body">{props.children}</div>
        {props.actions && <footer class="dialog-foot">{props.actions}</footer>}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  text?: string;
  action: string;
  danger?: boolean;
  value?: string;
  label?: string;
  attempt?: (answer: string) => Promise<void>;
  /** Another answer than action's, and its name. */
  other?: { action: string; answer: string };
  resolve: (answer: string | null) => void;
}

const question = signal<Question | null>(null);
const asked: Question[] = []; // those that wait until the one on the screen is answered

function ask(q: Question): void {
  if (question.peek()) asked.push(q);
  else question.value = q;
}

/** Asks whether to go on. */
export function confirmDialog(q: { title: string; text?: string; action: string; danger?: boolean }): Promise<boolean> {
  return new Promise((resolve) => ask({ ...q, resolve: (a) => resolve(a !== null) }));
}

/** Asks which of two things to do; null if it was cancelled. */
export function choiceDialog<A extends string>(q: { title: string; text?: string; choices: [a: { action: string; answer: A }, b: { action: string; answer: A; danger?: boolean }] }): Promise<A | null> {
  const [a, b] = q.choices;
  return new Promise((resolve) => ask({ title: q.title, text: q.text, action: b.action, danger: b.danger, other: a, resolve: (answer) => resolve(answer === null ? null : answer === a.answer ? a.answer : b.answer) }));
}

/**
 * Asks for a line of text; null if it was cancelled. Where attempt fails with an answer,
 * the question stays, with the answer and what was wrong with it.
 */
export function promptDialog(q: { title: string; label: string; value: string; action: string; attempt?: (answer: string) => Promise<void> }): Promise<string | null> {
  return new Promise((resolve) => ask({ ...q, resolve }));
}

export function Questions() {
  const q = question.value;
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    setWrong("");
    if (q?.value === undefined) return;
    setText(q.value);
    requestAnimationFrame(() => {
      const dot = q.value!.lastIndexOf(".");
      const from = q.value!.lastIndexOf("/") + 1;
      field.current?.focus();
      field.current?.setSelectionRange(from, dot > from ? dot : q.value!.length);
    });
  }, [q]);
  if (!q) return null;
  const answer = (a: string | null) => {
    if (question.peek() !== q) return; // it was answered while an answer was tried
    question.value = asked.shift() ?? null;
    q.resolve(a);
  };
  const ok = async () => {
    const a = q.value === undefined ? "" : text.trim() || null;
    try {
      if (a !== null) await q.attempt?.(a);
    } catch (e) {
      setWrong(problem(e as Error));
      field.current?.focus();
      return;
    }
    answer(a);
  };
  return (
    <Dialog
      title={q.title}
      key={q}
      onClose={() => answer(null)}
      actions={
        <>
          <button class="button" onClick={() => answer(null)}>
            Cancel
          </button>
          {q.other && (
            <button class="button" autofocus onClick={() => answer(q.other!.answer)}>
              {q.other.action}
            </button>
          )}
          <button class={"button " + (q.danger ? "button-danger" : "button-primary")} autofocus={q.value === undefined && !q.other} onClick={() => void ok()}>
            {q.action}
          </button>
        </>
      }
    >
      {q.text && <p>{q.text}</p>}
      {q.value !== undefined && (
        <label class="field">
          <span>{q.label}</span>
          <input
            ref={field}
            class="input-text"
            value={text}
            spellcheck={false}
            aria-invalid={wrong !== ""}
            onInput={(e) => (setText(e.currentTarget.value), setWrong(""))}
            onKeyDown={(e) => e.key === "Enter" && void ok()}
          />
          {wrong && (
            <span class="field-wrong" role="alert">
              {wrong}
            </span>
          )}
        </label>
      )}
    </Dialog>
  );
}

export interface MenuItem {
  label: string;
  icon?: IconName;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  run: () => void;
}

/**
 * A button that opens a menu. null in items is a line between groups; named says that
 * what the button shows is its name too.
 */
export function Menu(props: { label: string; items: (MenuItem | null)[]; children: ComponentChildren; class?: string; align?: "left" | "right"; named?: boolean }) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const before = useRef<HTMLElement | null>(null); // what had the focus
  const id = useId();
  useLayoutEffect(() => {
    if (!open) return;
    const el = list.current!;
    const b = button.current!.getBoundingClientRect();
    el.showPopover();
    const m = el.getBoundingClientRect();
    const left = props.align === "left" ? b.left : b.right - m.width;
    el.style.left = `${Math.max(8, Math.min(left, innerWidth - m.width - 8))}px`;
    el.style.top = `${b.bottom + 4 + m.height > innerHeight && b.top > m.height ? b.top - m.height - 4 : b.bottom + 4}px`;
    el.querySelector<HTMLElement>("[role=menuitem]:not([disabled])")?.focus();
    const away = () => setOpen(false);
    const outside = (e: Event) => !root.current?.contains(e.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", outside);
    addEventListener("resize", away);
    return () => {
      document.removeEventListener("pointerdown", outside);
      removeEventListener("resize", away);
    };
  }, [open]);
  const close = () => {
    setOpen(false);
    const back = before.current;
    (back?.isConnected && back !== document.body ? back : button.current)?.focus();
  };
  const onKey = (e: KeyboardEvent) => {
    e.stopPropagation();
    const items = [...list.current!.querySelectorAll<HTMLElement>("[role=menuitem]:not([disabled])")];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[e.key];
    if (to !== undefined) {
      e.preventDefault();
      items[(to + items.length) % items.length]?.focus();
    } else if (e.key === "Escape" || e.key === "Tab") {
      e.preventDefault();
      close();
    }
  };
  return (
    <div class="menu-root" ref={root}>
      <button
        ref={button}
        class={props.class ?? "icon-button"}
        aria-label={props.named ? undefined : props.label}
        title={props.label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onPointerDown={() => (before.current = document.activeElement as HTMLElement | null)}
        onKeyDown={() => (before.current = button.current)}
        onClick={() => setOpen(!open)}
      >
        {props.children}
      </button>
      {open && (
        <div id={id} ref={list} class="menu" role="menu" aria-label={props.label} popover="manual" onKeyDown={onKey}>
          {props.items.map((it, i) =>
            it ? (
              <button
                key={i}
                role="menuitem"
                tabIndex={-1}
                class={it.danger ? "danger" : ""}
                disabled={it.disabled}
                onClick={() => {
                  close();
                  it.run();
                }}
              >
                <span class="menu-icon">{it.icon && <Icon name={it.icon} size={16} />}</span>
                <span>{it.label}</span>
                {it.keys && <kbd>{it.keys}</kbd>}
              </button>
            ) : (
              <hr key={i} role="separator" />
            ),
          )}
        </div>
      )}
    </div>
  );
}
