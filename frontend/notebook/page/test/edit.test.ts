import { closeBrackets } from "@codemirror/autocomplete";
import { history, isolateHistory, redo, undo } from "@codemirror/commands";
import { goLanguage } from "@codemirror/lang-go";
import { ChangeSet, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { describe, expect, test } from "vitest";
import { closeBrace } from "../src/notebook/closeBrace";
import { textOf } from "../src/notebook/findOutputs";
import type { Notebook } from "../src/notebook/notebook";
import { CellText, type TextHost } from "../src/room/text";
import { changeTexts, stepBack, Steps, undoTogether } from "../src/notebook/replaceUndo";

// jsdom lays nothing out.
Range.prototype.getClientRects = () => [] as unknown as DOMRectList;

/** An editor, in which text is typed a character at a time; "\n" is typed as it is. */
function typed(text: string): EditorView {
  const view = new EditorView({ state: EditorState.create({ extensions: [goLanguage, closeBrackets(), closeBrace] }) });
  type(view, text);
  return view;
}

function type(view: EditorView, text: string): void {
  for (const c of text) {
    const { from, to } = view.state.selection.main;
    const insert = () => view.state.update({ changes: { from, to, insert: c }, selection: { anchor: from + c.length }, userEvent: "input.type" });
    if (!view.state.facet(EditorView.inputHandler).some((h) => h(view, from, to, c, insert))) view.dispatch(insert());
  }
}

const shown = (v: EditorView) => v.state.doc.toString().slice(0, v.state.selection.main.head) + "|" + v.state.doc.toString().slice(v.state.selection.main.head);

describe("a bracket that is typed where one was put by itself", () => {
  test("steps over it, on the same line and from the line above", () => {
    expect(shown(typed("f{}"))).toBe("f{}|");
    const v = typed("func f() {");
    v.dispatch({ changes: { from: 10, insert: "\n\tbody\n\t\n" }, selection: { anchor: 18 }, userEvent: "input" });
    expect(shown(v)).toBe("func f() {\n\tbody\n\t|\n}");
    type(v, "}");
    expect(shown(v)).toBe("func f() {\n\tbody\n}|");
    type(v, "}");
    expect(shown(v)).toBe("func f() {\n\tbody\n}}|");
  });

  test("is another where text is between, or the one below was written", () => {
    const v = typed("{");
    v.dispatch({ changes: { from: 1, insert: "\n\nx\n" }, selection: { anchor: 2 } });
    type(v, "}");
    expect(shown(v)).toBe("{\n}|\nx\n}");
    const w = typed("");
    w.dispatch({ changes: { from: 0, insert: "{\n\n}" }, selection: { anchor: 2 } });
    type(w, "}");
    expect(shown(w)).toBe("{\n}|\n}");
    const x = typed("if a {");
    x.dispatch({ changes: { from: 6, insert: "\n\tb\n" }, selection: { anchor: 9 } });
    type(x, " }");
    expect(shown(x)).toBe("if a {\n\tb }|\n}");
  });
});

describe("replacing in several cells", () => {
  function notebook(sources: Record<string, string>) {
    const texts = new Map<string, CellText>();
    // Nothing is sent.
    const host: TextHost = { send: () => ({ id: 0, reply: Promise.resolve() }), open: () => false, client: () => "", edited: () => {}, changed: () => {}, refused: () => {}, tooLong: () => {}, outOfStep: () => {} };
    const nb = { has: (id: string) => texts.has(id), text: (id: string) => texts.get(id)!, touched: () => {}, steps: new Steps() } as unknown as Notebook;
    for (const [id, doc] of Object.entries(sources)) {
      texts.set(id, new CellText(id, doc, 0, host, [history(), undoTogether(nb)]));
    }
    const open = (id: string) => (texts.get(id)!.view = new EditorView({ state: texts.get(id)!.state }));
    const all = () => [...texts.values()].map((t) => t.doc.toString());
    return { nb, open, all };
  }
  const change = (from: number, to: number, insert: string) => ({ from, to, insert });

  test("is undone in all of them by one undo, and redone", async () => {
    const { nb, open, all } = notebook({ a: "x x", b: "x", c: "y x" });
    const view = open("b");
    const step = changeTexts(nb, new Map([["a", [change(0, 1, "long"), change(2, 3, "long")]], ["b", [change(0, 1, "long")]], ["c", [change(2, 3, "long")]]]));
    expect(all()).toEqual(["long long", "long", "y long"]);
    undo(view);
    await expect.poll(all).toEqual(["x x", "x", "y x"]);
    redo(view);
    await expect.poll(all).toEqual(["long long", "long", "y long"]);
    stepBack(nb, step);
    expect(all()).toEqual(["x x", "x", "y x"]);
  });

  test("leaves a cell alone in which somebody wrote since", () => {
    const { nb, open, all } = notebook({ a: "x", b: "x" });
    const view = open("b");
    const step = changeTexts(nb, new Map([["a", [change(0, 1, "z")]], ["b", [change(0, 1, "z")]]]));
    view.dispatch({ changes: { from: 1, insert: "!" } });
    stepBack(nb, step);
    expect(all()).toEqual(["x", "z!"]);
  });

  test("leaves a cell alone that was edited and is the same again", async () => {
    const { nb, open, all } = notebook({ a: "x", b: "x y" });
    const view = open("b");
    const step = changeTexts(nb, new Map([["a", [change(0, 1, "z")]], ["b", [change(0, 1, "z")]]]));
    view.dispatch({ changes: { from: 1, to: 3 }, userEvent: "delete" });
    view.dispatch({ changes: { from: 1, insert: " y" }, annotations: isolateHistory.of("full") });
    stepBack(nb, step);
    expect(all()).toEqual(["x", "z y"]);
    undo(view);
    undo(view);
    expect(all()).toEqual(["x", "z y"]);
    undo(view);
    await expect.poll(all).toEqual(["x", "x y"]);
  });

  test("is undone beside what others write meanwhile", () => {
    const { nb, all } = notebook({ a: "x", b: "x" });
    const step = changeTexts(nb, new Map([["a", [change(0, 1, "z")]], ["b", [change(0, 1, "z")]]]));
    nb.text("b").receive([ChangeSet.of({ from: 0, insert: "their " }, 1).toJSON()], 1, "other");
    stepBack(nb, step);
    expect(all()).toEqual(["x", "their x"]);
  });
});

test("the text of outputs is what they show", () => {
  expect(textOf({ output_type: "stream", text: "10%\r20%\n\x1b[31mred\x1b[0m" })).toBe("20%\nred");
  expect(textOf({ output_type: "error", ename: "E", evalue: "v", traceback: ["\x1b[1mIn[1]\x1b[0m", "x"] })).toBe("In[1]\nx");
  expect(textOf({ output_type: "display_data", data: { "text/html": "<style>a{}</style><b>bo</b>ld<script>no</script>", "text/plain": "p" } })).toBe("bold");
  expect(textOf({ output_type: "display_data", data: { "image/png": "AAAA", "text/plain": "p" } })).toBe("");
  expect(textOf({ output_type: "display_data", later: { bytes: 9 } })).toBe("");
});
