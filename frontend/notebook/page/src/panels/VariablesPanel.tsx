import { useEffect, useState } from "preact/hooks";
import type { Notebook } from "../notebook/notebook";
import type { Variable } from "../room/types";

const kinds: [NonNullable<Variable["kind"]>, string][] = [
  ["var", "Variables"],
  ["const", "Constants"],
  ["func", "Functions"],
  ["type", "Types"],
];

/** What the session has declared, with values as they are after each run. */
export function VariablesPanel({ nb }: { nb: Notebook }) {
  const [list, setList] = useState<Variable[] | null>(null);
  const [filter, setFilter] = useState("");
  const status = nb.kernel.value.status;
  const busy = nb.busy.value.running !== null;
  const ran = nb.ran.value;
  const open = nb.link.value === "open";
  useEffect(() => {
    if (!open) return;
    let here = true;
    const look = () =>
      nb.socket.request("variables").then(
        (r) => here && setList((r.variables as Variable[]) ?? []),
        () => {},
      );
    // Cells that run in a row end many times a second.
    const t = setTimeout(look, list === null ? 0 : 120);
    const again = busy ? setInterval(look, 2000) : undefined;
    return () => {
      here = false;
      clearTimeout(t);
      clearInterval(again);
    };
  }, [ran, status, busy, open]);

  if (!list) return <p class="empty">Looking…</p>;
  if (list.length === 0) {
    return <p class="empty">{status === "none" ? "The kernel starts with the first cell that runs." : "Nothing is declared yet. Run x := 1 and see it here."}</p>;
  }
  const shown = list.filter((v) => v.name.toLowerCase().includes(filter.toLowerCase()) || v.type.includes(filter));
  return (
    <>
      {list.length > 6 && (
        <input class="input-text panel-filter" type="search" placeholder="Filter" aria-label="Filter" value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />
      )}
      {kinds.map(([kind, title]) => {
        const rows = shown.filter((v) => (v.kind ?? "var") === kind);
        if (rows.length === 0) return null;
        return (
          <section key={kind} class="vars">
            <h3>{title}</h3>
            <ul>
              {rows.map((v) => (
                <li key={v.name} class={v.old ? "old" : ""} title={v.old ? "As it was before what runs now" : undefined}>
                  <div class="var-head">
                    {v.cell ? (
                      <button class="var-name" title={`Declared in [${v.cell}]`} onClick={() => nb.jump(v.cell!, 1, 1)}>
                        {v.name}
                      </button>
                    ) : (
                      <span class="var-name">{v.name}</span>
                    )}
                    <span class="var-type" title={v.type}>
                      {kind === "func" ? v.type.replace(/^func/, "") : v.type}
                    </span>
                    {v.size !== undefined && <span class="var-size">{v.size}</span>}
                  </div>
                  {(kind === "var" || kind === "const") && v.value && <div class="var-value">{v.value}</div>}
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}
