import { describe, expect, test } from "vitest";
import { regroup, type Group } from "../src/notebook/groups";

const cells = (n: number, prefix = "c") => Array.from({ length: n }, (_, i) => prefix + i);
const none = new Set<string>();
const flat = (groups: readonly Group[]) => groups.flatMap((g) => g.cells);

/** The cells that another element holds than before. */
function remade(before: readonly Group[], after: readonly Group[]): string[] {
  const keyOf = new Map(before.flatMap((g) => g.cells.map((id) => [id, g.key] as const)));
  return after.flatMap((g) => g.cells.filter((id) => keyOf.has(id) && keyOf.get(id) !== g.key));
}

describe("regroup", () => {
  test("a small notebook is one group, a long one groups of twenty", () => {
    expect(regroup([], [], none)).toEqual([]);
    expect(regroup([], cells(40), none).map((g) => g.cells.length)).toEqual([40]);
    expect(regroup([], cells(500), none).map((g) => g.cells.length)).toEqual(Array(25).fill(20));
    expect(regroup([], cells(41), none).map((g) => g.cells.length)).toEqual([20, 21]);
  });

  test("what did not change is the same object", () => {
    const before = regroup([], cells(100), none);
    expect(regroup(before, cells(100), none)).toBe(before);
    const order = cells(100);
    order.splice(50, 1);
    const after = regroup(before, order, none);
    expect(after.map((g, i) => g === before[i])).toEqual([true, true, false, true, true]);
    expect(after[2]!.key).toBe(before[2]!.key);
  });

  test("a new cell joins the one before it, the first one the group at the top", () => {
    const before = regroup([], cells(60), none);
    const order = ["top", ...cells(20), "new", ...cells(60).slice(20)];
    const after = regroup(before, order, none);
    expect(flat(after)).toEqual(order);
    expect(after.map((g) => g.cells.length)).toEqual([22, 20, 20]);
    expect(remade(before, after)).toEqual([]);
  });

  test("a selected cell that moves over the edge of a group stays; its neighbour is made anew", () => {
    const before = regroup([], cells(60), none);
    for (const [from, to] of [[19, 20], [20, 19]] as const) {
      const order = cells(60);
      order.splice(to, 0, ...order.splice(from, 1));
      expect(remade(before, regroup(before, order, new Set([`c${from}`])))).toEqual([`c${to}`]);
    }
  });

  test("a group that grows is split around the cell that has to stay", () => {
    let groups = regroup([], cells(40), none);
    const key = groups[0]!.key;
    const order = [...cells(40), "new"];
    groups = regroup(groups, order, new Set(["c39"]));
    expect(groups.map((g) => g.cells.length)).toEqual([20, 21]);
    expect(groups[1]!.key).toBe(key);
    expect(groups[0]!.key).not.toBe(key);
  });

  test("a group that a new cell overfills is split so that what is around that stays", () => {
    const before = regroup([], cells(40), none);
    const order = [...cells(40), "new"];
    const after = regroup(before, order, new Set(["new"]));
    expect(remade(before, after)).toEqual(cells(20));
    expect(after[1]!.cells).toContain("new");
  });

  test("a cell that moves through the whole notebook stays all the way", () => {
    const order = cells(200);
    let groups = regroup([], order, none);
    for (let at = 0; at < 199; at++) {
      [order[at], order[at + 1]] = [order[at + 1]!, order[at]!];
      const after = regroup(groups, order, new Set(["c0"]));
      expect(flat(after)).toEqual(order);
      expect(remade(groups, after)).not.toContain("c0");
      groups = after;
    }
  });

  test("whatever the order, no cell is lost, keys are unique and no group is too large", () => {
    let seed = 7;
    const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
    let order = cells(120);
    let groups = regroup([], order, none);
    for (let round = 0; round < 60; round++) {
      const next = [...order];
      for (let i = random(4); i >= 0; i--) {
        const what = random(4);
        const at = random(next.length + 1);
        if (what === 0) next.splice(at, 0, ...cells(random(60), `r${round}.${i}.`));
        else if (what === 1) next.splice(at, random(30));
        else next.splice(at, 0, ...next.splice(random(next.length + 1), random(5)));
      }
      const stay = new Set(next.length > 0 ? [next[random(next.length)]!] : []);
      const after = regroup(groups, next, stay);
      expect(flat(after)).toEqual(next);
      expect(new Set(after.map((g) => g.key)).size).toBe(after.length);
      expect(after.every((g) => g.cells.length > 0 && g.cells.length <= 40)).toBe(true);
      expect(remade(groups, after).filter((id) => stay.has(id))).toEqual([]);
      [order, groups] = [next, after];
    }
  });
});
