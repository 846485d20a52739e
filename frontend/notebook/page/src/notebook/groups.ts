// Groups of cells that follow one another. The browser lays out the groups that are near
// the screen and passes over the others whole, so that what a key costs does not grow with
// the notebook.

/** Cells that follow one another, in one element of the page. */
export interface Group {
  readonly key: number;
  readonly cells: readonly string[];
}

const size = 20; // cells of a group that is made, about
const most = 40; // cells of a group before it is split

/**
 * The groups of the cells in order, given those before. A cell stays in its group if it
 * can, as another group makes it anew; those of stay can always. Groups in which nothing
 * changed are the same objects.
 */
export function regroup(before: readonly Group[], order: readonly string[], stay: ReadonlySet<string>): readonly Group[] {
  const home = new Map(before.flatMap((g, n) => g.cells.map((id) => [id, n] as const)));
  const kept = keeping(order, home, stay);
  // Each cell that does not stay goes to the one before it.
  const lists = new Map<number, string[]>();
  let at = order.find((id) => kept.has(id));
  let group = at === undefined ? 0 : home.get(at)!;
  for (const id of order) {
    if (kept.has(id)) group = home.get(id)!;
    const list = lists.get(group);
    if (list) list.push(id);
    else lists.set(group, [id]);
  }
  let next = Math.max(0, ...before.map((g) => g.key)) + 1;
  const out: Group[] = [];
  for (const [n, cells] of lists) {
    const old = before[n];
    if (old && cells.length === old.cells.length && cells.every((id, i) => id === old.cells[i])) {
      out.push(old);
      continue;
    }
    const parts = cells.length > most ? chunks(cells) : [cells];
    // The part that goes on as the group before is that with the cells that have to stay, or with the
    // new one that is selected: what is on the screen is around it.
    const heir = Math.max(0, parts.findIndex((p) => p.some((id) => stay.has(id))));
    parts.forEach((p, i) => out.push({ key: old && i === heir ? old.key : next++, cells: p }));
  }
  return out.length === before.length && out.every((g, i) => g === before[i]) ? before : out;
}

function chunks(cells: string[]): string[][] {
  const n = Math.round(cells.length / size);
  return Array.from({ length: n }, (_, i) => cells.slice((i * cells.length) / n, ((i + 1) * cells.length) / n));
}

/**
 * The cells that can stay in their groups while the groups keep their order: the most that
 * can, and all of stay unless they changed places among one another.
 */
function keeping(order: readonly string[], home: ReadonlyMap<string, number>, stay: ReadonlySet<string>): ReadonlySet<string> {
  const known = order.filter((id) => home.has(id));
  if (known.every((id, i) => i === 0 || home.get(known[i - 1]!)! <= home.get(id)!)) return new Set(known);
  // The heaviest subsequence whose groups do not go down, by the best that ends in each group.
  const best = new Map<number, { weight: number; last: number }>();
  const from: number[] = [];
  known.forEach((id, i) => {
    const group = home.get(id)!;
    let [weight, last] = [0, -1];
    for (const [g, b] of best) if (g <= group && b.weight > weight) ({ weight, last } = b);
    from[i] = last;
    best.set(group, { weight: weight + (stay.has(id) ? known.length : 1), last: i });
  });
  const kept = new Set<string>();
  let end = [...best.values()].reduce((a, b) => (b.weight > a.weight ? b : a)).last;
  for (; end >= 0; end = from[end]!) kept.add(known[end]!);
  return kept;
}
