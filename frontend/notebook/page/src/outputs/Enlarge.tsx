// A picture of an output at its own size, over the page.

import { signal } from "@preact/signals";
import { Dialog } from "../ui/Dialog";
import { shortened } from "../ui/format";
import { Nodes } from "./Output";
import { outputSheet } from "./sheet";

const longestName = 2_000;

type Picture = HTMLImageElement | SVGSVGElement;

const enlarged = signal<{ picture: Picture; name: string } | null>(null);

/** The picture that an element of an output is a part of; null if it is of none, or of a link. */
export function pictureAt(el: Element): Picture | null {
  if (el.closest("a")) return null;
  let at = el.closest<Picture>("svg, img");
  while (at instanceof SVGSVGElement && at.ownerSVGElement) at = at.ownerSVGElement;
  return at;
}

/** The first picture in an output that shows. */
export function pictureIn(output: Element): Picture | null {
  const roots: ParentNode[] = [output, ...[...output.querySelectorAll(".rich")].flatMap((h) => h.shadowRoot ?? [])];
  for (const root of roots) {
    for (const p of root.querySelectorAll<Picture>("img, svg:not(.icon)")) if (p.getBoundingClientRect().width > 0) return p;
  }
  return null;
}

/** Shows a picture at its own size until it is closed. */
export function enlarge(picture: Picture): void {
  const name = picture.getAttribute("alt") || picture.getAttribute("aria-label") || picture.querySelector("title")?.textContent || "Picture";
  enlarged.value = { picture, name: shortened(name.trim(), longestName) };
}

/** The size of a picture in pixels, before it is fitted into the page. */
function ownSize(p: Picture): { width: number; height: number } {
  if (p instanceof HTMLImageElement) return { width: p.naturalWidth, height: p.naturalHeight };
  const { width, height } = p.viewBox.baseVal ?? { width: 0, height: 0 };
  const shown = p.getBoundingClientRect();
  return width > 0 ? { width, height } : shown;
}

/** A copy of a picture at its own size, with the styles that it has where it stands. */
function copy(p: Picture): Node {
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const { width, height } = ownSize(p);
  const again = p.cloneNode(true) as Picture;
  again.setAttribute("style", `${again.getAttribute("style") ?? ""};width:${width}px;height:${height}px;max-width:none`);
  const from = p.getRootNode();
  if (from instanceof ShadowRoot) {
    root.adoptedStyleSheets = [outputSheet()];
    for (const style of from.querySelectorAll("style")) root.append(style.cloneNode(true));
  } else if (p.classList.contains("picture")) host.className = "picture";
  root.append(again);
  return host;
}

export function Enlarged() {
  const e = enlarged.value;
  if (!e) return null;
  return (
    <Dialog full title={e.name} onClose={() => (enlarged.value = null)}>
      <div class="enlarged" tabIndex={0} role="group" aria-label={`${e.name}, which can be moved about`}>
        <Nodes class="enlarged-picture" make={() => copy(e.picture)} of={e.picture} />
      </div>
    </Dialog>
  );
}
