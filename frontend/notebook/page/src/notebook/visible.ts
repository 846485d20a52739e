// Which cells are near the screen. Cells far away are plain text, which costs little.

/** How much of the screen lies below the header and the bars, and below a sheet, in pixels. */
export function coveredScreen(): { top: number; bottom: number } {
  const height = (selector: string) => document.querySelector<HTMLElement>(selector)?.offsetHeight ?? 0;
  return { top: height(".header") + height(".banners"), bottom: height(".pager") };
}

/** The first of elements, which follow one another on the page, that reaches below a line of the screen. */
export function firstBelow(list: ArrayLike<Element>, line: number): number {
  let [from, to] = [0, list.length];
  while (from < to) {
    const mid = (from + to) >> 1;
    if (list[mid]!.getBoundingClientRect().bottom > line) to = mid;
    else from = mid + 1;
  }
  return from;
}

/** The cells in the groups of root that show between two lines of the screen, in order. Groups elsewhere are not looked into, as they would be laid out. */
export function* cellsBetween(root: Element, from: number, to: number): Generator<Element> {
  const groups = root.children;
  for (let g = firstBelow(groups, from); g < groups.length && groups[g]!.getBoundingClientRect().top < to; g++) {
    const cells = groups[g]!.children;
    for (let i = firstBelow(cells, from); i < cells.length && cells[i]!.getBoundingClientRect().top < to; i++) yield cells[i]!;
  }
}

/** Where a cell is: far from the screen, near it, or on it or about to be. */
export enum Distance {
  Far,
  Near,
  Here,
}

const margins = { [Distance.Near]: 800, [Distance.Here]: 200 }; // px above and below the screen

/**
 * NearCells tells cells when they come near the screen and go away from it. It looks when
 * something moves; an IntersectionObserver would look at every cell in every frame.
 */
export class NearCells {
  private readonly watchers = new Map<Element, (at: Distance) => void>();
  private near = new Map<Element, Distance>();
  private frame = 0;
  private root: Element | null = null;
  private readonly sizes = new ResizeObserver(() => this.look());
  private readonly moved = () => this.later();

  constructor() {
    addEventListener("scroll", this.moved, { passive: true });
    addEventListener("resize", this.moved);
  }

  /** Says what holds the groups of cells, and nothing else. */
  within(root: Element): void {
    this.root = root;
    this.sizes.disconnect();
    this.sizes.observe(root);
  }

  /** Calls f when a cell comes near the screen or goes away from it, until what it returns is called. At first it is far. */
  watch(cell: Element, f: (at: Distance) => void): () => void {
    this.watchers.set(cell, f);
    this.near.delete(cell); // it may have been seen before it was watched, and was not told
    this.later();
    return () => {
      this.watchers.delete(cell);
      this.near.delete(cell);
    };
  }

  /** Looks in the next frame, as after cells were moved. */
  later(): void {
    this.frame ||= requestAnimationFrame(() => this.look());
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.sizes.disconnect();
    removeEventListener("scroll", this.moved);
    removeEventListener("resize", this.moved);
  }

  private look(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const now = new Map<Element, Distance>();
    for (const at of [Distance.Near, Distance.Here] as const) {
      for (const c of this.root ? cellsBetween(this.root, -margins[at], innerHeight + margins[at]) : []) now.set(c, at);
    }
    const before = this.near;
    this.near = now;
    for (const c of before.keys()) if (!now.has(c)) this.watchers.get(c)?.(Distance.Far);
    for (const [c, at] of now) if (before.get(c) !== at) this.watchers.get(c)?.(at);
  }
}

const idle: (f: (left: () => number) => void) => void =
  "requestIdleCallback" in window
    ? (f) => requestIdleCallback((d) => f(() => d.timeRemaining()), { timeout: 500 })
    : (f) => setTimeout(() => f(() => 8), 16);

const queue: (() => void)[] = [];
let running = false;

/** Does work when the browser has time for it, in order. Returns what cancels it. */
export function whenIdle(work: () => void): () => void {
  queue.push(work);
  if (!running) {
    running = true;
    idle(drain);
  }
  return () => {
    const at = queue.indexOf(work);
    if (at >= 0) queue.splice(at, 1);
  };
}

function drain(left: () => number): void {
  do {
    try {
      queue.shift()?.();
    } catch (e) {
      reportError(e); // the others get their turn
    }
  } while (queue.length > 0 && left() > 4);
  running = queue.length > 0;
  if (running) idle(drain);
}
