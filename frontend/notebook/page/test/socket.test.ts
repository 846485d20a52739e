import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RoomSocket, type Link } from "../src/room/socket";
import type { RoomEvent } from "../src/room/types";
import { FakeRoom, FakeSocket } from "./fakeRoom";

const links: Link[] = [];
const events: RoomEvent[] = [];
let socket: RoomSocket;
let room: FakeRoom;

beforeEach(() => {
  vi.useFakeTimers();
  links.length = events.length = FakeSocket.list.length = 0;
  room = new FakeRoom("x");
  socket = new RoomSocket(
    () => "ws://server/",
    { event: (ev) => void events.push(ev), together: (work) => work(), link: (l) => void links.push(l) },
    (url) => new FakeSocket(url) as unknown as WebSocket,
  );
  socket.connect();
});
afterEach(() => {
  socket.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("a connection to a room", () => {
  test("that says nothing any more is given up, with what waits, and made anew", async () => {
    room.open();
    FakeSocket.last.server = null; // as when the computer has slept
    const reply = expect(socket.request("edit")).rejects.toMatchObject({ lost: true });
    await wait(16_900);
    expect(links).toEqual(["connecting", "open"]);
    await wait(2_100);
    await reply;
    expect(links).toEqual(["connecting", "open", "lost"]);
    await wait(1_000);
    expect(links.slice(0, 3)).toEqual(["connecting", "open", "lost"]);
    expect(FakeSocket.list[0]!.sent.map((q) => q.op)).toEqual(["edit", "ping"]);
    expect(FakeSocket.list).toHaveLength(2);
    room.open();
    expect(links.at(-1)).toBe("open");
  });

  test("is noticed to be gone although nothing is asked", async () => {
    room.open();
    FakeSocket.last.server = null;
    await wait(31_900);
    expect(links).toEqual(["connecting", "open"]);
    await wait(2_100);
    expect(links).toEqual(["connecting", "open", "lost"]);
  });

  test("that answers pings stays, however long another answer takes", async () => {
    room.open();
    const { server } = FakeSocket.last;
    FakeSocket.last.server = (q) => q.op === "ping" && server!(q);
    socket.request("complete").catch(() => {});
    await wait(600_000);
    expect(links).toEqual(["connecting", "open"]);
  });

  test("that takes what is sent slowly stays", async () => {
    room.open();
    FakeSocket.last.server = null;
    socket.request("edit").catch(() => {});
    for (let left = 60; left > 0; left--) {
      FakeSocket.last.bufferedAmount = left;
      await wait(1_000);
    }
    expect(links).toEqual(["connecting", "open"]);
  });

  test("that hangs while it is opened is made anew on demand, or after a while", async () => {
    const [first] = FakeSocket.list;
    socket.connect();
    expect(FakeSocket.list).toHaveLength(2);
    expect(first!.readyState).toBe(3);
    await wait(17_000);
    expect(FakeSocket.list.length).toBeGreaterThan(2);
    room.open();
    socket.connect(); // which is there
    expect(links.at(-1)).toBe("open");
  });

  test("with a fault that comes again and again ends, and says so", async () => {
    for (let i = 0; i < 30; i++) {
      if (FakeSocket.last.readyState === 0) room.open();
      socket.resync("a fault");
      await wait(10_000);
    }
    expect(FakeSocket.list.length).toBeLessThan(6);
    expect(links.at(-1)).toBe("refused");
    expect(events.at(-1)).toMatchObject({ ev: "failed" });
  });

  test("with a fault now and then goes on", async () => {
    for (let i = 0; i < 10; i++) {
      room.open();
      await wait(120_000);
      socket.resync("a fault");
      await wait(10_000);
    }
    expect(links.at(-1)).toBe("connecting");
  });

  test("refuses what is larger than the server takes, which would end it", async () => {
    room.open();
    await expect(socket.request("edit", { updates: ["x".repeat(17 << 20)] })).rejects.toMatchObject({ lost: false });
    expect(FakeSocket.last.sent).toEqual([]);
  });
});
