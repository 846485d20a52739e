import { ChangeSet, Text } from "@codemirror/state";
import { describe, expect, test } from "vitest";
import { adopt, difference } from "../src/room/rebase";
import { CellText } from "../src/room/text";

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

describe("a text that is shown anew", () => {
  const base = text("ab");
  const pending = [ChangeSet.of({ from: 2, insert: "c" }, 2), ChangeSet.of({ from: 3, insert: "d" }, 3)];
  test("as it was: nothing was taken", () => {
    expect(adopt(base, pending, text("ab"))).toEqual({ confirmed: 0, remote: null });
  });
  test("with some of our edits: they are not made twice", () => {
    expect(adopt(base, pending, text("abc"))).toEqual({ confirmed: 1, remote: null });
    expect(adopt(base, pending, text("abcd"))).toEqual({ confirmed: 2, remote: null });
  });
  test("with edits of others: ours are moved over them", () => {
    const a = adopt(base, pending, text("Xab"));
    expect(a.confirmed).toBe(0);
    expect(a.remote!.apply(base).toString()).toBe("Xab");
  });
});

/** A server for texts as the room is one: it takes edits of the version that it has. */
class Server {
  doc = text("");
  version = 0;
  clients: Client[] = [];

  take(by: Client, version: number, updates: unknown[]): void {
    if (version !== this.version) throw new Error("stale");
    for (const u of updates) this.doc = ChangeSet.fromJSON(u).apply(this.doc);
    this.version += updates.length;
    for (const c of this.clients) c.inbox.push({ updates, version: this.version, by: by.id, source: this.doc.toString() });
  }
}

class Client {
  inbox: { updates: unknown[]; version: number; by: string; source: string }[] = [];
  outbox: (() => void)[] = [];
  cell: CellText;

  constructor(
    readonly id: string,
    private server: Server,
  ) {
    this.cell = new CellText(
      "cell",
      server.doc.toString(),
      server.version,
      {
        client: () => this.id,
        send: (_, version, updates) =>
          new Promise((resolve, reject) => {
            this.outbox.push(() => {
              try {
                server.take(this, version, updates);
                resolve(null);
              } catch (e) {
                reject(e as Error);
              }
            });
          }),
      },
      [],
    );
    server.clients.push(this);
  }

  edit(from: number, to: number, insert: string): void {
    this.cell.state = this.cell.state.update({ changes: { from, to, insert } }).state;
    void this.cell.flush();
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
    if (m) this.cell.receive(m.updates, m.version, m.by, m.source);
    return m !== undefined;
  }

  /** The connection is lost, with what is under way, and comes back. */
  reconnect(): void {
    this.inbox = [];
    this.outbox = [];
    this.cell.lost();
    this.cell.adopt(this.server.doc.toString(), this.server.version);
  }
}

/** Numbers that are the same in every run. */
function random(seed: number): (n: number) => number {
  return (n) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
}

describe("pages that edit one text", () => {
  test.each(Array.from({ length: 30 }, (_, i) => i))("agree in the end, whatever the order (seed %i)", async (seed) => {
    const next = random(seed);
    const server = new Server();
    const clients = ["a", "b", "c"].map((id) => new Client(id, server));
    for (let i = 0; i < 300; i++) {
      const c = clients[next(3)]!;
      const length = c.cell.doc.length;
      const what = next(10);
      if (what < 3) {
        const from = next(length + 1);
        c.edit(from, Math.min(from + next(3), length), ["x", "yy", "", "\n", "🙂"][next(5)]!);
      } else if (what === 9 && next(4) === 0) c.reconnect();
      else await c.step(next(2) === 0);
    }
    for (let round = 0; round < 5000; round++) {
      let busy = false;
      for (const c of clients) {
        while (await c.step(false)) busy = true;
        if (!c.cell.settled && c.outbox.length === 0) void c.cell.flush();
        if (c.outbox.length > 0) busy = (await c.step(true)) || busy;
      }
      if (!busy && clients.every((c) => c.cell.settled)) break;
    }
    for (const c of clients) {
      expect(c.cell.doc.toString()).toBe(server.doc.toString());
      expect(c.cell.version).toBe(server.version);
    }
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
