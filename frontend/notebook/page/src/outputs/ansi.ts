// Text of terminals as nodes: colours, and lines that are written over.

import { AnsiUp } from "ansi_up";
import { openElsewhere } from "./sanitize";

/**
 * What a terminal shows of text with carriage returns and backspaces: progress lines
 * write over themselves. Only the last of what was written in a place is left.
 */
export function overwrite(text: string): string {
  if (!/[\r\b]|\x1b\[\d*[KJ]/.test(text)) return text;
  return text
    .replace(/\r+\n/g, "\n")
    .split("\n")
    .map((line) => (/[\r\b]|\x1b\[\d*[KJ]/.test(line) ? overwriteLine(line) : line))
    .join("\n");
}

function overwriteLine(line: string): string {
  // A cell of the line is a character with the colour codes before it.
  const cells: string[] = [];
  let at = 0;
  let codes = "";
  for (const [part] of line.matchAll(/\x1b\[[\d;]*[A-Za-z]|[\s\S]/gu)) {
    if (part === "\r") at = 0;
    else if (part === "\b") at = Math.max(at - 1, 0);
    else if (/^\x1b\[0?[KJ]$/.test(part)) cells.length = Math.min(cells.length, at);
    else if (/^\x1b\[[12][KJ]$/.test(part)) cells.fill(" ", 0, cells.length), (codes = "");
    else if (part.startsWith("\x1b[")) codes += part.endsWith("m") ? part : "";
    else {
      while (cells.length < at) cells.push(" ");
      cells[at++] = codes + part;
      codes = "";
    }
  }
  return cells.join("") + codes;
}

/** Reads text with ANSI colours in parts; a colour goes on in the next. */
export function ansiReader(): (text: string) => DocumentFragment {
  const up = new AnsiUp();
  up.use_classes = true;
  let plain = true; // so far
  return (text) => {
    plain &&= !/[\x1b\r\b]/.test(text);
    if (plain) {
      const nodes = document.createDocumentFragment();
      nodes.append(text);
      return nodes;
    }
    const t = document.createElement("template");
    // What ansi_up gives is escaped. Inverse, which it does not know, is dark on light.
    t.innerHTML = up.ansi_to_html(overwrite(text).replaceAll("\x1b[7m", "\x1b[30;47m").replaceAll("\x1b[27m", "\x1b[39;49m"));
    t.content.querySelectorAll("a").forEach(openElsewhere);
    return t.content;
  };
}

/** Text with ANSI colours as nodes. */
export const ansiToNodes = (text: string) => ansiReader()(text);

/** Text without its colour codes. */
export function plain(text: string): string {
  return text.replace(/\x1b\[[\d;]*[A-Za-z]/g, "");
}

export interface Place {
  count: number;
  line: number;
  column: number;
}

const place = /In\[(\d+)\](?::(\d+)(?::(\d+))?|,? line (\d+))/g;

/** The places that a text names: In[3]:2:7. */
export function places(text: string): Place[] {
  return [...plain(text).matchAll(place)].map((m) => ({
    count: Number(m[1]),
    line: Number(m[2] ?? m[4] ?? 1),
    column: Number(m[3] ?? 1),
  }));
}

/** Makes links of the places that the text of a node names. */
export function linkPlaces(root: Node): void {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    if (node.data.includes("In[")) found.push(node);
  }
  for (const node of found) {
    const parts = document.createDocumentFragment();
    let at = 0;
    for (const m of node.data.matchAll(place)) {
      parts.append(node.data.slice(at, m.index));
      const a = document.createElement("a");
      a.href = "#";
      a.className = "place";
      a.title = "Go to this line";
      a.textContent = m[0];
      a.dataset.count = m[1];
      a.dataset.line = m[2] ?? m[4] ?? "1";
      a.dataset.column = m[3] ?? "1";
      parts.append(a);
      at = m.index + m[0].length;
    }
    parts.append(node.data.slice(at));
    node.replaceWith(parts);
  }
}
