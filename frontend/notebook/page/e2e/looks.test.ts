// What every reader needs: both themes, narrow screens, and what screen readers go by.

import fs from "node:fs";
import { createRequire } from "node:module";
import type { BrowserContextOptions, Page } from "playwright-core";
import { expect, test } from "vitest";
import { cell, code, display, edit, markdown, output, run, stage, stream, type Cell } from "./harness";

const s = stage({ "data/numbers.csv": "a,b\n1,2\n" });

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe has to say against a page, in short. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(at: Document, o: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } };
    const found = await axe.run(document, { resultTypes: ["violations"] });
    return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)} (${n.failureSummary.replace(/\s+/g, " ").slice(0, 200)})`));
  });
}

const cells = (): Cell[] => [
  markdown("# A title\n\nWords, a [link](https://go.dev), `code` and $x^2$.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```go\nfunc main() { for {} }\n```"),
  code("x := 40 + 2 // a comment\nfmt.Println(\"a string\", x)", [stream("a string 42\n\u001b[31mred\u001b[0m \u001b[1;32mgreen\u001b[0m \u001b[33myellow\u001b[0m \u001b[34mblue\u001b[0m\n")]),
  code("y + 1", [{ output_type: "error", ename: "CompileError", evalue: "undefined: y", traceback: ["In[2]:1:1: undefined: y", "  1 | y + 1", "    | ^", "Hint: declare it with y := …"] }]),
  code("table", [display({ "text/html": "<table><thead><tr><th>n</th><th>square</th></tr></thead><tbody><tr><td>2</td><td>4</td></tr></tbody></table>" })]),
  code("wide", [stream("wide ".repeat(400) + "\n"), display({ "application/json": { a: [1, 2, { b: null }], c: "text" } })]),
];

const views: [string, BrowserContextOptions][] = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["dark and narrow", { colorScheme: "dark", viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
];
for (const [name, options] of views) {
  const narrow = name.includes("narrow");

  test(`the first page has nothing that shuts readers out: ${name}`, async () => {
    const page = await s.open("/", { ...options, bypassCSP: true });
    await page.locator(".file-row").first().waitFor();
    await page.locator(".tutorial").first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Actions for data" }).click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
  });

  test(`nor has a notebook, with its panels and help: ${name}`, async () => {
    const page = await s.notebook(cells(), { ...options, bypassCSP: true });
    await output(page, 2).getByText("red").waitFor();
    await output(page, 4).locator("table").waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    for (const panel of ["Files", "Variables", "Parallel", "Contents"]) {
      const button = page.getByRole("button", { name: panel, exact: true });
      if ((await button.getAttribute("aria-pressed")) !== "true") await button.click();
      await page.getByRole("complementary", { name: panel }).waitFor();
      await page.locator(panel === "Files" ? ".side-files li" : panel === "Contents" ? ".toc a" : ".panel-body .empty").first().waitFor();
      expect(await violations(page), panel).toEqual([]);
      expect(await overflow(page), panel).toBe(0);
    }
    await page.getByRole("button", { name: "Close panel" }).click();
    await edit(page, 2);
    await page.keyboard.press("Escape");
    await page.keyboard.press("h");
    await page.getByRole("dialog").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test(`a timeline is readable: ${name}`, async () => {
    const page = await s.notebook([code("func id(i int) int { return i }\n%pmap id 20")], options);
    await run(page, 1);
    const pictures = output(page, 1).locator("img:visible, svg:not(.icon):visible"); // buttons have icons
    const picture = pictures.first();
    await picture.waitFor();
    const box = (await picture.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    if (narrow) expect(box.x).toBeLessThan(360);
    // The picture of the page's theme is the one that is shown, and there is one.
    expect(await pictures.count()).toBe(1);
    expect(await overflow(page)).toBe(0);
  });
}

/** How far a page is wider than its screen. */
const overflow = (page: Page) => page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));

const brightness = (page: Page) =>
  page.evaluate(() => {
    const ink = getComputedStyle(document.body).color.match(/[\d.]+/g)!.map(Number);
    return 255 - (ink[0]! + ink[1]! + ink[2]!) / 3; // a bright page has dark ink
  });

test("the theme is the system's, unless another is chosen, which is kept", async () => {
  const page = await s.open("/", { colorScheme: "dark" });
  await page.locator(".file-row").first().waitFor();
  expect(await brightness(page)).toBeLessThan(80);
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(() => brightness(page)).toBeGreaterThan(175);
  const choose = page.getByRole("button", { name: /^Theme:/ });
  await choose.click(); // light
  await choose.click(); // dark
  await expect.poll(() => brightness(page)).toBeLessThan(80);
  await page.reload();
  await page.locator(".file-row").first().waitFor();
  expect(await brightness(page)).toBeLessThan(80);
});

test("a narrow screen has all that is needed to work", async () => {
  const page = await s.notebook([code("6 * 7"), markdown("words")], { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await cell(page, 1).tap();
  await page.locator(".run-main").tap();
  await output(page, 1).filter({ hasText: /^42$/ }).waitFor();
  await page.getByRole("button", { name: "Notebook menu" }).tap();
  for (const item of await page.getByRole("menuitem").all()) {
    const box = (await item.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(360);
  }
  await page.keyboard.press("Escape");
  expect(await overflow(page)).toBe(0);
});
