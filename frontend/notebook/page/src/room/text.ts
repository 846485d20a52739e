// The text of one cell as it is edited here, kept in step with the server's.

import { collab, getClientID, getSyncedVersion, receiveUpdates, sendableUpdates } from "@codemirror/collab";
import { ChangeSet, EditorState, StateEffect, Transaction, type Extension, type Text, type TransactionSpec } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { after, composed, difference, wasMade, type Past } from "./rebase";
import { sizeLimit } from "./size";
import { noConnection, RequestError, type Sent } from "./socket";
import { textOf } from "./state";

/** What a text needs of its room. */
export interface TextHost {
  /** Sends edits. */
  send(cell: string, version: number, updates: unknown[]): Pick<Sent, "id"> & { reply: Promise<unknown> };
  /** Whether edits can be sent: the connection is open and has shown the room. */
  open(): boolean;
  /** The server's name for this connection. */
  client(): string;
  /** The text was edited without a view. */
  edited(cell: string): void;
  /** Whether the server has all of the text may be otherwise than before. */
  changed(text: CellText): void;
  /** The server does not take what was written: it is kept, and tried again with the next edit. */
  refused(cell: string, why: RequestError): void;
  /** An edit was not made, as the text would be too long. */
  tooLong(): void;
  /** The text is not what the server has. */
  outOfStep(): void;
}

// The times, in ms.
const pushDelay = 25; // typing is sent in small batches
const staleDelay = 1_000; // the longest before an edit is sent again that came too late
const refusedDelay = 1_000; // before an edit is sent after the server has refused some

// The bounds of one request.
const maxUpdates = 1_000;
const maxUnits = 4 * 1024 * 1024; // of JSON

const maxStale = 6; // times that an edit is refused without an edit of others, before the room is taken anew

/** Edits that are under way: the first of those that the server is not known to have. */
interface Batch {
  /** The number of the request. */
  request: number;
  /** The server's version that they were made of. */
  version: number;
  /** How many of the pending edits they are. */
  count: number;
  /** The server has said that it made them. */
  made: boolean;
  /** The connection was lost before it said so. */
  lost: boolean;
}

/**
 * CellText has the state of a cell's editor for as long as the cell lives; a view shows
 * it only while the cell is on the screen.
 */
export class CellText {
  state: EditorState;
  view: EditorView | null = null;
  private readonly own: Extension;
  private base: Text; // the text that server and page agreed on last
  private offset: number; // from the collab extension's count of versions to the server's
  private batch: Batch | null = null;
  private refusal: RequestError | null = null;
  private stale = 0; // how often the last edit came too late
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiters: { resolve(): void; reject(e: Error): void }[] = [];
  private disposed = false;

  constructor(
    readonly id: string,
    source: string,
    version: number,
    private host: TextHost,
    extensions: Extension,
  ) {
    this.base = textOf(source);
    this.offset = version;
    this.own = [collab({ startVersion: 0 }), sizeLimit(() => host.tooLong())];
    this.state = EditorState.create({ doc: this.base, extensions: [this.own, extensions] });
  }

  get doc(): Text {
    return this.current.doc;
  }

  get current(): EditorState {
    return this.view ? this.view.state : this.state;
  }

  /** The server's version that this text is built on. */
  get version(): number {
    return this.offset + getSyncedVersion(this.current);
  }

  /** Whether the server has every edit. */
  get settled(): boolean {
    return sendableUpdates(this.current).length === 0;
  }

  /** Why the server does not take what was written; null if it does. */
  get refused(): RequestError | null {
    return this.refusal;
  }

  /** Edits the text, whether or not a view shows it. */
  change(spec: TransactionSpec | Transaction): void {
    if (this.view) {
      this.view.dispatch(spec); // whose listener says that it was touched
      return;
    }
    this.state = (spec instanceof Transaction ? spec : this.state.update(spec)).state;
    this.host.edited(this.id);
  }

  /** Says that the text was edited here: the edit is sent soon. */
  touched(): void {
    this.pushIn(this.refusal ? refusedDelay : pushDelay);
    this.host.changed(this);
  }

  /** Resolves when the server has every edit. Rejects with a RequestError if it will not, or not now. */
  flush(): Promise<void> {
    if (this.settled || this.disposed) return Promise.resolve();
    if (!this.host.open()) return Promise.reject(noConnection());
    const done = new Promise<void>((resolve, reject) => this.waiters.push({ resolve, reject }));
    this.push();
    return done;
  }

  /** Takes edits that the server applied; version is the one after them. */
  receive(updates: readonly unknown[], version: number, by: string): void {
    const changes = updates.map((u) => ChangeSet.fromJSON(u));
    const own = by === this.host.client();
    if (version - updates.length !== this.version || (own && !this.batch)) {
      throw new Error(`cell ${this.id} is at version ${this.version}, and edits made version ${version} of it`);
    }
    if (own) {
      this.confirm(this.batch!.count);
      this.batch = null;
      this.stale = 0;
      this.refusal = null;
    } else {
      this.dispatch(changes.map((c) => ({ changes: c, clientID: "other " + by })));
    }
    this.base = after(this.base, changes);
    this.offset = version - getSyncedVersion(this.current);
    this.settle();
  }

  /**
   * Takes the text that the server shows anew, after a loss or a change that is no edit.
   * past tells what became of an edit whose reply was lost.
   */
  adopt(source: string, version: number, past: Past | null = null): void {
    const server = textOf(source);
    const b = this.batch;
    // A reply may be there already, before whoever waits for it has heard.
    if (b && (b.made || b.lost || (past !== null && b.request <= past.done))) {
      this.batch = null;
      if (this.hasBatch(b, server, past)) {
        this.base = after(this.base, this.pending.slice(0, b.count));
        this.confirm(b.count);
      }
    }
    if (!this.base.eq(server)) this.dispatch([{ changes: difference(this.base, server), clientID: "server" }]);
    this.base = server;
    this.offset = version - getSyncedVersion(this.current);
    this.settle();
  }

  /** Whether a text that the server shows holds a batch without a reply. */
  private hasBatch(b: Batch, server: Text, past: Past | null): boolean {
    if (b.made) return true;
    if (b.version !== this.version) return false; // another's edit came first
    const changes = this.pending.slice(0, b.count);
    return wasMade(b.request, past) ?? (!this.base.eq(server) && after(this.base, changes).eq(server));
  }

  /** What is still to be done to a text of the server that may be this one; null if it is another. */
  rest(source: string): ChangeSet | null {
    const doc = textOf(source);
    const pending = this.pending;
    const from = this.base.eq(doc) ? 0 : this.batch && after(this.base, pending.slice(0, this.batch.count)).eq(doc) ? this.batch.count : -1;
    if (from < 0) return null;
    return from === pending.length ? ChangeSet.empty(doc.length) : composed(pending.slice(from));
  }

  /** Makes the text one of another kind of cell. No view shows it then. */
  retype(extensions: Extension): void {
    this.state = this.current.update({ effects: StateEffect.reconfigure.of([this.own, extensions]) }).state;
    this.view = null;
  }

  /** The connection was lost: what was under way has no reply. */
  lost(): void {
    if (this.batch) this.batch.lost = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.reject(noConnection());
  }

  /** The cell is gone: nothing is sent any more, and nothing is to be waited for. */
  dispose(): void {
    for (const w of this.waiters.splice(0)) w.resolve();
    this.lost();
    this.disposed = true;
  }

  private get pending(): ChangeSet[] {
    return sendableUpdates(this.current).map((u) => u.changes);
  }

  /** Notes that the server has made the first edits of those that are pending. */
  private confirm(count: number): void {
    const clientID = getClientID(this.current);
    this.dispatch(this.pending.slice(0, count).map((changes) => ({ changes, clientID })));
  }

  private dispatch(updates: { changes: ChangeSet; clientID: string }[]): void {
    const spec = receiveUpdates(this.current, updates);
    if (this.view) this.view.dispatch(spec);
    else this.state = spec.state;
  }

  private pushIn(delay: number): void {
    if (this.timer === undefined && !this.disposed && this.host.open()) this.timer = setTimeout(() => this.push(), delay);
  }

  private push(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.batch || this.disposed || !this.host.open()) return;
    const pending = this.pending;
    if (pending.length === 0) {
      this.settle();
      return;
    }
    // What was refused may be mended by what came after it.
    const [count, updates] = this.refusal ? [pending.length, [composed(pending).toJSON() as unknown]] : firstOf(pending);
    const { id, reply } = this.host.send(this.id, this.version, updates);
    const batch: Batch = { request: id, version: this.version, count, made: false, lost: false };
    this.batch = batch;
    reply.then(
      () => (batch.made = true),
      (e: RequestError) => this.failed(batch, e),
    );
  }

  private failed(batch: Batch, e: RequestError): void {
    if (this.batch !== batch || this.disposed) return;
    if (e.lost) {
      batch.lost = true; // the room comes anew, and adopt sends again
      return;
    }
    this.batch = null;
    if (e.message === "stale") {
      // The edits that came between are there before this reply, and ours were moved over them.
      this.stale = this.version === batch.version ? this.stale + 1 : 1;
      if (this.stale >= maxStale) {
        this.stale = 0;
        this.host.outOfStep();
      } else this.pushIn(Math.min(pushDelay * 2 ** (this.stale - 1), staleDelay));
      return;
    }
    const known = this.refusal?.message === e.message;
    this.refusal = e;
    this.reject(e);
    this.host.changed(this);
    if (!known) this.host.refused(this.id, e);
    if (this.pending.length > batch.count) this.pushIn(refusedDelay); // what was typed meanwhile may have mended it
  }

  private reject(e: RequestError): void {
    for (const w of this.waiters.splice(0)) w.reject(e);
  }

  private settle(): void {
    if (this.settled) {
      this.refusal = null;
      for (const w of this.waiters.splice(0)) w.resolve();
    } else if (this.refusal) this.pushIn(refusedDelay);
    else this.push();
    this.host.changed(this);
  }
}

/** The first changes that one request may hold, at least one, and how many they are. */
function firstOf(pending: readonly ChangeSet[]): [count: number, updates: unknown[]] {
  const updates: unknown[] = [];
  let units = 0;
  for (const c of pending.slice(0, maxUpdates)) {
    const json = c.toJSON() as unknown;
    units += JSON.stringify(json).length;
    if (updates.length > 0 && units > maxUnits) break;
    updates.push(json);
  }
  return [updates.length, updates];
}
