// What is done to the cells of a notebook: they are made, moved, changed, and taken back.

import { RequestError } from "../room/socket";
import type { CellType, Reply, RoomEvent } from "../room/types";
import { problem } from "../ui/format";
import { announce, toast } from "../ui/notify";
import { Coming } from "./coming";
import { stepBack, Steps, type Replaced } from "./replaceUndo";
import { Texts, type LeftText } from "./texts";

/** A cell that was cut or copied. */
interface Clip {
  cell_type: CellType;
  source: string;
  metadata: object;
  attachments?: object;
  /** The cell that it was, whose outputs a pasted one has. */
  like?: string;
}

/** An id for a new cell, as notebook files have them. */
function newID(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(4)), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** The part of a Notebook that changes its cells. */
export abstract class Cells extends Texts {
  private clips: Clip[] = [];

  /** Cells that were inserted here, and of which the server has not told yet. */
  protected readonly coming = new Coming();

  /** What was done here to cells, of which undo and redo go through. */
  readonly steps = new Steps();

  /** Takes an event, of the server or of what is done here before the server tells of it. */
  protected abstract take(ev: RoomEvent): void;

  // ---- new cells

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

  insertAt(where: "above" | "below", type: CellType = "code", edit = false): void {
    const at = this.order.peek().indexOf(this.active.peek() ?? "");
    void this.insert(where === "above" ? Math.max(at, 0) : at + 1, type, "", edit);
  }

  /** Inserts a cell here and on the server. Resolves when that has it, or does not take it. */
  private add(id: string, index: number, type: CellType, source: string): Promise<boolean> {
    const inserted = new Promise<boolean>((done) => this.coming.add({ cell: { id, cell_type: type, source }, index, request: 0, lost: false, absent: false, done }));
    const order = this.order.peek();
    this.take({ ev: "cells", order: this.coming.within(order, order), changed: [{ id, cell_type: type, metadata: {}, source, version: 0 }] });
    this.insertComing();
    return inserted;
  }

  /** Asks for the cells to be inserted that the server was not asked for. */
  protected insertComing(): void {
    if (this.link.peek() !== "open") return;
    for (const c of this.coming.unasked()) {
      const { id, reply } = this.socket.send("insert", { index: this.room!.order.indexOf(c.cell.id), cell: c.cell });
      c.request = id;
      c.lost = false;
      reply.then(
        () => {
          const absent = c.absent && this.coming.get(c.cell.id) === c; // and did not come again
          this.coming.end(c.cell.id, !absent);
          if (absent) this.leave(c.cell.id);
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

  /** Puts the text of a cell that is gone into a new one, as nobody else has all of it. */
  protected keepText({ text, type, index }: LeftText): void {
    toast("A cell is gone in which you wrote what the server did not have yet: it is in a new cell", "warning");
    void this.add(newID(), index, type, text.doc.toString());
  }

  // ---- changes

  async remove(ids = this.selection()): Promise<void> {
    if (ids.length === 0) return;
    this.select(ids[0]!);
    for (const id of ids) this.texts.get(id)?.flush().catch(() => {}); // an undo brings it back whole
    const done = this.noted(await this.change("delete", { cells: ids }));
    if (done) announce(`${ids.length === 1 ? "Cell" : ids.length + " cells"} deleted. Press z to undo.`);
  }

  private moves: { ids: readonly string[]; by: number }[] = []; // that are asked for
  private moving: Promise<void> | null = null;

  /** Moves cells by a place. What is asked for while a move is under way is done in one after it. */
  move(by: -1 | 1, ids: readonly string[] = this.selection()): Promise<void> {
    const last = this.moves.at(-1);
    if (last && last.ids.join() === ids.join()) last.by += by;
    else this.moves.push({ ids, by });
    return (this.moving ??= this.moveAll().finally(() => (this.moving = null)));
  }

  private async moveAll(): Promise<void> {
    for (let m = this.moves.shift(); m; m = this.moves.shift()) {
      const order = this.order.peek();
      const first = order.indexOf(m.ids[0] ?? "");
      const to = Math.min(Math.max(first + m.by, 0), order.length - m.ids.length);
      if (first < 0 || to === first) continue;
      this.noted(await this.ask("move", { cells: m.ids, index: to }));
      if (this.mode.peek() === "edit") continue; // an editor was opened meanwhile
      const id = this.active.peek() ?? m.ids[0]!;
      this.focus(id);
      this.inSight(id);
    }
  }

  async setType(type: CellType, ids = this.selection()): Promise<void> {
    const others = ids.filter((id) => this.has(id) && this.cell(id).peek().type !== type);
    if ((await this.flush(others, "The cell was not changed")) === false) return;
    if (others.length > 0) this.noted(await this.change("type", { cells: others, cell_type: type }));
    this.command();
  }

  /** Makes a Markdown cell a heading of a level, as Jupyter's keys 1 to 6 do. */
  async heading(level: number): Promise<void> {
    for (const id of this.selection()) {
      await this.setType("markdown", [id]);
      if (!this.has(id)) continue;
      if (this.cell(id).peek().type !== "markdown") return; // which was told
      const t = this.text(id);
      const first = t.doc.line(1);
      const rest = first.text.replace(/^#*\s*/, "");
      t.change({ changes: { from: 0, to: first.to, insert: "#".repeat(level) + " " + rest } });
    }
    const id = this.active.peek();
    if (id && this.has(id) && /^#+ $/.test(this.source(id))) this.edit(id, { end: true }); // to write it
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
    if (!this.noted(await this.change("split", { cell: id, at }))) return;
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

  async clear(ids: readonly string[] | null): Promise<void> {
    await this.ask("clear", { cells: ids });
  }

  /** Notes that a change which undo takes back was made, if it was. */
  private noted(r: Reply | null): Reply | null {
    if (r) this.steps.did("cells");
    return r;
  }

  // ---- the clipboard

  copy(): void {
    this.clips = this.selection().map((id) => {
      const c = this.cell(id).peek();
      return { cell_type: c.type, source: this.source(id), metadata: c.metadata, like: id, ...(c.attachments ? { attachments: c.attachments } : {}) };
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
    const some = this.clips.some((c) => c.source !== ""); // else there is nothing to take back
    const r = await this.ask("insert", { index, cells: this.clips });
    if (some) this.noted(r);
    if (r) this.go(r.cell as string);
  }

  // ---- undo

  /** Takes back what was done last to cells: a deletion, move, split, merge or replacement. */
  async undo(): Promise<void> {
    await this.stepInTurn("undo", (what) => `Took the last ${what} back`);
  }

  /** Does again what was taken back last. */
  async redo(): Promise<void> {
    await this.stepInTurn("redo", (what) => `Did the ${what} again`);
  }

  private stepping: Promise<void> = Promise.resolve();

  /** Undoes or redoes once what was asked for before is over: which step is next is not known sooner. */
  private stepInTurn(op: "undo" | "redo", words: (what: string) => string): Promise<void> {
    return (this.stepping = this.stepping.catch(() => {}).then(() => this.stepCells(op, words)));
  }

  private async stepCells(op: "undo" | "redo", words: (what: string) => string): Promise<void> {
    for (let r = this.steps.next(op); r; r = this.steps.next(op)) {
      const there = this.turnReplaced(r, op);
      if (there === null) {
        this.steps.turned(op, r);
        continue;
      }
      this.mode.value = "command";
      this.go(there);
      this.inSight(there);
      return;
    }
    // A cell in which somebody wrote stays, but of what is on its way the server does not know.
    const sent = this.flush([...this.texts.keys()].filter((id) => this.has(id)), `There was no ${op}`);
    if (sent && !(await sent)) return;
    const writing = () => this.mode.peek() === "edit";
    const wrote = writing();
    const r = await this.change(op, {}, (why) => /^nothing (is left|was taken back)/.test(why) && this.steps.none(op));
    if (!r) return;
    this.steps.turned(op, "cells");
    announce(words(String(r.did)));
    if (!wrote && writing()) return; // an editor was opened meanwhile
    const back = ((r.cells as string[] | undefined) ?? []).find((id) => this.has(id));
    this.mode.value = "command";
    const id = back ?? this.active.peek();
    if (!id) return;
    this.go(id);
    this.inSight(id);
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
}
