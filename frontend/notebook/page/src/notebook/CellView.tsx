// One cell: its source, how its run went, its outputs.

import { useComputed, type ReadonlySignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Nodes, Outputs } from "../outputs/Output";
import { countLines, heightOf, wrappedLines } from "../outputs/height";
import { renderMarkdown } from "../outputs/markdown";
import { wasInterrupted, type Cell } from "../room/state";
import type { RunState } from "../room/types";
import { Menu, type MenuItem } from "../ui/Dialog";
import { duration, splitPath } from "../ui/format";
import { Icon } from "../ui/icons";
import { firstLine, FoldBar, HiddenBar, hides, isScrolled, outputWords, toggleHidden, toggleScrolled } from "./hide";
import { InputPrompt } from "./InputPrompt";
import type { Notebook } from "./notebook";
import { equations } from "./numbering";
import { Source, type Place, type SourceHandle } from "./Source";
import { coveredScreen, Distance, type NearCells } from "./visible";
import { setTask } from "./tasks";

export interface CellHandle {
  focus(): void;
  edit(at: Place): void;
  reveal(from: number, to: number): void;
  /** Scrolls so that it is in sight; says whether it was. */
  inSight(): boolean;
}

interface Surroundings {
  nb: Notebook;
  nearCells: NearCells;
  register: (id: string, h: CellHandle | null) => void;
}

/** Cells that follow one another, which the browser passes over together while they are far from the screen. */
export function CellGroup({ cells, ...around }: Surroundings & { cells: readonly string[] }) {
  const height = useMemo(() => cells.reduce((h, id) => h + estimate(around.nb.cell(id).peek()) + 21, 0), []);
  return useMemo(
    () => (
      <div class="cell-group" style={{ containIntrinsicSize: `auto ${height}px` }}>
        {cells.map((id) => (
          <CellView key={id} id={id} {...around} />
        ))}
      </div>
    ),
    [cells],
  );
}

function CellView({ nb, id, nearCells, register }: Surroundings & { id: string }) {
  const cell = nb.cell(id);
  const el = useRef<HTMLDivElement>(null);
  const source = useRef<SourceHandle | null>(null);
  const pending = useRef<((h: SourceHandle) => void) | null>(null); // what its source is to do once it shows
  const [distance, setDistance] = useState(Distance.Far);
  const near = distance !== Distance.Far;
  const active = useComputed(() => nb.active.value === id).value;
  const selected = useComputed(() => nb.selected.value.has(id)).value;
  const editing = useComputed(() => nb.mode.value === "edit" && nb.active.value === id).value;
  const type = useComputed(() => cell.value.type).value;
  const run = useComputed(() => cell.value.state.run).value;
  const status = useComputed(() => cell.value.state.status).value;
  const isCode = type === "code";
  const wasStopped = useComputed(() => wasInterrupted(cell.value)).value;
  const hidden = useComputed(() => hides(nb, cell.value, "source")).value && !editing;
  const showSource = !hidden && (type !== "markdown" || editing);

  useEffect(() => nearCells.watch(el.current!, setDistance), []);
  useLayoutEffect(() => {
    register(id, {
      focus: () => {
        el.current!.focus({ preventScroll: true });
        reveal(el.current!);
      },
      edit: (at) => {
        if (source.current) source.current.edit(at);
        else pending.current = (h) => h.edit(at);
        reveal(el.current!);
      },
      reveal: (from, to) => {
        if (source.current) {
          source.current.reveal(from, to);
          return;
        }
        if (cell.peek().type !== "markdown") pending.current = (h) => h.reveal(from, to);
        reveal(el.current!);
      },
      inSight: () => reveal(el.current!),
    });
    return () => register(id, null);
  }, []);

  const name = type === "code" ? "Code" : type === "markdown" ? "Markdown" : "Raw";
  const count = useComputed(() => cell.value.state.count).value;
  const label = `${name} cell${isCode && count ? `, run ${count}` : ""}${run !== "idle" ? ", " + run : status === "error" ? (wasStopped ? ", interrupted" : ", failed") : ""}`;

  return (
    <div
      ref={el}
      id={"cell-" + id}
      role="listitem"
      aria-label={label}
      aria-current={active ? "true" : undefined}
      class={
        `cell cell-${type} run-${run}` +
        (active ? " active" : "") +
        (selected ? " selected" : "") +
        (editing ? " editing" : "") +
        (run === "idle" && status === "error" ? (wasStopped ? " stopped" : " failed") : "")
      }
      tabIndex={active ? 0 : -1}
      onMouseDown={(e) => {
        if ((e.target as Element).closest("button, .cm-editor, .source-still, a, input, summary, iframe, .menu")) {
          if (!active) nb.select(id, e.shiftKey);
          return;
        }
        nb.select(id, e.shiftKey);
        nb.mode.value = "command";
        if (e.shiftKey) e.preventDefault();
      }}
      onFocus={() => {
        if (nb.mode.peek() === "none") nb.mode.value = "command"; // gone to by Tab
        if (nb.active.peek() !== id && !nb.selected.peek().has(id)) nb.select(id);
      }}
      onDblClick={(e) => {
        if (type === "markdown" && !editing && !(e.target as Element).closest("a, input, button")) nb.edit(id);
      }}
    >
      <div class="cell-gutter">{isCode && <RunButton nb={nb} cell={cell} />}</div>
      <div class="cell-main">
        {showSource && (
          <div class={isCode ? "box" : "box box-text"}>
            <Source
              key={type}
              nb={nb}
              cell={cell}
              distance={distance}
              handle={(h) => {
                source.current = h;
                if (!h) return;
                pending.current?.(h);
                pending.current = null;
              }}
            />
            {isCode && <RunInfo nb={nb} cell={cell} />}
          </div>
        )}
        {hidden && <HiddenSource nb={nb} cell={cell} />}
        {type === "markdown" && !editing && !hidden && <Rendered nb={nb} cell={cell} near={near} />}
        {isCode && <CellOutputs nb={nb} cell={cell} near={near} />}
        {isCode && <InputPrompt nb={nb} id={id} />}
      </div>
      {near && <CellTools nb={nb} id={id} type={type} />}
      {near && <InsertHere nb={nb} id={id} />}
    </div>
  );
}

function HiddenSource({ nb, cell }: { nb: Notebook; cell: ReadonlySignal<Cell> }) {
  return (
    <>
      <HiddenBar nb={nb} id={cell.peek().id} part="source" text={firstLine(cell.value.source)} />
      {cell.value.type === "code" && cell.value.state.run !== "idle" && <RunInfo nb={nb} cell={cell} />}
    </>
  );
}

/** The outputs, unless they are hidden or far from the screen. */
function CellOutputs({ nb, cell, near }: { nb: Notebook; cell: ReadonlySignal<Cell>; near: boolean }) {
  const metadata = useComputed(() => cell.value.metadata).value;
  const some = useComputed(() => cell.value.outputs.length > 0).value;
  const row = useRef<HTMLDivElement>(null);
  const was = useRef<{ outputs: Cell["outputs"]; height: number } | null>(null); // how high they were when they were last near
  const { id } = cell.peek();
  const hidden = useComputed(() => hides(nb, cell.value, "outputs")).value;
  if (hidden) return some ? <HiddenBar nb={nb} id={id} part="outputs" text={outputWords(cell.value.outputs)} /> : null;
  const { outputs } = cell.peek();
  if (!near) {
    if (row.current) was.current = { outputs, height: row.current.offsetHeight };
    const height = was.current?.outputs === outputs ? was.current.height : outputHeight(cell.peek());
    return some ? <div class="outputs-far" style={{ height: `${height}px` }} /> : null;
  }
  const scrolled = isScrolled(metadata) && some;
  return (
    <div class="outputs-row" ref={row}>
      {some && <FoldBar nb={nb} id={id} />}
      <div class={scrolled ? "outputs-scroll" : undefined} tabIndex={scrolled ? 0 : undefined} role={scrolled ? "group" : undefined} aria-label={scrolled ? "Output, which scrolls" : undefined}>
        <Outputs nb={nb} cell={cell} />
      </div>
    </div>
  );
}

/** Scrolls so that a cell is in sight; says whether it was. */
function reveal(el: HTMLElement): boolean {
  const r = el.getBoundingClientRect();
  const covered = coveredScreen();
  const top = covered.top + 4;
  const bottom = innerHeight - covered.bottom - 24;
  const tall = r.height > bottom - top;
  if (tall ? r.top <= bottom - 120 && r.bottom >= top + 40 : r.top >= top && r.bottom <= bottom) return true;
  el.scrollIntoView({ block: tall ? "start" : "nearest" }); // its top, or what is needed
  return false;
}

/** About how high a cell is, in pixels, before the browser has laid it out. */
function estimate(c: Cell): number {
  if (c.type === "code") return countLines(c.source, 1000) * 21 + 39 + outputHeight(c);
  return wrappedLines(c.source, Math.min(95, innerWidth / 9), 1000) * 26 + 30;
}

const outputHeight = (c: Cell) => c.outputs.reduce((h, o) => h + heightOf(o), 0);

function RunButton({ nb, cell }: { nb: Notebook; cell: ReadonlySignal<Cell> }) {
  const { run, count } = cell.value.state;
  const id = cell.peek().id;
  const busy = run === "running";
  return (
    <button
      class="run-button"
      tabIndex={-1}
      aria-label={busy ? "Interrupt" : run === "queued" ? "[*] Queued" : `[${count ?? " "}] Run cell`}
      title={busy ? "Interrupt (i i)" : "Run (Ctrl-Enter)"}
      onClick={(e) => {
        e.stopPropagation();
        nb.select(id);
        if (busy) void nb.interrupt();
        else if (run === "idle") void nb.run([id]);
      }}
    >
      <span class="run-count">{run === "queued" ? <span class="dots" /> : busy ? <span class="spinner" /> : `[${count ?? " "}]`}</span>
      <span class="run-icon">
        <Icon name={busy ? "stop" : "play"} size={15} />
      </span>
    </button>
  );
}

/** How long the run took or takes, and whether the source is another by now. */
function RunInfo({ nb, cell }: { nb: Notebook; cell: ReadonlySignal<Cell> }) {
  const s = cell.value.state;
  if (s.run === "queued") return <div class="run-info">queued</div>;
  if (s.run === "running") return <div class="run-info running">{<Clock since={s.began} />}</div>;
  if (!s.began && !s.stale && s.status !== "aborted") return <div class="run-info" />; // its row stays, so that a run moves nothing
  return (
    <div class="run-info">
      {s.stale && (
        <span class="stale" title="The source is not what ran">
          changed since
        </span>
      )}
      <span title={s.began ? "Began " + new Date(s.began).toLocaleString() : undefined}>{outcome(s, wasInterrupted(cell.value), nb.notRun.get(cell.peek().id))}</span>
    </div>
  );
}

function outcome(s: RunState, interrupted: boolean, notRun = "not run") {
  const took = s.took_ms === undefined ? "" : duration(s.took_ms);
  if (s.status === "error" && interrupted) return <span class="warm">interrupted{took && ` after ${took}`}</span>;
  if (s.status === "error") return <span class="bad">failed{took && ` after ${took}`}</span>;
  if (s.status === "aborted") return <span class="warm">{notRun}</span>;
  return took;
}

function Clock({ since }: { since?: string }) {
  const [, tick] = useState(0);
  const began = useRef(since ? new Date(since).getTime() : Date.now());
  useEffect(() => {
    const t = setInterval(() => tick((n) => n + 1), 200);
    return () => clearInterval(t);
  }, []);
  const ms = Math.max(Date.now() - began.current, 0);
  return <>{ms < 200 ? "running" : duration(ms)}</>;
}

function Rendered({ nb, cell, near }: { nb: Notebook; cell: ReadonlySignal<Cell>; near: boolean }) {
  const source = useComputed(() => (nb.edits.value, cell.value, nb.source(cell.peek().id))).value;
  const numbered = equations(nb, cell.peek().id, source);
  const folder = useComputed(() => splitPath(nb.path.value)[0]).value;
  const seen = useRef(false);
  seen.current ||= near;
  if (/^\s*(#{1,6}\s*)?$/.test(source)) return <div class="prose prose-empty">Empty {source.trim() === "" ? "Markdown cell" : "heading"}. Press Enter to write.</div>;
  if (!seen.current) return <pre class="prose-still">{source}</pre>;
  return <Nodes class="prose" make={() => renderMarkdown(source, { folder, attachments: cell.peek().attachments, equations: numbered.of, onTask: (line, done) => setTask(nb, cell.peek().id, line, done) })} of={`${folder}\n${source}${numbered.key}`} />;
}

function CellTools({ nb, id, type }: { nb: Notebook; id: string; type: string }) {
  const on = (f: () => void) => () => {
    nb.select(id);
    f();
  };
  const items: (MenuItem | null)[] = [
    { label: "Run and go on", icon: "play", keys: "Shift Enter", run: on(() => nb.runSelected("next")) },
    { label: "Run all above", icon: "up", run: on(() => nb.runAbove()) },
    { label: "Run this and below", icon: "down", run: on(() => nb.runBelow()) },
    null,
    { label: "Cut", keys: "x", icon: "clear", run: on(() => void nb.cut()) },
    { label: "Copy", keys: "c", icon: "copy", run: on(() => nb.copy()) },
    { label: "Paste below", keys: "v", run: on(() => void nb.paste()) },
    { label: "Merge with next", keys: "Shift M", icon: "merge", run: on(() => void nb.merge()) },
    null,
    { label: type === "code" ? "Make Markdown" : "Make code", keys: type === "code" ? "m" : "y", icon: type === "code" ? "text" : "code", run: on(() => void nb.setType(type === "code" ? "markdown" : "code")) },
    { label: nb.has(id) && hides(nb, nb.cell(id).peek(), "source") ? "Show the source" : "Hide the source", run: on(() => void toggleHidden(nb, "source", [id])) },
    { label: "Hide or show the output", keys: "o", disabled: type !== "code", run: on(() => void toggleHidden(nb, "outputs", [id])) },
    { label: "Scroll the output", keys: "Shift O", disabled: type !== "code", run: on(() => void toggleScrolled(nb, [id])) },
    { label: "Clear output", icon: "close", disabled: type !== "code", run: on(() => void nb.clear([id])) },
    { label: "Delete", keys: "d d", icon: "trash", danger: true, run: on(() => void nb.remove([id])) },
  ];
  return (
    <div class="cell-tools" role="toolbar" aria-label="Cell">
      <button class="icon-button" tabIndex={-1} aria-label="Move up" title="Move up" onClick={on(() => void nb.move(-1))}>
        <Icon name="up" size={16} />
      </button>
      <button class="icon-button" tabIndex={-1} aria-label="Move down" title="Move down" onClick={on(() => void nb.move(1))}>
        <Icon name="down" size={16} />
      </button>
      {type === "markdown" && (
        <button class="icon-button" tabIndex={-1} aria-label="Edit" title="Edit (Enter)" onClick={() => nb.edit(id)}>
          <Icon name="edit" size={16} />
        </button>
      )}
      <Menu label="More" items={items}>
        <Icon name="more" size={16} />
      </Menu>
    </div>
  );
}

/** Adds a cell in the gap above this one. */
function InsertHere({ nb, id }: { nb: Notebook; id: string }) {
  const add = (type: "code" | "markdown") => () => void nb.insert(nb.order.peek().indexOf(id), type, "", true);
  return (
    <div class="insert">
      <button tabIndex={-1} onClick={add("code")}>
        <Icon name="plus" size={13} /> Code
      </button>
      <button tabIndex={-1} onClick={add("markdown")}>
        <Icon name="plus" size={13} /> Markdown
      </button>
    </div>
  );
}
