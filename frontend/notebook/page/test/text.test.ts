import { ChangeSet, Text } from "@codemirror/state";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { difference, wasMade, type Past } from "../src/room/rebase";
import { maxSource } from "../src/room/size";
import { RequestError } from "../src/room/socket";
import { CellText, type TextHost } from "../src/room/text";

const text = (s: string) => Text.of(s.split("\n"));

describe("the difference of two texts", () => {
  const cases: [string, string][] = [
    ["", ""],
    ["", "abc"],
    ["abc", ""],
    ["abc", "abxc"],
    ["aaa", "aaaa"],
    ["one\ntwo\nthree", "one\n2\nthree"],
    ["a😀b", "a😁b"], // the two share their first unit
    ["😀😀", "😀"],
    ["x\ny", "x\n\ny"],
  ];
  test.each(cases)("%j to %j", (a, b) => {
    const change = difference(text(a), text(b));
    expect(change.apply(text(a)).toString()).toBe(b);
    change.iterChanges((from, to) => {
      for (const at of [from, to]) expect(a.charCodeAt(at) >= 0xdc00 && a.charCodeAt(at) < 0xe000).toBe(false);
    });
  });
});

test("what became of an edit whose reply was lost", () => {
  const past = { done: 9, took: [3, 7] };
  expect(wasMade(7, past)).toBe(true);
  expect(wasMade(8, past)).toBe(false); // it was refused
  expect(wasMade(10, past)).toBe(false); // it never came
  expect(wasMade(7, null)).toBe(null);
  const many = { done: 5000, took: Array.from({ length: 1000 }, (_, i) => 4000 + i) };
  expect(wasMade(3999, many)).toBe(null); // it may be forgotten
  expect(wasMade(4500, many)).toBe(true);
  expect(wasMade(5001, many)).toBe(false);
});

/** A server for texts as the room is one: it takes edits of the version that it has. */
class Server {
  doc = text("");
  version = 0;
  clients: Client[] = [];

  take(by: Client, request: number, version: number, updates: unknown[]): void {
    by.past.done = request;
    if (version !== this.version) throw new RequestError("stale");
    for (const u of updates) this.doc = ChangeSet.fromJSON(u).apply(this.doc);
    this.version += updates.length;
    (by.past.took as number[]).push(request);
    for (const c of this.clients) c.inbox.push({ updates, version: this.version, by: by.id });
  }
}

class Client {
  inbox: { updates: unknown[]; version: number; by: string }[] = [];
  outbox: (() => void)[] = [];
  past: Past = { done: 0, took: [] };
  cell: CellText;
  private requests = 0;

  constructor(
    readonly id: string,
    private server: Server,
  ) {
    const host: TextHost = {
      client: () => this.id,
      open: () => true,
      send: (_, version, updates) => {
        const request = ++this.requests;
        const reply = new Promise((resolve, reject) => {
          this.outbox.push(() => {
            try {
              server.take(this, request, version, updates);
              resolve(null);
            } catch (e) {
              reject(e as Error);
            }
          });
        });
        return { id: request, reply };
      },
      edited: () => this.cell.touched(),
      changed: () => {},
      refused: (_, e) => expect(e).toBeNull(),
      tooLong: () => expect("too long").toBeNull(),
      outOfStep: () => this.reconnect(),
    };
    this.cell = new CellText("cell", server.doc.toString(), server.version, host, []);
    server.clients.push(this);
  }

  /** Edits the text, and gives what it took away. */
  edit(from: number, to: number, insert: string): string {
    const gone = this.cell.doc.sliceString(from, to);
    this.cell.change({ changes: { from, to, insert } });
    this.push();
    return gone;
  }

  push(): void {
    this.cell.flush().catch(() => {});
  }

  /** Delivers one message in one of the directions. Says whether there was one. */
  async step(toServer: boolean): Promise<boolean> {
    const send = toServer ? this.outbox.shift() : undefined;
    if (send) {
      send();
      await Promise.resolve();
      await Promise.resolve();
      return true;
    }
    const m = this.inbox.shift();
    if (m) this.cell.receive(m.updates, m.version, m.by);
    return m !== undefined;
  }

  /** The connection is lost, with what is under way, and comes back. */
  reconnect(known = true): void {
    this.inbox = [];
    this.outbox = [];
    this.cell.lost();
    this.cell.adopt(this.server.doc.toString(), this.server.version, known ? this.past : null);
  }

  /** The page does not keep up: events are left out, and the room is sent after the replies. */
  lag(): void {
    this.inbox = [];
    this.cell.adopt(this.server.doc.toString(), this.server.version, this.past);
  }
}

/** Numbers that are the same in every run. */
function random(seed: number): (n: number) => number {
  return (n) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
}

async function settle(server: Server): Promise<void> {
  for (let round = 0; round < 5000; round++) {
    let busy = false;
    for (const c of server.clients) {
      while (await c.step(false)) busy = true;
      if (!c.cell.settled && c.outbox.length === 0) c.push();
      if (c.outbox.length > 0) busy = (await c.step(true)) || busy;
    }
    if (!busy && server.clients.every((c) => c.cell.settled)) return;
  }
}

describe("pages that edit one text", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test.each(Array.from({ length: 40 }, (_, i) => i))("agree in the end, and have all that was written, once (seed %i)", async (seed) => {
    const next = random(seed);
    const server = new Server();
    const clients = ["a", "b", "c"].map((id) => new Client(id, server));
    const marks: string[] = [];
    const gone = new Set<string>();
    for (let i = 0; i < 300; i++) {
      const c = clients[next(3)]!;
      const length = c.cell.doc.length;
      const what = next(12);
      if (what < 4) {
        const whole = (at: number) => (/[\udc00-\udfff]/.test(c.cell.doc.sliceString(at, at + 1)) ? at - 1 : at); // not within a mark
        const from = whole(next(length + 1));
        const mark = String.fromCodePoint((next(2) === 0 ? 0x4e00 : 0x20000) + i);
        const taken = c.edit(from, whole(Math.min(from + next(3), length)), next(4) === 0 ? "\n" + mark : mark);
        marks.push(mark);
        for (const m of taken) gone.add(m);
      } else if (what === 10 && next(3) === 0) c.reconnect();
      else if (what === 11 && next(3) === 0) c.lag();
      else await c.step(next(2) === 0);
    }
    await settle(server);
    for (const c of clients) {
      expect(c.cell.doc.toString()).toBe(server.doc.toString());
      expect(c.cell.version).toBe(server.version);
    }
    const count = new Map<string, number>();
    for (const m of server.doc.toString()) count.set(m, (count.get(m) ?? 0) + 1);
    for (const m of marks) {
      if (gone.has(m)) expect(count.get(m) ?? 0).toBeLessThanOrEqual(1);
      else expect([m, count.get(m)]).toEqual([m, 1]);
    }
    expect(marks.filter((m) => !gone.has(m)).length).toBeGreaterThan(20);
  });

  test("a loss after the server took an edit, and another's that came then, double nothing", async () => {
    const server = new Server();
    const [a, b] = [new Client("a", server), new Client("b", server)];
    a.edit(0, 0, "ab");
    await settle(server);
    a.edit(2, 2, "c");
    await a.step(true); // whose reply is lost
    await b.step(false);
    b.edit(0, 0, "X");
    await b.step(true);
    a.edit(3, 3, "d");
    a.reconnect();
    expect(a.cell.doc.toString()).toBe("Xabcd");
    await settle(server);
    expect(server.doc.toString()).toBe("Xabcd");
  });

  test("an edit that was refused before the loss is made after it", async () => {
    const server = new Server();
    const [a, b] = [new Client("a", server), new Client("b", server)];
    a.edit(0, 0, "c");
    b.edit(0, 0, "X");
    await b.step(true);
    await a.step(true); // stale, and the reply is lost
    a.reconnect();
    await settle(server);
    expect(server.doc.toString().split("").sort().join("")).toBe("Xc");
  });

  test("a server that was started anew, and knows nothing of its clients, is told by the text what it has", async () => {
    const server = new Server();
    const a = new Client("a", server);
    a.edit(0, 0, "ab");
    await a.step(true);
    a.edit(2, 2, "c");
    a.reconnect(false);
    await settle(server);
    expect(server.doc.toString()).toBe("abc");
    a.edit(0, 0, "Z");
    a.reconnect(false); // it was not sent
    await settle(server);
    expect(server.doc.toString()).toBe("Zabc");
  });

  test("flush resolves when the server has it all", async () => {
    const server = new Server();
    const c = new Client("a", server);
    let done = false;
    c.edit(0, 0, "x");
    const flushed = c.cell.flush().then(() => (done = true));
    await c.step(true);
    expect(done).toBe(false);
    await c.step(false);
    await flushed;
    expect(server.doc.toString()).toBe("x");
  });
});

/** A text whose requests a test answers itself. */
function alone(source = "") {
  const sent: { version: number; updates: unknown[]; resolve(v?: unknown): void; reject(e: Error): void }[] = [];
  const said: string[] = [];
  const host = {
    isOpen: true,
    client: () => "me",
    open: () => host.isOpen,
    send: (_: string, version: number, updates: unknown[]) => {
      const reply = new Promise((resolve, reject) => sent.push({ version, updates, resolve, reject }));
      return { id: sent.length, reply };
    },
    edited: () => cell.touched(),
    changed: () => {},
    refused: (_: string, e: RequestError) => void said.push(e.message),
    tooLong: () => void said.push("too long"),
    outOfStep: () => void said.push("out of step"),
  };
  const cell: CellText = new CellText("cell", source, 0, host, []);
  const write = (insert: string, from = cell.doc.length, to = from) => cell.change({ changes: { from, to, insert } });
  const refuse = async (message: string) => {
    sent.at(-1)!.reject(new RequestError(message));
    await Promise.resolve();
    await Promise.resolve();
  };
  return { cell, host, sent, said, write, refuse };
}

test("of a cell that goes nothing is waited for any more", async () => {
  const { cell, sent, write } = alone();
  write("one");
  const waits = cell.flush();
  write(" two");
  cell.dispose();
  await waits;
  expect(sent).toHaveLength(1);
});

describe("a text whose edits the server does not take", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("says why once, ends the waits, and does not try again by itself", async () => {
    const { cell, sent, said, write, refuse } = alone();
    write("much");
    const waits = cell.flush();
    const ended = expect(waits).rejects.toThrow("too long");
    await refuse("too long");
    await ended;
    expect(said).toEqual(["too long"]);
    expect(cell.refused?.message).toBe("too long");
    await vi.advanceTimersByTimeAsync(600_000);
    expect(sent).toHaveLength(1);
  });

  test("is sent as one edit after the next, which may have mended it", async () => {
    const { cell, sent, write, refuse } = alone();
    write("much");
    cell.flush().catch(() => {});
    await refuse("too long");
    write("", 1, 4);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sent).toHaveLength(2);
    expect(sent[1]!.updates).toEqual([[[0, "m"]]]);
    cell.receive(sent[1]!.updates, 1, "me");
    expect([cell.settled, cell.refused, cell.version]).toEqual([true, null, 1]);
    write("!");
    await vi.advanceTimersByTimeAsync(100);
    expect(sent[2]).toMatchObject({ version: 1, updates: [[1, [0, "!"]]] });
  });

  test("too late again and again without another's edit takes the room anew", async () => {
    const { cell, sent, said, write, refuse } = alone();
    write("x");
    cell.flush().catch(() => {});
    for (let i = 0; i < 20 && said.length === 0; i++) {
      await refuse("stale");
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(said).toEqual(["out of step"]);
    expect(sent.length).toBeLessThan(10);
  });

  test("sends nothing while there is no connection, nor after its cell is gone", async () => {
    const { cell, host, sent, write } = alone();
    host.isOpen = false;
    write("offline");
    await expect(cell.flush()).rejects.toThrow("no connection");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(0);
    host.isOpen = true;
    cell.adopt("", 0);
    expect(sent).toHaveLength(1);
    cell.dispose();
    write("more");
    await vi.advanceTimersByTimeAsync(60_000);
    expect([sent.length, vi.getTimerCount()]).toEqual([1, 0]);
  });

  test("sends many edits in several requests", async () => {
    const { cell, sent, write } = alone();
    for (let i = 0; i < 2_500; i++) write("x");
    cell.flush().catch(() => {});
    for (let i = 0; i < sent.length; i++) cell.receive(sent[i]!.updates, sent[i]!.version + sent[i]!.updates.length, "me");
    expect(sent.map((s) => s.updates.length)).toEqual([1_000, 1_000, 500]);
    expect([cell.settled, cell.version]).toEqual([true, 2_500]);
  });

  test("holds no more than the server takes, which is said before it is there", async () => {
    const { cell, said, write } = alone("before");
    write("é".repeat(maxSource / 2)); // two bytes each
    await Promise.resolve();
    expect([cell.doc.toString(), said]).toEqual(["before", ["too long"]]);
    write("\u0001".repeat(3 << 20)); // six bytes each in JSON
    await Promise.resolve();
    expect([cell.doc.length, said.length]).toEqual([6, 2]);
    write("x".repeat(maxSource - 6));
    expect(cell.doc.length).toBe(maxSource);
    write("y");
    await Promise.resolve();
    expect([cell.doc.length, said.length]).toEqual([maxSource, 3]);
    write("", 0, 1);
    expect(cell.doc.length).toBe(maxSource - 1);
  });
});

test("edits of a version that the text has not are an error, which has the room taken anew", () => {
  const { cell } = alone("ab");
  expect(() => cell.receive([[2, [0, "c"]]], 7, "other")).toThrow("version");
  expect(() => cell.receive([[3, [0, "c"]]], 1, "other")).toThrow();
  expect(cell.doc.toString()).toBe("ab");
});

test("a cell that becomes one of another kind keeps what is not sent", () => {
  const { cell, sent, write } = alone("ab");
  write("c");
  cell.retype([]);
  write("d");
  cell.flush().catch(() => {});
  expect(cell.doc.toString()).toBe("abcd");
  expect(sent[0]!.updates).toEqual([[2, [0, "c"]], [3, [0, "d"]]]);
  cell.receive(sent[0]!.updates, 2, "me");
  expect(cell.settled).toBe(true);
});
