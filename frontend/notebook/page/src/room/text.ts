// The text of one cell as it is edited here, kept in step with the server's.

import { collab, getClientID, getSyncedVersion, receiveUpdates, sendableUpdates } from "@codemirror/collab";
import { ChangeSet, EditorState, type Extension, type Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { adopt } from "./rebase";
import { textOf } from "./state";

/** What a text needs of its room. */
export interface TextHost {
  /** Sends edits; rejects if the server did not take them. */
  send(cell: string, version: number, updates: unknown[]): Promise<unknown>;
  /** The server's name for this connection. */
  client(): string;
}

const pushDelay = 25; // ms: typing is sent in small batches

/**
 * CellText has the state of a cell's editor for as long as the cell lives; a view shows
 * it only while the cell is on the screen.
 */
export class CellText {
  state: EditorState;
  view: EditorView | null = null;
  private base: Text; // the text that server and page agreed on last
  private offset: number; // from the collab extension's count of versions to the server's
  private sending = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiters: (() => void)[] = [];

  constructor(
    readonly id: string,
    source: string,
    version: number,
    private host: TextHost,
    extensions: Extension,
  ) {
    this.base = textOf(source);
    this.offset = version;
    this.state = EditorState.create({ doc: this.base, extensions: [collab({ startVersion: 0 }), extensions] });
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

  get settled(): boolean {
    return !this.sending && sendableUpdates(this.current).length === 0;
  }

  /** Says that the text was edited here: the edit is sent soon. */
  touched(): void {
    if (this.timer === undefined) this.timer = setTimeout(() => this.push(), pushDelay);
  }

  /** Resolves when the server has every edit. */
  flush(): Promise<void> {
    if (this.settled) return Promise.resolve();
    const done = new Promise<void>((resolve) => this.waiters.push(resolve));
    this.push();
    return done;
  }

  /** Takes edits that the server applied; version is the one after them. */
  receive(updates: readonly unknown[], version: number, by: string, source: string): void {
    const own = by === this.host.client();
    if (version - updates.length !== this.version) {
      if (version > this.version) this.adopt(source, version);
      return;
    }
    const changes = updates.map((u) => ChangeSet.fromJSON(u));
    const me = getClientID(this.current);
    this.dispatch(
      receiveUpdates(
        this.current,
        changes.map((c) => ({ changes: c, clientID: own ? me : "other " + by })),
      ),
    );
    for (const c of changes) this.base = c.apply(this.base);
    if (own) this.sending = false;
    this.settle();
  }

  /** Takes the text that the server shows anew, after a loss or a change that is no edit. */
  adopt(source: string, version: number): void {
    const server = textOf(source);
    const pending = sendableUpdates(this.current);
    const { confirmed, remote } = adopt(
      this.base,
      pending.map((u) => u.changes),
      server,
    );
    const me = getClientID(this.current);
    const updates = pending.slice(0, confirmed).map((u) => ({ changes: u.changes, clientID: me }));
    if (remote) updates.push({ changes: remote, clientID: "server" });
    if (updates.length > 0) this.dispatch(receiveUpdates(this.current, updates));
    this.base = server;
    this.offset = version - getSyncedVersion(this.current);
    this.sending = false;
    this.settle();
  }

  /** The connection was lost: what was under way has no reply. */
  lost(): void {
    this.sending = false;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private dispatch(spec: ReturnType<typeof receiveUpdates>): void {
    if (this.view) this.view.dispatch(spec);
    else this.state = this.state.update(spec).state;
  }

  private push(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.sending) return;
    const updates = sendableUpdates(this.current);
    if (updates.length === 0) {
      this.settle();
      return;
    }
    this.sending = true;
    this.host
      .send(
        this.id,
        this.version,
        updates.map((u) => u.changes.toJSON()),
      )
      .catch(() => {
        // Stale: the edits that came between arrive before this reply, and ours were
        // moved over them. Lost: the room comes anew, and adopt sends again.
        if (!this.sending) return;
        this.sending = false;
        this.touched();
      });
  }

  private settle(): void {
    if (!this.sending && sendableUpdates(this.current).length > 0) {
      this.push();
      return;
    }
    if (!this.settled) return;
    for (const w of this.waiters.splice(0)) w();
  }
}
