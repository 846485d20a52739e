// The room protocol: what travels between the page and the server.

export type CellType = "code" | "markdown" | "raw";
export type Bundle = Record<string, unknown>;

/** An output of a cell, as in notebook files, with text as one string each. */
export interface Output {
  output_type: "stream" | "display_data" | "execute_result" | "error";
  name?: string;
  text?: string;
  data?: Bundle;
  metadata?: Bundle;
  execution_count?: number | null;
  ename?: string;
  evalue?: string;
  traceback?: string[];
  /** Set where the server sends only a part; bytes is the size of the whole in JSON, and at where in text the rest was. */
  cut?: { bytes: number; at?: number };
  /** Set in place of all else where the server sends the output only when it is asked for. */
  later?: { bytes: number; lines?: number; types?: string[] };
}

export interface RunState {
  run: "idle" | "queued" | "running";
  count: number | null;
  /** RFC 3339; there only if the cell ran in this room. */
  began?: string;
  took_ms?: number;
  status?: "ok" | "error" | "aborted";
  stale?: boolean;
}

export interface CellJSON {
  id: string;
  cell_type: CellType;
  metadata: Bundle;
  source: string;
  version: number;
  trusted?: boolean;
  attachments?: Record<string, Record<string, string>>;
  execution_count?: number | null;
  outputs?: Output[];
  state?: RunState;
}

export type KernelStatus = "starting" | "idle" | "busy" | "dead" | "restarting" | "none";

export interface KernelInfo {
  id: string;
  status: KernelStatus;
  name: string;
}

export interface FileInfo {
  dirty: boolean;
  saved: string;
  conflict: boolean;
  recovered: boolean;
  trusted: boolean;
  readonly: boolean;
}

export interface InputRequest {
  cell: string;
  prompt: string;
  password: boolean;
  /** Which question it is: no two are alike. */
  id: string;
}

export interface Payload {
  source: string;
  /** page */
  data?: Bundle;
  start?: number;
  /** set_next_input */
  text?: string;
  replace?: boolean;
  cell?: string;
}

/** A map over data: one that a cell waits for, or one in the background. */
export interface MapState {
  id: string;
  /** The number of the run that began it. */
  cell?: number;
  label: string;
  state: "running" | "done" | "failed" | "cancelled";
  done: number;
  failed: number;
  total: number;
  workers: number;
  elapsed_ms: number;
  background: boolean;
}

export interface Device {
  number: number;
  name: string;
  backend: string;
  kind: string;
  units: number;
  /** Bytes. */
  memory: number;
  in_use: number;
  chosen: boolean;
}

export interface Parallel {
  maps: MapState[];
  workers?: number;
  busy?: boolean;
  devices?: Device[];
}

export interface Variable {
  name: string;
  kind?: "var" | "const" | "func" | "type";
  type: string;
  value: string;
  cell?: number;
  size?: number;
  /** The value is the one before what runs now. */
  old?: boolean;
}

export type RoomEvent = { seq?: number } & (
  | {
      ev: "room";
      path: string;
      client: string;
      /** What became of this client's requests, where the server knows it from before. */
      done?: number;
      took?: number[] | null;
      notebook: { metadata: Bundle; cells: CellJSON[] };
      kernel: KernelInfo;
      file: FileInfo;
      input?: InputRequest | null;
      /** How maps stand, if some run. */
      parallel?: Parallel;
    }
  /** The notebook cannot be opened; the connection ends. */
  | { ev: "failed"; error: string; hint?: string }
  | { ev: "edit"; cell: string; version: number; updates: unknown[]; by: string }
  | { ev: "cells"; order: string[]; changed: CellJSON[]; by?: string }
  | { ev: "state"; cell: string; state: RunState }
  | { ev: "outputs"; cell: string; from: number; outputs: Output[]; trusted?: boolean }
  | { ev: "stream"; cell: string; index: number; text: string }
  | { ev: "update"; cell: string; index: number; output: Output }
  | ({ ev: "kernel" } & Partial<KernelInfo>)
  | ({ ev: "file"; path?: string } & Partial<FileInfo>)
  /** Of a cell, or of the notebook. */
  | { ev: "metadata"; cell?: string; metadata: Bundle }
  | ({ ev: "input"; done?: boolean } & Partial<InputRequest>)
  | ({ ev: "payload"; by?: string } & Payload)
  | { ev: "notice"; level: "info" | "warning" | "error"; text: string }
  | ({ ev: "parallel" } & Parallel)
);

export interface Reply {
  re: number;
  error?: string;
  hint?: string;
  [key: string]: unknown;
}
