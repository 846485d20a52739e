import { useComputed } from "@preact/signals";
import type { Notebook } from "../notebook/notebook";
import { headings, type Heading } from "../outputs/markdown";

interface Entry extends Heading {
  cell: string;
}

const known = new Map<string, { source: string; list: Heading[] }>();

function headingsOf(id: string, source: string): Heading[] {
  const k = known.get(id);
  if (k?.source === source) return k.list;
  const list = headings(source);
  known.set(id, { source, list });
  return list;
}

/** The headings of the notebook; the one we are in is marked. */
export function ContentsPanel({ nb }: { nb: Notebook }) {
  const entries = useComputed(() => {
    nb.edits.value;
    const out: Entry[] = [];
    for (const cell of nb.order.value) {
      if (nb.cell(cell).value.type !== "markdown") continue;
      for (const h of headingsOf(cell, nb.source(cell))) out.push({ ...h, cell });
    }
    return out;
  }).value;
  const here = useComputed(() => {
    const order = nb.order.value;
    const at = order.indexOf(nb.active.value ?? "");
    let last = -1;
    entries.forEach((e, i) => order.indexOf(e.cell) <= at && (last = i));
    return last;
  }).value;
  if (entries.length === 0) {
    return <p class="empty">Headings of Markdown cells are listed here. Select a cell, press 1, and write one.</p>;
  }
  const top = Math.min(...entries.map((e) => e.level));
  return (
    <ol class="toc">
      {entries.map((e, i) => (
        <li key={i}>
          <a
            href={"#cell-" + e.cell}
            class={"toc-" + Math.min(e.level - top + 1, 4)}
            aria-current={i === here ? "true" : undefined}
            onClick={(ev) => {
              ev.preventDefault();
              nb.mode.value = "command";
              nb.go(e.cell);
              document.getElementById("cell-" + e.cell)?.scrollIntoView({ block: "start" });
            }}
          >
            {e.text || "…"}
          </a>
        </li>
      ))}
    </ol>
  );
}
