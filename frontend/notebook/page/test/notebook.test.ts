import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findAll, replaceMatches } from "../src/notebook/find";
import { Notebook } from "../src/notebook/notebook";
import { spoken, toast, toasts } from "../src/ui/notify";
import { FakeRoom, FakeSocket } from "./fakeRoom";

let nb: Notebook;
let room: FakeRoom;

function begin(...sources: string[]): void {
  room = new FakeRoom(...sources);
  nb = new Notebook("a.ipynb");
  nb.socket.connect();
  room.open();
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", () => Promise.reject(new Error("there is no network")));
  FakeSocket.list.length = 0;
  toasts.value = [];
});
afterEach(() => {
  nb.socket.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const texts = () => nb.order.peek().map((id) => nb.source(id));
const said = () => toasts.peek().map((t) => t.text).join("\n");

function write(id: string, insert: string): void {
  nb.text(id).change({ changes: { from: nb.text(id).doc.length, insert } });
}

/** The connection is lost and comes back. */
async function reconnect(meanwhile: () => void = () => {}): Promise<void> {
  FakeSocket.last.cut();
  meanwhile();
  await wait(400);
  room.open();
  await wait(100);
}

/** The page and the server have the same, which is this. */
async function agree(...sources: string[]): Promise<void> {
  await wait(3_000);
  expect(texts()).toEqual(sources);
  expect(room.sources).toEqual(sources);
  expect(nb.order.peek()).toEqual(room.cells.map((c) => c.id));
  expect(nb.unsent()).toBe(false);
}

describe("a cell that is inserted while the connection is lost", () => {
  test("is there with all that was written, though the server never got it", async () => {
    begin("a", "b");
    FakeSocket.last.server = null; // the line is dead, and nobody knows yet
    const inserted = nb.insert(1, "code", "", true);
    const id = nb.active.peek()!;
    write(id, "before ");
    await wait(30);
    await reconnect(() => write(id, "and after"));
    expect(nb.active.peek()).toBe(id);
    expect(await inserted).toBe(id);
    await agree("a", "before and after", "b");
  });

  test("is there once, if the server had it", async () => {
    begin("a");
    room.deaf = true;
    const inserted = nb.insert(1);
    const id = nb.active.peek()!;
    write(id, "before ");
    await wait(30);
    await reconnect(() => write(id, "and after"));
    expect(await inserted).toBe(id);
    await agree("a", "before and after");
  });

  test("can be begun without a connection, more than one, and each behind the cell that it followed", async () => {
    begin("a", "b");
    await reconnect(() => {
      void nb.insert(1, "markdown", "# one");
      write(nb.active.peek()!, "!");
      void nb.insert(2);
      write(nb.active.peek()!, "two");
      room.cells.unshift(room.cell("new", "in front"));
    });
    await agree("in front", "a", "# one!", "two", "b");
    expect(room.cells[2]!.cell_type).toBe("markdown");
  });

  test("goes, if it was deleted in another window since", async () => {
    begin("a");
    room.deaf = true;
    const inserted = nb.insert(1);
    await wait(30);
    await reconnect(() => room.cells.pop());
    expect(await inserted).toBeNull();
    await agree("a");
  });

  test("stays in a room that is sent anew before the server has read of it", async () => {
    begin("a");
    const { server } = FakeSocket.last;
    const held: Parameters<NonNullable<typeof server>>[0][] = [];
    FakeSocket.last.server = (q) => void held.push(q);
    void nb.insert(1);
    write(nb.active.peek()!, "text");
    await wait(30);
    room.show();
    for (const q of held) server!(q);
    FakeSocket.last.server = server;
    await agree("a", "text");
    expect(room.ops.filter((q) => q.op === "insert")).toHaveLength(1);
  });
});

test("what is written over a dead line is sent when that is noticed", async () => {
  begin("a");
  FakeSocket.last.server = null; // and nothing says so
  write("c0", " and more");
  await wait(16_000);
  expect(nb.link.peek()).toBe("open");
  await wait(3_500);
  expect(nb.link.peek()).not.toBe("open");
  expect(nb.unsent()).toBe(true);
  room.open();
  await agree("a and more");
});

describe("a cell that is inserted and that another window deletes at once", () => {
  /** Inserts a cell, has it edited here, and holds what the server says of it. */
  async function insertHeld(): Promise<{ inserted: Promise<string | null>; q: { id: number }; id: string }> {
    begin("a");
    let q: { id: number } | undefined;
    FakeSocket.last.server = (r) => void (r.op === "insert" && (q = r));
    const inserted = nb.insert(1);
    const id = nb.active.peek()!;
    await wait(30);
    return { inserted, q: q!, id };
  }

  test("is gone, though all is told in one message", async () => {
    const { inserted, q, id } = await insertHeld();
    FakeSocket.last.say({ ev: "cells", order: ["c0", id], changed: [room.cell(id)], by: "me" }, { re: q.id, cell: id }, { ev: "cells", order: ["c0"], changed: [], by: "other" });
    await wait(0);
    expect(nb.order.peek()).toEqual(["c0"]);
    expect(await inserted).toBe(id);
  });

  test("is gone, though the room comes anew", async () => {
    const { inserted, q } = await insertHeld();
    [room.known, room.done] = [true, q.id];
    FakeSocket.last.say({ re: q.id }, room.shown());
    await wait(0);
    expect(nb.order.peek()).toEqual(["c0"]);
    expect(await inserted).toBeNull();
  });

  test("can be pasted if the server did not take it, though the room comes anew", async () => {
    const { inserted, q, id } = await insertHeld();
    write(id, "kept");
    [room.known, room.done] = [true, q.id];
    FakeSocket.last.say({ re: q.id, error: "a notebook may have 1 cell" }, room.shown());
    await wait(0);
    expect(nb.order.peek()).toEqual(["c0"]);
    expect(await inserted).toBeNull();
    expect(said()).toContain("press v to paste it");
  });
});

test("a cell that the server does not insert is taken back, and what was written can be pasted", async () => {
  begin("a");
  room.refuse = (q) => (q.op === "insert" ? "a notebook may have 1 cell" : null);
  const inserted = nb.insert(1);
  write(nb.active.peek()!, "kept");
  expect(await inserted).toBeNull();
  room.refuse = () => null;
  expect(said()).toContain("A notebook may have 1 cell");
  await agree("a");
  void nb.paste();
  await wait(100);
  expect(room.ops.at(-1)).toMatchObject({ op: "insert", cells: [{ source: "kept" }] });
});

describe("what was written in a cell that is gone", () => {
  test("is in a new cell at its place, if another window deleted it", async () => {
    begin("a", "b", "c");
    FakeSocket.last.server = null;
    write("c1", " and this");
    await wait(30);
    await reconnect(() => room.cells.splice(1, 1));
    await agree("a", "b and this", "c");
    expect(said()).toContain("it is in a new cell");
  });

  test("goes with it, if the server has it all, or it was deleted here", async () => {
    begin("a", "b", "c");
    write("c1", " and this");
    await wait(30);
    room.cells.splice(1, 1);
    room.tellCells();
    await agree("a", "c");
    FakeSocket.last.server = null;
    write("c2", " and that");
    room.cells.pop();
    room.tellCells("me");
    expect(texts()).toEqual(["a"]);
    expect(said()).toBe("");
    await wait(10_000);
    expect(FakeSocket.last.sent.filter((q) => q.op === "edit" && q.cell === "c2")).toHaveLength(0); // nobody goes on sending it
  });

  test("goes on in the cell that has another id after the server was started anew", async () => {
    begin("a", "b", "c");
    write("c1", " sent");
    nb.edit("c1");
    await wait(100);
    FakeSocket.last.server = null;
    write("c1", ", not sent");
    await wait(30);
    await reconnect(() => {
      room.known = false;
      room.cells[1] = room.cell("other", "b sent");
      write("c1", "!");
    });
    expect([nb.active.peek(), nb.mode.peek()]).toEqual(["other", "edit"]);
    await agree("a", "b sent, not sent!", "c");
    expect(said()).toBe("");
  });
});

test("of several cells alike with new ids, text goes on in the one where it was", async () => {
  begin("", "", "");
  FakeSocket.last.server = null;
  write("c2", "last");
  await wait(30);
  await reconnect(() => {
    room.known = false;
    room.cells = ["x", "y", "z"].map((id) => room.cell(id));
  });
  await agree("", "", "last");
});

test("what is not sent of a cell whose kind another window changes is kept", async () => {
  begin("a", "b");
  const { server } = FakeSocket.last;
  FakeSocket.last.server = null;
  write("c0", " here");
  room.cells[0]!.cell_type = "markdown";
  room.tellCells("other", [room.cells[0]!]);
  FakeSocket.last.server = server;
  await agree("a here", "b");
  expect(nb.cell("c0").peek().type).toBe("markdown");
});

describe("text that the server does not take", () => {
  const refuse = () => (room.refuse = (q) => (q.op === "edit" && JSON.stringify(q.updates).includes("!!") ? "the cell would be longer than 9 bytes" : null));

  test("is told of, stops a run, which says why, and is saved when it is mended", async () => {
    begin("a", "b");
    refuse();
    write("c1", "!!");
    await wait(100);
    expect(said()).toContain("What you wrote in cell 2 is not saved. The cell would be longer than 9 bytes.");
    expect([...nb.refusedCells.peek()]).toEqual(["c1"]);
    await nb.run(["c0", "c1"]);
    expect(said()).toContain("Nothing was run. The server does not take what is written in cell 2.");
    expect(room.ops.some((q) => q.op === "run")).toBe(false);
    await nb.save();
    expect(room.ops.at(-1)!.op).toBe("save"); // the rest
    const tries = room.ops.length;
    await wait(120_000);
    expect(room.ops.slice(tries).filter((q) => q.op !== "ping")).toEqual([]);
    nb.text("c1").change({ changes: { from: 1, to: 3, insert: "?" } });
    await agree("a", "b?");
    expect([nb.refusedCells.peek().size, nb.unsentCells.peek().size]).toEqual([0, 0]);
    await nb.run(["c1"]);
    expect(room.ops.at(-1)!.op).toBe("run");
  });
});

test("texts that are edited without a connection send nothing until the room is there", async () => {
  begin("a", "b");
  FakeSocket.last.cut();
  write("c0", "1");
  write("c1", "2");
  await wait(400);
  FakeSocket.last.readyState = 1; // open, but without the room yet
  await wait(1_000);
  expect(FakeSocket.last.sent).toEqual([]);
  expect(vi.getTimerCount()).toBeLessThan(6); // none for each cell
  expect(nb.unsentCells.peek().size).toBe(2);
  room.open();
  await agree("a1", "b2");
});

test("an edit whose reply was lost, with another's that came then, is not doubled", async () => {
  begin("ab");
  room.deaf = true;
  write("c0", "c");
  await wait(30);
  room.edit("c0", [[[0, "X"], 3]]);
  await reconnect();
  await agree("Xabc");
});

test.each([
  ["an edit that does not fit", { ev: "edit", cell: "c0", version: 1, updates: [[99, [0, "x"]]], by: "other" }],
  ["an edit of another version", { ev: "edit", cell: "c0", version: 7, updates: [[1, [0, "x"]]], by: "other" }],
  ["no message at all", "{"],
])("%s has the room taken anew, with what was written here", async (_, message) => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  begin("a");
  write("c0", "b");
  if (typeof message === "string") FakeSocket.last.onmessage!({ data: message });
  else room.tell(message);
  expect(nb.link.peek()).toBe("lost");
  await wait(400);
  room.open();
  await agree("ab");
  expect(warned).toHaveBeenCalledOnce();
});

test("a reply and the room in one frame, as a page that lagged is sent them, double nothing", async () => {
  begin("a");
  FakeSocket.last.server = null; // the event of the edit is left out
  write("c0", "b");
  await wait(100);
  const { id, updates } = FakeSocket.last.sent.at(-1)! as unknown as { id: number; updates: unknown[] };
  Object.assign(room.cells[0]!, { source: "ab", version: updates.length });
  room.took.push(id);
  room.done = id;
  FakeSocket.last.say({ re: id }, room.shown());
  room.attend();
  write("c0", "c");
  await agree("abc");
});

test("cells are made headings, but for one that another window deletes meanwhile", async () => {
  begin("a", "b", "c");
  nb.select("c0");
  nb.select("c1", true);
  nb.select("c2", true);
  const made = nb.heading(2);
  room.cells.splice(1, 1);
  room.tellCells();
  await wait(100);
  await made;
  const op = (q: { op: string; cells?: unknown }) => (q.op === "type" ? [q.cells] : []);
  expect(room.ops.flatMap(op)).toEqual([["c0"], ["c2"]]);
  await agree("## a", "## c");
});

test("undo waits for what was written", async () => {
  begin("a");
  FakeSocket.last.server = null;
  write("c0", "b");
  void nb.undo();
  await wait(100);
  expect(FakeSocket.last.sent.map((q) => q.op)).not.toContain("undo");
});

describe("undo and redo of a replacement", () => {
  const replace = (what: string, by: string) => {
    const q = { text: what, caseSensitive: true, regexp: false };
    return replaceMatches(nb, findAll(nb, q), q, by)!;
  };
  const asked = () => room.ops.map((q) => q.op).filter((op) => op !== "edit");

  test("come in turn with those of cells", async () => {
    begin("x", "x y", "z");
    await nb.move(1);
    replace("x", "long");
    await nb.move(1);
    room.ops = [];
    await nb.undo();
    expect(asked()).toEqual(["undo"]);
    await nb.undo();
    await agree("x", "x y", "z");
    await nb.undo();
    expect(asked()).toEqual(["undo", "undo"]);
    await nb.redo();
    expect(asked()).toEqual(["undo", "undo", "redo"]);
    await nb.redo();
    await agree("long", "long y", "z");
    await nb.redo();
    expect(asked()).toEqual(["undo", "undo", "redo", "redo"]);
  });

  test("come in turn, too, when they are asked for at once", async () => {
    begin("x", "x y", "z");
    await nb.move(1);
    replace("x", "long");
    await nb.move(1);
    room.ops = [];
    await Promise.all([nb.undo(), nb.undo(), nb.undo()]);
    expect(asked()).toEqual(["undo", "undo"]);
    await agree("x", "x y", "z");
    await Promise.all([nb.redo(), nb.redo()]);
    expect(asked()).toEqual(["undo", "undo", "redo"]);
    await agree("long", "long y", "z");
  });

  test("wait for a step that the server refuses for now, and pass over those that it has no more", async () => {
    begin("x", "x", "z");
    replace("x", "long");
    await nb.move(1);
    room.refuse = (q) => (q.op === "undo" ? "the cell is running" : null);
    await nb.undo();
    await agree("long", "long", "z");
    room.refuse = (q) => (q.op === "undo" ? "nothing is left to take back" : null);
    await nb.undo();
    await agree("long", "long", "z");
    await nb.undo();
    await agree("x", "x", "z");
  });

  test("the last one is taken back by its message, though another said the same", async () => {
    begin("a", "a");
    const first = replace("a", "b");
    const second = replace("b", "c");
    toast("Replaced", "info", { label: "Undo", run: () => nb.turnReplaced(first, "undo") });
    toast("Replaced", "info", { label: "Undo", run: () => nb.turnReplaced(second, "undo") });
    expect(toasts.peek()).toHaveLength(1);
    expect(nb.turnReplaced(first, "undo")).toBeNull(); // it was not the last
    toasts.peek()[0]!.action!.run();
    await agree("b", "b");
    await nb.undo();
    await agree("a", "a");
  });

  test("leave what was changed since, and say so", async () => {
    begin("x", "x", "x");
    replace("x", "y");
    write("c1", "!");
    await nb.undo();
    await agree("x", "y!", "x");
    expect(said()).toContain("except in 1 cell that was changed since");
    expect(asked()).toEqual([]);
  });
});

test("what is interrupted is said so, and why it was not", async () => {
  begin("a");
  spoken.value = "";
  room.refuse = (q) => (q.op === "interrupt" ? "no kernel runs" : null);
  await nb.interrupt();
  expect([spoken.peek(), said()]).toEqual(["", "No kernel runs."]);
  room.refuse = () => null;
  await nb.interrupt();
  expect(spoken.peek()).toBe("Interrupted");
  spoken.value = "";
  FakeSocket.last.cut();
  await nb.interrupt();
  expect(spoken.peek()).toBe("");
  expect(said()).toContain("There is no connection to the server.");
});

test("nothing is kept of cells that are gone", async () => {
  begin("a", "b");
  const state = (run: string, more = {}) => room.tell({ ev: "state", cell: "c1", state: { run, count: null, ...more } });
  state("queued");
  state("idle", { status: "aborted" });
  nb.opened.value = new Set(["source c0", "source c1"]);
  expect([...nb.notRun.keys()]).toEqual(["c1"]);
  room.cells.pop();
  room.tellCells();
  expect([...nb.notRun.keys()]).toEqual([]);
  expect([...nb.opened.peek()]).toEqual(["source c0"]);
});
