// Where the reader was, for when the page is loaded again: kept by the tab, so that two
// tabs of a notebook have places of their own.

import type { Notebook } from "./notebook";
import { putAt, settle } from "./place";
import { cellsBetween, coveredScreen } from "./visible";

interface Kept {
  /** The selected cell. */
  active: string;
  /** The first cell on the screen, and how far its top is from the screen's, in pixels. */
  cell: string;
  top: number;
}

const key = (path: string) => "fanout.place:" + path;

function cellOf(id: string): HTMLElement | null {
  return document.getElementById("cell-" + id);
}

/** The place now; null if there are no cells. */
function placeNow(nb: Notebook): Kept | null {
  const { top } = coveredScreen();
  const cells = document.querySelector(".cells");
  const [cell] = cells ? cellsBetween(cells, top, innerHeight) : [];
  const active = nb.active.peek();
  if (!cell || !active) return null;
  return { active, cell: cell.id.slice("cell-".length), top: cell.getBoundingClientRect().top };
}

function kept(path: string): Kept | null {
  try {
    const k = JSON.parse(sessionStorage.getItem(key(path)) ?? "null") as Partial<Kept> | null;
    return typeof k?.active === "string" && typeof k.cell === "string" && typeof k.top === "number" ? (k as Kept) : null;
  } catch {
    return null;
  }
}

function putAtCell(k: Kept): void {
  const el = cellOf(k.cell);
  if (el) putAt(el, k.top);
}

/** Notes the place when the page is left, and goes back to the one that was noted before, until the returned function is called. */
export function rememberPlace(nb: Notebook): () => void {
  history.scrollRestoration = "manual";
  const note = () => {
    const k = nb.loaded.peek() ? placeNow(nb) : null;
    try {
      if (k) sessionStorage.setItem(key(nb.path.peek()), JSON.stringify(k));
    } catch {
      // Storage is off or full: the page begins at its top.
    }
  };
  addEventListener("pagehide", note);
  let leave = () => {};
  const stop = nb.loaded.subscribe((loaded) => {
    const k = loaded ? kept(nb.path.peek()) : null;
    if (!k) return;
    if (nb.has(k.active)) nb.select(k.active);
    if (nb.has(k.cell)) leave = settle(() => (putAtCell(k), false)); // outputs may come late
  });
  return () => {
    stop();
    leave();
    removeEventListener("pagehide", note);
  };
}
