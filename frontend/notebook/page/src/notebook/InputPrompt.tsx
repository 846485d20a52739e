import { useEffect, useRef, useState } from "preact/hooks";
import { useComputed } from "@preact/signals";
import type { InputRequest } from "../room/types";
import type { Notebook } from "./notebook";

/** The line that a running cell asks for. */
export function InputPrompt({ nb, id }: { nb: Notebook; id: string }) {
  const asked = useRef<InputRequest | null>(null);
  const request = useComputed(() => {
    const now = nb.input.value?.cell === id ? nb.input.value : null;
    const same = now !== null && asked.current?.id === now.id;
    return same ? asked.current : (asked.current = now); // told anew after a loss: what was typed stays
  }).value;
  const [text, setText] = useState("");
  const ref = useRef<HTMLInputElement>(null);
  const back = useRef<(() => void) | null>(null);
  const leave = () => {
    back.current?.();
    back.current = null;
  };
  useEffect(() => {
    if (!request) return;
    setText("");
    back.current = wayBack(nb);
    ref.current?.focus();
    ref.current?.scrollIntoView({ block: "nearest" });
    return () => {
      // Answered elsewhere, or stopped: the box went with the focus in it.
      const here = document.activeElement;
      if (here === document.body || here === ref.current) leave();
    };
  }, [request]);
  if (!request) return null;
  const kind = { type: request.password ? "password" : "text" } as { type: "text" };
  const send = (args: object) => {
    void nb.ask("input", args);
    leave();
  };
  return (
    <form
      class="stdin"
      onSubmit={(e) => {
        e.preventDefault();
        send({ value: text });
      }}
    >
      <label>
        <span>{request.prompt || "Input"}</span>
        <input
          ref={ref}
          class="input-text"
          {...kind}
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={(e) => setText(e.currentTarget.value)}
          onKeyDown={(e) => {
            e.stopPropagation();
            if (e.key === "d" && e.ctrlKey && text === "") {
              e.preventDefault();
              send({ eof: true });
            }
          }}
        />
      </label>
      <button class="button button-primary button-small" type="submit">
        Send
      </button>
      <button class="button button-small" type="button" title="Ctrl-D" onClick={() => send({ eof: true })}>
        End of input
      </button>
    </form>
  );
}

/** What gives the focus back to where it is now, with the mode that it has there. */
function wayBack(nb: Notebook): () => void {
  const from = document.activeElement as HTMLElement | null;
  const [id, mode] = [nb.active.peek(), nb.mode.peek()];
  if (from && from !== document.body && !from.closest(".cells")) return () => (from.isConnected ? from.focus() : nb.command());
  return () => {
    if (mode === "edit" && id !== null && nb.has(id)) nb.edit(id); // by its cell: an editor may go and come
    else if (nb.mode.peek() !== "none") nb.command();
  };
}
