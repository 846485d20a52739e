import { Dialog } from "../ui/Dialog";
import { bindings, editorKeys, keyParts, type Binding } from "./keys";

const groups: Binding["group"][] = ["Run", "Move", "Cells", "Kernel", "Notebook"];

export function KeyHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" wide onClose={onClose}>
      <div class="keys">
        {groups.map((g) => (
          <section key={g}>
            <h3>{g}</h3>
            <KeyList rows={collapse(bindings.filter((b) => b.group === g))} />
          </section>
        ))}
        <section>
          <h3>In an editor</h3>
          <KeyList rows={editorKeys.map(([keys, what]) => [[keys], what])} />
        </section>
      </div>
      <p class="muted">A cell with a blue bar is selected. Enter edits it; Esc leaves it, and letters become commands.</p>
    </Dialog>
  );
}

/** Bindings with the same meaning are one row. */
function collapse(list: readonly Binding[]): [string[], string][] {
  const rows = new Map<string, string[]>();
  for (const b of list) {
    const what = b.what.replace(/heading \d/, "heading");
    rows.set(what, [...(rows.get(what) ?? []), b.keys]);
  }
  return [...rows].map(([what, keys]) => [keys, what]);
}

function KeyList({ rows }: { rows: readonly (readonly [string[], string])[] }) {
  return (
    <dl>
      {rows.map(([keys, what]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>
            {(keys.length > 3 ? [keys[0]!, keys.at(-1)!] : keys).map((k, i) => (
              <span key={k}>
                {i > 0 && <span class="or">{keys.length > 3 ? " to " : " or "}</span>}
                {keyParts(k).map((chord, j) => (
                  <span key={j} class="chord">
                    {chord.map((p) => (
                      <kbd key={p}>{p}</kbd>
                    ))}
                  </span>
                ))}
              </span>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
