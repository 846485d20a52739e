// What this page has of a notebook: its room, what is selected, and the line to the server.

import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Cell, Room } from "../room/state";
import { RequestError, RoomSocket, type Link } from "../room/socket";
import type { FileInfo, InputRequest, KernelInfo, Output, Parallel, Payload, Reply, RoomEvent } from "../room/types";
import { problem } from "../ui/format";
import { toast } from "../ui/notify";
import { openPart } from "./hide";

/** What keys do; "none" once the cell that was edited is gone: nothing, until the user says where to go. */
type Mode = "command" | "edit" | "none";

/** The first part of a Notebook, on which the others build: texts, cells, and running. */
export abstract class Model {
  readonly link = signal<Link>("connecting");
  readonly retryAt = signal(0);
  readonly path: Signal<string>;
  readonly order = signal<readonly string[]>([]);
  readonly kernel = signal<KernelInfo>({ id: "", status: "none", name: "" });
  readonly file = signal<FileInfo | null>(null);
  readonly input = signal<InputRequest | null>(null);
  readonly page = signal<Payload | null>(null);
  readonly parallel = signal<Parallel | null>(null);
  readonly loaded = signal(false);

  /** Why the notebook cannot be opened. */
  readonly failure = signal<{ error: string; hint?: string; login?: boolean } | null>(null);

  readonly active = signal<string | null>(null);
  readonly anchor = signal<string | null>(null);
  readonly mode = signal<Mode>("command");
  readonly selected: ReadonlySignal<ReadonlySet<string>> = computed(() => {
    this.active.value;
    this.anchor.value;
    this.order.value;
    return new Set(this.selection());
  });

  /** Parts of cells that are hidden in the file, and shown here: "source" or "outputs", and the id. */
  readonly opened = signal<ReadonlySet<string>>(new Set());

  /** The whole of outputs that came cut and were asked for, until they are others. */
  readonly whole = new WeakMap<Output, Output>();

  protected room: Room | null = null;
  protected readonly cells = new Map<string, Signal<Cell>>();
  readonly socket: RoomSocket;

  /** Set by the view: brings a cell to the screen and focuses it. */
  focus: (id: string, how?: { edit?: boolean; line?: number; column?: number; end?: boolean }) => void = () => {};

  /** Set by the view: shows a range of a cell's text. */
  reveal: (id: string, from: number, to: number) => void = () => {};
  /** Has a cell stay in sight while what is around it comes and goes. */
  inSight: (id: string) => void = () => {};

  constructor(path: string) {
    this.path = signal(path);
    this.socket = new RoomSocket(
      () => {
        const u = new URL("/api/fanout/room", location.href);
        u.protocol = u.protocol === "https:" ? "wss:" : "ws:";
        u.searchParams.set("path", this.path.peek());
        if (this.room) u.searchParams.set("client", this.room.client);
        return u.href;
      },
      { event: (ev) => this.event(ev), together: batch, link: (l, at) => this.linkChanged(l, at) },
    );
  }

  /** Takes an event of the server. */
  protected abstract event(ev: RoomEvent): void;
  protected abstract linkChanged(link: Link, retryAt?: number): void;

  /** A cell, which must be in the order. */
  cell(id: string): Signal<Cell> {
    return this.cells.get(id)!;
  }

  has(id: string): boolean {
    return this.cells.has(id);
  }

  /** The place of a cell in the notebook, from 1. */
  protected number(id: string): number {
    return this.order.peek().indexOf(id) + 1;
  }

  // ---- requests

  /** Sends a request, and shows what went wrong. */
  async ask(op: string, args: object = {}, refused?: (why: string) => void): Promise<Reply | null> {
    try {
      return await this.socket.request(op, args);
    } catch (e) {
      if (!(e instanceof RequestError)) return null;
      toast(problem(e), e.lost ? "warning" : "error");
      if (!e.lost) refused?.(e.message);
      return null;
    }
  }

  /** What this page asked to have done to cells, and has no answer to yet. */
  protected changing = 0;

  /** Asks for a change of cells, which may take away the one that is edited here. */
  protected async change(op: string, args: object = {}, refused?: (why: string) => void): Promise<Reply | null> {
    this.changing++;
    try {
      return await this.ask(op, args, refused);
    } finally {
      this.changing--;
    }
  }

  // ---- selection

  /** The ids of the selected cells, in their order. */
  selection(): string[] {
    const order = this.order.peek();
    const a = order.indexOf(this.active.peek() ?? "");
    const b = order.indexOf(this.anchor.peek() ?? "");
    if (a < 0) return [];
    return order.slice(Math.min(a, b < 0 ? a : b), Math.max(a, b) + 1);
  }

  select(id: string, extend = false): void {
    this.active.value = id;
    if (!extend) this.anchor.value = id;
  }

  /** Moves the selection by n cells. */
  step(n: number, extend = false): void {
    const order = this.order.peek();
    const at = order.indexOf(this.active.peek() ?? "");
    const to = order[Math.min(Math.max(at + n, 0), order.length - 1)];
    if (to === undefined) return;
    this.select(to, extend);
    this.focus(to);
  }

  selectAll(): void {
    const order = this.order.peek();
    if (order.length === 0) return;
    this.anchor.value = order[0]!;
    this.active.value = order.at(-1)!;
  }

  go(id: string): void {
    this.select(id);
    this.focus(id);
  }

  edit(id: string, at: { line?: number; column?: number; end?: boolean } = {}): void {
    this.select(id);
    this.mode.value = "edit";
    this.focus(id, { edit: true, ...at });
  }

  command(): void {
    this.mode.value = "command";
    const id = this.active.peek();
    if (id) this.focus(id);
  }

  /** Shows a part of a cell's text, without taking the focus. */
  show(id: string, from: number, to: number, opens: boolean): void {
    if (this.mode.peek() === "edit" && this.active.peek() !== id) this.mode.value = "command"; // it opens no other cell
    this.select(id);
    if (opens) openPart(this, id, "source");
    this.reveal(id, from, to);
  }

  /**
   * The editor that had the focus went without this page's doing. What is typed on was meant
   * for it, so it is nothing else's: neither text nor commands.
   */
  protected leftEditor(why: string): void {
    if (this.mode.peek() !== "edit" || this.changing > 0) return;
    this.mode.value = "none";
    toast(why + ". Click, or press an arrow or Esc, to go on.", "warning");
  }
}

/** Has a set hold a cell, or not. */
export function note(set: Signal<ReadonlySet<string>>, id: string, there: boolean): void {
  const now = set.peek();
  if (now.has(id) === there) return;
  const next = new Set(now);
  if (there) next.add(id);
  else next.delete(id);
  set.value = next;
}
