// The first page: the files, the tutorials, and what runs.

import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api";
import { choiceDialog, confirmDialog, Menu, promptDialog, type MenuItem } from "../ui/Dialog";
import { ago, bytes, freeName, problem, splitPath, urlPath } from "../ui/format";
import { Icon } from "../ui/icons";
import { Logo } from "../ui/Logo";
import { toast } from "../ui/notify";
import { preview } from "../ui/preview";
import { Shell, ThemeSwitch } from "../ui/Shell";

const open = (path: string) => location.assign("/notebooks/" + urlPath(path));

async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (e) {
    toast(problem(e as Error), "error");
    return undefined;
  }
}

export function HomePage() {
  const [folder, setFolder] = useState(folderOfAddress());
  const [entries, setEntries] = useState<api.Entry[] | null>(null);
  const [tutorials, setTutorials] = useState<api.Tutorial[]>([]);
  const [sessions, setSessions] = useState<api.Session[]>([]);
  const [config, setConfig] = useState<api.Config | null>(null);
  const [dragging, setDragging] = useState(false);

  const [away, setAway] = useState("");
  const shown = useRef(folder); // what answers must be of
  const refresh = () => {
    shown.current = folder;
    const mine = <A,>(f: (a: A) => void) => (a: A) => shown.current === folder && f(a);
    api.list(folder).then(
      mine((l) => {
        setEntries(l);
        setAway("");
      }),
      mine((e: Error) => setAway(problem(e))), // what was listed stays
    );
    api.sessions().then(setSessions, () => {});
    if (!known.current) void learn();
  };
  const known = useRef(false); // what does not change
  const learn = async () => {
    try {
      const [t, c] = await Promise.all([api.tutorials(), api.config()]);
      setTutorials(t);
      setConfig(c);
      known.current = true;
    } catch {
      // It is asked for again with the files.
    }
  };
  useEffect(() => {
    setEntries(null);
    setAway("");
    refresh();
    const t = setInterval(() => document.visibilityState === "visible" && refresh(), 5000);
    return () => clearInterval(t);
  }, [folder]);
  useEffect(() => {
    document.title = "Fanout";
    const back = () => setFolder(folderOfAddress());
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);

  const go = (to: string) => {
    history.pushState(null, "", to === "" ? "/" : "/?folder=" + encodeURIComponent(to));
    setFolder(to);
  };
  const create = async () => {
    const made = await attempt(api.create(folder, "notebook"));
    if (made) location.assign("/notebooks/" + urlPath(made.path) + "#new");
  };
  const upload = async (files: Iterable<File>) => {
    const there = entries ?? (await attempt(api.list(folder)));
    if (!there) return; // what would be written over is not known
    const names = new Set(there.map((e) => e.name));
    const here: string[] = [];
    for (const f of files) {
      const name = names.has(f.name) ? await askWhichName(f.name, names) : f.name;
      if (name === null || !(await attempt(api.upload(folder, f, name)))) continue;
      here.push(name);
      names.add(name);
    }
    if (here.length > 0) toast(here.length === 1 ? `${here[0]} is here` : `${here.length} files are here`, "info");
    refresh();
  };

  return (
    <div
      class={"home-page" + (dragging ? " dragging" : "")}
      onDragOver={(e) => {
        if (!e.dataTransfer?.types.includes("Files")) return;
        e.preventDefault();
        setDragging(true);
      }}
      onDragLeave={(e) => e.relatedTarget === null && setDragging(false)}
      onDrop={(e) => {
        e.preventDefault();
        setDragging(false);
        void upload(e.dataTransfer?.files ?? []);
      }}
    >
      <header class="home-head">
        <Logo size={40} />
        <div>
          <h1>Fanout</h1>
          <p>Go notebooks for parallel experiments</p>
        </div>
        <ThemeSwitch />
      </header>
      <main class="home-main">
        <section class="files" aria-labelledby="files-title">
          <div class="section-head">
            <h2 id="files-title">
              <Crumbs folder={folder} root={config?.root} go={go} />
            </h2>
            <div class="section-actions">
              <UploadButton upload={upload} />
              <Menu
                label="More to make"
                class="button"
                items={[
                  { label: "Notebook", icon: "notebook", run: () => void create() },
                  {
                    label: "Folder",
                    icon: "folder",
                    run: () => void attempt(api.create(folder, "directory")).then(refresh),
                  },
                ]}
              >
                More
              </Menu>
              <button class="button button-primary" onClick={() => void create()}>
                <Icon name="plus" size={16} /> New notebook
              </button>
            </div>
          </div>
          {away !== "" && (
            <p class="away" role="status">
              {away} {entries === null ? "" : "What is listed may have changed since. "}It is asked for again every 5 s.
            </p>
          )}
          <Files entries={entries} sessions={sessions} go={go} refresh={refresh} folder={folder} create={create} />
        </section>
        <div class="home-side">
          {sessions.some((s) => s.kernel) && (
            <section aria-labelledby="running-title">
              <h2 id="running-title">Running</h2>
              <Running sessions={sessions} refresh={refresh} />
            </section>
          )}
          {tutorials.length > 0 && (
            <section aria-labelledby="tutorials-title">
              <h2 id="tutorials-title">Tutorials</h2>
              <p class="muted">Each opens as a copy in your folder, to run and to change.</p>
              <ol class="tutorials">
                {tutorials.map((t, i) => (
                  <li key={t.path}>
                    <TutorialCard t={t} number={i + 1} />
                  </li>
                ))}
              </ol>
            </section>
          )}
        </div>
      </main>
      <footer class="home-foot">
        {config && (
          <>
            Fanout {config.version}
            {config.goVersion && ` · Go ${config.goVersion.replace(/^go/, "")}`} · {config.root}
          </>
        )}
      </footer>
      {dragging && <div class="drop-hint">Drop files to upload them here</div>}
      <Shell />
    </div>
  );
}

/** Asks what to do with a file whose name is taken: the name to give it, or null for none. */
async function askWhichName(name: string, taken: ReadonlySet<string>): Promise<string | null> {
  const free = freeName(name, taken);
  const what = await choiceDialog({
    title: `${name} is here already`,
    text: `Keep both, the new one as ${free}, or replace the one that is here?`,
    choices: [
      { action: "Keep both", answer: "keep" },
      { action: "Replace", answer: "replace", danger: true },
    ],
  });
  return what === "keep" ? free : what === "replace" ? name : null;
}

function folderOfAddress(): string {
  const tree = /^\/tree\/?(.*)$/.exec(location.pathname);
  if (tree) return decodeURIComponent(tree[1]!);
  return new URLSearchParams(location.search).get("folder") ?? "";
}

function Crumbs({ folder, root, go }: { folder: string; root?: string; go: (f: string) => void }) {
  const parts = folder === "" ? [] : folder.split("/");
  const name = root?.split(/[\\/]/).filter(Boolean).at(-1) ?? "Files";
  if (parts.length === 0) return <span>{name}</span>;
  return (
    <nav class="crumbs" aria-label="Folder">
      <button onClick={() => go("")}>{name}</button>
      {parts.map((p, i) => (
        <span key={i}>
          <Icon name="chevron" size={14} />
          {i === parts.length - 1 ? <span aria-current="page">{p}</span> : <button onClick={() => go(parts.slice(0, i + 1).join("/"))}>{p}</button>}
        </span>
      ))}
    </nav>
  );
}

function UploadButton({ upload }: { upload: (f: Iterable<File>) => Promise<void> }) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <input ref={field} type="file" multiple hidden aria-label="Files to upload" onChange={(e) => void upload([...(e.currentTarget.files ?? [])])} />
      <button class="button" onClick={() => field.current?.click()}>
        <Icon name="upload" size={16} /> Upload
      </button>
    </>
  );
}

function Files(p: {
  entries: api.Entry[] | null;
  sessions: api.Session[];
  folder: string;
  go: (f: string) => void;
  refresh: () => void;
  create: () => Promise<void>;
}) {
  if (!p.entries) {
    return (
      <div class="file-list" role="status">
        <span class="visually-hidden">Loading</span>
        {[60, 40, 50].map((w, i) => (
          <div key={i} class="file-row">
            <div class="skeleton" style={{ width: `${w}%` }} />
          </div>
        ))}
      </div>
    );
  }
  if (p.entries.length === 0) {
    return (
      <div class="empty-folder">
        <Icon name="notebook" size={34} />
        <h3>{p.folder === "" ? "A fresh folder" : "Nothing in this folder"}</h3>
        <p>Start a notebook, drop files here, or open a tutorial.</p>
        <button class="button button-primary" onClick={() => void p.create()}>
          <Icon name="plus" size={16} /> New notebook
        </button>
      </div>
    );
  }
  const live = new Set(p.sessions.map((s) => s.path));
  return (
    <ul class="file-list">
      {p.entries.map((e) => (
        <FileRow key={e.path} e={e} live={live.has(e.path)} go={p.go} refresh={p.refresh} />
      ))}
    </ul>
  );
}

function FileRow({ e, live, go, refresh }: { e: api.Entry; live: boolean; go: (f: string) => void; refresh: () => void }) {
  const [folder] = splitPath(e.path);
  const items: (MenuItem | null)[] = [
    { label: "Rename", icon: "edit", run: () => void renameEntry(e).then(refresh) },
    ...(e.type === "directory"
      ? []
      : [
          { label: "Duplicate", icon: "copy" as const, run: () => void attempt(api.duplicate(e.path, folder)).then(refresh) },
          { label: "Download", icon: "download" as const, run: () => location.assign(`/files/${urlPath(e.path)}?download=1`) },
        ]),
    null,
    { label: "Delete", icon: "trash", danger: true, run: () => void removeEntry(e).then(refresh) },
  ];
  const icon = e.type === "directory" ? "folder" : e.type === "notebook" ? "notebook" : "file";
  return (
    <li class={"file-row file-" + e.type}>
      <Icon name={icon} />
      {e.type === "directory" ? (
        <button class="file-name" onClick={() => go(e.path)}>
          {e.name}
        </button>
      ) : (
        <a
          class="file-name"
          href={(e.type === "notebook" ? "/notebooks/" : "/files/") + urlPath(e.path)}
          target={e.type === "notebook" ? undefined : "_blank"}
          rel="noreferrer"
          onClick={(ev) => e.type === "file" && preview(ev, e)}
        >
          {e.name}
        </a>
      )}
      {live && <span class="badge badge-live">running</span>}
      <span class="file-size">{e.size == null || e.type === "directory" ? "" : bytes(e.size)}</span>
      <time class="file-time" dateTime={e.last_modified} title={new Date(e.last_modified).toLocaleString()}>
        {ago(e.last_modified)}
      </time>
      <Menu label={`Actions for ${e.name}`} items={items}>
        <Icon name="more" />
      </Menu>
    </li>
  );
}

async function renameEntry(e: api.Entry): Promise<void> {
  await promptDialog({
    title: "Rename",
    label: "New path",
    value: e.path,
    action: "Rename",
    attempt: async (to) => void (to !== e.path && (await api.rename(e.path, to))),
  });
}

async function removeEntry(e: api.Entry): Promise<void> {
  const yes = await confirmDialog({ title: `Delete ${e.name}?`, text: "This cannot be undone.", action: "Delete", danger: true });
  if (yes) await attempt(api.remove(e.path));
}

/** Markdown in one line as plain words. */
const words = (s: string) => s.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]|\b_|_\b/g, "");

/** A title without the number, which stands beside it. */
function title(s: string): string {
  const t = words(s).replace(/^(lesson|tutorial)\s+\d+\s*[:.]\s*/i, "");
  return t.charAt(0).toUpperCase() + t.slice(1);
}

function TutorialCard({ t, number }: { t: api.Tutorial; number: number }) {
  const [opening, setOpening] = useState(false);
  return (
    <button
      class="tutorial"
      disabled={opening}
      onClick={async () => {
        setOpening(true);
        const r = await attempt(api.openTutorial(t));
        if (r) open(r.path);
        else setOpening(false);
      }}
    >
      <span class="tutorial-number">{number}</span>
      <span class="tutorial-text">
        <strong>{title(t.title)}</strong>
        <span>{words(t.summary)}</span>
      </span>
      <Icon name="chevron" size={16} />
    </button>
  );
}

function Running({ sessions, refresh }: { sessions: api.Session[]; refresh: () => void }) {
  const list = sessions.filter((s) => s.kernel);
  return (
    <ul class="sessions">
      {list.map((s) => (
        <li key={s.id}>
          <span class={"kernel-dot kernel-dot-" + s.kernel!.execution_state} />
          <a href={"/notebooks/" + urlPath(s.path)}>{s.path}</a>
          <span class="muted">{s.kernel!.execution_state}</span>
          <button
            class="button button-small"
            onClick={async () => {
              const yes = await confirmDialog({ title: "Shut the kernel down?", text: `The variables of ${s.path} are lost.`, action: "Shut down", danger: true });
              if (!yes) return;
              await attempt(api.endSession(s.id));
              refresh();
            }}
          >
            Shut down
          </button>
        </li>
      ))}
    </ul>
  );
}
