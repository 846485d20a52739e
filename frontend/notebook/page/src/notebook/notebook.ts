// An open notebook: its room, what is selected, and everything that can be done to it.

import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { difference } from "../room/rebase";
import { apply, textOf, wasInterrupted, type Cell, type Room } from "../room/state";
import { RequestError, RoomSocket, type Link } from "../room/socket";
import { maxSource } from "../room/size";
import { CellText, type TextHost } from "../room/text";
import type { CellType, FileInfo, InputRequest, KernelInfo, Output, Parallel, Payload, Reply, RoomEvent, RunState } from "../room/types";
import { problem } from "../ui/format";
import { announce, toast } from "../ui/notify";
import { Coming, place } from "./coming";
import { editorExtensions } from "./editor";
import { openPart } from "./hide";
import { stepBack, Steps, type Replaced } from "./replaceUndo";

/** What keys do; "none" once the cell that was edited is gone: nothing, until the user says where to go. */
export type Mode = "command" | "edit" | "none";

/** Where to go from what was run. */
type Then = "stay" | "next" | "insert";

const oneFrame = 16; // ms

/** A cell that was cut or copied. */
interface Clip {
  cell_type: CellType;
  source: string;
  metadata: object;
  attachments?: object;
}

/** An id for a new cell, as notebook files have them. */
function newID(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(4)), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Has a set hold a cell, or not. */
function note(set: Signal<ReadonlySet<string>>, id: string, there: boolean): void {
  const now = set.peek();
  if (now.has(id) === there) return;
  const next = new Set(now);
  if (there) next.add(id);
  else next.delete(id);
  set.value = next;
}

export class Notebook {
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
  /** Counts what may have changed the session's variables. */
  readonly ran = signal(0);
  readonly selected: ReadonlySignal<ReadonlySet<string>> = computed(() => {
    this.active.value;
    this.anchor.value;
    this.order.value;
    return new Set(this.selection());
  });
  readonly busy: ReadonlySignal<{ running: string | null; queued: number }>;
  /** The cells of whose text the server lacks something. */
  readonly unsentCells = signal<ReadonlySet<string>>(new Set());
  /** Those of them whose text it does not take. */
  readonly refusedCells = signal<ReadonlySet<string>>(new Set());
  /** Counts edits here, for what follows texts such as the table of contents. */
  readonly edits = signal(0);

  /** Parts of cells that are hidden in the file, and shown here: "source" or "outputs", and the id. */
  readonly opened = signal<ReadonlySet<string>>(new Set());

  /** The whole of outputs that came cut and were asked for, until they are others. */
  readonly whole = new WeakMap<Output, Output>();

  private room: Room | null = null;
  private cells = new Map<string, Signal<Cell>>();
  private texts = new Map<string, CellText>();
  private runs = signal(0);
  private clips: Clip[] = [];
  readonly socket: RoomSocket;
  /** Set by the view: brings a cell to the screen and focuses it. */
  focus: (id: string, how?: { edit?: boolean; line?: number; column?: number; end?: boolean }) => void = () => {};

  /** Set by the view: shows a range of a cell's text. */
  reveal: (id: string, from: number, to: number) => void = () => {};

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
    this.busy = computed(() => {
      this.runs.value;
      let running: string | null = null;
      let queued = 0;
      for (const id of this.order.value) {
        const run = this.room?.cells.get(id)?.state.run;
        if (run === "running") running = id;
        if (run === "queued") queued++;
      }
      return { running, queued };
    });
  }

  /** A cell, which must be in the order. */
  cell(id: string): Signal<Cell> {
    return this.cells.get(id)!;
  }

  has(id: string): boolean {
    return this.cells.has(id);
  }

  /** The text of a cell as it is edited here, made at its first use. */
  text(id: string): CellText {
    let t = this.texts.get(id);
    if (!t) {
      const c = this.cell(id).peek();
      t = new CellText(
        id,
        c.source,
        c.version,
        this.textHost,
        editorExtensions(this, id, c.type),
      );
      this.texts.set(id, t);
    }
    return t;
  }

  private readonly textHost: TextHost = {
    send: (cell, version, updates) => this.socket.send("edit", { cell, version, updates }),
    open: () => this.link.peek() === "open",
    client: () => this.room?.client ?? "",
    edited: (cell) => this.touched(cell),
    changed: (text) => {
      note(this.unsentCells, text.id, !text.settled);
      note(this.refusedCells, text.id, text.refused !== null);
    },
    refused: (cell, why) => toast(`What you wrote in cell ${this.number(cell)} is not saved. ${problem(why)} Shorten it, or take the last change back.`, "error"),
    tooLong: () => toast(`This was not put in: a cell may hold ${maxSource >> 20} MiB of text. Text that long belongs in a file, which cells can read.`, "error"),
    outOfStep: () => this.socket.resync("edits are of no version that the server has"),
  };

  /** The place of a cell in the notebook, from 1. */
  private number(id: string): number {
    return this.order.peek().indexOf(id) + 1;
  }

  /** The source of a cell as it is on the screen. */
  source(id: string): string {
    return this.texts.get(id)?.doc.toString() ?? this.cell(id).peek().source;
  }

  touched(id: string): void {
    this.texts.get(id)?.touched();
    this.edits.value++;
  }

  /** Forgets the editor of a cell that is gone. */
  private dropText(text: CellText): void {
    text.dispose();
    this.texts.delete(text.id);
    note(this.unsentCells, text.id, false);
    note(this.refusedCells, text.id, false);
  }

  // ---- events

  private event(ev: RoomEvent): void {
    if (ev.ev === "cells") ev = { ...ev, order: this.coming.told(ev.order, this.order.peek()) };
    if (ev.ev === "room") ev = this.coming.room(ev, this.order.peek());
    this.take(ev);
  }

  /** Takes an event, of the server or of what is done here before the server tells of it. */
  private take(ev: RoomEvent): void {
    const before = this.room;
    let after: Room | null;
    try {
      after = apply(before, ev);
    } catch (e) {
      this.socket.resync(e);
      return;
    }
    this.room = after;
    if (ev.ev === "room") this.insertComing(); // before what is written in them
    switch (ev.ev) {
      case "failed":
        this.failure.value = { error: ev.error, hint: ev.hint };
        return;
      case "notice":
        toast(ev.text, ev.level);
        return;
      case "payload":
        // Text for the next cell is put there by the room; a pager is for who asked.
        if (ev.source === "page" && (ev.by === undefined || ev.by === after?.client)) this.page.value = ev;
        return;
      case "parallel": {
        const { maps, workers, busy, devices } = ev;
        this.parallel.value = { ...this.parallel.peek(), maps, ...(workers === undefined ? {} : { workers, busy, devices }) };
        return;
      }
    }
    if (!after || after === before) return;
    this.spread(before, after, ev);
  }

  private spread(before: Room | null, after: Room, ev: RoomEvent): void {
    for (const [id, c] of after.cells) {
      const s = this.cells.get(id);
      if (!s) {
        this.cells.set(id, signal(c));
        continue;
      }
      const old = s.peek();
      if (old === c) continue;
      const text = this.texts.get(id);
      if (text && old.type !== c.type) {
        text.retype(editorExtensions(this, id, c.type));
        if (id === this.active.peek()) this.leftEditor("The kind of the cell that you typed in was changed in another window");
      }
      try {
        if (text) this.keepInStep(text, old, c, ev);
      } catch (e) {
        this.socket.resync(e);
        return;
      }
      if (old.state.run !== c.state.run) {
        this.runs.value++;
        this.runChanged(old, c);
      }
      s.value = c;
    }
    if (before?.order !== after.order) {
      this.order.value = after.order;
      const left = this.takeOver(before, after, ev);
      this.selectionAfter(before, after);
      for (const id of [...this.cells.keys()]) {
        if (after.cells.has(id)) continue;
        this.cells.delete(id);
        this.notRun.delete(id);
        for (const part of ["source", "outputs"]) note(this.opened, `${part} ${id}`, false);
      }
      for (const l of left) this.keepText(l.text, l.type, l.index);
    }
    if (ev.ev === "edit") this.edits.value++;
    this.kernel.value = after.kernel;
    this.file.value = after.file;
    this.input.value = after.input;
    if (after.path !== this.path.peek()) this.path.value = after.path;
    if (ev.ev === "room" && ev.parallel) this.parallel.value = { ...this.parallel.peek(), ...ev.parallel };
    this.loaded.value = true;
  }

  private keepInStep(text: CellText, old: Cell, c: Cell, ev: RoomEvent): void {
    if (ev.ev === "edit") text.receive(ev.updates, ev.version, ev.by);
    else if (ev.ev === "room") text.adopt(c.source, c.version, ev.done === undefined ? null : { done: ev.done, took: ev.took ?? [] });
    else if (ev.ev === "cells" && (c.version !== text.version || c.source !== old.source)) text.adopt(c.source, c.version);
  }

  /**
   * Sees to the texts of cells that are gone. One that came back under another id, as those do
   * whose files give them none, goes on there. The others of which the server lacks something
   * are returned, with where they stood, unless it was this page that deleted them.
   */
  private takeOver(before: Room | null, after: Room, ev: RoomEvent): { text: CellText; type: CellType; index: number }[] {
    const left: { text: CellText; type: CellType; index: number }[] = [];
    const mine = ev.ev === "cells" ? ev.by === after.client : this.changing > 0;
    const typing = this.mode.peek() === "edit" ? this.active.peek() : null;
    // Of cells that are alike the one in which something was written goes on first.
    const texts = [...this.texts.values()].sort((a, b) => Number(a.settled) - Number(b.settled) || (before?.order.indexOf(a.id) ?? 0) - (before?.order.indexOf(b.id) ?? 0));
    for (const text of texts) {
      if (after.cells.has(text.id) || !before) continue;
      const { type } = this.cell(text.id).peek();
      const same = ev.ev === "room" ? this.sameAs(text, type, before, after) : undefined;
      if (same !== undefined) {
        const { selection } = text.current;
        this.text(same).change({ changes: text.rest(after.cells.get(same)!.source)!, selection });
        if (this.active.peek() === text.id) this.select(same);
        if (typing === text.id) queueMicrotask(() => this.edit(same));
      } else if (!text.settled && !mine) left.push({ text, type, index: place(text.id, 0, after.order, before.order) });
      this.dropText(text);
    }
    return left;
  }

  /** The cell that a text of before goes on in: one that nobody knew, and holds what the text is built on; of several the nearest. */
  private sameAs(text: CellText, type: CellType, before: Room, after: Room): string | undefined {
    const stood = before.order.indexOf(text.id);
    const far = (id: string) => Math.abs(after.order.indexOf(id) - stood);
    return after.order
      .filter((id) => !before.cells.has(id) && !this.texts.has(id) && after.cells.get(id)!.type === type && text.rest(after.cells.get(id)!.source))
      .sort((a, b) => far(a) - far(b))[0];
  }

  /** Puts the text of a cell that is gone into a new one, as nobody else has all of it. */
  private keepText(text: CellText, type: CellType, index: number): void {
    toast("A cell is gone in which you wrote what the server did not have yet: it is in a new cell", "warning");
    void this.add(newID(), index, type, text.doc.toString());
  }

  private selectionAfter(before: Room | null, after: Room): void {
    const active = this.active.peek();
    if (active && after.cells.has(active)) {
      if (!after.cells.has(this.anchor.peek() ?? "")) this.anchor.value = active;
      return;
    }
    const at = active && before ? before.order.indexOf(active) : 0;
    const gone = before?.order.slice(at).find((id) => after.cells.has(id));
    const next = gone ?? after.order[Math.min(Math.max(at, 0), after.order.length - 1)] ?? null;
    this.active.value = next;
    this.anchor.value = next;
    if (active && before) this.leftEditor("The cell that you typed in was deleted in another window");
    // Unless the cell was made to be written in, and has the focus by then.
    if (before && next) queueMicrotask(() => this.mode.peek() === "command" && this.active.peek() === next && this.focus(next));
  }

  /** What this page asked to have done to cells, and has no answer to yet. */
  private changing = 0;

  /** Asks for a change of cells, which may take away the one that is edited here. */
  private async change(op: string, args: object = {}): Promise<Reply | null> {
    this.changing++;
    try {
      return await this.ask(op, args);
    } finally {
      this.changing--;
    }
  }

  /** Notes that a change which undo takes back was made, if it was. */
  private noted(r: Reply | null): Reply | null {
    if (r) this.steps.did("cells");
    return r;
  }

  /**
   * The editor that had the focus went without this page's doing. What is typed on was meant
   * for it, so it is nothing else's: neither text nor commands.
   */
  private leftEditor(why: string): void {
    if (this.mode.peek() !== "edit" || this.changing > 0) return;
    this.mode.value = "none";
    toast(why + ". Click, or press an arrow or Esc, to go on.", "warning");
  }

  /** Why a cell that waited was not run. */
  readonly notRun = new Map<string, string>();
  private lastEnd: RunState | null = null;

  private runChanged(old: Cell, c: Cell): void {
    if (old.state.run === "queued" && c.state.run === "idle" && c.state.status === "aborted") {
      const running = [...this.cells.values()].some((s) => s.peek().state.run === "running");
      const failed = !running && this.lastEnd?.status === "error" && this.lastEnd.count !== null;
      this.notRun.set(c.id, running ? "cancelled" : failed ? `not run: In[${this.lastEnd!.count}] failed` : "not run");
    }
    if (old.state.run === "running" && c.state.run !== "running") this.lastEnd = c.state;
    if (c.state.run !== "idle" || old.state.run !== "running") return;
    this.ran.value++;
    const n = (this.room?.order.indexOf(c.id) ?? 0) + 1;
    const how = wasInterrupted(c) ? "was interrupted" : c.state.status === "error" ? "failed" : c.state.status === "aborted" ? "was stopped" : "finished";
    announce(`Cell ${n} ${how}`);
  }

  private linkChanged(link: Link, retryAt = 0): void {
    if (link === "lost" || link === "refused") {
      for (const t of this.texts.values()) t.lost();
      this.coming.lost();
    }
    if (link === "lost") void this.checkLogin();
    if (link === "open") this.failure.value = null;
    this.link.value = link;
    this.retryAt.value = retryAt;
  }

  /** A server that was started anew knows no login of before. */
  private async checkLogin(): Promise<void> {
    const r = await fetch("/api/status").catch(() => null);
    if (r && (r.status === 401 || r.status === 403)) this.failure.value = { error: "The server was started anew and wants you to log in", hint: "what you wrote is kept in this page: log in in the new tab, then come back to this one", login: true };
    else this.failure.value = null;
  }

  // ---- requests

  /** Sends a request, and shows what went wrong. */
  async ask(op: string, args: object = {}): Promise<Reply | null> {
    try {
      return await this.socket.request(op, args);
    } catch (e) {
      if (e instanceof RequestError) toast(problem(e), e.lost ? "warning" : "error");
      return null;
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

  // ---- running

  /**
   * Waits until the server has the texts of cells; null if it has them. False if it will not
   * have them: then the user is told, after what, that it does not happen.
   */
  private flush(ids: readonly string[], what: string): Promise<boolean> | null {
    const waits = ids.map((id) => this.texts.get(id)).filter((t) => t && !t.settled);
    return waits.length > 0 ? this.flushed(waits as CellText[], what) : null;
  }

  private async flushed(texts: readonly CellText[], what: string): Promise<boolean> {
    const ends = await Promise.allSettled(texts.map((t) => t.flush()));
    const at = ends.findIndex((e) => e.status === "rejected");
    if (at < 0) return true;
    const why = (ends[at] as PromiseRejectedResult).reason as RequestError;
    const whose = why.lost ? "" : ` The server does not take what is written in cell ${this.number(texts[at]!.id)}.`;
    toast(`${what}.${whose} ${problem(why)}`, why.lost ? "warning" : "error");
    return false;
  }

  async run(ids: readonly string[]): Promise<void> {
    if (this.link.peek() !== "open") {
      toast("There is no connection to the server: nothing was run", "warning");
      return;
    }
    const code = ids.filter((id) => this.cell(id).peek().type === "code");
    const sent = this.flush(code, "Nothing was run");
    if (sent && !(await sent)) return; // else it is asked for at once, before anything is drawn
    if (code.length > 0) await this.ask("run", { cells: code });
  }

  /** Runs what is selected; then: stay, go to the next cell, or add one below. */
  runSelected(then: Then): void {
    const ids = this.selection();
    if (ids.length === 0) return;
    void this.run(ids);
    this.goOn(ids.at(-1)!, then);
  }

  /**
   * Runs what is selected and goes to the next cell, as runSelected does, but when a quick
   * cell has its result: going on is a frame of its own to draw, and the result would wait for
   * it. For clicks, after which nobody types within a frame.
   */
  async clickRun(): Promise<void> {
    const ids = this.selection();
    if (ids.length === 0) return;
    await Promise.race([this.run(ids), new Promise((r) => setTimeout(r, oneFrame))]);
    if (this.selection().join() === ids.join()) this.goOn(ids.at(-1)!, "next");
  }

  private goOn(last: string, then: Then): void {
    this.mode.value = "command";
    const order = this.order.peek();
    const next = order[order.indexOf(last) + 1];
    if (then === "stay") this.focus(last);
    else if (then === "next" && next !== undefined) this.go(next);
    else void this.insert(order.indexOf(last) + 1, "code", "", true);
  }

  runAll(): void {
    void this.run(this.order.peek());
  }

  runAbove(): void {
    const order = this.order.peek();
    void this.run(order.slice(0, order.indexOf(this.active.peek() ?? "")));
  }

  runBelow(): void {
    const order = this.order.peek();
    void this.run(order.slice(Math.max(order.indexOf(this.active.peek() ?? ""), 0)));
  }

  async restart(andRun = false): Promise<void> {
    const done = await this.ask("restart");
    if (!done) return;
    toast("The kernel starts anew: functions and variables are gone", "info");
    if (andRun) await this.run(this.order.peek());
  }

  async interrupt(): Promise<void> {
    if (this.busy.peek().queued > 0) await this.ask("cancel");
    if (await this.ask("interrupt")) announce("Interrupted");
  }

  // ---- cells

  /**
   * Inserts a cell and goes there, at once: what is typed before the server has answered is
   * meant for it. The server takes requests in order, so its text may follow. Without a
   * connection it is inserted when there is one again.
   */
  async insert(index: number, type: CellType = "code", source = "", edit = false): Promise<string | null> {
    const id = newID();
    const inserted = this.add(id, index, type, source);
    if (edit) this.edit(id);
    else this.go(id);
    return (await inserted) ? id : null;
  }

  /** Cells that were inserted here, and of which the server has not told yet. */
  private readonly coming = new Coming();

  /** Inserts a cell here and on the server. Resolves when that has it, or does not take it. */
  private add(id: string, index: number, type: CellType, source: string): Promise<boolean> {
    const inserted = new Promise<boolean>((done) => this.coming.add({ cell: { id, cell_type: type, source }, index, request: 0, lost: false, absent: false, done }));
    const order = this.order.peek();
    this.take({ ev: "cells", order: this.coming.within(order, order), changed: [{ id, cell_type: type, metadata: {}, source, version: 0 }] });
    this.insertComing();
    return inserted;
  }

  /** Asks for the cells to be inserted that the server was not asked for. */
  private insertComing(): void {
    if (this.link.peek() !== "open") return;
    for (const c of this.coming.unasked()) {
      const { id, reply } = this.socket.send("insert", { index: this.room!.order.indexOf(c.cell.id), cell: c.cell });
      c.request = id;
      c.lost = false;
      reply.then(
        () => {
          this.coming.end(c.cell.id, !c.absent);
          if (c.absent) this.leave(c.cell.id);
        },
        (e: RequestError) => e.lost || this.notInserted(c.cell.id, e),
      );
    }
  }

  /** Takes back a cell that the server did not insert. What was typed can be pasted elsewhere. */
  private notInserted(id: string, why: RequestError): void {
    const c = this.coming.get(id);
    if (!c) return;
    const clip: Clip = { cell_type: c.cell.cell_type, source: this.has(id) ? this.source(id) : "", metadata: {} };
    this.coming.end(id, false);
    const kept = clip.source !== "";
    if (kept) this.clips = [clip];
    toast(problem(why) + (kept ? " What the new cell held is copied: press v to paste it." : ""), "error");
    this.leave(id, this.room!.client);
  }

  /** Has a cell go that the server has not, by the doing of a client. */
  private leave(id: string, by = ""): void {
    this.take({ ev: "cells", order: this.order.peek().filter((other) => other !== id), changed: [], by });
  }

  insertAt(where: "above" | "below", type: CellType = "code", edit = false): void {
    const at = this.order.peek().indexOf(this.active.peek() ?? "");
    void this.insert(where === "above" ? Math.max(at, 0) : at + 1, type, "", edit);
  }

  async remove(ids = this.selection()): Promise<void> {
    if (ids.length === 0) return;
    this.select(ids[0]!);
    for (const id of ids) this.texts.get(id)?.flush().catch(() => {}); // an undo brings it back whole
    const done = this.noted(await this.change("delete", { cells: ids }));
    if (done) announce(`${ids.length === 1 ? "Cell" : ids.length + " cells"} deleted. Press z to undo.`);
  }

  /** What was done here to cells, of which undo and redo go through. */
  readonly steps = new Steps();

  /** Takes back what was done last to cells: a deletion, move, split, merge or replacement. */
  async undo(): Promise<void> {
    await this.stepCells("undo", (what) => `Took the last ${what} back`);
  }

  /** Does again what was taken back last. */
  async redo(): Promise<void> {
    await this.stepCells("redo", (what) => `Did the ${what} again`);
  }

  private async stepCells(op: "undo" | "redo", words: (what: string) => string): Promise<void> {
    for (let r = this.steps.next(op); r; r = this.steps.next(op)) {
      const there = this.turnReplaced(r, op);
      if (there === null) continue;
      this.mode.value = "command";
      this.go(there);
      return;
    }
    // A cell in which somebody wrote stays, but of what is on its way the server does not know.
    const sent = this.flush([...this.texts.keys()].filter((id) => this.has(id)), `There was no ${op}`);
    if (sent && !(await sent)) return;
    const r = await this.change(op);
    if (r || this.link.peek() === "open") this.steps.turned(op);
    if (!r) return;
    announce(words(String(r.did)));
    const back = ((r.cells as string[] | undefined) ?? []).find((id) => this.has(id));
    this.mode.value = "command";
    const id = back ?? this.active.peek();
    if (id) this.go(id);
  }

  /** Undoes or redoes a replacement. Returns the first cell that it changed; null if all were changed since. */
  turnReplaced(step: Replaced, how: "undo" | "redo"): string | null {
    const cells = stepBack(this, step, how);
    const others = step.cells.length - cells.length;
    const words = how === "undo" ? "Took the replacement back" : "Did the replacement again";
    if (cells.length > 0 && others > 0) toast(`${words}, except in ${others === 1 ? "1 cell that was" : `${others} cells that were`} changed since`, "info");
    else if (cells.length > 0) announce(words);
    return cells[0] ?? null;
  }

  async move(by: -1 | 1, ids = this.selection()): Promise<void> {
    const order = this.order.peek();
    const first = order.indexOf(ids[0] ?? "");
    const to = first + by;
    if (first < 0 || to < 0 || to + ids.length > order.length) return;
    this.noted(await this.ask("move", { cells: ids, index: to }));
    this.focus(this.active.peek() ?? ids[0]!);
  }

  async setType(type: CellType, ids = this.selection()): Promise<void> {
    const others = ids.filter((id) => this.cell(id).peek().type !== type);
    if ((await this.flush(others, "The cell was not changed")) === false) return;
    if (others.length > 0) this.noted(await this.change("type", { cells: others, cell_type: type }));
    this.command();
  }

  /** Makes a Markdown cell a heading of a level, as Jupyter's keys 1 to 6 do. */
  async heading(level: number): Promise<void> {
    for (const id of this.selection()) {
      await this.setType("markdown", [id]);
      if (!this.has(id) || this.cell(id).peek().type !== "markdown") return; // which was told
      const t = this.text(id);
      const first = t.doc.line(1);
      const rest = first.text.replace(/^#*\s*/, "");
      t.change({ changes: { from: 0, to: first.to, insert: "#".repeat(level) + " " + rest } });
    }
  }

  async split(): Promise<void> {
    const id = this.active.peek();
    const view = id && this.texts.get(id)?.view;
    if (!id || !view) return;
    const at = [...new Set(view.state.selection.ranges.flatMap((r) => [r.from, r.to]))].filter(
      (p) => p > 0 && p < view.state.doc.length,
    );
    if (at.length === 0) return;
    if ((await this.flush([id], "The cell was not split")) === false) return;
    const order = this.order.peek();
    const index = order.indexOf(id);
    if (!(this.noted(await this.change("split", { cell: id, at })))) return;
    const next = this.order.peek()[index + 1];
    if (next) this.edit(next);
  }

  async merge(): Promise<void> {
    let ids = this.selection();
    if (ids.length === 1) {
      const order = this.order.peek();
      const next = order[order.indexOf(ids[0]!) + 1];
      if (!next) return;
      ids = [ids[0]!, next];
    }
    if ((await this.flush(ids, "Nothing was merged")) === false) return;
    if (this.noted(await this.change("merge", { cells: ids }))) this.go(ids[0]!);
  }

  copy(): void {
    this.clips = this.selection().map((id) => {
      const c = this.cell(id).peek();
      return { cell_type: c.type, source: this.source(id), metadata: c.metadata, ...(c.attachments ? { attachments: c.attachments } : {}) };
    });
    announce(`${this.clips.length === 1 ? "Cell" : this.clips.length + " cells"} copied`);
  }

  async cut(): Promise<void> {
    this.copy();
    await this.remove();
  }

  async paste(where: "above" | "below" = "below"): Promise<void> {
    const order = this.order.peek();
    const chosen = this.selection();
    const index = where === "below" ? order.indexOf(chosen.at(-1) ?? "") + 1 : Math.max(order.indexOf(chosen[0] ?? ""), 0);
    if (this.clips.length === 0) return;
    const r = this.noted(await this.ask("insert", { index, cells: this.clips }));
    if (r) this.go(r.cell as string);
  }

  async clear(ids: readonly string[] | null): Promise<void> {
    await this.ask("clear", { cells: ids });
  }

  /** Formats a cell as gofmt does, if its code can be read. */
  async format(id: string): Promise<void> {
    const text = this.text(id);
    const doc = text.doc;
    const r = await this.ask("format", { code: doc.toString() });
    const code = r?.code;
    if (typeof code !== "string" || !text.doc.eq(doc) || code === doc.toString()) return;
    text.change({ changes: difference(doc, textOf(code)), userEvent: "input.format" });
  }

  /** Shows a part of a cell's text, without taking the focus. */
  show(id: string, from: number, to: number): void {
    if (this.mode.peek() === "edit" && this.active.peek() !== id) this.mode.value = "command"; // it opens no other cell
    this.select(id);
    openPart(this, id, "source");
    this.reveal(id, from, to);
  }

  // ---- file

  /** Sends at once what was written here, as when the page is left. */
  pushAll(): void {
    for (const t of this.texts.values()) t.flush().catch(() => {}); // it is told of where it matters
  }

  /** Waits until the server has everything that was written here; false if it will not. */
  async sent(): Promise<boolean> {
    return (await this.flush([...this.texts.keys()], "Not everything could be sent")) !== false;
  }

  /** Says whether the server does not have everything that was written here. */
  unsent(): boolean {
    return this.unsentCells.peek().size > 0;
  }

  /** Takes the file's version in place of what is here. */
  async reload(): Promise<void> {
    await this.change("reload");
  }

  async save(force = false): Promise<void> {
    const all = await this.sent();
    if (!all && this.link.peek() !== "open") return;
    const done = await this.ask("save", force ? { force: true } : {}); // the rest at least
    if (done && all) announce("Saved");
  }

  /** Gives the file another path. Rejects with what is wrong with it. */
  async rename(path: string): Promise<void> {
    if (path === this.path.peek()) return;
    const r = await this.socket.request("rename", { path });
    this.path.value = (r.path as string) ?? path;
  }

  /** Shows where an error or a link points: In[count]:line:column. */
  jump(count: number, line: number, column: number): void {
    const id = this.ranAs(count);
    if (id) this.edit(id, { line, column });
  }

  /** Selects the cell that ran as [count]. */
  goToRun(count: number): void {
    const id = this.ranAs(count);
    if (!id) return;
    this.mode.value = "command";
    this.go(id);
  }

  private ranAs(count: number): string | undefined {
    const id = this.order.peek().find((i) => this.cell(i).peek().state.count === count);
    if (!id) toast(`The cell that ran as [${count}] is not here any more`, "info");
    return id;
  }
}
