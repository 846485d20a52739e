// What the tests in the browser have in common: a server and a browser for each file,
// pages that note what goes wrong in them, and a picture of what was seen at a failure.

import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { repository, startServer, type Server } from "./server";

export { writeFile, type Server } from "./server";

const pictures = path.join(repository, "out", "e2e");
export const isRoot = process.getuid?.() === 0;

/** The browser and the server of a test file; both end with it. */
export interface Stage {
  readonly server: Server;
  readonly browser: Browser;
  /** A browser of its own, with its own cookies. It ends with the test. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** A page that is logged in, at an address of the server. */
  open(address?: string, options?: BrowserContextOptions): Promise<Page>;
  /** A page with a notebook of its own, open and loaded. */
  notebook(cells?: Cell[], options?: BrowserContextOptions): Promise<Page>;
  /** What went wrong in the pages of this test, such as errors of scripts. Tests that mean it empty it. */
  readonly troubles: string[];
}

export function stage(files: Record<string, unknown> = {}): Stage {
  let server: Server;
  let browser: Browser;
  let contexts: BrowserContext[] = [];
  let number = 0;
  const troubles: string[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([
      startServer(files),
      chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: isRoot ? ["--no-sandbox"] : [] }),
    ]);
  });
  afterEach(async ({ task }) => {
    const ended = contexts;
    contexts = [];
    if (task.result?.state === "fail") await takePictures(ended, task.name);
    await Promise.all(ended.map((c) => c.close()));
    const seen = troubles.splice(0);
    expect(seen, "errors in the page").toEqual([]);
  });
  afterAll(async () => {
    await Promise.allSettled([browser?.close(), server?.stop()]);
  });

  const context = async (options: BrowserContextOptions = {}) => {
    const c = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true, ...options });
    c.setDefaultTimeout(60_000);
    contexts.push(c);
    c.on("weberror", (e) => troubles.push(`${e.error().stack ?? e.error().message}`));
    c.on("console", (m) => {
      // The browser itself notes each answer that is no success, which tests see elsewhere.
      if (m.type() === "error" && !/^Failed to load resource|^WebSocket connection/.test(m.text())) troubles.push(m.text());
    });
    return c;
  };
  const open = async (address = "/", options?: BrowserContextOptions) => {
    const page = await (await context(options)).newPage();
    await logIn(page, server, address);
    return page;
  };
  return {
    get server() {
      return server;
    },
    get browser() {
      return browser;
    },
    troubles,
    context,
    open,
    notebook: async (cells = [code("")], options) => {
      const name = `n${++number}.ipynb`;
      fs.writeFileSync(path.join(server.root, name), JSON.stringify(notebook(cells)));
      const page = await open("/notebooks/" + name, options);
      await loaded(page);
      return page;
    },
  };
}

async function takePictures(contexts: BrowserContext[], name: string): Promise<void> {
  fs.mkdirSync(pictures, { recursive: true });
  for (const [i, p] of contexts.flatMap((c) => c.pages()).entries()) {
    const file = path.join(pictures, `${name.replace(/\W+/g, "-")}-${i + 1}.png`);
    await p.screenshot({ path: file, timeout: 5_000 }).then(() => console.error("what was seen: " + path.relative(repository, file)), () => {});
  }
}

/** A line to a server that can be cut, as a network fails. */
export class Line {
  private sockets = new Set<net.Socket>();
  private isCut = false;
  private listener: net.Server;

  private constructor(private port: number) {
    this.listener = net.createServer((near) => {
      if (this.isCut) {
        near.destroy();
        return;
      }
      const far = net.connect(this.port, "127.0.0.1");
      for (const [a, b] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(a);
        a.pipe(b);
        a.on("error", () => {}).on("close", () => (this.sockets.delete(a), b.destroy()));
      }
    });
  }

  static async to(server: Server): Promise<Line> {
    const line = new Line(Number(new URL(server.url).port));
    await new Promise<void>((r) => line.listener.listen(0, "127.0.0.1", r));
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.listener.address() as net.AddressInfo).port}`;
  }

  cut(): void {
    this.isCut = true;
    for (const s of this.sockets) s.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  close(): void {
    this.cut();
    this.listener.close();
  }
}

/** Goes to an address with the token, as the program's own link does. */
export async function logIn(page: Page, server: { url: string; token: string }, address = "/"): Promise<void> {
  const u = new URL(address, server.url);
  u.searchParams.set("token", server.token);
  await page.goto(u.href);
}

// ---- notebooks

export interface Cell {
  id?: string;
  cell_type: "code" | "markdown";
  source: string;
  metadata: object;
  outputs?: object[];
  execution_count?: number | null;
}

export const code = (source: string, outputs: object[] = []): Cell => ({
  cell_type: "code",
  source,
  metadata: {},
  outputs,
  execution_count: outputs.length > 0 ? 1 : null,
});
export const markdown = (source: string): Cell => ({ cell_type: "markdown", source, metadata: {} });

export const notebook = (cells: Cell[]) => ({
  cells: cells.map((c, i) => ({ ...c, id: `c${i + 1}` })),
  metadata: { kernelspec: { name: "fanout", display_name: "Go (Fanout)", language: "go" } },
  nbformat: 4,
  nbformat_minor: 5,
});

export const stream = (text: string) => ({ output_type: "stream", name: "stdout", text });
export const display = (data: Record<string, unknown>) => ({ output_type: "display_data", metadata: {}, data });

/** The file of a notebook page, as it lies in the folder. */
export const fileOf = (s: Stage, page: Page) => path.join(s.server.root, decodeURIComponent(new URL(page.url()).pathname.slice("/notebooks/".length)));

/** Waits until the page shows its notebook. */
export async function loaded(page: Page): Promise<void> {
  await page.locator(".end").waitFor({ timeout: 90_000 });
}

export const cell = (page: Page, n: number) => page.locator(".cell").nth(n - 1);
export const output = (page: Page, n: number) => cell(page, n).locator(".outputs");
export const editor = (page: Page, n: number) => cell(page, n).locator(".cm-content");

/** Puts the cursor at the end of cell n. */
export async function edit(page: Page, n: number): Promise<void> {
  await cell(page, n).scrollIntoViewIfNeeded(); // cells far from the screen have no editor
  await editor(page, n).click();
  await cell(page, n).locator(".cm-focused").waitFor();
  await page.keyboard.press("Control+End");
}

/** Runs cell n where it stands, and waits until it is over. */
export async function run(page: Page, n: number): Promise<void> {
  const before = await count(page, n);
  await begin(page, n);
  await over(page, n, before);
}

/** Asks for a run of cell n. */
export async function begin(page: Page, n: number): Promise<void> {
  await edit(page, n);
  await page.keyboard.press("Control+Enter");
}

/** The number of the last run of cell n, as it is shown: "[3]". */
export const count = (page: Page, n: number) => cell(page, n).locator(".run-count").textContent();

/** Waits until cell n has run, and has another number than before. */
export async function over(page: Page, n: number, before: string | null = "[ ]"): Promise<void> {
  const c = cell(page, n);
  await c.and(page.locator(".run-idle")).filter({ has: page.locator(".run-count", { hasNotText: before ?? "" }) }).waitFor();
}

/** Waits until cell n runs. */
export const running = (page: Page, n: number) => cell(page, n).and(page.locator(".run-running")).waitFor();

/** Presses a key twice, as one command, however slow the page is. */
export const twice = (page: Page, key: string) => Promise.all([page.keyboard.press(key), page.keyboard.press(key)]);

let gates = 0;

/** A gate in cells: Go code waits at it until the test opens it. */
export function gate(s: Stage): { wait: string; open(): void } {
  const name = `gate-${++gates}`;
  return {
    wait: `for { if _, err := os.Stat(${JSON.stringify(name)}); err == nil { break }; time.Sleep(5 * time.Millisecond) }`,
    open: () => fs.writeFileSync(path.join(s.server.root, name), ""),
  };
}

/** Replaces the text of cell n. */
export async function write(page: Page, n: number, text: string): Promise<void> {
  await edit(page, n);
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

/** Waits until an element is on the screen, all of it. */
export const onScreen = (l: Locator): Promise<unknown> =>
  expect.poll(() => l.first().evaluate((e) => {
    const r = e.getBoundingClientRect();
    return r.width > 0 && r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight && r.right <= innerWidth;
  })).toBe(true);

/** The words that a page shows in an element, without the spaces at the ends. */
export const text = async (page: Page, selector: string) => ((await page.locator(selector).first().textContent()) ?? "").trim();
