import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { keepFocus } from "../ui/focus";
import { Icon } from "../ui/icons";
import { toast } from "../ui/notify";
import { findAll, findCurrent, findOpen, findQuery, firstFrom, replaceMatches, showMatch, type Match, type Query } from "./find";
import { openPart } from "./hide";
import { unmarkOutput } from "./findOutputs";
import { keepMarks } from "./marks";
import type { Notebook } from "./notebook";

/** Find and replace over all cells. */
export function FindBar({ nb }: { nb: Notebook }) {
  const q = findQuery.value;
  const by = useSignal("");
  const field = useRef<HTMLInputElement>(null);
  const shown = useSignal(0); // matches in what is shown, which changes
  const matches = useMemo(() => findAll(nb, q), [q, nb.edits.value, nb.order.value, shown.value]);
  const inSources = matches.filter((m) => m.output === undefined);
  const at = matches.findIndex((m) => same(m, findCurrent.value));
  const from = useRef(placeNow(nb)); // where the search begins
  useLayoutEffect(() => { // at once: the next key is for the field
    const selected = getSelection()?.toString() ?? "";
    if (selected && !selected.includes("\n") && selected.length < 100) findQuery.value = { ...findQuery.peek(), text: selected };
    findCurrent.value = firstFrom(nb, findAll(nb, findQuery.peek()), from.current) ?? null;
    field.current?.focus();
    field.current?.select();
    return keepMarks(document.getElementById("notebook")!, (n) => (shown.value = n));
  }, []);
  const opening = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const show = (m: Match | undefined) => {
    if (!m) return;
    clearTimeout(opening.current);
    findCurrent.value = m;
    from.current = m;
    showMatch(nb, m, q);
  };
  const step = (n: number) => show(matches[(at < 0 ? (n > 0 ? 0 : matches.length - 1) : at + n + matches.length) % matches.length]);
  /** Closes the bar, and goes to the match, or stays where the reader has gone. */
  const close = (toMatch = true) => {
    findOpen.value = false;
    unmarkOutput();
    const m = findCurrent.peek();
    findCurrent.value = null;
    if (!toMatch) return;
    if (m && nb.has(m.cell)) nb.select(m.cell);
    const id = nb.active.peek();
    if (id && nb.mode.peek() === "edit") nb.edit(id);
    else nb.command();
  };
  useEffect(() => {
    // Esc closes it from the cells, too, unless it means something there.
    const press = (e: KeyboardEvent) => {
      if (e.key !== "Escape" || e.defaultPrevented || nb.mode.peek() === "edit" || document.querySelector("dialog[open]")) return;
      e.preventDefault();
      close(document.activeElement === document.body || document.activeElement?.closest(".find") !== null);
    };
    addEventListener("keydown", press);
    return () => {
      removeEventListener("keydown", press);
      clearTimeout(opening.current);
    };
  }, []);
  const key = (e: KeyboardEvent) => {
    if (e.key !== "Enter") return;
    step(e.shiftKey ? -1 : 1);
    e.preventDefault();
    e.stopPropagation();
  };
  /** Looks for something else, from where the search began. */
  const look = (next: Query) => {
    findQuery.value = next;
    findCurrent.value = null;
    const m = firstFrom(nb, findAll(nb, next), from.current);
    if (!m) return;
    findCurrent.value = m;
    showMatch(nb, m, next, false);
    // What is hidden is opened once it is written to its end: the first letters match a lot.
    clearTimeout(opening.current);
    opening.current = setTimeout(() => {
      const there = findCurrent.peek() === m && nb.has(m.cell) && document.activeElement?.closest(".find");
      if (there) openPart(nb, m.cell, m.output === undefined ? "source" : "outputs");
    }, 500);
  };
  const toggle = (name: "caseSensitive" | "regexp", label: string, text: string) => (
    <button class="icon-button find-toggle" aria-pressed={q[name]} aria-label={label} title={label} onClick={() => look({ ...q, [name]: !q[name] })}>
      {text}
    </button>
  );
  const replace = (list: Match[]) => {
    const before = nb.source(list[0]!.cell).length;
    const step = replaceMatches(nb, list, q, by.peek());
    findCurrent.value = null;
    if (step && list.length > 1) {
      const cells = new Set(list.map((m) => m.cell)).size;
      toast(`Replaced ${list.length} matches in ${cells === 1 ? "1 cell" : `${cells} cells`}`, "info", { label: "Undo", run: () => void (nb.turnReplaced(step, "undo") ?? toast("Nothing was taken back: all of these cells were changed since", "info")) });
      return;
    }
    // On to the next, behind what was put in place of this one.
    const { cell, to } = list[0]!;
    show(firstFrom(nb, findAll(nb, q), { cell, from: to + nb.source(cell).length - before }));
  };
  return (
    <search
      class="find"
      aria-label="Find and replace"
      onKeyDown={(e) => {
        if (e.key !== "Escape") return;
        close();
        e.preventDefault();
        e.stopPropagation();
      }}
    >
      <div class="find-row">
        <input
          ref={field}
          class="input-text"
          placeholder="Find"
          aria-label="Find"
          spellcheck={false}
          value={q.text}
          onInput={(e) => look({ ...q, text: e.currentTarget.value })}
          onKeyDown={key}
        />
        {toggle("caseSensitive", "Match case", "Aa")}
        {toggle("regexp", "Regular expression", ".*")}
        <span class="find-count" role="status">
          {q.text === "" ? "" : matches.length === 0 ? "no match" : at >= 0 ? `${at + 1} of ${matches.length}` : matches.length === 1 ? "1 match" : `${matches.length} matches`}
        </span>
        <button class="icon-button" aria-label="Previous match" title="Previous (Shift-Enter)" onMouseDown={keepFocus} disabled={!matches.length} onClick={() => step(-1)}>
          <Icon name="up" size={16} />
        </button>
        <button class="icon-button" aria-label="Next match" title="Next (Enter)" onMouseDown={keepFocus} disabled={!matches.length} onClick={() => step(1)}>
          <Icon name="down" size={16} />
        </button>
        <button class="icon-button" aria-label="Close" title="Close (Esc)" onClick={() => close()}>
          <Icon name="close" size={16} />
        </button>
      </div>
      <div class="find-row">
        <input class="input-text" placeholder="Replace with" aria-label="Replace with" spellcheck={false} value={by.value} onInput={(e) => (by.value = e.currentTarget.value)} onKeyDown={key} />
        <button class="button button-small" onMouseDown={keepFocus} disabled={at < 0 || matches[at]!.output !== undefined} onClick={() => replace([matches[at]!])}>
          Replace
        </button>
        <button class="button button-small" onMouseDown={keepFocus} disabled={!inSources.length} onClick={() => replace(inSources)}>
          All
        </button>
      </div>
    </search>
  );
}

/** Where the cursor is, in the active cell. */
function placeNow(nb: Notebook): { cell: string; from: number } {
  const cell = nb.active.peek() ?? "";
  return { cell, from: nb.has(cell) ? nb.text(cell).current.selection.main.from : 0 };
}

const same = (a: Match, b: Match | null) => b !== null && a.cell === b.cell && a.from === b.from && a.to === b.to;
