import { useEffect, useRef, useState } from "preact/hooks";
import { dark } from "../ui/theme";

const tallest = 4000; // px

/**
 * HTML with scripts, in a frame with an origin of its own: it reaches neither the page
 * nor the server. It tells its height, and nothing else that it says is listened to.
 */
export function Sandbox({ html, title }: { html: string; title: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(80);
  useEffect(() => {
    const send = () => frame.current?.contentWindow?.postMessage({ html, theme: dark.value ? "dark" : "light" }, "*");
    const hear = (e: MessageEvent) => {
      if (e.source !== frame.current?.contentWindow) return;
      const m = e.data as { ready?: unknown; height?: unknown } | null;
      if (m?.ready === true) send();
      if (typeof m?.height === "number") setHeight(Math.min(Math.max(m.height, 20), tallest));
    };
    addEventListener("message", hear);
    send();
    return () => removeEventListener("message", hear);
  }, [html, dark.value]);
  return <iframe ref={frame} class="sandbox" title={title} sandbox="allow-scripts" src="/sandbox" style={{ height: `${height}px` }} />;
}
