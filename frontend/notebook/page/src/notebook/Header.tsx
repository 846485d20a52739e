// The bar on top: where we are, whether it is saved, and what runs.

import { useComputed } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { Menu, promptDialog, type MenuItem } from "../ui/Dialog";
import { ago, splitPath } from "../ui/format";
import { keepFocus } from "../ui/focus";
import { Icon } from "../ui/icons";
import { Logo } from "../ui/Logo";
import type { CellType, KernelStatus } from "../room/types";
import type { KeyUI } from "./keys";
import { askRestart } from "./askRestart";
import { focusConflict } from "./Banners";
import { exportAs, formats } from "./export";
import { toggleAllNumbers } from "./lineNumbers";
import type { Notebook } from "./notebook";

export function Header({ nb, ui }: { nb: Notebook; ui: KeyUI }) {
  const [folder, name] = splitPath(nb.path.value);
  return (
    <header class="header">
      <a class="home" href={"/" + (folder ? "?folder=" + encodeURIComponent(folder) : "")} aria-label="Fanout: all files" title="All files">
        <Logo size={30} />
      </a>
      <div class="title">
        <button class="title-name" title="Rename" onClick={() => void rename(nb)}>
          <h1>{name.replace(/\.ipynb$/, "")}</h1>
        </button>
        <SaveState nb={nb} />
      </div>
      <div class="actions" role="toolbar" aria-label="Run">
        <button class="button button-primary run-main" title="Run the cell, and go on (Shift-Enter)" onClick={() => void nb.clickRun()}>
          <Icon name="play" size={15} />
          <span>Run</span>
        </button>
        <Interrupt nb={nb} />
        <button class="icon-button wide-only" aria-label="Restart the kernel" title="Restart the kernel (0 0)" onClick={ui.restart}>
          <Icon name="restart" />
        </button>
        <button class="icon-button wide-only" aria-label="Run all" title="Run all" onClick={() => nb.runAll()}>
          <Icon name="playAll" />
        </button>
        <button class="icon-button wide-only" aria-label="Add a cell" title="Add a cell below (b)" onClick={() => nb.insertAt("below", "code", true)}>
          <Icon name="plus" />
        </button>
        <TypeChoice nb={nb} />
        <NotebookMenu nb={nb} ui={ui} />
      </div>
      <Kernel nb={nb} ui={ui} />
    </header>
  );
}

async function rename(nb: Notebook): Promise<void> {
  await promptDialog({
    title: "Rename",
    label: "Path of the notebook",
    value: nb.path.peek(),
    action: "Rename",
    attempt: (path) => nb.rename(path.endsWith(".ipynb") ? path : path + ".ipynb"),
  });
}

function SaveState({ nb }: { nb: Notebook }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const t = setInterval(() => tick((n) => n + 1), 60_000); // how long ago it was saved
    return () => clearInterval(t);
  }, []);
  const f = nb.file.value;
  if (!f) return <span class="save-state"> </span>;
  if (f.conflict) {
    return (
      <button class="save-state bad" title="What to do about it" onClick={focusConflict}>
        Not saved: the file changed
      </button>
    );
  }
  const refused = nb.order.value.find((id) => nb.refusedCells.value.has(id));
  if (refused !== undefined) {
    return (
      <button class="save-state bad" title="Go to the cell whose text the server does not take" onClick={() => nb.go(refused)}>
        Not saved: cell {nb.order.value.indexOf(refused) + 1}
      </button>
    );
  }
  const text =
    nb.link.value !== "open"
      ? "Offline"
      : f.dirty || nb.unsentCells.value.size > 0
        ? "Unsaved changes"
        : f.saved
          ? `Saved ${ago(f.saved)}`
          : "Saved";
  return (
    <span class="save-state" title={f.saved ? "Saved " + new Date(f.saved).toLocaleString() : undefined}>
      {text}
    </span>
  );
}

function Interrupt({ nb }: { nb: Notebook }) {
  const { running, queued } = nb.busy.value;
  return (
    <button
      class="icon-button interrupt"
      disabled={!running && queued === 0}
      aria-label="Interrupt"
      title="Interrupt (i i)"
      onMouseDown={keepFocus}
      onClick={() => void nb.interrupt()}
    >
      <Icon name="stop" />
    </button>
  );
}

function TypeChoice({ nb }: { nb: Notebook }) {
  const type = useComputed(() => {
    const id = nb.active.value;
    nb.order.value;
    return id && nb.has(id) ? nb.cell(id).value.type : "code";
  }).value;
  return (
    <label class="type-choice wide-only">
      <span class="visually-hidden">Kind of cell</span>
      <select value={type} onChange={(e) => void nb.setType(e.currentTarget.value as CellType)}>
        <option value="code">Code</option>
        <option value="markdown">Markdown</option>
        <option value="raw">Raw</option>
      </select>
    </label>
  );
}

function NotebookMenu({ nb, ui }: { nb: Notebook; ui: KeyUI }) {
  const items: (MenuItem | null)[] = [
    { label: "Run all", icon: "playAll", run: () => nb.runAll() },
    { label: "Run all above", icon: "up", run: () => nb.runAbove() },
    { label: "Run this and below", icon: "down", run: () => nb.runBelow() },
    { label: "Restart and run all", icon: "restart", run: () => void askRestart(nb, true) },
    { label: "Restart the kernel", keys: "0 0", run: ui.restart },
    { label: "Shut the kernel down", run: () => void nb.ask("shutdown") },
    null,
    { label: "Clear all outputs", icon: "clear", run: () => void nb.clear(null) },
    { label: "Undo of cells", keys: "z", run: () => void nb.undo() },
    { label: "Redo of cells", keys: "Shift Z", run: () => void nb.redo() },
    { label: "Line numbers", keys: "Shift L", run: toggleAllNumbers },
    { label: "Find and replace", icon: "search", keys: "f", run: ui.find },
    null,
    ...(nb.file.value?.trusted === false ? [{ label: "Trust this notebook", icon: "shield", run: () => void nb.ask("trust") } as MenuItem] : []),
    { label: "Save", icon: "save", keys: "Ctrl S", run: () => void nb.save() },
    { label: "Rename", icon: "edit", run: () => void rename(nb) },
    ...formats.map(([to, label], i): MenuItem => ({ label, icon: i === 0 ? "download" : undefined, run: () => void exportAs(nb, to) })),
    null,
    { label: "Keys", icon: "help", keys: "h", run: ui.help },
  ];
  return (
    <Menu label="Notebook menu" items={items}>
      <Icon name="more" />
    </Menu>
  );
}

const words: Record<KernelStatus, string> = {
  none: "not started",
  starting: "starting",
  idle: "idle",
  busy: "busy",
  dead: "ended",
  restarting: "restarting",
};

function Kernel({ nb, ui }: { nb: Notebook; ui: KeyUI }) {
  const k = nb.kernel.value;
  const { running, queued } = nb.busy.value;
  const offline = nb.link.value !== "open" && nb.loaded.value;
  const status = offline ? "offline" : running ? "busy" : k.status;
  const text = offline ? "offline" : queued > 0 ? `busy, ${queued} queued` : (words[k.status === status ? k.status : "busy"] ?? status);
  const items: (MenuItem | null)[] = [
    { label: "Go to the running cell", icon: "link", disabled: !running, run: () => running && nb.go(running) },
    { label: "Interrupt", icon: "stop", keys: "i i", disabled: !running, run: () => void nb.interrupt() },
    { label: "Restart", icon: "restart", keys: "0 0", run: ui.restart },
    { label: "Restart and run all", icon: "playAll", run: () => void askRestart(nb, true) },
    { label: "Shut down", icon: "close", run: () => void nb.ask("shutdown") },
  ];
  return (
    <Menu named class={"kernel kernel-" + status} label={`Kernel: ${text}`} items={items}>
      <span class="kernel-dot" />
      <span class="visually-hidden">Kernel </span>
      <span class="kernel-name">Go </span>
      <span class="kernel-state">{text}</span>
    </Menu>
  );
}
