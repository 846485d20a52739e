import { ChangeSet } from "@codemirror/state";
import { describe, expect, test } from "vitest";
import { appendText, apply, cellFrom, streamLimit, wasInterrupted, type Room } from "../src/room/state";
import type { CellJSON, Output, RoomEvent } from "../src/room/types";

const cell = (id: string, source = "", more: Partial<CellJSON> = {}): CellJSON => ({
  id,
  cell_type: "code",
  metadata: {},
  source,
  version: 0,
  outputs: [],
  ...more,
});

const start: RoomEvent = {
  ev: "room",
  path: "a.ipynb",
  client: "me",
  notebook: { metadata: {}, cells: [cell("a", "x := 1"), cell("b", "é🙂"), cell("c")] },
  kernel: { id: "k", status: "idle", name: "fanout" },
  file: { dirty: false, saved: "", conflict: false, recovered: false, trusted: true, readonly: false },
};

function after(...events: RoomEvent[]): Room {
  let room: Room | null = null;
  for (const ev of [start, ...events]) room = apply(room, ev);
  return room!;
}

const stream = (text: string): Output => ({ output_type: "stream", name: "stdout", text });

describe("the room after events", () => {
  test("begins with what the server shows", () => {
    const r = after();
    expect(r.order).toEqual(["a", "b", "c"]);
    expect(r.cells.get("a")).toMatchObject({ source: "x := 1", version: 0, state: { run: "idle", count: null } });
  });

  test("has edits applied, whose positions are UTF-16 units", () => {
    const updates = [
      ChangeSet.of({ from: 3, insert: "!" }, 3).toJSON(),
      ChangeSet.of({ from: 1, to: 3, insert: "\n\n" }, 4).toJSON(),
    ];
    const r = after({ ev: "edit", cell: "b", version: 2, updates, by: "you" });
    expect(r.cells.get("b")).toMatchObject({ source: "é\n\n!", version: 2 });
    expect(r.cells.get("a")).toBe(after().cells.get("a") ? r.cells.get("a") : null);
  });

  test("keeps cells that did not change, and drops those that are gone", () => {
    const before = after();
    const r = apply(before, { ev: "cells", order: ["c", "n", "a"], changed: [cell("n", "new")] })!;
    expect(r.order).toEqual(["c", "n", "a"]);
    expect([...r.cells.keys()]).toEqual(["c", "n", "a"]);
    expect(r.cells.get("a")).toBe(before.cells.get("a"));
    expect(r.cells.get("n")!.source).toBe("new");
  });

  test("leaves out ids without a cell", () => {
    expect(after({ ev: "cells", order: ["a", "ghost"], changed: [] }).order).toEqual(["a"]);
  });

  test("has outputs replaced from an index on", () => {
    const r = after(
      { ev: "outputs", cell: "a", from: 0, outputs: [stream("1"), stream("2"), stream("3")] },
      { ev: "outputs", cell: "a", from: 1, outputs: [stream("x")] },
    );
    expect(r.cells.get("a")!.outputs.map((o) => o.text)).toEqual(["1", "x"]);
  });

  test("trusts outputs only where the server does", () => {
    const out = (trusted?: boolean): RoomEvent => ({ ev: "outputs", cell: "a", from: 0, outputs: [], trusted });
    expect(after(out(undefined)).cells.get("a")!.trusted).toBe(false);
    expect(after(out(true)).cells.get("a")!.trusted).toBe(true);
  });

  test("has streams that grow, and displays that are updated in place", () => {
    const r = after(
      { ev: "outputs", cell: "a", from: 0, outputs: [stream("ab"), { output_type: "display_data", data: { "text/plain": "0%" } }] },
      { ev: "stream", cell: "a", index: 0, text: "cd" },
      { ev: "update", cell: "a", index: 1, output: { output_type: "display_data", data: { "text/plain": "50%" } } },
    );
    expect(r.cells.get("a")!.outputs).toEqual([stream("abcd"), { output_type: "display_data", data: { "text/plain": "50%" } }]);
  });

  test("is not changed by what names a cell or an output that is not there", () => {
    const before = after();
    expect(apply(before, { ev: "state", cell: "ghost", state: { run: "running", count: 1 } })).toBe(before);
    expect(apply(before, { ev: "stream", cell: "a", index: 4, text: "x" })!.cells.get("a")!.outputs).toEqual([]);
  });

  test("knows a question until it is answered", () => {
    const asked = after({ ev: "input", cell: "a", prompt: "Name", password: true, id: "q3" });
    expect(asked.input).toEqual({ cell: "a", prompt: "Name", password: true, id: "q3" });
    expect(apply(asked, { ev: "input", done: true })!.input).toBeNull();
  });

  test("takes in parts of what is known of kernel and file", () => {
    const r = after({ ev: "kernel", status: "busy" }, { ev: "file", dirty: true, path: "b.ipynb" });
    expect(r.kernel).toEqual({ id: "k", status: "busy", name: "fanout" });
    expect(r.file).toMatchObject({ dirty: true, trusted: true });
    expect(r.path).toBe("b.ipynb");
  });
});

test("a stream that comes later does not grow before it is there", () => {
  const later: Output = { output_type: "stream", later: { bytes: 9 } };
  const r = after(
    { ev: "outputs", cell: "a", from: 0, outputs: [later] },
    { ev: "stream", cell: "a", index: 0, text: "x" },
  );
  expect(r.cells.get("a")!.outputs).toEqual([later]);
});

test("a stream that grows without end keeps its last lines", () => {
  let o = stream("");
  for (let i = 0; i < 40; i++) o = appendText(o, `line ${i}\n`.repeat(2000));
  expect(o.text!.length).toBeLessThanOrEqual(streamLimit);
  expect(o.text!.startsWith("line ")).toBe(true);
  expect(o.text!.endsWith("line 39\n")).toBe(true);
  expect(o.cut!.bytes).toBeGreaterThan(0);
});

test("a run that the user stopped is no failure", () => {
  const ended = (ename: string) =>
    cellFrom(cell("a", "", { state: { run: "idle", count: 1, status: "error" }, outputs: [{ output_type: "error", ename, evalue: "" }] }));
  expect(wasInterrupted(ended("Interrupted"))).toBe(true);
  expect(wasInterrupted(ended("Panic"))).toBe(false);
  expect(wasInterrupted(cellFrom(cell("b")))).toBe(false);
});
