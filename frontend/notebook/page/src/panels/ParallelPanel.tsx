import { useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Notebook } from "../notebook/notebook";
import { Nodes } from "../outputs/Output";
import { cleanRich } from "../outputs/sanitize";
import type { Device, MapState, Parallel } from "../room/types";
import { bytes, duration } from "../ui/format";
import { Icon } from "../ui/icons";
import { dark } from "../ui/theme";
import { keepFocus } from "../ui/focus";

/** Workers, maps that run, devices, and the timeline that was drawn last. */
export function ParallelPanel({ nb, onGo }: { nb: Notebook; onGo: () => void }) {
  const ran = nb.ran.value;
  const status = nb.kernel.value.status;
  const open = nb.link.value === "open";
  useEffect(() => {
    if (!open) return;
    nb.socket.request("parallel").then(
      (r) => {
        const { re: _, ...state } = r;
        nb.parallel.value = { ...nb.parallel.peek(), ...(state as unknown as Parallel) };
      },
      () => {},
    );
  }, [ran, status, open]);
  const p = nb.parallel.value;
  const maps = p?.maps ?? [];
  const running = maps.filter((m) => m.state === "running");
  const over = maps.filter((m) => m.state !== "running").slice(-8).reverse();
  const used = running.reduce((n, m) => n + m.workers, 0);
  const go = (run: number) => {
    onGo();
    nb.goToRun(run);
  };
  return (
    <div class="parallel">
      <Workers workers={p?.workers ?? 0} used={used} />
      <section>
        <h3>Maps</h3>
        {running.length === 0 && over.length === 0 && (
          <p class="empty">
            None runs. <code>%pmap f xs</code> calls f on each x, on all workers, and shows here how far it is.
          </p>
        )}
        {running.map((m) => (
          <Running key={m.id} m={m} go={go} cancel={() => void nb.ask("parallel", { cancel: m.id })} />
        ))}
        {over.map((m) => (
          <Over key={m.id} m={m} go={go} />
        ))}
      </section>
      <LastTimeline nb={nb} onGo={onGo} />
      <section>
        <h3>Devices</h3>
        {p?.devices?.length ? (
          <ul class="devices">
            {p.devices.map((d) => (
              <DeviceRow key={d.number} d={d} />
            ))}
          </ul>
        ) : (
          <p class="empty">{status === "none" ? "Seen once the kernel runs." : "Only the processors. %gpumap runs on them then."}</p>
        )}
      </section>
    </div>
  );
}

function Workers({ workers, used }: { workers: number; used: number }) {
  if (workers === 0) return null;
  const shown = Math.min(workers, 64);
  return (
    <section>
      <h3>
        Workers <span class="count">{used > 0 ? `${Math.min(used, workers)} of ${workers} at work` : workers}</span>
      </h3>
      <div class="workers" role="img" aria-label={`${Math.min(used, workers)} of ${workers} workers at work`}>
        {Array.from({ length: shown }, (_, i) => (
          <span key={i} class={i < used ? "worker worker-busy" : "worker"} />
        ))}
      </div>
    </section>
  );
}

/** What a map is called, which leads to its cell. */
function Label({ m, go }: { m: MapState; go: (run: number) => void }) {
  const text = m.label || m.id;
  if (!m.cell) {
    return (
      <span class="map-label" title={text}>
        {text}
      </span>
    );
  }
  return (
    <button class="map-label" title={`${text}\nGo to its cell, [${m.cell}]`} aria-label={`${text}: go to its cell`} onClick={() => go(m.cell!)}>
      {text}
    </button>
  );
}

function Running({ m, go, cancel }: { m: MapState; go: (run: number) => void; cancel: () => void }) {
  const over = m.done + m.failed;
  const known = m.total > 0; // how far a device is it does not say
  const share = known ? over / m.total : 0;
  const left = over > 0 && over < m.total ? (m.elapsed_ms / over) * (m.total - over) : 0;
  return (
    <div class="map">
      <div class="map-head">
        <Label m={m} go={go} />
        <button class="button button-small" onMouseDown={keepFocus} onClick={cancel}>
          Cancel
        </button>
      </div>
      <div class={known ? "bar" : "bar bar-wait"} role="progressbar" aria-label={m.label || m.id} aria-valuemin={0} aria-valuemax={100} aria-valuenow={known ? Math.floor(share * 100) : undefined}>
        <span class={m.failed ? "bar-fill bar-failed" : "bar-fill"} style={known ? { transform: `scaleX(${share})` } : undefined} />
      </div>
      <div class="map-notes">
        {known ? `${over.toLocaleString("en")} of ${m.total.toLocaleString("en")}` : m.workers > 0 ? "starting" : "on a device"}
        {m.failed > 0 && <span class="bad"> · {m.failed} failed</span>} · {duration(m.elapsed_ms)}
        {left > 0 && ` · ${duration(left)} left`}
        {m.background && " · in the background"}
      </div>
    </div>
  );
}

function Over({ m, go }: { m: MapState; go: (run: number) => void }) {
  return (
    <div class="map map-over">
      <span class={m.state === "done" ? "good" : "bad"}>
        <Icon name={m.state === "done" ? "check" : "close"} size={14} />
      </span>
      <Label m={m} go={go} />
      <span class="map-notes">
        {m.state === "done" ? "" : m.state + " · "}
        {duration(m.elapsed_ms)}
      </span>
    </div>
  );
}

function DeviceRow({ d }: { d: Device }) {
  return (
    <li class="device">
      <div class="device-head">
        <span>{d.name}</span>
        {d.chosen && <span class="badge">default</span>}
      </div>
      <div class="map-notes">
        {d.backend} · {d.units} units{d.memory > 0 && ` · ${bytes(d.memory)}`}
        {d.in_use > 0 && ` · ${bytes(d.in_use)} taken`}
      </div>
    </li>
  );
}

/**
 * The picture of a figure for the theme; the one for light pages if it has no other. It is an
 * image: what an SVG has of style and ids stays in it.
 */
function picture(svg: string, html: string, isDark: boolean): HTMLImageElement {
  const other = isDark ? cleanRich(html).content.querySelector<HTMLImageElement>("img.fanout-on-dark")?.getAttribute("src") : null;
  const img = new Image();
  img.alt = "";
  img.src = other?.startsWith("data:image/") ? other : "data:image/svg+xml," + encodeURIComponent(svg);
  return img;
}

/** The timeline that a cell drew last, small; a click goes to it. */
function LastTimeline({ nb, onGo }: { nb: Notebook; onGo: () => void }) {
  const last = useComputed(() => {
    nb.ran.value;
    let best: { cell: string; svg: string; html: string; began: string } | null = null;
    for (const id of nb.order.value) {
      const c = nb.cell(id).peek();
      for (const o of c.outputs) {
        const svg = o.data?.["image/svg+xml"];
        if (typeof svg !== "string" || !/worker 0|workers</.test(svg)) continue;
        const began = c.state.began ?? "";
        if (!best || began >= best.began) best = { cell: id, svg, html: String(o.data?.["text/html"] ?? ""), began };
      }
    }
    return best;
  }).value;
  if (!last) return null;
  return (
    <section>
      <h3>Last timeline</h3>
      <button class="thumbnail" aria-label="Go to the cell of the last timeline" onClick={() => (onGo(), nb.go(last.cell))}>
        <Nodes class="thumbnail-picture" make={() => picture(last.svg, last.html, dark.value)} of={last.svg + dark.value} />
      </button>
    </section>
  );
}
