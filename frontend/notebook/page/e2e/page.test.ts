// What the page does for whoever writes and reads in it.

import fs from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { cell, code, display, edit, editor, fileOf, gate, loaded, markdown, notebook, onScreen, output, over, run, running, stage, stream, twice } from "./harness";

const s = stage({
  "table.csv": 'name,speed\n"a, b",1.5\nc,2\n',
  "big.txt": "first line\n" + "x".repeat(1 << 20),
  "empty.txt": "",
  "notes.md": "# Notes\n\n- [ ] to do",
  "prog.go": "package main\n\nfunc main() {}\n",
  "some.json": '{"a": [1, 2]}',
  "picture.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><circle r="9"/></svg>',
  "bytes.bin": "\0\0\0",
  "taken.ipynb": notebook([]),
});

const sources = (page: Page) => page.locator(".cell").evaluateAll((list) => list.map((c) => (c.querySelector(".cm-content") ?? c.querySelector(".source-still code"))?.textContent ?? ""));

test("the tools of a cell never lie over its text", async () => {
  const page = await s.notebook([code("a := 1 " + "+ 1".repeat(80)), markdown("# A title " + "that is long ".repeat(30)), markdown("words ".repeat(80)), code("b")]);
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 800 }]) {
    await page.setViewportSize(viewport);
    for (const n of [1, 2, 3, 4]) {
      await cell(page, n).click({ position: { x: 3, y: 30 } });
      const tools = cell(page, n).locator(".cell-tools");
      await tools.waitFor();
      const over = await cell(page, n).evaluate((c) => {
        const t = c.querySelector(".cell-tools")!.getBoundingClientRect();
        const words = document.createTreeWalker(c.querySelector(".cell-main")!, NodeFilter.SHOW_TEXT);
        const under: string[] = [];
        while (words.nextNode()) {
          const r = new Range();
          r.selectNodeContents(words.currentNode);
          for (const b of r.getClientRects()) {
            const line = 0.15 * b.height; // above and below the letters
            if (b.right > t.left && b.left < t.right && b.bottom - line > t.top && b.top + line < t.bottom) under.push(words.currentNode.nodeValue!);
          }
        }
        return under;
      });
      expect(over, `cell ${n} at ${viewport.width}`).toEqual([]);
    }
  }
});

test("the signature is shown within a call, and completions after a dot, without being asked for", async () => {
  const page = await s.notebook([code("1")]);
  await run(page, 1);
  await edit(page, 1);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("strings.");
  await page.locator(".cm-tooltip-autocomplete li", { hasText: "Repeat" }).first().waitFor();
  await onScreen(page.locator(".cm-tooltip-autocomplete"));
  await page.keyboard.press("Escape");
  await page.keyboard.type("Repeat(");
  const signature = page.locator(".signature");
  await signature.filter({ hasText: "count int" }).waitFor();
  await onScreen(signature);
  await page.keyboard.type('"x", ');
  await signature.filter({ hasText: "count int" }).waitFor();
  await page.keyboard.type("len(");
  await signature.filter({ hasText: "func len" }).waitFor();
  await page.keyboard.type('"ab")');
  await signature.waitFor({ state: "detached" });
  await page.keyboard.type(")");
  expect(await editor(page, 1).textContent()).toBe('strings.Repeat("x", len("ab"))');
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.type(", ");
  await signature.waitFor();
  await page.keyboard.press("Escape");
  await signature.waitFor({ state: "detached" });
  expect(await cell(page, 1).locator(".cm-focused").count()).toBe(1);
});

test("deletions, moves, merges and splits are taken back one after the other", async () => {
  const page = await s.notebook([code("one"), code("two"), code("three")]);
  await edit(page, 1);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Control+Shift+-");
  await expect.poll(() => sources(page)).toEqual(["on", "e", "two", "three"]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Shift+M");
  await expect.poll(() => sources(page)).toEqual(["on", "etwo", "three"]);
  await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(() => sources(page)).toEqual(["etwo", "on", "three"]);
  await twice(page, "d");
  await expect.poll(() => sources(page)).toEqual(["on", "three"]);
  await page.keyboard.press("z");
  await expect.poll(() => sources(page)).toEqual(["etwo", "on", "three"]);
  await page.keyboard.press("Control+z");
  await expect.poll(() => sources(page)).toEqual(["on", "etwo", "three"]);
  await page.keyboard.press("z");
  await expect.poll(() => sources(page)).toEqual(["on", "e", "two", "three"]);
  await page.keyboard.press("z");
  await expect.poll(() => sources(page)).toEqual(["one", "two", "three"]);
  await page.keyboard.press("z");
  await page.locator(".toast", { hasText: "Nothing is left to take back" }).waitFor();
});

test("a name that cannot be had is refused in words, and stays in the dialog", async () => {
  const page = await s.notebook([code("1")]);
  await page.getByTitle("Rename", { exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Rename" });
  const field = dialog.getByLabel("Path of the notebook");
  await field.fill("taken.ipynb");
  await field.press("Enter");
  await dialog.getByRole("alert").filter({ hasText: 'There is "taken.ipynb" already: choose another name.' }).waitFor();
  expect(await field.inputValue()).toBe("taken.ipynb");
  await field.fill("nowhere/x.ipynb");
  await field.press("Enter");
  await dialog.getByRole("alert").filter({ hasText: 'There is no file or folder "nowhere".' }).waitFor();
  await field.fill("free.ipynb");
  await field.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await page.waitForURL(/free\.ipynb$/);
});

const long = () => Array.from({ length: 8 }, (_, i) => markdown(`## Part ${i}\n\n${"Words of it. ".repeat(400)}\n\n### More of ${i}\n\n${"And more. ".repeat(400)}`));

test("the contents follow what is read, and lead there", async () => {
  const page = await s.notebook(long());
  const here = page.locator(".toc a[aria-current]");
  await cell(page, 4).evaluate((e) => e.scrollIntoView({ block: "start" }));
  await here.filter({ hasText: /^Part 3$/ }).waitFor();
  await page.locator(".toc a", { hasText: "More of 5" }).click();
  await here.filter({ hasText: "More of 5" }).waitFor();
  await expect.poll(() => page.getByRole("heading", { name: "More of 5" }).evaluate((e) => e.getBoundingClientRect().top)).toBeLessThan(120);
  await page.mouse.move(700, 400);
  await page.mouse.wheel(0, -4000);
  await here.filter({ hasNotText: "More of 5" }).waitFor();

  const narrow = await s.notebook(long(), { viewport: { width: 390, height: 740 } });
  await narrow.getByRole("button", { name: "Contents", exact: true }).click();
  await narrow.locator(".toc a", { hasText: "Part 2" }).click();
  await narrow.locator(".panel").waitFor({ state: "detached" });
  await expect.poll(() => narrow.getByRole("heading", { name: "Part 2" }).evaluate((e) => e.getBoundingClientRect().top)).toBeLessThan(120);
});

test("what is read stays in its place while outputs come above it", async () => {
  const go = gate(s);
  const page = await s.notebook([
    code(`${go.wait}\nfor i := range 30 { fmt.Println(i) }`),
    ...Array.from({ length: 5 }, (_, i) => code(`for i := range 12 { fmt.Println(i) } // ${i}`)),
    ...long(),
  ]);
  await page.getByRole("button", { name: "Run all" }).click();
  await running(page, 1);
  const heading = page.getByRole("heading", { name: "Part 0" });
  await cell(page, 7).evaluate((e) => e.scrollIntoView({ block: "start" }));
  await heading.waitFor();
  const top = () => heading.evaluate(async (e) => {
    await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
    return e.getBoundingClientRect().top;
  });
  let before = await top();
  for (let now = await top(); Math.abs(now - before) > 1; now = await top()) before = now; // until it has come to rest
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  go.open();
  await over(page, 6);
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeGreaterThan(height + 500);
  expect(Math.abs((await top()) - before)).toBeLessThan(4);
});

test("find marks what is rendered, too", async () => {
  const page = await s.notebook([markdown("a **needle** here"), code("x", [stream("needle, needle\n"), display({ "text/html": "<b>needle</b>" })])]);
  await cell(page, 1).getByText("needle").waitFor();
  await output(page, 2).getByText("needle").first().waitFor();
  await cell(page, 2).click({ position: { x: 3, y: 30 } });
  await page.keyboard.press("f");
  await page.locator(".find").waitFor();
  await page.keyboard.type("needle");
  const marked = () => page.evaluate(() => [...(CSS.highlights.get("find") ?? [])].length);
  await expect.poll(marked).toBe(4);
  await page.keyboard.press("Escape");
  await expect.poll(marked).toBe(0);
});

test("a menu that is closed gives the focus back to where it was", async () => {
  const page = await s.notebook([code("1"), code("2")]);
  await edit(page, 2);
  await page.keyboard.press("Escape");
  for (const name of ["Notebook menu", "More"]) {
    await (name === "More" ? cell(page, 2) : page).getByRole("button", { name, exact: true }).click();
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement!.id), name).toBe(await cell(page, 2).getAttribute("id"));
  }
  await page.keyboard.press("k"); // and its keys work
  await page.locator(".cell.active").and(cell(page, 1)).waitFor();
});

test("a notebook that is made right after another was deleted is empty", async () => {
  const home = await s.open("/");
  await home.getByRole("button", { name: "New notebook" }).first().click();
  await loaded(home);
  const first = fileOf(s, home);
  await cell(home, 1).waitFor();
  await edit(home, 1);
  await home.keyboard.type('"of the old one"');
  await home.keyboard.press("Control+Enter");
  await output(home, 1).filter({ hasText: "of the old one" }).waitFor();
  await expect.poll(() => fs.readFileSync(first, "utf8")).toContain("of the old one");
  const other = await home.context().newPage();
  for (const shown of [true, false]) {
    if (!shown) await home.close();
    await other.goto(s.server.url);
    const name = path.basename(first);
    if (!fs.existsSync(first)) fs.writeFileSync(first, JSON.stringify(notebook([code('"of the old one"')])));
    await other.reload();
    await other.getByRole("button", { name: `Actions for ${name}` }).click();
    await other.getByRole("menuitem", { name: "Delete" }).click();
    await other.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await other.locator(".file-row").filter({ has: other.getByRole("link", { name, exact: true }) }).waitFor({ state: "detached" });
    await other.getByRole("button", { name: "New notebook" }).first().click();
    await loaded(other);
    await cell(other, 1).waitFor();
    expect(await sources(other)).toEqual([expect.not.stringContaining("old")]);
    expect(await other.getByRole("alert").count()).toBe(0);
    fs.rmSync(fileOf(s, other), { force: true });
  }
});

test("files of the list are looked at in place, whatever their size", async () => {
  const page = await s.open("/");
  const dialog = page.getByRole("dialog");
  const look = async (name: string) => {
    await page.getByRole("link", { name, exact: true }).click();
    await page.getByRole("dialog", { name }).waitFor();
  };
  const close = async () => {
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  };
  await look("table.csv");
  await dialog.getByRole("columnheader", { name: "speed" }).waitFor();
  expect(await dialog.locator("td").allTextContents()).toEqual(["a, b", "1.5", "c", "2"]);
  const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("link", { name: "Download" }).click()]);
  expect(download.suggestedFilename()).toBe("table.csv");
  await close();
  await look("big.txt");
  await dialog.getByText("first line").waitFor();
  await dialog.getByText(/The first 262 kB of 1.0 MB/).waitFor();
  await close();
  await look("empty.txt");
  await dialog.getByText("This file is empty").waitFor();
  await close();
  await look("notes.md");
  await dialog.getByRole("heading", { name: "Notes", exact: true }).waitFor();
  await dialog.getByRole("checkbox").waitFor();
  await close();
  await look("prog.go");
  await dialog.getByText("package").waitFor();
  await close();
  await look("some.json");
  await dialog.locator(".json").waitFor();
  await close();
  await look("picture.svg");
  await expect.poll(() => dialog.getByRole("img", { name: "picture.svg" }).evaluate((e) => (e as HTMLImageElement).naturalWidth)).toBe(40);
  await close();
  await look("bytes.bin");
  await dialog.getByText("This file is no text").waitFor();
  await close();
  expect(page.url()).toBe(s.server.url + "/");
});
