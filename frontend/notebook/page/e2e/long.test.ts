// A long notebook, whose cells are laid out in groups as they come near.

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { cell, code, display, editor, loaded, markdown, stage, stream } from "./harness";

const s = stage();

const picture = (height: number) => `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="${height}"><rect width="400" height="400" fill="teal"/></svg>`;

/** 160 cells: headings with text, long outputs, pictures and sources, of heights that cannot be foreseen. */
const long = () =>
  s.notebook(
    Array.from({ length: 160 }, (_, i) => {
      if (i % 5 === 0) return markdown(`## Part ${i}\n\n${"Words that fill a paragraph and are wrapped by the browser. ".repeat(1 + (i % 7))}`);
      if (i % 5 === 1) return code("x := 1\n".repeat(1 + (i % 9)), [stream("line\n".repeat(1 + ((i * 7) % 25)))]);
      if (i % 5 === 2) return code("1 + 1", [display({ "text/html": `<table>${"<tr><td>row</td></tr>".repeat(1 + ((i * 3) % 20))}</table>` })]);
      if (i % 5 === 3) return code("2 + 2", [display({ "image/svg+xml": picture(40 + ((i * 31) % 350)) })]);
      return code("3 + 3");
    }),
    { viewport: { width: 1280, height: 800 } },
  );

const topOf = (page: Page, selector: string) => page.locator(selector).evaluate((e) => e.getBoundingClientRect().top);
const frames = (page: Page, n: number) =>
  page.evaluate((left) => new Promise<void>((done) => {
    const next = () => (left-- > 0 ? requestAnimationFrame(next) : done());
    next();
  }), n);

test("cells far from the screen are not laid out, and what is read stays in its place on the way", async () => {
  const page = await long();
  const laidOut = (n: number) => cell(page, n).evaluate((e) => e.checkVisibility({ contentVisibilityAuto: true }));
  await expect.poll(() => laidOut(1)).toBe(true);
  expect(await laidOut(160)).toBe(false);
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await expect.poll(() => laidOut(160)).toBe(true);
  await expect.poll(() => laidOut(1)).toBe(false);
  await editor(page, 160).waitFor();
  // Upwards, where all that comes is above what is read.
  const off: [string, number][] = [];
  for (let i = 0; i < 60; i++) {
    await frames(page, 4);
    const seen = await page.evaluate(() => {
      const e = document.elementsFromPoint(500, 420).map((x) => x.closest(".cell")).find((x) => x)!;
      const before = { id: e.id, top: e.getBoundingClientRect().top };
      scrollBy(0, -300);
      return before;
    });
    await frames(page, 4);
    const moved = (await topOf(page, "#" + seen.id)) - seen.top;
    if (Math.abs(moved - 300) > 3) off.push([seen.id, moved]);
  }
  expect(off).toEqual([]);
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(300); // all steps were whole ones
});

test("a source is as high before it has an editor as in it", async () => {
  const page = await s.notebook([code("a\nb"), code("a\nb\n"), code("\n\n"), code(""), markdown("a")].flatMap((c) => Array.from({ length: 25 }, () => c)));
  const heights = (n: number) => cell(page, n).locator(".source").evaluate((e) => [e.querySelector(".cm-editor") !== null, e.getBoundingClientRect().height]);
  for (const n of [25, 50, 75, 100]) {
    expect((await heights(n))[0]).toBe(false);
    const still = await heights(n);
    await cell(page, n).scrollIntoViewIfNeeded();
    await editor(page, n).waitFor();
    expect((await heights(n))[1]).toBe(still[1]);
  }
});

test("a heading far away is gone to below the header, and marked in sight in the panel", async () => {
  const page = await long();
  for (const part of [140, 5, 90]) {
    const link = page.locator(".toc a", { hasText: new RegExp(`^Part ${part}$`) });
    await link.click();
    const top = () => topOf(page, `#cell-c${part + 1} [data-heading]`);
    await expect.poll(async () => Math.round(await top())).toBe(80);
    await frames(page, 60);
    expect(Math.round(await top())).toBe(80);
    await link.and(page.locator("[aria-current=true]")).waitFor();
  }
  await page.keyboard.press("Shift"); // the reader goes on
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  const current = page.locator(".toc a[aria-current=true]");
  await expect.poll(() => current.textContent()).toMatch(/^Part 15\d$/);
  expect(await current.evaluate((a) => {
    const [at, panel] = [a.getBoundingClientRect(), a.closest(".panel-body")!.getBoundingClientRect()];
    return at.top >= panel.top && at.bottom <= panel.bottom;
  })).toBe(true);
});

test("a cell that is moved over the edge of a group keeps the focus, its text and what can be undone", async () => {
  const page = await long();
  await cell(page, 20).scrollIntoViewIfNeeded();
  await editor(page, 20).click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" + 4");
  await page.keyboard.press("Escape");
  const place = () => page.evaluate(() => [...document.querySelectorAll(".cell")].findIndex((c) => c.id === "cell-c20") + 1);
  const groupOf = (id: string) => page.locator("#cell-" + id).evaluate((e) => [...document.querySelectorAll(".cell-group")].indexOf(e.parentElement!));
  expect([await groupOf("c20"), await groupOf("c21")]).toEqual([0, 1]);
  const focused = () => page.evaluate(() => document.activeElement?.id);
  for (const [key, at] of [["Alt+ArrowDown", 21], ["Alt+ArrowDown", 22], ["Alt+ArrowUp", 21], ["Alt+ArrowUp", 20], ["Alt+ArrowUp", 19]] as const) {
    await page.keyboard.press(key);
    await expect.poll(place).toBe(at);
    await expect.poll(focused).toBe("cell-c20");
  }
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+z");
  await expect.poll(() => page.locator("#cell-c20 .cm-content").textContent()).toBe("3 + 3");
});

test("cells that are put in by the dozen split a group, and the one that is written in stays as it is", async () => {
  const page = await s.notebook(Array.from({ length: 30 }, (_, i) => code(`x${i} := ${i}`)));
  await cell(page, 30).scrollIntoViewIfNeeded();
  await page.locator("#cell-c30 .cell-gutter").click({ position: { x: 5, y: 5 } });
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press("b");
    await expect.poll(() => page.locator(".cell").count()).toBe(31 + i);
  }
  expect(await page.locator(".cell-group").count()).toBe(2);
  await page.keyboard.press("Enter");
  await page.keyboard.type("last");
  await expect.poll(() => cell(page, 42).locator(".cm-content").textContent()).toBe("last");
  await page.reload();
  await loaded(page);
  expect(await page.locator(".cell").count()).toBe(42);
  expect((await page.locator(".cell").evaluateAll((list) => list.map((c) => c.id))).slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, i) => `cell-c${i + 1}`));
});

test("an editor with the focus stays while it is off the screen, also in a window without the focus; others go", async () => {
  const page = await long();
  await editor(page, 5).click();
  await page.keyboard.press("Control+End");
  const editors = () => page.locator(".cm-editor").count();
  const away = async () => {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await editor(page, 160).waitFor();
    await expect.poll(async () => (await editors()) - (await page.locator("#cell-c5 .cm-editor").count())).toBeLessThan(15);
  };
  await page.evaluate(() => (document.hasFocus = () => false)); // another window has it
  await away();
  await page.waitForFunction((since) => performance.now() > since + 1_500, await page.evaluate(() => performance.now())); // when others have long gone
  await page.keyboard.type(" + 1x");
  await expect.poll(() => page.locator("#cell-c5 .cm-content").textContent()).toBe("3 + 3 + 1x");
  expect(await page.locator(".cell").count()).toBe(160);
  await away();
  await cell(page, 160).locator(".cell-gutter").click({ position: { x: 5, y: 5 } });
  await expect.poll(() => page.locator("#cell-c5 .cm-editor").count()).toBe(0);
});

test("what an undo brings back is in sight, and fast moves are all made", async () => {
  const page = await long();
  await cell(page, 60).scrollIntoViewIfNeeded();
  await page.locator("#cell-c60 .cell-gutter").click({ position: { x: 5, y: 5 } });
  for (let i = 0; i < 12; i++) await page.keyboard.press("Shift+ArrowDown");
  await page.locator("#cell-c72.selected").waitFor();
  await page.keyboard.press("x");
  await expect.poll(() => page.locator(".cell").count()).toBe(147);
  await frames(page, 30);
  await page.keyboard.press("z");
  await expect.poll(() => page.locator(".cell").count()).toBe(160);
  const inSight = async (id: string) => page.locator(id).evaluate((e) => {
    const { top, bottom } = e.getBoundingClientRect();
    return top >= 56 && (bottom <= innerHeight || bottom - top > innerHeight - 120);
  });
  await expect.poll(() => inSight("#cell-c60")).toBe(true);
  await frames(page, 60);
  expect(await inSight("#cell-c60")).toBe(true);
  await page.locator("#cell-c60 .cell-gutter").click({ position: { x: 5, y: 5 } });
  const place = () => page.evaluate(() => [...document.querySelectorAll(".cell")].findIndex((c) => c.id === "cell-c60") + 1);
  for (let i = 0; i < 30; i++) await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(place).toBe(30);
  await expect.poll(() => inSight("#cell-c60")).toBe(true);
});
