import { useEffect, useRef } from "preact/hooks";
import { Nodes } from "../outputs/Output";
import { ansiToNodes, linkPlaces } from "../outputs/ansi";
import { renderMarkdown } from "../outputs/markdown";
import { Icon } from "../ui/icons";
import type { Notebook } from "./notebook";

/** What a cell asked to have shown beside the notebook, such as documentation. */
export function Pager({ nb }: { nb: Notebook }) {
  const p = nb.page.value;
  const el = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!p) return;
    // The notebook gets as much room below as the sheet covers.
    document.documentElement.style.setProperty("--pager", `${el.current!.offsetHeight}px`);
    const id = nb.active.peek();
    if (id) document.getElementById("cell-" + id)?.scrollIntoView({ block: "nearest" });
    const key = (e: KeyboardEvent) => {
      if (e.key !== "Escape" || document.querySelector("dialog[open], .menu, .cm-tooltip-autocomplete")) return;
      e.preventDefault();
      e.stopPropagation();
      nb.page.value = null;
      if (el.current?.contains(document.activeElement)) nb.command();
    };
    document.addEventListener("keydown", key, true);
    return () => {
      document.documentElement.style.removeProperty("--pager");
      document.removeEventListener("keydown", key, true);
    };
  }, [p]);
  if (!p) return null;
  const markdown = p.data?.["text/markdown"];
  const text = String(p.data?.["text/plain"] ?? "");
  const close = () => {
    nb.page.value = null;
    nb.command();
  };
  return (
    <section class="pager" aria-label="Documentation" ref={el}>
      <button class="icon-button pager-close" aria-label="Close" onClick={close}>
        <Icon name="close" size={16} />
      </button>
      {typeof markdown === "string" ? (
        <Nodes class="prose pager-text" make={() => renderMarkdown(markdown)} of={markdown} />
      ) : (
        <Nodes
          class="pager-text mono"
          make={() => {
            const nodes = ansiToNodes(text);
            linkPlaces(nodes);
            return nodes;
          }}
          of={text}
        />
      )}
    </section>
  );
}
