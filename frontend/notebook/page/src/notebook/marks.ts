// Marks of what is searched for in text that is no editor: rendered Markdown and outputs.

import { findOpen, findQuery, expression } from "./find";

const name = "find";
const most = 2_000; // ranges

/** How many matches there are in the outputs and the rendered text that are in the page now. */
function markMatches(root: ParentNode): number {
  const marks = typeof Highlight === "undefined" ? null : new Highlight();
  const re = findOpen.peek() ? expression(findQuery.peek()) : null;
  let n = 0;
  if (re) {
    for (const part of root.querySelectorAll(".cells .prose, .cells .output")) {
      for (const range of rangesIn(part, re, most - n)) {
        marks?.add(range);
        n++;
      }
    }
  }
  if (marks && n > 0) CSS.highlights.set(name, marks);
  else if (marks) CSS.highlights.delete(name);
  return n;
}

/** The ranges of a part's text that an expression matches, those in shadow roots too. */
export function rangesIn(part: Element, re: RegExp, limit: number): Range[] {
  const out: Range[] = [];
  const walk = document.createTreeWalker(part, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walk.nextNode(); node && out.length < limit; node = walk.nextNode()) {
    if (node instanceof Element) {
      if (node.shadowRoot) for (const child of node.shadowRoot.children) out.push(...rangesIn(child, re, limit - out.length));
      continue;
    }
    if (node.parentElement?.closest("style, script, .katex")) continue;
    for (const m of node.nodeValue!.matchAll(re)) {
      if (m[0] === "") continue;
      const range = new Range();
      range.setStart(node, m.index);
      range.setEnd(node, m.index + m[0].length);
      out.push(range);
      if (out.length >= limit) break;
    }
  }
  return out;
}

/** Keeps the marks where the text is while it changes and scrolls, until the returned function is called. */
export function keepMarks(root: HTMLElement, count: (n: number) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const again = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      count(markMatches(root));
    }, 120);
  };
  const changes = new MutationObserver(again);
  changes.observe(root, { childList: true, subtree: true, characterData: true });
  const stop = findQuery.subscribe(again);
  return () => {
    stop();
    clearTimeout(timer);
    changes.disconnect();
    markMatches(document.createDocumentFragment());
  };
}
