/** A duration for people: 4 ms, 412 ms, 3.2 s, 2 min 5 s, 1 h 4 min. */
export function duration(ms: number): string {
  if (ms < 1) return ms <= 0 ? "0 ms" : "<1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** A number of bytes for people. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let i = -1;
  do {
    n /= 1000;
    i++;
  } while (n >= 999.5 && i < units.length - 1);
  return `${n < 10 ? n.toFixed(1) : Math.round(n)} ${units[i]}`;
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** How long ago a time was. */
export function ago(time: string | number | Date, now = Date.now()): string {
  const s = Math.round((new Date(time).getTime() - now) / 1000);
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [
    [60, "second"],
    [60, "minute"],
    [24, "hour"],
    [30, "day"],
    [12, "month"],
  ];
  let n = s;
  for (const [size, unit] of steps) {
    if (Math.abs(n) < size) return unit === "second" && n > -10 ? "just now" : relative.format(Math.round(n), unit);
    n /= size;
  }
  return relative.format(Math.round(n), "year");
}

/** A sentence of an error's words, which begin small and have no end. */
export const sentence = (s: string) => s.charAt(0).toUpperCase() + s.slice(1) + (/[.!?]$/.test(s) ? "" : ".");

/** What went wrong, and what to do, in sentences. */
export const problem = (e: { message: string; hint?: string }) => sentence(e.message) + (e.hint ? " " + sentence(e.hint) : "");

/** A text of at most so many characters: a longer one ends behind a word, with an ellipsis. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const part = text.slice(0, most);
  const space = part.slice(0, -1).search(/\s\S*$/);
  return (space > most / 2 ? part.slice(0, space) : part.slice(0, -1).replace(/[\ud800-\udbff]$/, "")).trimEnd() + "…";
}

/** The parts of a path: its folder, "" for the root, and its name. */
export function splitPath(path: string): [folder: string, name: string] {
  const at = path.lastIndexOf("/");
  return at < 0 ? ["", path] : [path.slice(0, at), path.slice(at + 1)];
}

export function join(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** A path as part of an address. */
export function urlPath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** A name like one that is taken, which is free: data-1.csv for data.csv. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let n = 1; ; n++) {
    const free = `${stem}-${n}${ending}`;
    if (!taken.has(free)) return free;
  }
}
