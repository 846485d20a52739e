// The outputs of a cell.

import { useComputed, type ReadonlySignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Notebook } from "../notebook/notebook";
import type { Cell } from "../room/state";
import type { Output } from "../room/types";
import { bytes, shortened, splitPath } from "../ui/format";
import { toast } from "../ui/notify";
import { dark } from "../ui/theme";
import { enlarge, pictureAt, pictureIn } from "./Enlarge";
import { Icon } from "../ui/icons";
import { ansiToNodes, linkPlaces, plain } from "./ansi";
import { highlightGo } from "../notebook/highlight";
import { heightOf } from "./height";
import { showText } from "./lines";
import { latexNode } from "./math";
import { renderMarkdown } from "./markdown";
import { JSONTree } from "./JSONTree";
import { Sandbox } from "./Sandbox";
import { cleanRich } from "./sanitize";
import { chooseMime, isEmpty } from "./mime";
import { outputSheet } from "./sheet";

export function Outputs({ nb, cell }: { nb: Notebook; cell: ReadonlySignal<Cell> }) {
  const outputs = useComputed(() => cell.value.outputs).value;
  const trusted = useComputed(() => cell.value.trusted).value;
  const id = cell.peek().id;
  const box = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  const count = useRef(0);
  // When a run begins the outputs go; what comes at once takes their place without a
  // jump. Their height is read while they are still there.
  const cleared = outputs.length === 0 && count.current > 0;
  if (cleared && box.current) height.current = box.current.offsetHeight;
  count.current = outputs.length;
  useLayoutEffect(() => {
    const el = box.current!;
    if (height.current === 0) return;
    if (outputs.length === 0) el.style.minHeight = `${height.current}px`;
    const t = setTimeout(() => (el.style.minHeight = ""), outputs.length === 0 ? 400 : 120);
    if (outputs.length > 0) height.current = 0;
    return () => clearTimeout(t);
  }, [outputs]);
  useEffect(() => {
    const wanted = outputs.filter((o) => o.later && !asked.has(o));
    if (wanted.length === 0) return;
    wanted.forEach((o) => asked.add(o));
    void nb.ask("outputs", { cells: [id] });
  }, [outputs]);
  return (
    <div
      class="outputs"
      ref={box}
      onClick={(e) => {
        const at = e.composedPath()[0] as Element;
        const a = at.closest?.<HTMLElement>("a.place");
        if (!a) {
          const picture = at instanceof Element && getSelection()?.type !== "Range" && !at.closest("button") ? pictureAt(at) : null;
          if (picture) enlarge(picture);
          return;
        }
        e.preventDefault();
        e.stopPropagation();
        nb.jump(Number(a.dataset.count), Number(a.dataset.line), Number(a.dataset.column));
      }}
    >
      {outputs.map((o, i) => (isEmpty(o) ? null : <OutputView key={i} nb={nb} cell={id} index={i} output={o} trusted={trusted} />))}
    </div>
  );
}

/** Outputs that came later and were asked for: they come once, also while others grow. */
const asked = new WeakSet<Output>();

interface ViewProps {
  nb: Notebook;
  cell: string;
  index: number;
  output: Output;
  trusted: boolean;
}

function OutputView(p: ViewProps) {
  const [, redraw] = useState(0);
  const whole = p.nb.whole.get(p.output) ?? null;
  const [loading, setLoading] = useState(false);
  const output = whole ?? p.output;
  const address = () =>
    `/api/fanout/output?path=${encodeURIComponent(p.nb.path.peek())}&cell=${encodeURIComponent(p.cell)}&index=${p.index}`;
  const showAll = async () => {
    setLoading(true);
    try {
      const r = await fetch(address());
      if (!r.ok) throw new Error(r.status === 404 ? "this output is not there any more: the cell ran again, or was cleared" : r.statusText);
      const got = (await r.json()) as Output;
      p.nb.whole.set(p.output, { ...got, cut: undefined });
      redraw((n) => n + 1);
    } catch (e) {
      toast("The whole output could not be loaded: " + (e as Error).message, "error");
    } finally {
      setLoading(false);
    }
  };
  const mark = output.cut && (
    <div class="output-cut">
      <span>
        {bytes(output.cut.bytes)} in all; {output.cut.at === undefined ? "a part is shown" : "the rest was here"}
      </span>
      <button class="button button-small" disabled={loading} onClick={showAll}>
        {loading ? "Loading…" : "Show all"}
      </button>
    </div>
  );
  const at = output.output_type === "stream" ? output.cut?.at : undefined;
  return (
    <div class={"output output-" + output.output_type}>
      {at === undefined ? (
        <>
          <One {...p} output={output} all={whole !== null} />
          {mark}
        </>
      ) : (
        <>
          {at > 0 && <StreamText output={output} text={output.text!.slice(0, at)} class="cut-head" all={false} />}
          {mark}
          <StreamText output={output} text={output.text!.slice(at)} class="cut-tail" all={false} atEnd />
        </>
      )}
      {hasPicture(output) && (
        <button class="icon-button enlarge" aria-label="Enlarge the picture" title="Enlarge the picture" onClick={(e) => enlargeIn(e.currentTarget.parentElement!)}>
          <Icon name="enlarge" size={16} />
        </button>
      )}
    </div>
  );
}

/** Says that an output shows a picture. */
function hasPicture(o: Output): boolean {
  const mime = chooseMime(o.data ?? {});
  return mime !== undefined && (mime.startsWith("image/") || (mime === "text/html" && /<(img|svg)\b/i.test(String(o.data![mime]))));
}

function enlargeIn(output: Element): void {
  const picture = pictureIn(output);
  if (picture) enlarge(picture);
}

function StreamText({ output: o, text, class: more, all, atEnd }: { output: Output; text: string; class?: string; all: boolean; atEnd?: boolean }) {
  return <Lines text={text} class={(o.name === "stderr" ? "text stderr" : "text") + (more ? " " + more : "")} all={all} atEnd={atEnd} label={o.name ?? "stdout"} />;
}

function One({ nb, output: o, trusted, all }: ViewProps & { all: boolean }) {
  if (o.later) return <div class="output-later" style={{ height: `${heightOf(o)}px` }} aria-label={`${bytes(o.later.bytes)} of output, loading`} />;
  switch (o.output_type) {
    case "stream":
      return <StreamText output={o} text={o.text ?? ""} all={all} />;
    case "error":
      return <ErrorOutput output={o} />;
    default:
      return <Rich nb={nb} output={o} trusted={trusted} all={all} />;
  }
}

function Rich({ nb, output: o, trusted, all }: { nb: Notebook; output: Output; trusted: boolean; all: boolean }) {
  const data = o.data ?? {};
  const mime = chooseMime(data);
  const value = data[mime ?? ""];
  const text = typeof value === "string" ? value : "";
  switch (mime) {
    case "text/html":
    case "image/svg+xml":
      return <HTML html={text} of={o} trusted={trusted} plain={String(data["text/plain"] ?? "")} />;
    case "application/javascript":
      return <HTML html={`<script>${text}</script>`} of={o} trusted={trusted} plain={String(data["text/plain"] ?? "")} />;
    case "text/markdown":
      return <MarkdownOutput nb={nb} text={text} />;
    case "text/latex":
      return <Nodes class="latex" make={() => latexNode(text)} of={text} />;
    case "application/json":
      return <JSONTree value={value} />;
    case "text/plain":
      return <Lines text={text} class={"text" + (o.output_type === "execute_result" ? " result" : "")} all={all} label="result" />;
    case undefined:
      return <div class="output-none">This output has no form that can be shown here ({Object.keys(data).join(", ") || "nothing"})</div>;
    default: {
      const size = ((o.metadata?.[mime] ?? {}) as { width?: number; height?: number }) ?? {};
      return (
        <img
          class="picture"
          src={`data:${mime};base64,${text.replace(/\s/g, "")}`}
          width={size.width}
          height={size.height}
          alt={shortened(String(data["text/plain"] ?? "picture"), 200)}
        />
      );
    }
  }
}

function MarkdownOutput({ nb, text }: { nb: Notebook; text: string }) {
  const folder = useComputed(() => splitPath(nb.path.value)[0]).value;
  return <Nodes class="prose" make={() => renderMarkdown(text, { folder })} of={`${folder}\n${text}`} />;
}

/** Nodes that something other than Preact makes, again when `of` changes. */
export function Nodes(p: { class: string; make: () => Node; of: unknown }) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => ref.current!.replaceChildren(p.make()), [p.of]);
  return <div class={p.class} ref={ref} />;
}

/**
 * Text as a terminal shows it. Text that grows is added to, and long text is in parts
 * that the browser lays out only on the screen.
 */
function Lines(p: { text: string; class: string; all: boolean; label: string; atEnd?: boolean }) {
  const ref = useRef<HTMLPreElement>(null);
  const shown = useRef("");
  useLayoutEffect(() => {
    const el = ref.current!;
    const grown = shown.current !== "" && p.text.startsWith(shown.current);
    // Measures force a layout, so they are taken only of text that grows.
    const atEnd = (p.atEnd && shown.current === "") || ((grown || p.atEnd) && el.scrollTop + el.clientHeight >= el.scrollHeight - 24);
    showText(el, shown.current, p.text);
    shown.current = p.text;
    if (atEnd && el.scrollHeight > el.clientHeight) el.scrollTop = el.scrollHeight;
    el.tabIndex = p.text.length > 2000 || p.text.split("\n", 28).length === 28 ? 0 : -1; // it scrolls
  }, [p.text]);
  return <pre ref={ref} class={p.class + (p.all ? " all" : "")} role="group" aria-label={p.label} />;
}

/** An error: where it was, what it was, the line, and the place in it. */
function ErrorOutput({ output: o }: { output: Output }) {
  const text = o.traceback?.length ? o.traceback.join("\n") : `${o.ename}: ${o.evalue}`;
  return (
    <div class={o.ename === "Interrupted" ? "error stopped" : "error"} role="group" aria-label={(o.ename === "Interrupted" ? "" : "Error: ") + plain(o.evalue ?? o.ename ?? "")}>
      <Nodes class="error-text" make={() => errorNodes(text)} of={text} />
    </div>
  );
}

function errorNodes(text: string): DocumentFragment {
  const out = document.createDocumentFragment();
  for (const line of text.split("\n")) {
    const bare = plain(line);
    const row = document.createElement("div");
    const source = /^(\s*\d+ \| ?)(.*)$/.exec(bare);
    const caret = /^(\s*\| ?)(\s*\^.*)$/.exec(bare);
    if (source) {
      row.className = "error-source";
      row.append(gutter(source[1]!), highlightGo(source[2]!));
    } else if (caret) {
      row.className = "error-caret";
      row.append(gutter(caret[1]!), caret[2]!);
    } else {
      row.className = /^Hint: /.test(bare) ? "error-hint" : /^In\[/.test(bare) ? "error-head" : "error-line";
      row.append(ansiToNodes(line));
      linkPlaces(row);
    }
    if (row.textContent === "") row.append("\u200b");
    out.append(row);
  }
  return out;
}

function gutter(text: string): HTMLElement {
  const s = document.createElement("span");
  s.className = "error-gutter";
  s.textContent = text;
  return s;
}

/**
 * Cleaned HTML or SVG in a shadow root. What had script runs in a frame of another
 * origin if the cell is trusted, and is shown without it if not.
 */
function HTML({ html, of, trusted, plain: alternative }: { html: string; of: Output; trusted: boolean; plain: string }) {
  const [script, setScript] = useState(false);
  const host = useRef<HTMLDivElement>(null);
  const turn = useRef(0);
  useLayoutEffect(() => {
    const clean = cleanRich(html);
    setScript(clean.hadScript);
    if (clean.hadScript && trusted) return;
    const el = host.current;
    if (!el) return;
    const root = el.shadowRoot ?? openShadow(el);
    const body = root.querySelector("body")!;
    const mine = ++turn.current;
    const swap = () => {
      if (mine !== turn.current) return;
      body.replaceChildren(clean.content);
      linkPlaces(body);
    };
    const pictures = [...clean.content.querySelectorAll("img")].filter((i) => !i.hidden && i.src.startsWith("data:"));
    if (body.childNodes.length === 0 || pictures.length === 0) {
      swap();
      return;
    }
    // A picture that replaces another is decoded first, so that nothing flickers.
    const ready = Promise.allSettled(pictures.map((i) => i.decode()));
    void Promise.race([ready, new Promise((r) => setTimeout(r, 250))]).then(swap);
  }, [html, trusted]);
  useEffect(
    () =>
      dark.subscribe((d) => {
        const body = host.current?.shadowRoot?.querySelector("body");
        if (body) body.dataset.jpThemeLight = String(!d);
      }),
    [script, trusted],
  );
  if (script && trusted) return <Sandbox html={html} of={of} title={shortened(alternative, 120) || "output with scripts"} />;
  return (
    <>
      <div class="rich" ref={host} />
      {script && (
        <div class="output-note">Scripts in this output do not run: it was not made here. Run the cell, or trust the notebook (in its menu).</div>
      )}
    </>
  );
}

// Outputs that follow the notebook's theme ask the body for it, as JupyterLab marks it.
function openShadow(el: HTMLElement): ShadowRoot {
  const root = el.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [outputSheet()];
  const body = document.createElement("body");
  body.dataset.jpThemeLight = String(!dark.peek());
  root.append(body);
  return root;
}
