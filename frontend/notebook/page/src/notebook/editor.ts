// The editor of a cell: CodeMirror with Go, the notebook's keys, and the kernel's help.

import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  completionStatus,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore, insertTab, toggleComment } from "@codemirror/commands";
import { goLanguage } from "@codemirror/lang-go";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { errorLines } from "./errors";
import { highlightSelectionMatches } from "@codemirror/search";
import { EditorState, Prec, type Extension } from "@codemirror/state";
import { EditorView, dropCursor, highlightSpecialChars, keymap, placeholder, tooltips } from "@codemirror/view";
import type { CellType } from "../room/types";
import { cursors } from "./cursors";
import { closeBrace } from "./closeBrace";
import { kernelCompletion, renderCompletionInfo } from "./complete";
import { findHighlight } from "./find";
import { goHighlighting } from "./highlight";
import { inspectAt, inspectHover, inspectTooltip, showInspect } from "./inspect";
import type { Notebook } from "./notebook";
import { undoTogether } from "./replaceUndo";
import { hideSignature, signatureHelp } from "./signature";
import { numberedLines } from "./lineNumbers";
import { coveredScreen } from "./visible";

export function editorExtensions(nb: Notebook, id: string, type: CellType): Extension {
  const common: Extension = [
    Prec.high(keymap.of(cellKeys(nb, id))),
    history(),
    highlightSpecialChars(),
    dropCursor(),
    cursors,
    EditorState.tabSize.of(4),
    EditorView.updateListener.of((u) => {
      if (u.docChanged) nb.touched(id);
      if (u.focusChanged && u.view.hasFocus) {
        if (nb.active.peek() !== id) nb.select(id);
        nb.mode.value = "edit";
      }
      if (u.focusChanged && !u.view.hasFocus) {
        queueMicrotask(() => {
          closeCompletion(u.view);
          showInspect(u.view, null);
          hideSignature(u.view);
        });
      }
    }),
    // Cells clip what they paint, so tooltips hang on the page.
    tooltips({ parent: document.body, position: "fixed", tooltipSpace: () => ({ top: 60, left: 8, right: innerWidth - 8, bottom: innerHeight - 8 }) }),
    clearMargins(),
    findHighlight(nb),
    undoTogether(nb),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap]),
  ];
  if (type !== "code") {
    return [
      common,
      EditorView.lineWrapping,
      placeholder(type === "markdown" ? "Markdown, with $mathematics$" : "Raw text"),
      EditorView.contentAttributes.of({ "aria-label": type === "markdown" ? "Markdown source" : "Raw source", spellcheck: "true", tabindex: "0" }),
    ];
  }
  return [
    common,
    goLanguage,
    goHighlighting,
    numberedLines(id),
    indentUnit.of("\t"),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    closeBrace,
    highlightSelectionMatches({ minSelectionLength: 2 }),
    errorLines,
    placeholder("Go, or %magic"),
    goLanguage.data.of({ commentTokens: { line: "//", block: { open: "/*", close: "*/" } } }),
    Prec.highest(keymap.of(completionKeymap.filter((k) => k.key !== "Escape"))), // which would take it while a question waits, too
    autocompletion({
      defaultKeymap: false,
      override: [kernelCompletion(nb)],
      activateOnTypingDelay: 40,
      maxRenderedOptions: 60,
      icons: true,
      addToOptions: [{ render: renderCompletionInfo, position: 80 }],
    }),
    inspectTooltip,
    inspectHover(nb),
    signatureHelp(nb),
    EditorView.contentAttributes.of({ "aria-label": "Go code", tabindex: "0", autocapitalize: "off", autocorrect: "off", spellcheck: "false" }),
  ];
}

function cellKeys(nb: Notebook, id: string) {
  const run = (then: "stay" | "next" | "insert") => () => {
    nb.select(id);
    nb.runSelected(then);
    return true;
  };
  return [
    { key: "Shift-Enter", run: run("next") },
    { key: "Mod-Enter", run: run("stay") },
    { key: "Alt-Enter", run: run("insert") },
    {
      key: "Escape",
      run: (v: EditorView) => {
        const listed = completionStatus(v.state) === "active";
        closeCompletion(v);
        if (listed) return true;
        const asked = showInspect(v, null);
        if (hideSignature(v) || asked) return true; // both: the signature waits below what was asked for
        nb.command();
        return true;
      },
    },
    { key: "Ctrl-m", run: () => (nb.command(), true) },
    { key: "Mod-s", preventDefault: true, run: () => (void nb.save(), true) },
    { key: "Ctrl-Shift--", run: () => (void nb.split(), true) },
    { key: "Ctrl-Shift-_", run: () => (void nb.split(), true) },
    { key: "Shift-Alt-f", run: () => (void nb.format(id), true) },
    { key: "Mod-/", run: toggleComment },
    { key: "Tab", run: tab },
    { key: "Shift-Tab", run: (v: EditorView) => shiftTab(nb, v) },
    { key: "ArrowUp", run: (v: EditorView) => leave(nb, id, v, -1) },
    { key: "ArrowDown", run: (v: EditorView) => leave(nb, id, v, 1) },
  ];
}

/** Tab accepts a completion, asks for one after a name or a dot, and else indents. */
function tab(v: EditorView): boolean {
  if (completionStatus(v.state) === "active") {
    acceptCompletion(v); // not right after the list came: what is under a finger then was not meant
    return true;
  }
  const { main } = v.state.selection;
  if (!main.empty) return indentMore(v);
  const before = v.state.sliceDoc(Math.max(main.head - 1, 0), main.head);
  if (/[\p{L}\p{N}_.%]/u.test(before)) return startCompletion(v);
  return insertTab(v);
}

/** Shift-Tab says what is at the cursor; on several lines it takes indentation away. */
function shiftTab(nb: Notebook, v: EditorView): boolean {
  const { main } = v.state.selection;
  const line = v.state.doc.lineAt(main.head);
  const atIndent = /^\s*$/.test(line.text.slice(0, main.head - line.from));
  if (!main.empty || (atIndent && main.head > line.from)) return indentLess(v);
  void inspectAt(nb, v, main.head);
  return true;
}

/** The arrows leave a cell at its first and last line, as in one long document. */
function leave(nb: Notebook, id: string, v: EditorView, by: -1 | 1): boolean {
  if (completionStatus(v.state)) return false;
  const { main } = v.state.selection;
  if (!main.empty) return false;
  const edge = by < 0 ? v.state.doc.lineAt(main.head).number === 1 : v.state.doc.lineAt(main.head).number === v.state.doc.lines;
  if (!edge) return false;
  const wrapped = v.moveVertically(main, by > 0);
  if (v.coordsAtPos(wrapped.head)?.top !== v.coordsAtPos(main.head)?.top && wrapped.head !== main.head) return false;
  const order = nb.order.peek();
  const next = order[order.indexOf(id) + by];
  if (!next) return false;
  if (nb.cell(next).peek().type === "code") nb.edit(next, { end: by < 0, line: by < 0 ? undefined : 1, column: 1 });
  else nb.go(next), (nb.mode.value = "command");
  return true;
}

/**
 * Has the line that is written stay clear of what lies over the page, and of its edge. The
 * margins are for scrolling alone: lists and help are shown where the editor is, less them.
 */
function clearMargins(): Extension {
  let scrolling = false;
  return [
    EditorView.scrollHandler.of(() => {
      scrolling = true; // which asks for the margins at once
      queueMicrotask(() => (scrolling = false));
      return false;
    }),
    EditorView.scrollMargins.of(() => {
      if (!scrolling) return null;
      const { top, bottom } = coveredScreen();
      return { top: top + 12, bottom: bottom + 72 };
    }),
  ];
}
