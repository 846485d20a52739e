// The texts of a notebook's cells, as they are edited here and sent to the server.

import { signal } from "@preact/signals";
import type { Extension } from "@codemirror/state";
import { difference } from "../room/rebase";
import { maxSource } from "../room/size";
import type { RequestError } from "../room/socket";
import { textOf, type Cell, type Room } from "../room/state";
import { CellText, type TextHost } from "../room/text";
import type { CellType, RoomEvent } from "../room/types";
import { problem } from "../ui/format";
import { toast } from "../ui/notify";
import { place } from "./coming";
import { Model, note } from "./model";

/** A text of which the server lacks something, while its cell is gone. */
export interface LeftText {
  text: CellText;
  type: CellType;
  /** Where it stood. */
  index: number;
}

/** The part of a Notebook that has the texts. */
export abstract class Texts extends Model {
  /** The cells of whose text the server lacks something. */
  readonly unsentCells = signal<ReadonlySet<string>>(new Set());

  /** Those of them whose text it does not take. */
  readonly refusedCells = signal<ReadonlySet<string>>(new Set());

  /** Counts edits here, for what follows texts such as the table of contents. */
  readonly edits = signal(0);

  protected readonly texts = new Map<string, CellText>();

  /** What the editor of a cell is made of. */
  protected abstract extensions(id: string, type: CellType): Extension;

  /** The text of a cell as it is edited here, made at its first use. */
  text(id: string): CellText {
    let t = this.texts.get(id);
    if (!t) {
      const c = this.cell(id).peek();
      t = new CellText(id, c.source, c.version, this.textHost, this.extensions(id, c.type));
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

  /** Has a text follow an event, which made old into c. */
  protected keepInStep(text: CellText, old: Cell, c: Cell, ev: RoomEvent): void {
    if (ev.ev === "edit") text.receive(ev.updates, ev.version, ev.by);
    else if (ev.ev === "room") text.adopt(c.source, c.version, ev.done === undefined ? null : { done: ev.done, took: ev.took ?? [] });
    else if (ev.ev === "cells" && (c.version !== text.version || c.source !== old.source)) text.adopt(c.source, c.version);
  }

  /**
   * Sees to the texts of cells that are gone. One that came back under another id, as those do
   * whose files give them none, goes on there. The others of which the server lacks something
   * are returned, with where they stood, unless it was this page that deleted them.
   */
  protected takeOver(before: Room | null, after: Room, ev: RoomEvent): LeftText[] {
    const left: LeftText[] = [];
    const gone = before ? [...this.texts.values()].filter((t) => !after.cells.has(t.id)) : [];
    if (!before || gone.length === 0) return left;
    const mine = ev.ev === "cells" ? ev.by === after.client : this.changing > 0;
    const typing = this.mode.peek() === "edit" ? this.active.peek() : null;
    // Of cells that are alike the one in which something was written goes on first.
    const at = new Map(before.order.map((id, n) => [id, n]));
    gone.sort((a, b) => Number(a.settled) - Number(b.settled) || (at.get(a.id) ?? -1) - (at.get(b.id) ?? -1));
    for (const text of gone) {
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

  // ---- sending

  /**
   * Waits until the server has the texts of cells; null if it has them. False if it will not
   * have them: then the user is told, after what, that it does not happen.
   */
  protected flush(ids: readonly string[], what: string): Promise<boolean> | null {
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

  /** Formats a cell as gofmt does, if its code can be read. */
  async format(id: string): Promise<void> {
    const text = this.text(id);
    const doc = text.doc;
    const r = await this.ask("format", { code: doc.toString() });
    const code = r?.code;
    if (typeof code !== "string" || !text.doc.eq(doc) || code === doc.toString()) return;
    text.change({ changes: difference(doc, textOf(code)), userEvent: "input.format" });
  }
}
