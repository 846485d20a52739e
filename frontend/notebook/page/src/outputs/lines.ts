// Text of streams and results in the page, which grows while a cell runs.

import { ansiReader, ansiToNodes, linkPlaces } from "./ansi";

const chunkLines = 50;
const chunkUnits = 16 * 1024; // a part that grew this long is followed by another
const manyLines = 120;

/**
 * Makes an element that shows the text `before` show `text`. What grew is added to;
 * anything else is made anew. The newline at the end of a text is kept: what is added
 * later goes on in the next line, and the browser shows no empty line for it.
 */
export function showText(el: HTMLElement, before: string, text: string): void {
  if (before === "" || !text.startsWith(before) || /[\x1b\r\b]/.test(text)) {
    el.replaceChildren(...parts(text));
    return;
  }
  const added = text.slice(before.length);
  if (added === "") return;
  let into = el;
  const last = el.lastElementChild;
  if (last instanceof HTMLElement && last.className === "chunk" && last === el.lastChild) {
    into = last;
    if (before.endsWith("\n") && (last.textContent?.length ?? 0) > chunkUnits) {
      into = chunk();
      el.append(into);
    }
  }
  into.append(added);
  linkLast(into);
}

function linkLast(el: HTMLElement): void {
  const last = el.lastChild;
  if (last instanceof Text && last.data.includes("In[")) {
    const part = document.createElement("span");
    last.replaceWith(part);
    part.append(last);
    linkPlaces(part);
  }
}

/** A text as nodes: long text is in parts that the browser lays out only on the screen. */
function parts(text: string): Node[] {
  const lines = text.split("\n");
  if (lines.length <= manyLines) {
    const nodes = ansiToNodes(text);
    linkPlaces(nodes);
    return [nodes];
  }
  const end = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  const out: Node[] = [];
  const read = ansiReader();
  for (let i = 0; i < end; i += chunkLines) {
    const part = chunk();
    const to = Math.min(i + chunkLines, end);
    part.append(read(lines.slice(i, to).join("\n") + (to < lines.length ? "\n" : "")));
    linkPlaces(part);
    out.push(part);
  }
  return out;
}

function chunk(): HTMLElement {
  const part = document.createElement("div");
  part.className = "chunk";
  return part;
}
