// Running a notebook's cells, and how their runs end.

import { computed, signal } from "@preact/signals";
import { wasInterrupted, type Cell } from "../room/state";
import type { RunState } from "../room/types";
import { announce, toast } from "../ui/notify";
import { Cells } from "./cells";

/** Where to go from what was run. */
type Then = "stay" | "next" | "insert";

const oneFrame = 16; // ms

/** The part of a Notebook that runs its cells. */
export abstract class Running extends Cells {
  /** Counts what may have changed the session's variables. */
  readonly ran = signal(0);

  private readonly runs = signal(0); // counts the changes of what runs

  readonly busy = computed(() => {
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

  /** Why a cell that waited was not run. */
  readonly notRun = new Map<string, string>();

  private lastEnd: RunState | null = null;

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

  /** Says what became of a run. */
  protected runChanged(old: Cell, c: Cell): void {
    this.runs.value++;
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

  // ---- places in what ran

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
    const list = this.order.peek().filter((i) => this.cell(i).peek().state.count === count);
    const id = list.find((i) => !this.cell(i).peek().state.stale) ?? list[0]; // a copy may have been changed
    if (!id) toast(`The cell that ran as [${count}] is not here any more`, "info");
    return id;
  }
}
