// What outputs and Markdown may put into the page: pictures, tables and text, and
// nothing that runs, asks for input or leaves its place.

import DOMPurify, { type Config } from "dompurify";

const inputs = ["form", "input", "button", "select", "textarea", "option", "dialog"];

const common: Config = {
  FORBID_TAGS: [...inputs, "base", "meta", "link", "title", "slot", "template"],
  FORBID_ATTR: ["autofocus", "tabindex", "contenteditable", "popover", "popovertarget", "commandfor", "command", "slot", "is"],
  ADD_ATTR: ["target"],
  ALLOW_UNKNOWN_PROTOCOLS: false,
};

const purify = DOMPurify(window);

purify.addHook("afterSanitizeAttributes", openElsewhere);

/** Has a link, of HTML or SVG, open in a tab of its own: the page stays. */
export function openElsewhere(node: Element): void {
  if (!["a", "area"].includes(node.nodeName.toLowerCase())) return;
  const href = node.getAttribute("href") ?? node.getAttribute("xlink:href") ?? "";
  if (href === "" || href.startsWith("#")) return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
}

// Pictures attached to a cell: the address is replaced by their bytes afterwards.
purify.addHook("uponSanitizeAttribute", (node, data) => {
  if (data.attrName === "src" && node.nodeName.toLowerCase() === "img" && /^attachment:[^\s]+$/.test(data.attrValue)) data.forceKeepAttr = true;
});

/** Puts words in the place of a picture from elsewhere, which the page does not load. */
export function pictureElsewhere(img: HTMLImageElement): void {
  const words = document.createElement("span");
  words.className = "picture-blocked";
  words.title = img.getAttribute("src") ?? "";
  const alt = img.alt.trim();
  words.textContent = `${alt ? alt + " — " : ""}not loaded: images from elsewhere are blocked`;
  img.replaceWith(words);
}

/** Says whether an address is of another server. */
export const isElsewhere = (address: string) => /^\s*(https?:)?\/\//i.test(address);

interface Clean {
  content: DocumentFragment;
  /** Says that script or a frame was taken out. */
  hadScript: boolean;
}

/** Cleans HTML or SVG for a shadow root, where its style reaches nothing else. */
export function cleanRich(html: string): Clean {
  const content = purify.sanitize(html, {
    ...common,
    ADD_TAGS: ["style"],
    FORCE_BODY: true,
    RETURN_DOM_FRAGMENT: true,
  }) as unknown as DocumentFragment;
  for (const th of content.querySelectorAll("th")) {
    if (th.textContent?.trim() !== "" || th.childElementCount > 0) continue;
    th.replaceWith(document.createElement("td")); // an empty head names nothing
  }
  for (const img of content.querySelectorAll("img")) if (isElsewhere(img.getAttribute("src") ?? "")) pictureElsewhere(img);
  return { content, hadScript: purify.removed.some(ran) };
}

/** Cleans what Markdown became. It shares the page's style and ids, so it has none of its own. */
export function cleanMarkdown(html: string): DocumentFragment {
  return purify.sanitize(html, {
    ...common,
    FORBID_TAGS: [...common.FORBID_TAGS!, "style"],
    SANITIZE_NAMED_PROPS: true,
    RETURN_DOM_FRAGMENT: true,
  }) as unknown as DocumentFragment;
}

type Removed = (typeof purify.removed)[number];

function ran(r: Removed): boolean {
  if ("element" in r && r.element) return ["script", "iframe", "object", "embed"].includes(r.element.nodeName.toLowerCase());
  if ("attribute" in r && r.attribute) return /^on/i.test(r.attribute.name) || /^\s*javascript:/i.test(r.attribute.value);
  return false;
}
