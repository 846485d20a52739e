// A room for tests of the page, behind sockets that a test opens and cuts.

import { applyChanges } from "../src/room/state";
import type { CellJSON, RoomEvent } from "../src/room/types";

type Request = { id: number; op: string; [key: string]: unknown };

/** A websocket whose other end is the test's. */
export class FakeSocket {
  static list: FakeSocket[] = [];
  readyState = 0;
  bufferedAmount = 0;
  onmessage: ((m: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: Request[] = [];
  /** Takes what is sent; without it nothing has an answer. */
  server: ((q: Request) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.list.push(this);
  }

  static get last(): FakeSocket {
    return FakeSocket.list.at(-1)!;
  }

  send(data: string): void {
    const q = JSON.parse(data) as Request;
    this.sent.push(q);
    const { server } = this;
    queueMicrotask(() => server?.(q)); // as over a network: not before the page has gone on
  }

  close(): void {
    this.readyState = 3;
  }

  say(...messages: object[]): void {
    this.onmessage?.({ data: messages.map((m) => JSON.stringify(m)).join("\n") });
  }

  /** The connection ends, as the browser notices. */
  cut(): void {
    this.readyState = 3;
    this.server = null;
    this.onclose?.();
  }
}

export class FakeRoom {
  cells: CellJSON[] = [];
  done = 0;
  took: number[] = [];
  known = false; // the client
  /** Replies and events are lost from now on, while requests still come. */
  deaf = false;
  /** The error that a request is answered with; null answers it as the room does. */
  refuse: (q: Request) => string | null = () => null;
  ops: Request[] = [];

  constructor(...sources: string[]) {
    this.cells = sources.map((source, i) => this.cell("c" + i, source));
  }

  cell = (id: string, source = "", cell_type: CellJSON["cell_type"] = "code"): CellJSON => ({ id, cell_type, metadata: {}, source, version: 0, outputs: [] });

  get sources(): string[] {
    return this.cells.map((c) => c.source);
  }

  /** Opens the last socket and shows the room. */
  open(socket = FakeSocket.last): void {
    socket.readyState = 1;
    this.attend(socket);
    this.deaf = false;
    this.show(socket);
  }

  /** Answers what a socket sends. */
  attend(socket = FakeSocket.last): void {
    socket.server = (q) => this.take(socket, q);
  }

  show(socket = FakeSocket.last): void {
    socket.say(this.shown());
    this.known = true;
  }

  /** The room as a page is shown it. */
  shown(): RoomEvent {
    return {
      ev: "room",
      path: "a.ipynb",
      client: "me",
      ...(this.known ? { done: this.done, took: this.took } : {}),
      notebook: { metadata: {}, cells: structuredClone(this.cells) },
      kernel: { id: "", status: "none", name: "" },
      file: { dirty: false, saved: "", conflict: false, recovered: false, trusted: true, readonly: false },
    };
  }

  /** An event for the page. */
  tell(ev: object): void {
    if (!this.deaf) FakeSocket.last.say(ev);
  }

  /** The order and the cells as they are now. */
  tellCells(by = "other", changed: CellJSON[] = []): void {
    this.tell({ ev: "cells", order: this.cells.map((c) => c.id), changed: structuredClone(changed), by });
  }

  edit(id: string, updates: unknown[], by = "other"): void {
    const c = this.cells.find((c) => c.id === id)!;
    c.source = applyChanges(c.source, updates);
    c.version += updates.length;
    this.tell({ ev: "edit", cell: id, version: c.version, updates, by });
  }

  private take(socket: FakeSocket, q: Request): void {
    this.ops.push(q);
    const error = this.refuse(q) ?? this.make(q);
    this.done = Math.max(this.done, q.id);
    if (this.deaf) return;
    socket.say(error ? { re: q.id, error } : { re: q.id });
  }

  private make(q: Request): string | null {
    if (q.op === "insert") {
      const list = (q.cells ?? [q.cell]) as CellJSON[];
      if (this.cells.some((o) => list.some((c) => c.id === o.id))) return "there is such a cell already";
      const fresh = list.map((c, i) => this.cell(c.id ?? `of ${q.id} ${i}`, c.source, c.cell_type));
      this.cells.splice(q.index as number, 0, ...fresh);
      this.tellCells("me", fresh);
    }
    if (q.op === "edit") {
      const c = this.cells.find((c) => c.id === q.cell);
      if (!c) return "there is no such cell";
      if (c.version !== q.version) return "stale";
      this.took.push(q.id);
      this.edit(c.id, q.updates as unknown[], "me");
    }
    if (q.op === "type") {
      const changed = this.cells.filter((c) => (q.cells as string[]).includes(c.id));
      for (const c of changed) c.cell_type = q.cell_type as CellJSON["cell_type"];
      this.tellCells("me", changed);
    }
    return null;
  }
}
