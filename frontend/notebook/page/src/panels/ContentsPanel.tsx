import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Notebook } from "../notebook/notebook";
import { putAt, settle } from "../notebook/place";
import { coveredScreen } from "../notebook/visible";
import { headingNodes, headings, slug, type Heading } from "../outputs/markdown";
import { Nodes } from "../outputs/Output";

interface Entry extends Heading {
  cell: string;
  /** Which heading of its cell it is. */
  nth: number;
}

const known = new WeakMap<Notebook, Map<string, { source: string; list: Heading[] }>>();

/** The headings of a notebook, in order. Cells that are as they were are not read again. */
function allHeadings(nb: Notebook): Entry[] {
  const before = known.get(nb);
  const now = new Map<string, { source: string; list: Heading[] }>();
  const out: Entry[] = [];
  for (const cell of nb.order.value) {
    if (nb.cell(cell).value.type !== "markdown") continue;
    const source = nb.source(cell);
    const old = before?.get(cell);
    const read = old?.source === source ? old : { source, list: headings(source) };
    now.set(cell, read);
    read.list.forEach((h, nth) => out.push({ ...h, cell, nth }));
  }
  known.set(nb, now);
  return out;
}

/** Goes to the heading that a link in Markdown names, as "#Its-words"; says whether there is one. */
export function goToHeading(nb: Notebook, name: string): boolean {
  const e = allHeadings(nb).find((h) => slug(h.parts.map((p) => p.text).join("")) === name);
  if (!e) return false;
  nb.mode.value = "command";
  nb.go(e.cell);
  reach(e);
  return true;
}

/** Where a heading is shown; where its cell is, if it is no heading yet or being edited. */
function placeOf(e: Entry): Element | null {
  const cell = document.getElementById("cell-" + e.cell);
  return cell?.querySelectorAll(".prose [data-heading]")[e.nth] ?? cell;
}

/** Scrolls to a heading, which is made only once its cell comes near the screen, as is what is above it. */
function reach(e: Entry): void {
  document.getElementById("cell-" + e.cell)?.scrollIntoView({ block: "start" });
  settle(() => {
    const at = placeOf(e);
    const there = at !== null && putAt(at, coveredScreen().top + 24);
    return there && (!at.classList.contains("cell") || at.classList.contains("editing"));
  });
}

const below = 96; // px: what is above counts as passed; the header is part of it

/** Where a heading is on the screen; about where, if it is far from the line. */
function topOf(e: Entry): number {
  const cell = document.getElementById("cell-" + e.cell);
  if (!cell) return Infinity;
  const group = cell.parentElement!.getBoundingClientRect();
  if (group.top > below || group.bottom <= below) return group.top;
  return placeOf(e)!.getBoundingClientRect().top;
}

/** The last heading that is above the text on the screen; -1 if all are below. */
function lastPassed(entries: readonly Entry[]): number {
  let [from, to] = [0, entries.length];
  while (from < to) {
    const mid = (from + to) >> 1;
    if (topOf(entries[mid]!) <= below) from = mid + 1;
    else to = mid;
  }
  return from - 1;
}

/** The headings of the notebook; the one that is read is marked. */
export function ContentsPanel({ nb, onGo }: { nb: Notebook; onGo: () => void }) {
  const entries = useComputed(() => {
    nb.edits.value;
    return allHeadings(nb);
  }).value;
  const here = useSignal(-1);
  useEffect(() => {
    let frame = 0;
    let chosen = false;
    const look = () => {
      frame = 0;
      if (!chosen) here.value = lastPassed(entries);
    };
    const later = () => (frame ||= requestAnimationFrame(look));
    // What was chosen stays so until the reader scrolls, also where it cannot come to the top.
    const choose = (e: Event) => (chosen = (e.target as Element).closest?.(".toc a") != null);
    const scrolls = () => (chosen = false);
    addEventListener("scroll", later, { passive: true });
    const sizes = new ResizeObserver(later);
    const cells = document.querySelector(".cells");
    if (cells) sizes.observe(cells);
    addEventListener("click", choose, true);
    for (const by of ["wheel", "touchmove", "keydown"]) addEventListener(by, scrolls, { passive: true });
    later();
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", later);
      sizes.disconnect();
      removeEventListener("click", choose, true);
      for (const by of ["wheel", "touchmove", "keydown"]) removeEventListener(by, scrolls);
    };
  }, [entries]);
  const list = useRef<HTMLOListElement>(null);
  useEffect(
    () =>
      here.subscribe((i) => {
        // The heading that is read is in sight in the panel, too; the page stays where it is.
        const panel = list.current?.closest(".panel-body");
        const at = list.current?.children[i]?.getBoundingClientRect();
        if (!panel || !at) return;
        const { top, bottom } = panel.getBoundingClientRect();
        if (at.top < top) panel.scrollBy({ top: at.top - top - 8, behavior: "instant" });
        else if (at.bottom > bottom) panel.scrollBy({ top: at.bottom - bottom + 8, behavior: "instant" });
      }),
    [],
  );
  if (entries.length === 0) {
    return <p class="empty">Headings of Markdown cells are listed here. Select a cell, press 1, and write one.</p>;
  }
  const top = Math.min(...entries.map((e) => e.level));
  return (
    <ol class="toc" ref={list}>
      {entries.map((e, i) => (
        <li key={i}>
          <a
            href={"#cell-" + e.cell}
            class={"toc-" + Math.min(e.level - top + 1, 4)}
            aria-current={i === here.value ? "true" : undefined}
            onClick={(ev) => {
              ev.preventDefault();
              nb.mode.value = "command";
              nb.go(e.cell);
              here.value = i;
              reach(e);
              onGo();
            }}
          >
            {e.parts.length === 0 ? "…" : e.parts.every((p) => p.kind === "text") ? e.parts.map((p) => p.text).join("") : <Nodes class="toc-text" make={() => headingNodes(e.parts)} of={JSON.stringify(e.parts)} />}
          </a>
        </li>
      ))}
    </ol>
  );
}
