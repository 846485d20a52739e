// An open notebook: what the server tells of it, and its file. What else it has and does is
// in the parts that it is built of: Model, Texts, Cells and Running.

import type { Extension } from "@codemirror/state";
import { signal } from "@preact/signals";
import { apply, type Room } from "../room/state";
import type { Link } from "../room/socket";
import type { CellType, RoomEvent } from "../room/types";
import { announce, toast } from "../ui/notify";
import { editorExtensions } from "./editor";
import { note } from "./model";
import { Running } from "./running";

export class Notebook extends Running {
  protected extensions(id: string, type: CellType): Extension {
    return editorExtensions(this, id, type);
  }

  // ---- events

  protected event(ev: RoomEvent): void {
    if (ev.ev === "cells") ev = { ...ev, order: this.coming.told(ev.order, this.order.peek()) };
    if (ev.ev === "room") ev = this.coming.room(ev, this.order.peek());
    this.take(ev);
  }

  protected take(ev: RoomEvent): void {
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
        text.retype(this.extensions(id, c.type));
        if (id === this.active.peek()) this.leftEditor("The kind of the cell that you typed in was changed in another window");
      }
      try {
        if (text) this.keepInStep(text, old, c, ev);
      } catch (e) {
        this.socket.resync(e);
        return;
      }
      if (old.state.run !== c.state.run) this.runChanged(old, c);
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
      for (const l of left) this.keepText(l);
    }
    if (ev.ev === "edit") this.edits.value++;
    this.kernel.value = after.kernel;
    this.file.value = after.file;
    this.input.value = after.input;
    if (after.path !== this.path.peek()) this.path.value = after.path;
    if (ev.ev === "room" && ev.parallel) this.parallel.value = { ...this.parallel.peek(), ...ev.parallel };
    this.loaded.value = true;
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

  protected linkChanged(link: Link, retryAt = 0): void {
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

  // ---- file

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
}
