// Which cells are near the screen. Cells far away are plain text, which costs little.

/** How much of the screen lies below the header and the bars, and below a sheet, in pixels. */
export function coveredScreen(): { top: number; bottom: number } {
  const height = (selector: string) => document.querySelector<HTMLElement>(selector)?.offsetHeight ?? 0;
  return { top: height(".header") + height(".banners"), bottom: height(".pager") };
}

type Watcher = (near: boolean) => void;

const watchers = new WeakMap<Element, Watcher>();

const observer = new IntersectionObserver(
  (entries) => {
    for (const e of entries) watchers.get(e.target)?.(e.isIntersecting);
  },
  { rootMargin: "800px 0px" },
);

/** Calls f whenever an element comes near the screen or goes away from it. */
export function watchNear(el: Element, f: Watcher): () => void {
  watchers.set(el, f);
  observer.observe(el);
  return () => {
    observer.unobserve(el);
    watchers.delete(el);
  };
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
    queue.shift()?.();
  } while (queue.length > 0 && left() > 4);
  running = queue.length > 0;
  if (running) idle(drain);
}
