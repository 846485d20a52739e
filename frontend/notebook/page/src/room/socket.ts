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

export interface SocketHandlers {
  event(ev: RoomEvent): void;
  /** Does work of which the page is drawn anew once. */
  together(work: () => void): void;
  link(state: Link, retryAt?: number): void;
}

interface Waiting {
  resolve(r: Reply): void;
  reject(e: Error): void;
}

const firstDelay = 300; // ms
const longestDelay = 10_000; // ms

export class RoomSocket {
  private socket: WebSocket | null = null;
  private waiting = new Map<number, Waiting>();
  private next = 1;
  private delay = firstDelay;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private failed = false;

  constructor(
    private url: () => string,
    private handlers: SocketHandlers,
    private make: (url: string) => WebSocket = (u) => new WebSocket(u),
  ) {}

  connect(): void {
    clearTimeout(this.timer);
    if (this.closed || this.socket) return;
    this.failed = false;
    this.handlers.link("connecting");
    const socket = this.make(this.url());
    this.socket = socket;
    socket.onmessage = (m) => this.receiveAll(String(m.data));
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      for (const w of this.waiting.values()) w.reject(new RequestError("the connection was lost", undefined, true));
      this.waiting.clear();
      if (this.closed) return;
      if (this.failed) {
        this.handlers.link("refused");
        return;
      }
      this.handlers.link("lost", Date.now() + this.delay);
      this.timer = setTimeout(() => this.connect(), this.delay);
      this.delay = Math.min(this.delay * 2, longestDelay);
    };
  }

  /** Sends a request. Rejects with a RequestError. */
  request(op: string, args: object = {}): Promise<Reply> {
    const socket = this.socket;
    if (!socket || socket.readyState !== 1 /* OPEN */) {
      return Promise.reject(new RequestError("there is no connection to the server", undefined, true));
    }
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, op, ...args }));
    });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  /** Takes a frame, which has a message a line: what follows closely is drawn at once. */
  private receiveAll(frame: string): void {
    this.handlers.together(() => {
      for (const line of frame.split("\n")) {
        try {
          this.receive(line);
        } catch (e) {
          reportError(e); // the others count all the same
        }
      }
    });
  }

  private receive(data: string): void {
    const m = JSON.parse(data) as RoomEvent | Reply;
    if ("ev" in m) {
      const ev = m as RoomEvent;
      if (ev.ev === "failed") this.failed = true;
      if (ev.ev === "room") {
        this.delay = firstDelay;
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
