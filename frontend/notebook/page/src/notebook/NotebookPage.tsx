// The page of one notebook.

import { signal, useComputed, useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo, useRef } from "preact/hooks";
import { ContentsPanel, goToHeading } from "../panels/ContentsPanel";
import { FilesPanel } from "../panels/FilesPanel";
import { ParallelPanel } from "../panels/ParallelPanel";
import { VariablesPanel } from "../panels/VariablesPanel";
import { Enlarged } from "../outputs/Enlarge";
import { splitPath, urlPath } from "../ui/format";
import { Icon, type IconName } from "../ui/icons";
import { Shell, ThemeSwitch } from "../ui/Shell";
import { askRestart } from "./askRestart";
import { Banners } from "./Banners";
import { CellGroup, type CellHandle } from "./CellView";
import { findOpen } from "./find";
import { FindBar } from "./FindBar";
import { Header } from "./Header";
import { regroup, type Group } from "./groups";
import { KeyHelp } from "./KeyHelp";
import { keyName, KeySequence, type KeyUI } from "./keys";
import { Notebook } from "./notebook";
import { Pager } from "./Pager";
import { keepPlace, settle } from "./place";
import { toast } from "../ui/notify";
import { NearCells } from "./visible";
import { rememberPlace } from "./remember";
import type { Place } from "./Source";

type PanelName = "contents" | "variables" | "parallel" | "files";

const panels: [PanelName, IconName, string][] = [
  ["files", "folder", "Files"],
  ["contents", "list", "Contents"],
  ["variables", "variables", "Variables"],
  ["parallel", "parallel", "Parallel"],
];

const panelKey = "fanout.panel";
const openPanel = signal<PanelName | null>(storedPanel());

function storedPanel(): PanelName | null {
  if (innerWidth < 1000) return null;
  try {
    const p = localStorage.getItem(panelKey);
    return panels.some(([name]) => name === p) ? (p as PanelName) : p === "none" ? null : "contents";
  } catch {
    return "contents";
  }
}

function showPanel(p: PanelName | null): void {
  openPanel.value = p;
  if (narrow()) return; // what is opened over the page is not remembered
  try {
    localStorage.setItem(panelKey, p ?? "none");
  } catch {
    // Storage is off: it holds for this page.
  }
}

/** Whether panels lie over the page, as there is no room beside it. */
const narrow = () => innerWidth < 1000;

export function NotebookPage({ path }: { path: string }) {
  const nb = useMemo(() => new Notebook(path), [path]);
  const help = useSignal(false);
  const handles = useRef(new Map<string, CellHandle>());
  const gone = useRef(0); // counts where the focus went
  const wanted = useRef<{ id: string; how: Parameters<Notebook["focus"]>[1] } | null>(null);

  useEffect(() => {
    nb.socket.connect();
    return () => {
      nb.pushAll();
      nb.socket.close();
    };
  }, [nb]);
  useEffect(
    () =>
      nb.path.subscribe((p) => {
        document.title = `${splitPath(p)[1].replace(/\.ipynb$/, "")} · Fanout`;
        const address = "/notebooks/" + urlPath(p);
        if (location.pathname !== address) history.replaceState(null, "", address + location.hash);
      }),
    [nb],
  );

  const go = (id: string, how: (Place & { edit?: boolean }) | undefined) => {
    const h = handles.current.get(id);
    if (!h) {
      wanted.current = { id, how };
      return;
    }
    const mine = ++gone.current;
    if (how?.edit) h.edit(how);
    else queueMicrotask(() => mine === gone.current && h.focus()); // once the selection is drawn: its style is worked out once
  };
  nb.focus = go;
  useEffect(
    () =>
      nb.loaded.subscribe((loaded) => {
        if (!loaded || location.hash !== "#new") return;
        // A notebook that was just made begins with a cell to write in.
        history.replaceState(null, "", location.pathname);
        if (nb.order.peek().length === 0) void nb.insert(0, "code", "", true).then((id) => (id ? nb.ask("save") : null)); // it is no change of the user's
      }),
    [nb],
  );
  useEffect(() => {
    const media = matchMedia("(max-width: 999px)");
    const shrunk = () => media.matches && (openPanel.value = null);
    media.addEventListener("change", shrunk);
    return () => media.removeEventListener("change", shrunk);
  }, []);
  useEffect(() => {
    // Back from another tab, where one may have logged in: do not wait for the next try.
    const back = () => document.visibilityState === "visible" && nb.link.peek() === "lost" && nb.socket.connect();
    const send = () => nb.pushAll();
    addEventListener("focus", back);
    document.addEventListener("visibilitychange", back);
    addEventListener("pagehide", send);
    return () => {
      removeEventListener("focus", back);
      document.removeEventListener("visibilitychange", back);
      removeEventListener("pagehide", send);
    };
  }, [nb]);
  const nearCells = useMemo(() => new NearCells(), []);
  const holder = useCallback((el: HTMLElement | null) => {
    if (el) nearCells.within(el);
  }, []);
  useEffect(() => () => nearCells.close(), []);
  const main = useRef<HTMLElement>(null);
  useEffect(() => keepPlace(main.current!), []);
  useEffect(() => rememberPlace(nb), [nb]);
  nb.inSight = (id) => settle(() => handles.current.get(id)?.inSight() ?? false);
  nb.reveal = (id, from, to) => handles.current.get(id)?.reveal(from, to);
  const register = useMemo(
    () => (id: string, h: CellHandle | null) => {
      if (!h) {
        handles.current.delete(id);
        return;
      }
      handles.current.set(id, h);
      if (wanted.current?.id !== id) return;
      const { how } = wanted.current;
      wanted.current = null;
      queueMicrotask(() => go(id, how));
    },
    [nb],
  );

  const ui: KeyUI = {
    help: () => (help.value = true),
    find: () => (findOpen.peek() ? document.querySelector<HTMLInputElement>(".find input")?.select() : (findOpen.value = true)),
    restart: () => void askRestart(nb, false),
    panel: () => showPanel(openPanel.peek() ? null : "contents"),
  };
  useKeys(nb, ui);
  useEffect(() => {
    const leave = (e: BeforeUnloadEvent) => {
      if (nb.unsent()) e.preventDefault();
    };
    addEventListener("beforeunload", leave);
    return () => removeEventListener("beforeunload", leave);
  }, [nb]);

  const order = nb.order.value;
  const groups = useRef<readonly Group[]>([]);
  useMemo(() => (groups.current = regroup(groups.current, order, nb.selected.peek())), [order]);
  useEffect(() => nearCells.later(), [order]);
  const loaded = nb.loaded.value;
  const panel = openPanel.value;
  return (
    <div class={"app" + (panel ? " with-panel" : "")}>
      <a class="skip" href="#notebook" onClick={(e) => (e.preventDefault(), nb.command())}>
        Skip to the cells
      </a>
      <Header nb={nb} ui={ui} />
      <nav class="rail" aria-label="Panels">
        {panels.map(([name, icon, label]) => (
          <button
            key={name}
            class="rail-button"
            aria-pressed={panel === name}
            aria-label={label}
            title={label}
            onClick={() => showPanel(panel === name ? null : name)}
          >
            <Icon name={icon} size={20} />
            <span>{label}</span>
            {name === "parallel" && <ParallelDot nb={nb} />}
          </button>
        ))}
        <span class="rail-space" />
        <ThemeSwitch />
        <button class="icon-button rail-help" aria-label="Keyboard help" title="Keyboard help (h)" onClick={ui.help}>
          <Icon name="help" />
        </button>
      </nav>
      {panel && (
        <aside class="panel" aria-label={panels.find(([n]) => n === panel)![2]}>
          <header class="panel-head">
            <h2>{panels.find(([n]) => n === panel)![2]}</h2>
            <button class="icon-button" aria-label="Close panel" onClick={() => showPanel(null)}>
              <Icon name="close" size={16} />
            </button>
          </header>
          <div class="panel-body">
            {panel === "contents" && <ContentsPanel nb={nb} onGo={() => narrow() && showPanel(null)} />}
            {panel === "variables" && <VariablesPanel nb={nb} />}
            {panel === "parallel" && <ParallelPanel nb={nb} onGo={() => narrow() && showPanel(null)} />}
            {panel === "files" && <FilesPanel path={nb.path.value} />}
          </div>
        </aside>
      )}
      <main ref={main} class="page" id="notebook" aria-label={splitPath(nb.path.value)[1]} onClick={(e) => followHeading(nb, e)}>
        <Banners nb={nb} />
        {findOpen.value && <FindBar nb={nb} />}
        {!loaded && nb.link.value !== "refused" && <Loading />}
        {loaded && (
          <div class="cells" role="list" aria-label="Cells" ref={holder}>
            {groups.current.map((g) => (
              <CellGroup key={g.key} cells={g.cells} nb={nb} nearCells={nearCells} register={register} />
            ))}
          </div>
        )}
        {loaded && <End nb={nb} empty={order.length === 0} />}
      </main>
      {help.value && <KeyHelp onClose={() => ((help.value = false), nb.command())} />}
      <Pager nb={nb} />
      <Enlarged />
      <Shell />
    </div>
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A link of a Markdown cell to a heading of the notebook leads there. */
function followHeading(nb: Notebook, e: MouseEvent): void {
  const a = (e.target as Element).closest?.<HTMLAnchorElement>('.cell-markdown .prose a[href^="#"]');
  if (!a || e.defaultPrevented) return;
  e.preventDefault();
  const name = decoded(a.getAttribute("href")!.slice(1));
  if (name !== "" && !goToHeading(nb, name)) toast(`There is no heading "${name.replaceAll("-", " ")}" in this notebook`, "info");
}

function ParallelDot({ nb }: { nb: Notebook }) {
  const n = useComputed(() => nb.parallel.value?.maps?.filter((m) => m.state === "running").length ?? 0).value;
  return n > 0 ? <span class="rail-dot" aria-label={`${n} running`} /> : null;
}

function Loading() {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">Opening the notebook</span>
      {[70, 45, 60].map((w, i) => (
        <div key={i} class="skeleton" style={{ width: `${w}%` }} />
      ))}
    </div>
  );
}

function End({ nb, empty }: { nb: Notebook; empty: boolean }) {
  const add = (type: "code" | "markdown") => () => void nb.insert(nb.order.peek().length, type, "", true);
  return (
    <div class={"end" + (empty ? " end-empty" : "")}>
      {empty && <p>This notebook is empty. Write Go, run it, and see.</p>}
      <button class="button" onClick={add("code")}>
        <Icon name="plus" size={15} /> Code
      </button>
      <button class="button" onClick={add("markdown")}>
        <Icon name="plus" size={15} /> Markdown
      </button>
    </div>
  );
}

function useKeys(nb: Notebook, ui: KeyUI): void {
  useEffect(() => {
    const keys = new KeySequence();
    const press = (e: KeyboardEvent) => {
      if (e.defaultPrevented || e.isComposing) return;
      const target = e.composedPath()[0] as HTMLElement;
      const name = keyName(e);
      const inField = target.closest?.("input, textarea, select, dialog, [contenteditable=true], iframe");
      if (inField || document.querySelector("dialog[open]")) {
        if (name !== "Mod+f" && name !== "Mod+s" && name !== "Mod+b") return;
      } else if (target.closest?.("button, a[href], summary") && (name === "Enter" || name === " ")) return;
      // What was written in lost the focus, as when a button went that was pressed: what is typed is for it.
      const id = nb.active.peek();
      const astray = target === document.body || target.id === "cell-" + id;
      if (id && nb.mode.peek() === "edit" && astray && e.key.length === 1 && e.key !== " " && !name.includes("Mod+") && !name.includes("Alt+")) {
        nb.edit(id);
        return;
      }
      if (name === "" || (target.closest?.(".panel, .header") && !name.includes("Mod+"))) return;
      if (getSelection()?.type === "Range" && (name === "Mod+c" || name === "Mod+x")) return;
      if (nb.mode.peek() === "none" && !name.includes("Mod+")) {
        if (!/^(Arrow(Up|Down)|Escape)$/.test(name)) return;
        e.preventDefault();
        nb.command();
        return;
      }
      const found = keys.press(name, e.timeStamp);
      if (!found) return;
      e.preventDefault();
      if (found !== "wait") found.run(nb, ui);
    };
    const click = () => nb.mode.peek() === "none" && (nb.mode.value = "command");
    addEventListener("keydown", press);
    addEventListener("pointerdown", click);
    return () => {
      removeEventListener("keydown", press);
      removeEventListener("pointerdown", click);
    };
  }, [nb]);
}
