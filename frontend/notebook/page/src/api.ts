// The REST API: files, kernels, tutorials.

import { join, urlPath } from "./ui/format";

export interface Entry {
  name: string;
  path: string;
  type: "directory" | "notebook" | "file";
  last_modified: string;
  size: number | null;
}

export interface Tutorial {
  name?: string;
  title: string;
  summary: string;
  path: string;
}

export interface Session {
  id: string;
  path: string;
  name?: string;
  kernel: { id: string; execution_state: string } | null;
}

export interface Config {
  version: string;
  root: string;
  goVersion: string;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const r = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
  }).catch(() => {
    throw new Error("the server cannot be reached"); // which each browser says in words of its own
  });
  if (r.status === 401 || r.status === 403) {
    const at = location.pathname + location.search;
    if (r.status === 401 && !location.pathname.startsWith("/login")) location.assign("/login?next=" + encodeURIComponent(at));
  }
  if (!r.ok) {
    const said = (await r.json().catch(() => null)) as { message?: string } | null;
    throw new Error(said?.message || `${r.status} ${r.statusText}`);
  }
  return (r.status === 204 ? undefined : await r.json()) as T;
}

const contents = (path: string) => "/api/contents" + (path === "" ? "" : "/" + urlPath(path));

export async function list(folder: string): Promise<Entry[]> {
  const m = await call<{ content: Entry[] | null }>("GET", contents(folder) + "?content=1&type=directory");
  return (m.content ?? []).toSorted(
    (a, b) => Number(b.type === "directory") - Number(a.type === "directory") || a.name.localeCompare(b.name, undefined, { numeric: true }),
  );
}

export const create = (folder: string, type: "notebook" | "directory") => call<Entry>("POST", contents(folder), { type });
export const rename = (path: string, to: string) => call<Entry>("PATCH", contents(path), { path: to });
export const remove = (path: string) => call<void>("DELETE", contents(path));
export const duplicate = (path: string, folder: string) => call<Entry>("POST", contents(folder), { copy_from: path });

/** Saves a file of the user's machine in a folder, under a name. */
export async function upload(folder: string, file: File, name = file.name): Promise<Entry> {
  const data = await new Promise<string>((resolve, reject) => {
    const r = new FileReader();
    r.onload = () => resolve(String(r.result).replace(/^[^,]*,/, ""));
    r.onerror = () => reject(r.error ?? new Error("the file could not be read"));
    r.readAsDataURL(file);
  });
  const path = join(folder, name);
  return call<Entry>("PUT", contents(path), { type: "file", format: "base64", name, path, content: data });
}

export const tutorials = () => call<Tutorial[]>("GET", "/api/fanout/tutorials");
export const openTutorial = (t: Tutorial) => call<{ path: string }>("POST", "/api/fanout/tutorials", { name: t.name ?? t.path });
export const sessions = () => call<Session[]>("GET", "/api/sessions");
export const endSession = (id: string) => call<void>("DELETE", "/api/sessions/" + encodeURIComponent(id));
export const config = () => call<Config>("GET", "/api/fanout/config");
