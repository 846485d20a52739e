import { useState } from "preact/hooks";

const mostChildren = 200;

/** A JSON value as a tree that opens level by level. */
export function JSONTree({ value }: { value: unknown }) {
  let v = value;
  if (typeof value === "string") {
    try {
      v = JSON.parse(value);
    } catch {
      // A JSON string is shown as such.
    }
  }
  return (
    <div class="json">
      <Node value={v} open={true} />
    </div>
  );
}

function Node({ name, value, open: first = false }: { name?: string; value: unknown; open?: boolean }) {
  const [open, setOpen] = useState(first);
  const [most, setMost] = useState(mostChildren);
  const label = name === undefined ? null : <span class="json-key">{name}: </span>;
  if (value === null || typeof value !== "object") {
    return (
      <div class="json-leaf">
        {label}
        <span class={"json-" + (value === null ? "null" : typeof value)}>{JSON.stringify(value)}</span>
      </div>
    );
  }
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  return (
    <details open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>
        {label}
        <span class="json-size">{list ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </summary>
      {open && (
        <div class="json-children">
          {entries.slice(0, most).map(([k, v]) => (
            <Node key={k} name={k} value={v} />
          ))}
          {entries.length > most && (
            <button class="button button-small" onClick={() => setMost(most * 5)}>
              {entries.length - most} more
            </button>
          )}
        </div>
      )}
    </details>
  );
}
