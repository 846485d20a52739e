// The source of a cell: text until the cell comes to the screen, then an editor.

import { diagnosticCount, setDiagnostics } from "@codemirror/lint";
import type { ReadonlySignal } from "@preact/signals";
import { EditorView } from "@codemirror/view";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Cell } from "../room/state";
import { diagnostics, unitsOf } from "./errors";
import { highlightGo } from "./highlight";
import type { Notebook } from "./notebook";
import { Distance, whenIdle } from "./visible";

export interface Place {
  line?: number;
  column?: number;
  end?: boolean;
}

export interface SourceHandle {
  edit(at: Place): void;
  reveal(from: number, to: number): void;
}

export function Source(p: {
  nb: Notebook;
  cell: ReadonlySignal<Cell>;
  distance: Distance;
  handle: (h: SourceHandle | null) => void;
}) {
  const { nb } = p;
  const { id, type } = p.cell.peek();
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const still = useRef<HTMLPreElement>(null);
  const [live, setLive] = useState(false);
  const near = p.distance !== Distance.Far;
  const here = p.distance === Distance.Here;

  const open = () => {
    if (view.current) return view.current;
    const text = nb.text(id);
    const v = new EditorView({ state: text.state, parent: box.current! });
    text.view = v;
    view.current = v;
    if (still.current) still.current.hidden = true;
    setLive(true);
    return v;
  };
  const close = () => {
    const v = view.current;
    if (!v) return;
    const text = nb.has(id) ? nb.text(id) : null;
    if (text?.view === v) {
      text.state = v.state;
      text.view = null;
    }
    v.destroy();
    view.current = null;
    if (still.current) still.current.hidden = false;
    setLive(false);
  };

  useLayoutEffect(() => { // at once: the next key may be for this cell
    p.handle({
      edit: (at) => {
        const v = open();
        place(v, at);
        v.focus();
      },
      reveal: (from, to) => {
        const v = open();
        v.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
      },
    });
    return () => {
      p.handle(null);
      close();
    };
  }, [type]);

  useEffect(() => {
    if (here) return whenIdle(() => box.current?.isConnected && open());
    const v = view.current;
    if (!v) return undefined;
    // It goes a while after it has left the screen, or lost the focus off it; and not while it has the
    // focus in a window that has not.
    let timer: ReturnType<typeof setTimeout>;
    const leave = () => view.current === v && v.root.activeElement !== v.contentDOM && close();
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(leave, 1_000);
    };
    later();
    v.contentDOM.addEventListener("blur", later);
    return () => {
      clearTimeout(timer);
      v.contentDOM.removeEventListener("blur", later);
    };
  }, [here, type, live]);

  // The text of a cell without an editor, in colours once it is near.
  const source = live ? null : nb.source(id);
  p.cell.value;
  useLayoutEffect(() => {
    if (live || !still.current) return;
    const code = still.current.firstElementChild!;
    if (near && type === "code") code.replaceChildren(highlightGo(source ?? ""));
    else code.textContent = source;
    if (source === "" || source?.endsWith("\n")) code.append("\u200b"); // an empty line is one in the editor
  }, [source, near, live, type]);

  // The lines that the outputs of the last run complain of, until the source changes.
  const errors = p.cell.value.outputs;
  const count = p.cell.value.state.count;
  useEffect(() => {
    const v = view.current;
    if (!v || type !== "code") return;
    const found = diagnostics(v.state, p.cell.peek());
    if (found.length > 0 || diagnosticCount(v.state) > 0) v.dispatch(setDiagnostics(v.state, found));
  }, [errors, count, live]);

  return (
    <div class={"source source-" + type} ref={box}>
      <pre
        class="source-still"
        ref={still}
        tabIndex={0}
        aria-label="Source"
        role="group"
        onFocus={() => open().focus()}
        onMouseDown={(e) => {
          const v = open();
          e.preventDefault();
          const pos = v.posAtCoords({ x: e.clientX, y: e.clientY });
          if (pos !== null) v.dispatch({ selection: { anchor: pos } });
          v.focus();
        }}
      >
        <code></code>
      </pre>
    </div>
  );
}

function place(v: EditorView, at: Place): void {
  if (at.end) {
    v.dispatch({ selection: { anchor: v.state.doc.length }, scrollIntoView: true });
    return;
  }
  if (at.line === undefined) return;
  const line = v.state.doc.line(Math.min(Math.max(at.line, 1), v.state.doc.lines));
  // Go counts columns in bytes.
  const pos = line.from + unitsOf(line.text, (at.column ?? 1) - 1);
  v.dispatch({ selection: { anchor: pos }, scrollIntoView: true });
}
