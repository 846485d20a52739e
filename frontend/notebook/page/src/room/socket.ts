// The connection to a room: requests and their replies, events in order, and coming
// back after a loss.

import type { Reply, RoomEvent } from "./types";

export type Link = "connecting" | "open" | "lost" | "refused";

/** A request that the server answered with an error, or that was lost. */
export class RequestError extends Error {
  constructor(
    message: string,
    readonly hint?: string,
    readonly lost = false,
  ) {
    super(message);
  }
}

/** The error of a request that has no connection to go over. */
export const noConnection = () => new RequestError("there is no connection to the server", undefined, true);

/** A request under way. */
export interface Sent {
  /** Its number, which grows; 0 if it was not sent. */
  id: number;
  /** Rejects with a RequestError. */
  reply: Promise<Reply>;
}

interface SocketHandlers {
  event(ev: RoomEvent): void;
  /** Does work of which the page is drawn anew once. */
  together(work: () => void): void;
  link(state: Link, retryAt?: number): void;
}

interface Waiting {
  resolve(r: Reply): void;
  reject(e: Error): void;
}

// The times, in ms.
const firstDelay = 300; // before the first try to come back
const longestDelay = 10_000;
const checkEvery = 1_000; // whether the server is still there
const openTime = 15_000; // for the connection
const roomTime = 60_000; // for the room after it, which may be large and the line slow
const quietAsked = 5_000; // without a word while a request waits, after which the server is pinged
const quietIdle = 20_000; // without a word at all
const pingTime = 12_000; // for a word after that
const lastingTime = 60_000; // of a connection without a fault, after which older faults do not count

const maxFaults = 3; // events that cannot be applied, after which the page gives up
const maxRequest = 16 * 1024 * 1024; // bytes that the server takes of a request

export class RoomSocket {
  private socket: WebSocket | null = null;
  private waiting = new Map<number, Waiting>();
  private next = 1;
  private delay = firstDelay;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private checking: ReturnType<typeof setInterval> | undefined;
  private began = 0; // when the connection was asked for, or showed the room
  private shown = false; // the room
  private heard = 0; // when the server said something last, or took some of what is sent
  private pinged = 0; // when it was asked whether it is there; 0 if it has answered
  private unsent = 0; // bytes, when it was looked last
  private faults = 0;
  private closed = false;
  private failed = false;

  constructor(
    private url: () => string,
    private handlers: SocketHandlers,
    private make: (url: string) => WebSocket = (u) => new WebSocket(u),
  ) {}

  /** Connects at once, if it is not connected. A try that is under way is made anew. */
  connect(): void {
    clearTimeout(this.timer);
    if (this.closed || (this.socket && this.socket.readyState !== 0) /* CONNECTING */) return;
    this.abandon();
    this.failed = false;
    this.handlers.link("connecting");
    const socket = this.make(this.url());
    this.socket = socket;
    this.shown = false;
    this.began = this.heard = Date.now();
    this.pinged = this.unsent = 0;
    socket.onmessage = (m) => this.receive(socket, String(m.data));
    socket.onclose = () => this.lose();
    this.checking = setInterval(() => this.check(), checkEvery);
  }

  /** Sends a request, and gives its reply. */
  request(op: string, args: object = {}): Promise<Reply> {
    return this.send(op, args).reply;
  }

  /** Sends a request. */
  send(op: string, args: object = {}): Sent {
    const socket = this.socket;
    if (!socket || socket.readyState !== 1 /* OPEN */) return { id: 0, reply: Promise.reject(noConnection()) };
    const id = this.next++;
    const data = JSON.stringify({ id, op, ...args });
    if (data.length * 3 > maxRequest && new TextEncoder().encode(data).length > maxRequest) {
      return { id: 0, reply: Promise.reject(new RequestError(`this is more than the ${maxRequest >> 20} MiB that can be sent at once`)) };
    }
    const reply = new Promise<Reply>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    socket.send(data);
    return { id, reply };
  }

  /**
   * Gives the connection up and takes the room anew, as the page's copy of it went wrong.
   * Where that does not help the connection ends.
   */
  resync(why: unknown): void {
    if (!this.socket || this.closed) return;
    console.warn("the room is taken anew:", why);
    if (++this.faults > maxFaults) {
      this.failed = true;
      this.handlers.event({ ev: "failed", error: "This page and the server do not understand each other", hint: "copy what you wrote last, and load the page anew" });
    }
    this.lose();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.checking);
    this.socket?.close();
  }

  /** Lets the socket go, whatever becomes of it: one that hangs would take minutes to close. */
  private abandon(): void {
    clearInterval(this.checking);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private lose(): void {
    this.abandon();
    const lost = [...this.waiting.values()];
    this.waiting.clear();
    for (const w of lost) w.reject(new RequestError("the connection was lost", undefined, true));
    if (this.closed) return;
    if (this.failed) {
      this.handlers.link("refused");
      return;
    }
    this.handlers.link("lost", Date.now() + this.delay);
    this.timer = setTimeout(() => this.connect(), this.delay);
    this.delay = Math.min(this.delay * 2, longestDelay);
  }

  /** Notices a connection that nothing comes over any more, as after the computer has slept. */
  private check(): void {
    const socket = this.socket;
    if (!socket) return;
    const now = Date.now();
    if (socket.bufferedAmount < this.unsent) this.heard = now;
    this.unsent = socket.bufferedAmount;
    if (!this.shown) {
      if (now - this.heard > (socket.readyState === 0 ? openTime : roomTime)) this.lose();
      return;
    }
    if (now - this.began > lastingTime) this.faults = 0;
    if (this.pinged > 0) {
      if (now - Math.max(this.pinged, this.heard) > pingTime) this.lose();
      return;
    }
    if (now - this.heard <= (this.waiting.size > 0 ? quietAsked : quietIdle)) return;
    this.pinged = now;
    this.request("ping").catch(() => {}); // any word will do
  }

  /** Takes a frame, which has a message a line: what follows closely is drawn at once. */
  private receive(socket: WebSocket, frame: string): void {
    this.heard = Date.now();
    this.pinged = 0;
    this.handlers.together(() => {
      for (const line of frame.split("\n")) {
        if (this.socket !== socket) return; // what came before had it given up
        try {
          this.take(line);
        } catch (e) {
          reportError(e); // the others count all the same
        }
      }
    });
  }

  private take(line: string): void {
    let m: RoomEvent | Reply;
    try {
      m = JSON.parse(line) as RoomEvent | Reply;
    } catch (e) {
      this.resync(e);
      return;
    }
    if ("ev" in m) {
      const ev = m as RoomEvent;
      if (ev.ev === "failed") this.failed = true;
      if (ev.ev === "room") {
        if (this.faults === 0) this.delay = firstDelay;
        this.shown = true;
        this.began = Date.now();
        this.handlers.link("open");
      }
      this.handlers.event(ev);
      return;
    }
    const w = this.waiting.get(m.re);
    if (!w) return;
    this.waiting.delete(m.re);
    if (m.error) w.reject(new RequestError(m.error, m.hint));
    else w.resolve(m);
  }
}
