import { useEffect, useRef, useState } from "preact/hooks";
import { useComputed } from "@preact/signals";
import type { Notebook } from "./notebook";

/** The line that a running cell asks for. */
export function InputPrompt({ nb, id }: { nb: Notebook; id: string }) {
  const request = useComputed(() => (nb.input.value?.cell === id ? nb.input.value : null)).value;
  const [text, setText] = useState("");
  const ref = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!request) return;
    setText("");
    ref.current?.focus();
    ref.current?.scrollIntoView({ block: "nearest" });
  }, [request]);
  if (!request) return null;
  const kind = { type: request.password ? "password" : "text" } as { type: "text" };
  const send = (args: object) => {
    void nb.ask("input", args);
    nb.command();
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
