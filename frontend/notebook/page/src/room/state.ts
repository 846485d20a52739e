// The page's copy of a room, as a pure function of the events that the server sent.

import { ChangeSet, Text } from "@codemirror/state";
import type { Bundle, CellJSON, CellType, FileInfo, InputRequest, KernelInfo, Output, RoomEvent, RunState } from "./types";

export interface Cell {
  readonly id: string;
  readonly type: CellType;
  readonly metadata: Bundle;
  /** The text that the server has; an editor may be ahead of it. */
  readonly source: string;
  /** How many changes led to source. */
  readonly version: number;
  readonly trusted: boolean;
  readonly attachments?: Record<string, Record<string, string>>;
  readonly outputs: readonly Output[];
  readonly state: RunState;
}

export interface Room {
  readonly path: string;
  /** The server's name for this connection: it marks our own edits. */
  readonly client: string;
  readonly order: readonly string[];
  readonly cells: ReadonlyMap<string, Cell>;
  readonly kernel: KernelInfo;
  readonly file: FileInfo;
  readonly input: InputRequest | null;
}

const never: RunState = { run: "idle", count: null };

/** The text of a stream that the page keeps, in UTF-16 units: what is before goes. */
export const streamLimit = 256 * 1024;

export function cellFrom(c: CellJSON): Cell {
  return {
    id: c.id,
    type: c.cell_type,
    metadata: c.metadata ?? {},
    source: c.source,
    version: c.version ?? 0,
    trusted: c.trusted ?? false,
    ...(c.attachments ? { attachments: c.attachments } : {}),
    outputs: c.outputs ?? [],
    state: c.state ?? { ...never, count: c.execution_count ?? null },
  };
}

/** What the room is after an event. Returns the same room where nothing changed. */
export function apply(room: Room | null, ev: RoomEvent): Room | null {
  if (ev.ev === "room") {
    const cells = new Map(ev.notebook.cells.map((c) => [c.id, cellFrom(c)]));
    return {
      path: ev.path,
      client: ev.client,
      order: ev.notebook.cells.map((c) => c.id),
      cells,
      kernel: ev.kernel,
      file: ev.file,
      input: ev.input ?? null,
    };
  }
  if (!room) return room;
  switch (ev.ev) {
    case "edit":
      return withCell(room, ev.cell, (c) => ({
        ...c,
        source: applyChanges(c.source, ev.updates),
        version: ev.version,
      }));
    case "cells": {
      const cells = new Map<string, Cell>();
      const changed = new Map(ev.changed.map((c) => [c.id, cellFrom(c)]));
      for (const id of ev.order) {
        const c = changed.get(id) ?? room.cells.get(id);
        if (c) cells.set(id, c);
      }
      return { ...room, order: ev.order.filter((id) => cells.has(id)), cells };
    }
    case "state":
      return withCell(room, ev.cell, (c) => ({ ...c, state: ev.state }));
    case "outputs":
      return withCell(room, ev.cell, (c) => ({
        ...c,
        outputs: [...c.outputs.slice(0, ev.from), ...ev.outputs],
        trusted: ev.trusted ?? c.trusted,
      }));
    case "stream":
      return withOutput(room, ev.cell, ev.index, (o) => (o.later ? o : appendText(o, ev.text))); // it comes whole, later
    case "update":
      return withOutput(room, ev.cell, ev.index, () => ev.output);
    case "kernel": {
      const { ev: _, seq: __, ...kernel } = ev;
      return { ...room, kernel: { ...room.kernel, ...kernel } };
    }
    case "file": {
      const { ev: _, seq: __, path, ...file } = ev;
      return { ...room, path: path ?? room.path, file: { ...room.file, ...file } };
    }
    case "metadata":
      return ev.cell === undefined ? room : withCell(room, ev.cell, (c) => ({ ...c, metadata: ev.metadata }));
    case "input":
      if (ev.done) return { ...room, input: null };
      return { ...room, input: { cell: ev.cell ?? "", prompt: ev.prompt ?? "", password: ev.password ?? false, id: ev.id ?? "" } };
    case "failed":
    case "payload":
    case "notice":
    case "parallel":
      return room;
  }
}

/** Says whether the last run of a cell ended because the user stopped it, which is no mistake. */
export const wasInterrupted = (c: Cell) => c.state.status === "error" && c.outputs.some((o) => o.output_type === "error" && o.ename === "Interrupted");

function withCell(room: Room, id: string, f: (c: Cell) => Cell): Room {
  const c = room.cells.get(id);
  if (!c) return room;
  const cells = new Map(room.cells);
  cells.set(id, f(c));
  return { ...room, cells };
}

function withOutput(room: Room, id: string, index: number, f: (o: Output) => Output): Room {
  return withCell(room, id, (c) => {
    const o = c.outputs[index];
    return o ? { ...c, outputs: c.outputs.with(index, f(o)) } : c;
  });
}

/** Adds text to a stream, and lets go of its beginning where it grew too long to show. */
export function appendText(o: Output, text: string): Output {
  const whole = (o.text ?? "") + text;
  if (whole.length <= streamLimit) return { ...o, text: whole };
  const from = whole.indexOf("\n", whole.length - streamLimit / 2) + 1 || whole.length - streamLimit / 2;
  return { ...o, text: whole.slice(from), cut: { bytes: (o.cut?.bytes ?? 0) + from, at: 0 } };
}

/** Applies CodeMirror changes in JSON to a text, whose lines end in \n. */
export function applyChanges(source: string, updates: readonly unknown[]): string {
  let doc = textOf(source);
  for (const u of updates) doc = ChangeSet.fromJSON(u).apply(doc);
  return doc.toString();
}

export function textOf(source: string): Text {
  return Text.of(source.split("\n"));
}
