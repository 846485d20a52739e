import { Nodes } from "../outputs/Output";
import { ansiToNodes, linkPlaces } from "../outputs/ansi";
import { renderMarkdown } from "../outputs/markdown";
import { Icon } from "../ui/icons";
import type { Notebook } from "./notebook";

/** What a cell asked to have shown beside the notebook, such as documentation. */
export function Pager({ nb }: { nb: Notebook }) {
  const p = nb.page.value;
  if (!p) return null;
  const markdown = p.data?.["text/markdown"];
  const text = String(p.data?.["text/plain"] ?? "");
  const close = () => {
    nb.page.value = null;
    nb.command();
  };
  return (
    <section class="pager" aria-label="Pager" onKeyDown={(e) => e.key === "Escape" && close()}>
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
