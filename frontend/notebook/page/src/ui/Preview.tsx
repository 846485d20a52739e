// The beginning of a file of the folder: text, a table, a picture.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { highlightGo } from "../notebook/highlight";
import { JSONTree } from "../outputs/JSONTree";
import { renderMarkdown } from "../outputs/markdown";
import { Nodes } from "../outputs/Output";
import { readTable, separatorOf } from "./csv";
import { Dialog } from "./Dialog";
import { bytes, problem, splitPath } from "./format";
import { Icon } from "./icons";
import { fileAddress, type Previewed } from "./preview";

const mostBytes = 256 * 1024;
const mostRows = 200;
const mostColumns = 50;

interface Beginning {
  text: string;
  /** Whether it is the file's whole. */
  whole: boolean;
  /** Whether it is text at all. */
  binary: boolean;
}

async function beginning(path: string): Promise<Beginning> {
  const r = await fetch(fileAddress(path), { headers: { Range: `bytes=0-${mostBytes - 1}` } });
  if (r.status === 416) return { text: "", whole: true, binary: false }; // it is empty
  if (!r.ok) throw new Error(r.status === 404 ? "the file is not there any more" : `the server answered ${r.status} ${r.statusText}`);
  const data = new Uint8Array(await r.arrayBuffer());
  const all = Number(/\/(\d+)$/.exec(r.headers.get("Content-Range") ?? "")?.[1] ?? data.length);
  const whole = data.length >= all;
  const text = new TextDecoder().decode(data, { stream: !whole }); // a character may be cut at the end
  return { text, whole, binary: /[\0\ufffd]/.test(text.slice(0, 8192)) };
}

export function Preview({ file, onClose }: { file: Previewed; onClose: () => void }) {
  const [, name] = splitPath(file.path);
  const address = fileAddress(file.path);
  const picture = /\.(png|jpe?g|gif|webp|svg|bmp|ico)$/i.test(name);
  return (
    <Dialog
      wide
      title={name}
      onClose={onClose}
      actions={
        <>
          <a class="button" href={address} target="_blank" rel="noreferrer">
            <Icon name="link" size={15} /> Open in a tab
          </a>
          <a class="button button-primary" href={address + "?download=1"} download={name}>
            <Icon name="download" size={15} /> Download
          </a>
        </>
      }
    >
      <div class="preview" tabIndex={0} role="group" aria-label={"What is in " + name}>
        {picture ? <img class="picture" src={address} alt={name} /> : <Text file={file} name={name} />}
      </div>
    </Dialog>
  );
}

function Text({ file, name }: { file: Previewed; name: string }) {
  const [found, setFound] = useState<Beginning | Error | null>(null);
  useEffect(() => {
    let here = true;
    beginning(file.path).then(
      (b) => here && setFound(b),
      (e: Error) => here && setFound(e),
    );
    return () => {
      here = false;
    };
  }, [file.path]);
  if (!found) return <p role="status">Loading…</p>;
  if (found instanceof Error) return <p class="bad">{problem(found)}</p>;
  const size = file.size === null ? "" : bytes(file.size);
  if (found.binary) return <p>This file is no text{size && `, and has ${size}`}. Download it to open it with another program.</p>;
  if (found.text === "") return <p>This file is empty.</p>;
  return (
    <>
      {content(file.path, name, found)}
      {!found.whole && (
        <p class="muted">
          The first {bytes(mostBytes)}
          {size && ` of ${size}`}.
        </p>
      )}
    </>
  );
}

function content(path: string, name: string, { text, whole }: Beginning): ComponentChildren {
  const kind = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase();
  switch (kind) {
    case "csv":
    case "tsv":
      return <Table name={name} text={text} whole={whole} />;
    case "md":
    case "markdown":
      return <Nodes class="prose" make={() => renderMarkdown(text, { folder: splitPath(path)[0] })} of={text} />;
    case "go":
      return (
        <pre>
          <Nodes class="preview-code" make={() => highlightGo(text)} of={text} />
        </pre>
      );
    case "json":
      if (whole && isJSON(text)) return <JSONTree value={text} />;
  }
  return <pre>{text}</pre>;
}

function isJSON(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function Table({ name, text, whole }: { name: string; text: string; whole: boolean }) {
  const rows = readTable(text, separatorOf(name, text), mostRows + 2);
  if (!whole && rows.length < mostRows + 2) rows.pop(); // it may be cut
  const [head = [], ...body] = rows;
  const wide = Math.max(...rows.map((r) => r.length), 0);
  const shown = Math.min(wide, mostColumns);
  const columns = Array.from({ length: shown }, (_, i) => i);
  return (
    <>
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              {columns.map((i) => (
                <th key={i} scope="col">
                  {head[i] || "\u00a0"}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.slice(0, mostRows).map((r, n) => (
              <tr key={n}>
                {columns.map((i) => (
                  <td key={i} class={/^\s*[-+]?[\d.,]+(e[-+]?\d+)?\s*%?$/i.test(r[i] ?? "") ? "number" : undefined}>
                    {r[i] ?? ""}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(body.length > mostRows || wide > shown) && (
        <p class="muted">
          The first {body.length > mostRows && `${mostRows} rows`}
          {body.length > mostRows && wide > shown && " and "}
          {wide > shown && `${shown} of ${wide} columns`}.
        </p>
      )}
    </>
  );
}
