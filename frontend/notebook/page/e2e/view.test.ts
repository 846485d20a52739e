// What is seen of a notebook: where the reader is, what is hidden, what is saved of it.

import fs from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { cell, code, edit, fileOf, loaded, markdown, output, run, stage, stream } from "./harness";

const s = stage();

const menu = async (page: Page, item: string) => {
  await page.getByRole("button", { name: "Notebook menu" }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
};

test("the notebook is downloaded as Go, Markdown and a page, with what was just written", async () => {
  const page = await s.notebook([markdown("# A title"), code("1 + 1", [stream("an output\n")])]);
  await edit(page, 2);
  await page.keyboard.type(" + 40");
  for (const [item, ending] of [["Download (.ipynb)", ".ipynb"], ["Download as Go (.go)", ".go"], ["Download as Markdown (.md)", ".md"], ["Download as a page (.html)", ".html"]] as const) {
    const [download] = await Promise.all([page.waitForEvent("download"), menu(page, item)]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`^n\\d+\\${ending}$`));
    const text = fs.readFileSync((await download.path())!, "utf8").replace(/<[^>]*>/g, "");
    expect(text).toMatch(/1 \+ 1 \+ 40/);
    expect(text).toContain("A title");
    expect(text.includes("an output")).toBe(ending !== ".go");
  }
  const request = (await s.context()).request;
  expect((await request.get(s.server.url + "/api/fanout/export?path=n1.ipynb&to=html", { maxRedirects: 0 })).status()).toBe(403);
});

test("a notebook that cannot be another kind of file says why", async () => {
  const page = await s.notebook([code("x", [stream("1")])]);
  await page.route("**/api/fanout/export?**", (r) => r.fulfill({ status: 422, body: "the notebook is written in python" }));
  await menu(page, "Download as Go (.go)");
  await page.locator(".toast-error", { hasText: "The notebook is written in python." }).waitFor();
});

test("a reload keeps the selected cell, and the place on the screen", async () => {
  const page = await s.notebook(Array.from({ length: 60 }, (_, i) => (i % 2 ? code(`x${i} := ${i}`, [stream("line\n".repeat((i * 7) % 40))]) : markdown(`## ${i}\n\n${"words ".repeat(30 + i * 5)}`))));
  await cell(page, 31).scrollIntoViewIfNeeded();
  await cell(page, 31).locator(".cell-main").click({ position: { x: 300, y: 20 } });
  await page.keyboard.press("ArrowDown");
  await page.locator("#cell-c32.active").waitFor();
  await page.mouse.move(640, 400);
  await page.mouse.wheel(0, 150);
  const place = () =>
    page.evaluate(() => {
      const el = [...document.querySelectorAll(".cell")].find((c) => c.getBoundingClientRect().bottom > 120)!;
      return { id: el.id, top: Math.round(el.getBoundingClientRect().top) };
    });
  const at = await settled(place);
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(1000);
  await page.reload();
  await loaded(page);
  await page.locator("#cell-c32.active").waitFor();
  await expect.poll(async () => (await place()).id).toBe(at.id);
  await expect.poll(async () => Math.abs((await place()).top - at.top)).toBeLessThan(3);
  await page.keyboard.press("ArrowDown"); // keys are for the selected cell
  await page.locator("#cell-c33.active").waitFor();
});

/** A value once it is the same twice. */
async function settled<T>(value: () => Promise<T>): Promise<T> {
  let before = "";
  let now = await value();
  await expect.poll(async () => {
    before = JSON.stringify(now);
    now = await value();
    return JSON.stringify(now) === before;
  }).toBe(true);
  return now;
}

test("a map in the panel leads to its cell", async () => {
  const page = await s.notebook([code("func f(i int) int { return i }"), ...Array.from({ length: 20 }, (_, i) => markdown(`# ${i}\n\n${"words ".repeat(200)}`)), code("%pmap -q f 3")]);
  await run(page, 1);
  await cell(page, 22).scrollIntoViewIfNeeded();
  await run(page, 22);
  await page.keyboard.press("Home");
  await page.locator("#cell-c1.active").waitFor();
  await page.getByRole("button", { name: "Parallel", exact: true }).click();
  await page.getByRole("button", { name: "%pmap f 3: go to its cell" }).click();
  await page.locator("#cell-c22.active").waitFor();
  expect(await cell(page, 22).evaluate((el) => el.getBoundingClientRect().top < innerHeight && el === document.activeElement)).toBe(true);
});

test("outputs and sources are hidden and shown, and the file says so", async () => {
  const page = await s.notebook([code("x := 1\nx", [stream("one\n".repeat(90))]), markdown("# Words")]);
  const metadata = () => (JSON.parse(fs.readFileSync(fileOf(s, page), "utf8")) as { cells: { metadata: object }[] }).cells.map((c) => c.metadata);
  await output(page, 1).waitFor();
  await cell(page, 1).focus();
  await page.keyboard.press("o");
  const bar = cell(page, 1).getByRole("button", { name: "Show the output: 1 output" });
  await bar.waitFor();
  expect(await output(page, 1).count()).toBe(0);
  await expect.poll(metadata).toEqual([{ collapsed: true, jupyter: { outputs_hidden: true } }, {}]);
  await page.reload();
  await loaded(page);
  await bar.focus();
  await page.keyboard.press("Enter");
  await output(page, 1).waitFor();
  await expect.poll(metadata).toEqual([{}, {}]);

  await cell(page, 1).getByRole("button", { name: "Hide the output" }).click(); // the bar beside it
  await bar.waitFor();
  await cell(page, 1).focus();
  await page.keyboard.press("o");
  await output(page, 1).waitFor();
  await page.keyboard.press("Shift+O");
  await cell(page, 1).locator(".outputs-scroll").waitFor();
  expect(await cell(page, 1).locator(".outputs-scroll").evaluate((el) => el.scrollHeight > el.clientHeight && el.clientHeight < 400)).toBe(true);
  await expect.poll(metadata).toEqual([{ scrolled: true }, {}]);
  await page.keyboard.press("Shift+O");
  await cell(page, 1).locator(".outputs-scroll").waitFor({ state: "detached" });

  await cell(page, 1).getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Hide the source" }).click();
  await cell(page, 1).getByRole("button", { name: "Show the source: x := 1" }).waitFor();
  expect(await cell(page, 1).locator(".source").count()).toBe(0);
  await page.keyboard.press("Enter"); // it is shown while it is edited
  await cell(page, 1).locator(".cm-focused").waitFor();
  await page.keyboard.press("Escape");
  await cell(page, 1).getByRole("button", { name: "Show the source: x := 1" }).click();
  await cell(page, 1).locator(".source").waitFor();
  await expect.poll(metadata).toEqual([{}, {}]);
});

test("lines have numbers if they are asked for", async () => {
  const page = await s.notebook([code("a\nb\nc"), code("d")]);
  const numbers = (n: number) => cell(page, n).locator(".cm-lineNumbers .cm-gutterElement:visible").allTextContents();
  await cell(page, 2).locator(".cm-content").waitFor();
  await cell(page, 1).focus();
  await page.keyboard.press("l");
  await expect.poll(() => numbers(1)).toEqual(["1", "2", "3"]);
  expect(await numbers(2)).toEqual([]);
  await page.keyboard.press("Shift+L");
  await expect.poll(() => numbers(2)).toEqual(["1"]);
  await page.reload();
  await loaded(page);
  await expect.poll(() => numbers(1)).toEqual(["1", "2", "3"]);
  await cell(page, 1).focus();
  await page.keyboard.press("Shift+L");
  await expect.poll(() => numbers(1)).toEqual([]);
});

test("what was undone of cells is done again", async () => {
  const page = await s.notebook([code("1"), code("2"), code("3")]);
  const ids = () => page.locator(".cell").evaluateAll((list) => list.map((c) => c.id));
  await cell(page, 1).focus();
  await page.keyboard.press("x");
  await expect.poll(ids).toEqual(["cell-c2", "cell-c3"]);
  await page.keyboard.press("z");
  await expect.poll(ids).toEqual(["cell-c1", "cell-c2", "cell-c3"]);
  await page.keyboard.press("Shift+Z");
  await expect.poll(ids).toEqual(["cell-c2", "cell-c3"]);
  await page.keyboard.press("Control+z");
  await expect.poll(ids).toEqual(["cell-c1", "cell-c2", "cell-c3"]);
  await page.keyboard.press("Control+Shift+z");
  await expect.poll(ids).toEqual(["cell-c2", "cell-c3"]);
});
