// What is seen of a notebook: where the reader is, what is hidden, what is saved of it.

import fs from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { cell, code, display, edit, fileOf, loaded, markdown, output, run, stage, stream, type Cell } from "./harness";

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
  const scrolled = () => page.evaluate(() => scrollY);
  const before = await settled(scrolled);
  await page.mouse.wheel(0, 150);
  await expect.poll(async () => (await scrolled()) - before).toBeGreaterThan(100); // a wheel turns a while later
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

test("equations are counted over the notebook, and referred to; headings in the panel are rendered", async () => {
  const page = await s.notebook([
    markdown("# Of $x^2$ and `code`\n\n\\begin{equation}a\\label{first}\\end{equation}"),
    markdown("no equation"),
    markdown("\\begin{align}b\\\\c\\label{last}\\end{align}\n\nBy \\eqref{first} and \\eqref{last}."),
  ]);
  const numbers = async () => (await page.locator(".katex-display .katex-html").allInnerTexts()).join("").replace(/[^\d()]/g, "");
  await expect.poll(numbers).toBe("(1)(2)(3)");
  expect(await page.locator(".katex-display .katex-html .text").first().evaluate((el) => getComputedStyle(el).fontFamily)).toContain("KaTeX");
  expect(await cell(page, 3).locator(".prose").innerText()).toContain("By (1) and (3).");
  await page.locator(".toc .katex").waitFor();
  expect(await page.locator(".toc").textContent()).not.toContain("$");
  await cell(page, 3).getByRole("link", { name: "(1)" }).click();
  await page.locator("#cell-c1.active").waitFor();
  await page.keyboard.press("Alt+ArrowDown"); // the first cell moves, and its equation with it
  await page.keyboard.press("Alt+ArrowDown");
  await expect.poll(async () => (await cell(page, 2).locator(".prose").innerText()).includes("By (3) and (2).")).toBe(true);
});

test("find goes through outputs too, and replacing all is undone at once", async () => {
  const page = await s.notebook([code("// pin"), code("pin", [stream("a pin\n" + "x\n".repeat(300) + "another pin\n")]), ...Array.from({ length: 40 }, () => code("x", [stream("y\n".repeat(20))])), code("1", [stream("the last pin\n")])]);
  await cell(page, 1).focus();
  await page.keyboard.press("f");
  const bar = page.locator(".find");
  await bar.getByLabel("Find", { exact: true }).fill("pin");
  await bar.locator(".find-count", { hasText: "1 of 5" }).waitFor();
  const current = () => page.evaluate(() => [...(CSS.highlights.get("find-current") ?? [])].map((r) => { const b = (r as Range).getBoundingClientRect(); return b.top > 0 && b.bottom < innerHeight; }));
  for (const [n, cellNumber, inOutput] of [[2, 2, false], [3, 2, true], [4, 2, true], [5, 43, true]] as const) {
    await bar.getByLabel("Next match").click();
    await bar.locator(".find-count", { hasText: `${n} of 5` }).waitFor();
    await page.locator(`#cell-c${cellNumber}.active`).waitFor();
    await expect.poll(current).toEqual(inOutput ? [true] : []);
    expect(await bar.getByRole("button", { name: "Replace", exact: true }).isDisabled()).toBe(inOutput);
  }
  await bar.getByLabel("Replace with").fill("needle");
  await bar.getByRole("button", { name: "All", exact: true }).click();
  const sources = () => (JSON.parse(fs.readFileSync(fileOf(s, page), "utf8")) as { cells: { source: string | string[] }[] }).cells.slice(0, 2).map((c) => [c.source].flat().join(""));
  await expect.poll(sources).toEqual(["// needle", "needle"]);
  await page.locator(".toast", { hasText: "Replaced 2 matches in 2 cells" }).getByRole("button", { name: "Undo" }).click();
  await expect.poll(sources).toEqual(["// pin", "pin"]);
});

test("find shows what is hidden where a match is gone to, and leaves the file as it is", async () => {
  const hiding = (c: Cell, jupyter: object) => ({ ...c, metadata: { jupyter } });
  const page = await s.notebook([
    code("x"),
    hiding(code("y\nz // pin"), { source_hidden: true }),
    hiding(markdown("# Title\n\na pin in *Markdown*"), { source_hidden: true }),
    hiding(code("w", [stream("an output\nwith a pin\n")]), { outputs_hidden: true }),
  ]);
  await cell(page, 1).focus();
  await page.keyboard.press("f");
  const bar = page.locator(".find");
  await bar.getByLabel("Find", { exact: true }).fill("pin");
  await bar.locator(".find-count", { hasText: "1 of 3" }).waitFor();
  await cell(page, 2).locator(".cm-content", { hasText: "z // pin" }).waitFor();
  expect(await page.locator(".hidden-bar").count()).toBe(2);
  await bar.getByLabel("Next match").click();
  await cell(page, 3).locator(".prose", { hasText: "a pin in Markdown" }).waitFor();
  await bar.getByLabel("Next match").click();
  await bar.locator(".find-count", { hasText: "3 of 3" }).waitFor();
  await output(page, 4).getByText("with a pin").waitFor();
  await expect.poll(() => page.evaluate(() => [...(CSS.highlights.get("find-current") ?? [])].join())).toBe("pin");
  expect(await page.locator(".hidden-bar").count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.locator("#cell-c4.active").waitFor();
  await page.keyboard.press("o");
  await cell(page, 4).locator(".hidden-outputs").waitFor();
  await page.keyboard.press("s");
  await page.locator(".visually-hidden", { hasText: "Saved" }).waitFor({ state: "attached" });
  const cells = (JSON.parse(fs.readFileSync(fileOf(s, page), "utf8")) as { cells: { metadata: object }[] }).cells;
  expect(cells.map((c) => c.metadata)).toEqual([{}, { jupyter: { source_hidden: true } }, { jupyter: { source_hidden: true } }, { jupyter: { outputs_hidden: true } }]);
});

test("a picture is shown at its own size, with the mouse and with the keyboard", async () => {
  const wide = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 900" role="img" aria-label="A wide picture"><rect width="1600" height="900" fill="teal"/></svg>';
  const page = await s.notebook([code("x", [display({ "image/svg+xml": wide })])], { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const dialog = page.getByRole("dialog", { name: "A wide picture" });
  await cell(page, 1).locator(".rich").tap();
  await dialog.waitFor();
  const box = dialog.getByRole("group", { name: "A wide picture" });
  expect(await box.evaluate((el) => [el.scrollWidth >= 1600, el.clientWidth < 390])).toEqual([true, true]);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await cell(page, 1).getByRole("button", { name: "Enlarge the picture" }).focus();
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  const small = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button")].filter((b) => b.checkVisibility() && !b.matches(".title-name, .fold-bar, .save-state") && b.getBoundingClientRect().height > 0 && b.getBoundingClientRect().height < 40).map((b) => b.className + b.textContent),
  );
  expect(small).toEqual([]); // they are for fingers
});

test("all of a long name of a picture can be read above it, on a narrow screen, too", async () => {
  const name = `${"Rows of a matrix, of which each is a series over time with many points. ".repeat(12)}The last sentence.`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 400" role="img" aria-label="${name}"><rect width="600" height="400" fill="teal"/></svg>`;
  const page = await s.notebook([code("x", [display({ "image/svg+xml": svg })])], { viewport: { width: 390, height: 844 } });
  await cell(page, 1).locator(".rich").click();
  const title = page.getByRole("dialog").getByRole("heading");
  expect(await title.textContent()).toBe(name);
  const { fits, height } = await title.evaluate((el) => ({ fits: el.scrollWidth <= el.clientWidth, height: el.clientHeight }));
  expect(fits).toBe(true);
  expect(height).toBeLessThan(844 / 3); // the picture has its room
  await title.evaluate((el) => el.scrollTo(0, el.scrollHeight));
  const seen = await title.evaluate((el) => {
    const end = new Range();
    end.setStart(el.firstChild!, el.textContent!.length - 1);
    end.setEnd(el.firstChild!, el.textContent!.length);
    const [a, b, dialog] = [end.getBoundingClientRect(), el.getBoundingClientRect(), el.closest("dialog")!.getBoundingClientRect()];
    return a.bottom <= b.bottom + 1 && a.right <= dialog.right && b.top >= dialog.top;
  });
  expect(seen).toBe(true);
});

test("tasks are ticked where they are read", async () => {
  const page = await s.notebook([markdown("# To do\n\n- [ ] one\n- [x] two")]);
  const box = cell(page, 1).getByRole("checkbox", { name: "one" });
  await box.focus();
  await page.keyboard.press("Space");
  const source = () => (JSON.parse(fs.readFileSync(fileOf(s, page), "utf8")) as { cells: { source: string | string[] }[] }).cells.map((c) => [c.source].flat().join(""))[0];
  await expect.poll(source).toBe("# To do\n\n- [x] one\n- [x] two");
  await expect.poll(() => box.evaluate((el: HTMLInputElement) => el.checked && el === document.activeElement)).toBe(true);
  await cell(page, 1).getByRole("checkbox", { name: "two" }).click();
  await expect.poll(source).toBe("# To do\n\n- [x] one\n- [ ] two");
});

test("bars stay on the screen when the page scrolls", async () => {
  const page = await s.notebook(Array.from({ length: 40 }, (_, i) => markdown(`# ${i}\n\n${"words ".repeat(100)}`)));
  const file = fileOf(s, page);
  await cell(page, 1).focus();
  await page.keyboard.press("b");
  await page.keyboard.press("Enter");
  fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("words words", "other words"));
  await page.keyboard.type("mine");
  const banner = page.locator(".banners > *").first();
  await banner.waitFor();
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(500);
  const at = await banner.evaluate((el) => [el.getBoundingClientRect().top, document.querySelector(".header")!.getBoundingClientRect().bottom]);
  expect(at[0]).toBeGreaterThanOrEqual(at[1]!);
  expect(at[0]).toBeLessThan(200);
  expect(await page.locator(".header").evaluate((el) => el.getBoundingClientRect().top)).toBe(0);
});

test("a kernel that ran nothing yet knows which device is the default", async () => {
  const page = await s.notebook([code("")]);
  await edit(page, 1); // typing has the kernel begin
  await page.keyboard.type("x");
  await page.getByRole("button", { name: "Parallel", exact: true }).click();
  await expect.poll(() => page.locator(".device .badge", { hasText: "default" }).count()).toBe(1);
});

test("on a narrow screen a list of completions has no description beside it", async () => {
  for (const [width, shown] of [[1280, true], [390, false]] as const) {
    const page = await s.notebook([code("")], { viewport: { width, height: 800 } });
    await edit(page, 1);
    await page.keyboard.type("strings.ToUp", { delay: 20 });
    await page.locator(".cm-tooltip-autocomplete li", { hasText: "ToUpper" }).first().waitFor();
    await page.locator(".cm-completionInfo").waitFor({ state: shown ? "visible" : "hidden" });
    if (!shown) await expect.poll(() => page.locator(".cm-completionInfo").count()).toBe(1); // it is there, and does not show
  }
});

test("a notebook that was just made is saved with its first cell, and begins no unsaved change", async () => {
  const page = await s.open("/");
  await page.getByRole("button", { name: "New notebook" }).first().click();
  await loaded(page);
  await cell(page, 1).locator(".cm-focused").waitFor();
  const cells = () => (JSON.parse(fs.readFileSync(fileOf(s, page), "utf8")) as { cells: { cell_type: string }[] }).cells.map((c) => c.cell_type);
  await expect.poll(cells).toEqual(["code"]);
  await page.locator(".save-state", { hasText: /^Saved/ }).waitFor();
});
