// Colours for Go: the same classes in editors and in cells that have no editor yet.

import { goLanguage } from "@codemirror/lang-go";
import { type Extension } from "@codemirror/state";
import { Decoration, MatchDecorator, ViewPlugin, type DecorationSet, type EditorView, type ViewUpdate } from "@codemirror/view";
import { syntaxHighlighting } from "@codemirror/language";
import { highlightTree, tagHighlighter, tags as t } from "@lezer/highlight";

export const tokens = tagHighlighter([
  { tag: [t.comment, t.lineComment, t.blockComment], class: "tok-comment" },
  { tag: [t.string, t.special(t.string), t.character], class: "tok-string" },
  { tag: [t.number, t.integer, t.float], class: "tok-number" },
  { tag: [t.bool, t.null, t.atom, t.literal], class: "tok-number" },
  { tag: [t.keyword, t.controlKeyword, t.definitionKeyword, t.moduleKeyword, t.operatorKeyword, t.self], class: "tok-keyword" },
  { tag: [t.typeName, t.className, t.namespace], class: "tok-type" },
  { tag: [t.function(t.variableName), t.function(t.definition(t.variableName)), t.function(t.propertyName)], class: "tok-function" },
  { tag: [t.definition(t.variableName), t.definition(t.propertyName)], class: "tok-definition" },
  { tag: [t.operator, t.arithmeticOperator, t.compareOperator, t.logicOperator], class: "tok-operator" },
  { tag: t.heading, class: "tok-heading" },
  { tag: t.emphasis, class: "tok-emphasis" },
  { tag: t.strong, class: "tok-strong" },
]);

// %magic and %%magic, where a statement or a value may stand, and !shell lines.
const magic = /(?<=^|[=(,:]\s*|return\s+)%{1,2}[a-z]\w*|^\s*![^=\s]\S*|\?{1,2}$/gm;

const magicMark = Decoration.mark({ class: "tok-magic" });
const magics = new MatchDecorator({ regexp: magic, decoration: () => magicMark });

const magicPlugin = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = magics.createDeco(view);
    }
    update(u: ViewUpdate) {
      this.decorations = magics.updateDeco(u, this.decorations);
    }
  },
  { decorations: (v) => v.decorations },
);

export const goHighlighting: Extension = [syntaxHighlighting(tokens), magicPlugin];

const longest = 30_000; // UTF-16 units: more is shown plain

/** Source as nodes with the classes of its tokens. */
export function highlightGo(source: string): DocumentFragment {
  const out = document.createDocumentFragment();
  if (source.length > longest) {
    out.append(source);
    return out;
  }
  let at = 0;
  const put = (to: number, cls: string) => {
    if (to <= at) return;
    const text = source.slice(at, to);
    at = to;
    if (!cls) {
      out.append(text);
      return;
    }
    const span = document.createElement("span");
    span.className = cls;
    span.textContent = text;
    out.append(span);
  };
  const spans = [...source.matchAll(magic)].map((m) => ({ from: m.index, to: m.index + m[0].length }));
  let next = 0;
  const putMagics = (before: number) => {
    for (; next < spans.length && spans[next]!.from < before; next++) {
      const s = spans[next]!;
      if (s.from < at) continue;
      put(s.from, "");
      put(s.to, "tok-magic");
    }
  };
  highlightTree(goLanguage.parser.parse(source), tokens, (from, to, cls) => {
    putMagics(to);
    if (from < at) return;
    put(from, "");
    put(to, cls);
  });
  putMagics(source.length + 1);
  put(source.length, "");
  return out;
}
