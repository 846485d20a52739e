// The place of the reader: what is read stays where it is on the screen, whatever comes
// or goes above it. What is written stays in view, too, as it grows or is pushed down.

import { EditorView } from "@codemirror/view";
import { cellsBetween, coveredScreen, firstBelow } from "./visible";

const line = 60; // px from the top of the screen, below the header

interface Anchor {
  el: Element;
  top: number;
}

/** How far, in pixels, the cell that is edited reaches below the screen; of a cell that is too high, the line with the cursor. */
function below(cell: Element): number {
  const { top, bottom } = coveredScreen();
  const [from, to] = [top + 12, innerHeight - bottom - 24];
  let r: { top: number; bottom: number; height: number } = cell.getBoundingClientRect();
  if (r.height > to - from) r = cursorRect(cell) ?? r;
  return Math.max(0, Math.min(r.bottom - to, r.top - from));
}

/** Where the cursor of a cell's editor is on the screen. */
function cursorRect(cell: Element): { top: number; bottom: number; height: number } | null {
  const editor = cell.querySelector<HTMLElement>(".cm-editor");
  const view = editor && EditorView.findFromDOM(editor);
  const at = view?.coordsAtPos(view.state.selection.main.head);
  return at ? { top: at.top, bottom: at.bottom, height: at.bottom - at.top } : null;
}

/** Keeps the place of the reader in the cells below root until the returned function is called. */
export function keepPlace(root: HTMLElement): () => void {
  // The smallest comes first; what is no more gives way to what holds it.
  let anchors: Anchor[] = [];
  let scrolled = scrollY; // when they were noted
  const editing = () => {
    const cell = root.querySelector(".cell.editing");
    return cell?.contains(document.activeElement) ? cell : null;
  };
  let edited: Element | null = null;
  let away = false; // the reader scrolled away from what is edited
  const note = () => {
    anchors = [];
    scrolled = scrollY;
    edited = editing();
    away = edited !== null && below(edited) >= 1;
    const cells = scrollY > 0 ? root.querySelector(".cells") : null;
    const [cell, next] = cells ? cellsBetween(cells, line, innerHeight) : [];
    if (!cell) return;
    const parts = [...cell.querySelectorAll(".prose > *, .box, .output")];
    if (next) parts.push(next);
    // What begins on the upper half of the screen, as what is cut off there may grow above it.
    const begins = parts.find((p) => {
      const { top } = p.getBoundingClientRect();
      return top >= line && top < innerHeight / 2;
    });
    anchors = [begins ?? parts[firstBelow(parts, line)], cell].filter((el) => el !== undefined).map((el) => ({ el, top: el.getBoundingClientRect().top }));
  };
  const hold = () => {
    const anchor = anchors.find((a) => a.el.isConnected);
    // What the reader scrolls moves it too, and that is meant.
    const moved = anchor ? anchor.el.getBoundingClientRect().top - anchor.top + (scrollY - scrolled) : 0;
    if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: "instant" });
    note();
  };
  // The browser's own way does not count what it has not laid out, so it is off.
  const style = document.documentElement.style;
  style.overflowAnchor = "none";
  addEventListener("scroll", hold, { passive: true });
  const follow = () => {
    const cell = editing();
    const past = cell && !(cell === edited && away) ? below(cell) : 0;
    if (past < 1) return;
    scrollBy({ top: past, behavior: "instant" });
    note();
  };
  const sizes = new ResizeObserver(() => {
    const was = [edited, away] as const;
    hold();
    [edited, away] = was; // as it was before anything grew
    follow();
  });
  sizes.observe(root);
  return () => {
    style.overflowAnchor = "";
    removeEventListener("scroll", hold);
    sizes.disconnect();
  };
}

/**
 * Calls put in each frame while what is shown is laid out, unless the reader goes elsewhere or the
 * returned function is called. put says whether all was in its place; once it was for a while, that is the end.
 */
export function settle(put: () => boolean): () => void {
  letGo();
  const until = performance.now() + settling;
  let frame = 0;
  let calm = 0;
  const over = () => {
    cancelAnimationFrame(frame);
    for (const by of gestures) removeEventListener(by, over, true);
  };
  const look = () => {
    calm = put() ? calm + 1 : 0;
    if (performance.now() > until || calm > 20) over();
    else frame = requestAnimationFrame(look);
  };
  for (const by of gestures) addEventListener(by, over, { capture: true, passive: true });
  frame = requestAnimationFrame(look);
  return (letGo = over);
}

/** Scrolls until an element is at a place, in pixels from the top of the screen; says whether it was there. */
export function putAt(el: Element, top: number): boolean {
  const off = el.getBoundingClientRect().top - top;
  if (Math.abs(off) < 1) return true;
  const before = scrollY;
  scrollBy({ top: off, behavior: "instant" });
  return scrollY === before; // as near as it comes
}

let letGo = () => {}; // of what is put in place: the page has one
const settling = 1_500; // ms in which what is shown may still grow
const gestures = ["wheel", "touchmove", "keydown", "pointerdown"] as const;
