import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Output } from "../room/types";
import { dark } from "../ui/theme";

const tallest = 4000; // px
const mostLoads = 20; // of one frame: a script may load it again and again

/**
 * HTML with scripts, in a frame with an origin of its own: it reaches neither the page
 * nor the server. It tells its height, and nothing else that it says is listened to.
 */
export function Sandbox({ html, of, title }: { html: string; of: Output; title: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(80);
  const shown = useRef(html);
  shown.current = html;
  const loads = useRef(0);
  // It is sent to each page of the frame, of which there is another one when a browser moves it.
  useLayoutEffect(() => {
    const hear = (e: MessageEvent) => {
      if (e.source !== frame.current?.contentWindow) return;
      const m = e.data as { ready?: unknown; height?: unknown } | null;
      if (m?.ready === true && loads.current++ < mostLoads) {
        frame.current!.contentWindow!.postMessage({ html: shown.current, theme: dark.peek() ? "dark" : "light" }, "*");
      }
      if (typeof m?.height === "number") setHeight(Math.min(Math.max(m.height, 20), tallest));
    };
    addEventListener("message", hear);
    return () => removeEventListener("message", hear);
  }, []);
  // Another output, or theme, has a frame of its own: scripts would not bear to run twice in one place.
  const last = useRef<unknown[]>([]);
  const number = useRef(0);
  const now = [of, html, dark.value];
  if (now.some((v, i) => v !== last.current[i])) number.current++;
  last.current = now;
  useLayoutEffect(() => void (loads.current = 0), [number.current]);
  return <iframe key={number.current} ref={frame} class="sandbox" title={title} sandbox="allow-scripts" src="/sandbox" style={{ height: `${height}px` }} />;
}
