// Cells that were inserted here, and that the server is not known to have yet.

import type { CellJSON, RoomEvent } from "../room/types";

/** A cell on its way to the server. */
interface NewCell {
  readonly cell: Pick<CellJSON, "id" | "cell_type" | "source">;
  /** Where it goes if nothing is known of the cells before it. */
  readonly index: number;
  /** The number of the request that inserts it; 0 if none is under way. */
  request: number;
  /** The connection was lost before that was answered. */
  lost: boolean;
  /** The server has answered, and the room that it showed then is without the cell. */
  absent: boolean;
  /** Says how it ended. */
  done(inserted: boolean): void;
}

export class Coming {
  private readonly list = new Map<string, NewCell>();

  add(c: NewCell): void {
    this.list.set(c.cell.id, c);
  }

  get(id: string): NewCell | undefined {
    return this.list.get(id);
  }

  /** Ends the wait for a cell. */
  end(id: string, inserted: boolean): void {
    const c = this.list.get(id);
    this.list.delete(id);
    c?.done(inserted);
  }

  /** The connection was lost: what had no answer is inserted again, if it has to be. */
  lost(): void {
    for (const c of this.list.values()) c.lost = true;
  }

  /** An order of cells that the server tells, with those that it has not. What it has once is not on its way any more. */
  told(order: readonly string[], shown: readonly string[]): string[] {
    for (const id of order) this.end(id, true);
    return this.within(order, shown);
  }

  /** An order of cells with those on their way: behind the cells that they follow in shown. */
  within(order: readonly string[], shown: readonly string[]): string[] {
    const list = [...order];
    for (const [id, c] of this.list) {
      if (!list.includes(id)) list.splice(place(id, c.index, list, shown), 0, id);
    }
    return list;
  }

  /** A room that the server shows, with the cells that it has not. */
  room(ev: RoomEvent & { ev: "room" }, shown: readonly string[]): RoomEvent & { ev: "room" } {
    const cells = new Map(ev.notebook.cells.map((c) => [c.id, c]));
    for (const [id, c] of [...this.list]) {
      if (cells.has(id)) this.end(id, true);
      else if (c.lost && c.request > 0 && c.request <= (ev.done ?? 0)) this.end(id, false); // it was there, and is gone again
      else if (c.lost) c.request = 0;
      else if (c.request > 0 && c.request <= (ev.done ?? 0)) c.absent = true; // the answer says whether it was there
    }
    if (this.list.size === 0) return ev;
    const order = this.within([...cells.keys()], shown);
    const list = order.map((id) => cells.get(id) ?? { metadata: {}, version: 0, ...this.list.get(id)!.cell });
    return { ...ev, notebook: { ...ev.notebook, cells: list } };
  }

  /** The cells for which no request is under way. */
  unasked(): NewCell[] {
    return [...this.list.values()].filter((c) => c.request === 0);
  }
}

/** Where a cell goes in a list: behind the nearest cell before it in shown that is there. */
export function place(id: string, index: number, list: readonly string[], shown: readonly string[]): number {
  const from = shown.indexOf(id);
  for (let i = from - 1; i >= 0; i--) {
    const at = list.indexOf(shown[i]!);
    if (at >= 0) return at + 1;
  }
  return from >= 0 ? 0 : Math.min(index, list.length);
}
