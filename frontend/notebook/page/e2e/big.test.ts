// A notebook of 1,000 cells with 50 MB of outputs.

import fs from "node:fs";
import { expect, test } from "vitest";
import { cell, code, display, edit, editor, fileOf, loaded, markdown, notebook, output, stage, stream } from "./harness";

const many = 1_000;
const text = (i: number) => Array.from({ length: 1_000 }, (_, n) => `cell ${i} line ${n} ${"x".repeat(40)}\n`).join("");
const picture = (i: number) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="300">${Array.from({ length: 800 }, (_, n) => `<circle cx="${(n * 37 + i) % 600}" cy="${(n * 91) % 300}" r="2" fill="#0b6e8a"/>`).join("")}</svg>`;

const s = stage({
  "big.ipynb": notebook(
    Array.from({ length: many }, (_, i) =>
      i % 10 === 0 ? markdown(`## Part ${i / 10}`) : code(`// cell ${i}\nx := ${i}`, i % 10 === 1 ? [display({ "image/svg+xml": picture(i) })] : [stream(text(i))]),
    ),
  ),
});

test("it opens, shows its first cell, scrolls to its end, and can be written in", async () => {
  expect(fs.statSync(`${s.server.root}/big.ipynb`).size).toBeGreaterThan(50 << 20);
  const page = await s.open("/notebooks/big.ipynb");
  await loaded(page);
  expect(await page.locator(".cell").count()).toBe(many);
  await cell(page, 1).getByRole("heading", { name: "Part 0" }).waitFor();
  await output(page, 2).locator("svg:not(.icon)").waitFor();
  await output(page, 3).getByText("cell 2 line 0 ").first().waitFor();

  await page.keyboard.press("End");
  await editor(page, many).waitFor();
  await output(page, many).getByText(`cell ${many - 1} line 0 `).first().waitFor();
  expect(await cell(page, many).evaluate((e) => e.getBoundingClientRect().top < innerHeight)).toBe(true);
  // Cells far from the screen have neither an editor nor outputs in the page.
  await expect.poll(() => page.locator(".cell .cm-editor").count()).toBeLessThan(60);
  await expect.poll(() => page.locator(".cell .outputs").count()).toBeLessThan(60);

  await edit(page, many);
  await page.keyboard.type("\n// written at the end");
  // Words of 50 MB in a message would take minutes.
  await expect.poll(() => fs.readFileSync(fileOf(s, page)).includes("// written at the end"), { interval: 500 }).toBe(true);

  await page.keyboard.press("Escape");
  await page.keyboard.press("Home");
  await cell(page, 1).getByRole("heading", { name: "Part 0" }).waitFor();
  await expect.poll(() => cell(page, 1).evaluate((e) => e.getBoundingClientRect().top >= 0)).toBe(true);
});
