// Completion by the kernel, with the type and the documentation of each name.

import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import type { Notebook } from "./notebook";
import { documentation } from "./inspect";

interface KernelMatch {
  text: string;
  type: string;
  start: number;
  end: number;
  signature?: string;
}

interface CompleteReply {
  matches?: string[];
  cursor_start?: number;
  cursor_end?: number;
  metadata?: { _jupyter_types_experimental?: KernelMatch[] };
}

interface KernelCompletion extends Completion {
  signature?: string;
}

export function kernelCompletion(nb: Notebook): CompletionSource {
  return async (context) => {
    const before = context.state.sliceDoc(Math.max(context.pos - 64, 0), context.pos);
    if (!context.explicit && !/[\p{L}_][\p{L}\p{N}_]*$|[\p{L}\p{N}_)\]]\.$|%\w*$/u.test(before)) return null;
    const tree = context.tokenBefore(["String", "LineComment", "BlockComment", "Number", "Rune"]);
    if (tree && !context.explicit) return null;
    return ask(nb, context);
  };
}

async function ask(nb: Notebook, context: CompletionContext): Promise<CompletionResult | null> {
  const code = context.state.doc.toString();
  let reply: CompleteReply;
  try {
    reply = (await nb.socket.request("complete", { code, pos: context.pos })) as CompleteReply;
  } catch {
    return null; // nothing to offer is no news
  }
  if (context.aborted || context.view?.hasFocus === false || !reply.matches?.length) return null;
  const from = reply.cursor_start ?? context.pos;
  const types = new Map((reply.metadata?._jupyter_types_experimental ?? []).map((m) => [m.text, m]));
  // A match may repeat what stands before the name ("strings.Map"): the list shows the name alone.
  const typed = code.slice(from, context.pos);
  const shared = typed.lastIndexOf(".") + 1;
  const cut = shared > 0 && reply.matches.every((m) => m.startsWith(typed.slice(0, shared))) ? shared : 0;
  const options = reply.matches.map((text, i): KernelCompletion => {
    const known = types.get(text);
    return {
      label: text.slice(cut),
      type: kind(known?.type),
      signature: known?.signature,
      boost: -Math.min(i / 20, 99),
      info: () => documentation(nb, code.slice(0, from) + text + code.slice(reply.cursor_end ?? context.pos), from + text.length),
    };
  });
  return { from: from + cut, to: reply.cursor_end ?? context.pos, options, validFor: /^[\p{L}\p{N}_]*$/u };
}

const kinds: Record<string, string> = {
  function: "function",
  method: "method",
  class: "class",
  type: "type",
  interface: "interface",
  instance: "variable",
  variable: "variable",
  field: "property",
  property: "property",
  module: "namespace",
  package: "namespace",
  keyword: "keyword",
  constant: "constant",
  magic: "keyword",
};

const kind = (type: string | undefined) => kinds[type ?? ""] ?? "variable";

/** The signature of a name, beside it in the list. */
export function renderCompletionInfo(c: Completion): HTMLElement | null {
  const { signature } = c as KernelCompletion;
  if (!signature) return null;
  const el = document.createElement("span");
  el.className = "complete-signature";
  el.textContent = signature;
  return el;
}
