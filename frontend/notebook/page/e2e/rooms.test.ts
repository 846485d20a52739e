// Notebooks that live on the server: pages come and go, and lose nothing.

import fs from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { begin, cell, code, edit, editor, fileOf, gate, Line, loaded, logIn, notebook, output, over, run, running, stage, twice, writeFile } from "./harness";

const s = stage();

const lines: Line[] = [];
afterEach(() => {
  for (const l of lines.splice(0)) l.close();
});

/** A page whose line to the server can be cut. */
async function onLine(cells: ReturnType<typeof code>[]): Promise<{ page: Page; line: Line; file: string }> {
  const first = await s.notebook(cells);
  const file = fileOf(s, first);
  const line = await Line.to(s.server);
  lines.push(line);
  const page = await (await s.context()).newPage();
  await logIn(page, { url: line.url, token: s.server.token }, new URL(first.url()).pathname);
  await loaded(page);
  await first.close();
  return { page, line, file };
}

const lost = (page: Page) => page.locator(".banner", { hasText: "The server cannot be reached" });
const sourceOf = (page: Page, n: number) => editor(page, n).evaluate((e) => [...e.querySelectorAll(".cm-line")].map((l) => l.textContent).join("\n"));

interface File {
  cells: { source: string | string[]; outputs?: { text?: string | string[]; data?: Record<string, string | string[]> }[] }[];
}
const read = (file: string) => JSON.parse(fs.readFileSync(file, "utf8")) as File;
const source = (file: string, n: number) => [read(file).cells[n - 1]!.source].flat().join("");

test("a page that is loaded anew in the middle of a map shows what came before, and the rest", async () => {
  const back = gate(s);
  const page = await s.notebook([
    code(`fmt.Println("before the map")\nfunc slow(i int) int {\n\tif i >= 10 { ${back.wait} }\n\treturn i\n}\n%pmap slow 80`),
    code('"and then"'),
  ]);
  await begin(page, 1);
  await begin(page, 2);
  await output(page, 1).filter({ hasText: "before the map" }).waitFor();
  await page.reload();
  await loaded(page);
  await output(page, 1).filter({ hasText: "before the map" }).waitFor();
  await running(page, 1);
  await cell(page, 2).and(page.locator(".run-queued")).waitFor();
  back.open();
  await over(page, 1);
  await over(page, 2);
  await output(page, 1).locator("img:visible, svg:visible").first().waitFor();
  await output(page, 1).filter({ hasText: "78, 79" }).waitFor();
  await output(page, 2).filter({ hasText: "and then" }).waitFor();
});

test("cells run to their end while no page is open, and their outputs are saved", async () => {
  const alone = gate(s);
  const page = await s.notebook([code(`${alone.wait}\n"nobody" + " watched"`), code('"nor this"')]);
  const file = fileOf(s, page);
  const at = page.url();
  await begin(page, 1);
  await begin(page, 2);
  await running(page, 1);
  await cell(page, 2).and(page.locator(".run-queued")).waitFor();
  await page.close();
  alone.open();
  await expect.poll(() => JSON.stringify(read(file).cells[1]!.outputs)).toContain("nor this");
  expect(JSON.stringify(read(file).cells[0]!.outputs)).toContain("nobody watched");
  const again = await s.open(new URL(at).pathname);
  await output(again, 1).filter({ hasText: "nobody watched" }).waitFor();
  await output(again, 2).filter({ hasText: "nor this" }).waitFor();
});

test("two pages that type in one cell at once end with the same text, which has all of it", async () => {
  const a = await s.notebook([code("middle")]);
  const b = await a.context().newPage();
  await b.goto(a.url());
  await loaded(b);
  await edit(a, 1);
  await edit(b, 1);
  await b.keyboard.press("Control+Home");
  await Promise.all([a.keyboard.type(" after and after", { delay: 15 }), b.keyboard.type("before and before ", { delay: 13 })]);
  const whole = "before and before middle after and after";
  await expect.poll(() => sourceOf(a, 1)).toBe(whole);
  await expect.poll(() => sourceOf(b, 1)).toBe(whole);
  await expect.poll(() => source(fileOf(s, a), 1)).toBe(whole);
});

test("two pages see each other's cells, runs and outputs", async () => {
  const a = await s.notebook([code("n := 2")]);
  const b = await a.context().newPage();
  await b.goto(a.url());
  await loaded(b);
  await run(a, 1);
  await over(b, 1);
  await b.bringToFront();
  await edit(b, 1);
  await b.keyboard.press("Escape");
  await b.keyboard.press("b");
  await cell(b, 2).waitFor();
  await edit(b, 2);
  await b.keyboard.insertText("n * 50");
  await b.keyboard.press("Control+Enter");
  await output(a, 2).filter({ hasText: /^100$/ }).waitFor();
  await a.bringToFront();
  await edit(a, 2);
  await a.keyboard.press("Escape");
  await twice(a, "d");
  await cell(b, 2).waitFor({ state: "detached" });
});

test("when another page deletes the cell that one types in, the keys do nothing to the others", async () => {
  const a = await s.notebook([code("1"), code("22"), code("333")]);
  const b = await a.context().newPage();
  await b.goto(a.url());
  await loaded(b);
  await edit(b, 2);
  await b.keyboard.press("Escape");
  await a.bringToFront();
  await edit(a, 2);
  await b.bringToFront();
  await twice(b, "d");
  await cell(a, 3).waitFor({ state: "detached" });
  await a.bringToFront();
  await a.locator(".toast", { hasText: "deleted in another window" }).waitFor();
  expect(await a.locator(".cell.editing").count()).toBe(0);
  await a.keyboard.type("dd xx b ");
  await a.keyboard.press("ArrowDown"); // says where to go on
  await cell(a, 2).and(a.locator(":focus")).waitFor();
  await a.keyboard.press("Enter");
  await cell(a, 2).locator(".cm-focused").waitFor();
  await expect.poll(() => sourceOf(a, 1)).toBe("1");
  expect(await sourceOf(a, 2)).toBe("333");
  expect(await a.locator(".cell").count()).toBe(2);
});

test("what is written while the connection is lost arrives when it is back, beside what others wrote", async () => {
  const { page, line, file } = await onLine([code("a := 1"), code("b := 2")]);
  const other = await s.open(new URL(page.url()).pathname);
  await loaded(other);
  await edit(page, 1);
  line.cut();
  await lost(page).waitFor();
  await page.keyboard.type(" // offline");
  await edit(other, 1);
  await other.keyboard.press("Control+Home");
  await other.keyboard.type("// online\n");
  await edit(other, 2);
  await other.keyboard.type(" // too");
  line.mend();
  await lost(page).getByRole("button", { name: "Connect now" }).click({ timeout: 2_000 }).catch(() => {}); // it may have come back by itself
  await lost(page).waitFor({ state: "detached" });
  const whole = "// online\na := 1 // offline";
  await expect.poll(() => sourceOf(page, 1)).toBe(whole);
  await expect.poll(() => sourceOf(other, 1)).toBe(whole);
  await expect.poll(() => sourceOf(page, 2)).toBe("b := 2 // too");
  await expect.poll(() => source(file, 1)).toBe(whole);
});

test("cells that are begun while the connection is lost are there when it is back, with what was written in them", async () => {
  const { page, line, file } = await onLine([code("a := 1")]);
  await edit(page, 1);
  line.cut();
  await lost(page).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("b");
  await page.keyboard.press("Enter");
  await cell(page, 2).locator(".cm-focused").waitFor();
  await page.keyboard.type("b := 2");
  line.mend();
  await lost(page).waitFor({ state: "detached" });
  await page.keyboard.type(" // online");
  await expect.poll(() => sourceOf(page, 2)).toBe("b := 2 // online");
  await expect.poll(() => (read(file).cells.length > 1 ? source(file, 2) : "")).toBe("b := 2 // online");
  await page.locator(".save-state", { hasText: "Saved" }).waitFor();
});

test("a cell of a file without ids goes on where it is after the server was started anew", async () => {
  const page = await s.open("/");
  const cells = [code("x := 1"), code("x"), code("x")].map((c) => ({ ...c, id: undefined }));
  const file = path.join(s.server.root, "old.ipynb");
  writeFile(file, { ...notebook([]), nbformat_minor: 4, cells });
  await page.goto(s.server.url + "/notebooks/old.ipynb");
  await loaded(page);
  await edit(page, 2);
  await page.keyboard.type(" + 1");
  await expect.poll(() => source(file, 2)).toBe("x + 1");
  await s.server.kill();
  await page.locator(".banner").first().waitFor();
  await page.keyboard.type(" + 2");
  await s.server.restart();
  await logIn(await page.context().newPage(), s.server);
  await page.bringToFront();
  await expect.poll(() => source(file, 2), { timeout: 60_000 }).toBe("x + 1 + 2");
  expect(read(file).cells).toHaveLength(3);
});

test("text that is longer than a cell may be is not put in, which is said", async () => {
  const page = await s.notebook([code("// here: ")]);
  await edit(page, 1);
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "x".repeat(9 << 20));
    document.activeElement!.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await page.locator(".toast", { hasText: "a cell may hold 8 MiB of text" }).waitFor();
  await page.keyboard.type("still");
  await expect.poll(() => source(fileOf(s, page), 1)).toBe("// here: still");
});

test("a cell goes on while the connection is lost, and its outputs are there when it is back", async () => {
  const offline = gate(s);
  const { page, line } = await onLine([code(`fmt.Println("began")\n${offline.wait}\nfmt.Println("ended")`)]);
  await begin(page, 1);
  await output(page, 1).filter({ hasText: "began" }).waitFor();
  line.cut();
  await lost(page).waitFor();
  offline.open();
  line.mend();
  await lost(page).waitFor({ state: "detached" });
  await over(page, 1);
  await output(page, 1).filter({ hasText: /began\s*ended/ }).waitFor();
});

test("the server's last word is kept when it is killed", async () => {
  const page = await s.notebook([code("kept := 1")]);
  const at = new URL(page.url()).pathname;
  await run(page, 1);
  await edit(page, 1);
  await page.keyboard.type("\n// and this");
  // Another page has it, so the server does; it keeps a journal of each second.
  const other = await s.open(at);
  await cell(other, 1).filter({ hasText: "// and this" }).waitFor();
  await page.close();
  await other.close();
  await expect.poll(() => journal(s.server.root)).toContain("// and this");
  await s.server.kill();
  await s.server.restart();
  const again = await s.open(at);
  await cell(again, 1).filter({ hasText: "// and this" }).waitFor();
});

/** All that lies beside the notebooks: the journals are there until the file is saved. */
function journal(root: string): string {
  const files = [`${root}/../state`, root].flatMap((d) =>
    fs.existsSync(d) ? fs.readdirSync(d, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()).map((e) => `${e.parentPath}/${e.name}`) : [],
  );
  return files.map((f) => fs.readFileSync(f, "utf8")).join("\n");
}

async function conflict(): Promise<{ page: Page; file: string; banner: ReturnType<Page["locator"]> }> {
  const page = await s.notebook([code("mine := 1")]);
  const file = fileOf(s, page);
  await edit(page, 1);
  await page.keyboard.type(" // saved");
  await expect.poll(() => source(file, 1)).toContain("// saved");
  await page.keyboard.type(" // here");
  await page.locator(".save-state", { hasText: "Unsaved changes" }).waitFor(); // else the page would take the file's version
  writeFile(file, notebook([code("theirs := 2"), code("and := 3")]));
  const banner = page.getByRole("alert").filter({ hasText: "changed by another program" });
  await banner.waitFor();
  expect(source(file, 1)).toBe("theirs := 2"); // nothing was written over it
  return { page, file, banner };
}

test("a file that changed underneath is not written over; its version can be taken", async () => {
  const { page, file, banner } = await conflict();
  const said = page.getByRole("button", { name: "Not saved: the file changed" });
  await said.click();
  await expect.poll(() => banner.evaluate((e) => e === document.activeElement)).toBe(true);
  await page.evaluate(() => (document.getElementById("notebook")!.style.minHeight = "3000px")); // so that it can scroll
  await page.mouse.wheel(0, 1500);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(300);
  expect((await banner.boundingBox())!.y).toBeGreaterThan((await said.boundingBox())!.y);
  await page.evaluate(() => scrollTo(0, 0));
  await banner.getByRole("button", { name: "Take the file's version" }).click();
  await banner.waitFor({ state: "detached" });
  await expect.poll(() => sourceOf(page, 1)).toBe("theirs := 2");
  await cell(page, 2).waitFor();
  await edit(page, 2);
  await page.keyboard.type(" // more");
  await expect.poll(() => source(file, 2)).toBe("and := 3 // more");
});

test("or what is here can be written over it", async () => {
  const { file, banner } = await conflict();
  await banner.getByRole("button", { name: "Overwrite the file" }).click();
  await banner.waitFor({ state: "detached" });
  await expect.poll(() => source(file, 1)).toBe("mine := 1 // saved // here");
  expect(read(file).cells).toHaveLength(1);
});

test("a kernel that cannot start again is told of, and can be started when the cause is gone", async () => {
  const page = await s.open("/");
  const [folder, aside] = [path.join(s.server.root, "lab"), path.join(s.server.root, "aside")];
  writeFile(path.join(folder, "n.ipynb"), notebook([code("1 + 1"), code("2 + 3")]));
  await page.goto(s.server.url + "/notebooks/lab/n.ipynb");
  await loaded(page);
  await run(page, 1);
  fs.renameSync(folder, aside); // where the kernel is to start
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Restart the kernel" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restart" }).click();
  const banner = page.getByRole("alert").filter({ hasText: "The kernel has ended" });
  await banner.waitFor();
  await output(page, 1).filter({ hasText: /^2$/ }).waitFor();
  fs.renameSync(aside, folder);
  await banner.getByRole("button", { name: "Start a new one" }).click();
  await banner.waitFor({ state: "detached" });
  await run(page, 2);
  await output(page, 2).filter({ hasText: /^5$/ }).waitFor();
});

test("the first page tells which notebooks have a kernel, and shuts it down", async () => {
  const page = await s.notebook([code("1 + 1"), code("2 + 3")]);
  await run(page, 1);
  const name = path.basename(fileOf(s, page));
  const home = await page.context().newPage();
  await home.goto(s.server.url);
  const row = home.locator(".sessions li").filter({ has: home.getByRole("link", { name, exact: true }) });
  await row.waitFor();
  await home.locator(".file-row", { hasText: name }).locator(".badge-live").waitFor();
  await row.getByRole("button", { name: "Shut down" }).click();
  await home.getByRole("dialog").getByRole("button", { name: "Shut down" }).click();
  await row.waitFor({ state: "detached" });
  await page.bringToFront();
  await page.locator(".kernel", { hasText: "not started" }).waitFor();
  await run(page, 2);
  await output(page, 2).filter({ hasText: /^5$/ }).waitFor();
});
