// Writing cells and running them.

import fs from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { begin, cell, code, count, edit, editor, fileOf, gate, markdown, onScreen, output, over, run, running, stage, stream, twice, write } from "./harness";

const s = stage();

/** Waits until an output shows a text. */
const shows = (page: Page, n: number, what: string | RegExp) => output(page, n).filter({ hasText: what }).waitFor();

test("what is typed right after Shift-Enter is the next cell's, however quick", async () => {
  const page = await s.notebook([code("")]);
  await edit(page, 1);
  const lines = ["x := 1", "%whos", "x + 41"];
  for (const line of lines) {
    await page.keyboard.type(line);
    await page.keyboard.press("Shift+Enter");
  }
  await shows(page, 3, /^42$/);
  for (const [i, line] of lines.entries()) expect(await editor(page, i + 1).textContent()).toBe(line);
  expect(await page.locator(".cell").count()).toBe(4);
});

test("cells are written and run with the keyboard alone", async () => {
  const page = await s.notebook([]);
  await page.getByRole("button", { name: "Code" }).focus();
  await page.keyboard.press("Enter");
  await cell(page, 1).locator(".cm-focused").waitFor();
  await page.keyboard.type("x := 40 + 2\nx");
  await page.keyboard.press("Shift+Enter"); // runs, and goes to a new cell
  await cell(page, 2).locator(".cm-focused").waitFor();
  await shows(page, 1, /^42$/);
  await page.keyboard.type("for i := range 3 {\nfmt.Println(i * x)"); // the bracket is closed as it is typed
  await page.keyboard.press("Control+Enter");
  await shows(page, 2, /^0\s*42\s*84\s*$/);
  expect(await count(page, 2)).toBe("[2]");

  await page.keyboard.press("b");
  await cell(page, 3).waitFor();
  await page.keyboard.press("m");
  await cell(page, 3).and(page.locator(".cell-markdown")).waitFor();
  await page.keyboard.press("Enter");
  await cell(page, 3).locator(".cm-focused").waitFor();
  await page.keyboard.type("## Words\n\nand $e^{i\\pi} + 1 = 0$");
  await page.keyboard.press("Control+Enter");
  await cell(page, 3).locator("h2", { hasText: "Words" }).waitFor();
  await cell(page, 3).locator(".katex").waitFor();

  const saved = () => (JSON.parse(fs.readFileSync(fileOf(s, page), "utf8")) as { cells: { cell_type: string }[] }).cells.map((c) => c.cell_type);
  await expect.poll(saved).toEqual(["code", "code", "markdown"]);
});

test("cells are added, moved, deleted, brought back, split and merged with Jupyter's keys", async () => {
  const page = await s.notebook([code("1"), code("2"), code("3")]);
  const sources = () => page.locator(".cell").evaluateAll((list) => list.map((c) => (c.querySelector(".cm-content") ?? c.querySelector(".source-still code"))!.textContent));
  await expect.poll(sources).toEqual(["1", "2", "3"]);
  await edit(page, 1);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Alt+ArrowDown");
  await expect.poll(sources).toEqual(["2", "1", "3"]);
  await twice(page, "d");
  await expect.poll(sources).toEqual(["2", "3"]);
  await page.keyboard.press("z");
  await expect.poll(sources).toEqual(["2", "1", "3"]);
  await page.keyboard.press("Home");
  await page.keyboard.press("c");
  await page.keyboard.press("v");
  await expect.poll(sources).toEqual(["2", "2", "1", "3"]);
  await page.keyboard.press("Shift+M");
  await expect.poll(() => page.locator(".cell").count()).toBe(3);
  await edit(page, 3);
  await page.keyboard.type("4567");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Control+Shift+-");
  await expect.poll(async () => (await sources()).slice(2)).toEqual(["345", "67"]);
});

test("completion offers what fits, with documentation", async () => {
  const page = await s.notebook([code("1")]);
  await run(page, 1);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("strings.ToUp", { delay: 20 });
  await page.locator(".cm-tooltip-autocomplete li", { hasText: "ToUpper" }).first().waitFor();
  await onScreen(page.locator(".cm-tooltip-autocomplete"));
  // A list that has just come takes no key.
  await expect.poll(() => page.keyboard.press("Tab").then(() => editor(page, 1).textContent())).toMatch(/^strings\.ToUpper/);
  await page.keyboard.press("Shift+Tab");
  await page.locator(".inspect", { hasText: "ToUpper" }).waitFor();
  await onScreen(page.locator(".inspect"));
  await page.keyboard.type("(");
  await page.locator(".signature").waitFor();
  await page.keyboard.press("Shift+Tab");
  await page.locator(".inspect:not(.signature)").waitFor();
  expect(await page.locator(".signature").count()).toBe(0); // it says the same
});

test("a map shows how far it is while it runs, and its timeline afterwards", async () => {
  const [first, second] = [gate(s), gate(s)];
  const page = await s.notebook([
    // Which calls come first is up to the map, so it is their number that counts.
    code(`var calls atomic.Int64\nfunc slow(i int) int {\n\tif n := calls.Add(1); n > 40 { ${second.wait} } else if n > 20 { ${first.wait} }\n\treturn i\n}`),
    code("%pmap -c 1 slow 60"),
  ]);
  await run(page, 1);
  await page.getByRole("button", { name: "Parallel", exact: true }).click();
  const share = async () => Number(await page.locator(".map .bar").getAttribute("aria-valuenow"));
  await begin(page, 2);
  await expect.poll(share).toBeGreaterThan(20);
  expect(await share()).toBeLessThan(40);
  await page.locator(".worker-busy").first().waitFor();
  first.open();
  await expect.poll(share).toBeGreaterThan(50);
  expect(await share()).toBeLessThan(70);
  second.open();
  await over(page, 2);
  await page.locator(".map .bar").waitFor({ state: "detached" });
  const picture = output(page, 2).locator("img:visible, svg:visible").first();
  await picture.waitFor();
  const size = (await picture.boundingBox())!;
  expect(size.width).toBeGreaterThan(300);
  await expect.poll(() => picture.evaluate((e) => !(e instanceof HTMLImageElement) || e.naturalWidth > 0)).toBe(true);
  await page.getByRole("button", { name: "Go to the cell of the last timeline" }).waitFor();
});

test("a map is cancelled from the panel", async () => {
  const page = await s.notebook([code("func slower(i int) int { time.Sleep(50 * time.Millisecond); return i }\n%pmap slower 100000")]);
  await begin(page, 1);
  await page.getByRole("button", { name: "Parallel", exact: true }).click();
  await page.locator(".map").getByRole("button", { name: "Cancel" }).click();
  await over(page, 1);
});

test("lines that write over themselves change in place", async () => {
  const half = gate(s);
  const page = await s.notebook([code(`fmt.Print("begin")\nfor i := range 20 {\n\tif i == 10 { ${half.wait} }\n\tfmt.Printf("\\rstep %d of 20", i+1)\n}`)]);
  await begin(page, 1);
  await shows(page, 1, /^step 10 of 20$/);
  half.open();
  await over(page, 1);
  await shows(page, 1, /^step 20 of 20$/);
});

test("an endless loop is interrupted, and the session goes on", async () => {
  const page = await s.notebook([code("kept := 7"), code("for {}"), code("kept")]);
  await run(page, 1);
  await begin(page, 2);
  await begin(page, 3); // waits behind it
  await running(page, 2);
  await cell(page, 3).and(page.locator(".run-queued")).waitFor();
  await twice(page, "i");
  await cell(page, 2).locator(".run-info", { hasText: "interrupted" }).waitFor();
  await cell(page, 3).and(page.locator(".run-idle")).waitFor();
  await run(page, 3);
  await shows(page, 3, /^7$/);
});

test("a restart forgets what was declared, and keeps cells and outputs", async () => {
  const page = await s.notebook([code("y := 5\ny"), code("y + 1")]);
  await run(page, 1);
  await page.keyboard.press("Escape");
  await twice(page, "0");
  await page.getByRole("dialog").getByRole("button", { name: "Restart" }).click();
  await page.locator(".toast", { hasText: "starts anew" }).waitFor();
  await run(page, 2);
  await output(page, 2).locator(".error").waitFor();
  await shows(page, 2, /undefined: y/);
  await shows(page, 1, /^5$/);
});

for (const [what, source] of [
  ["os.Exit", "os.Exit(3)"],
  ["a nil map in a goroutine", 'var m map[string]int\ngo func() { m["a"] = 1 }()\ntime.Sleep(time.Minute)'],
]) {
  test(`${what} ends no more than the cell: the notebook goes on`, async () => {
    const page = await s.notebook([code(source!), code("6 * 7")]);
    await begin(page, 1);
    await cell(page, 1).locator(".run-info", { hasText: "failed" }).waitFor();
    await output(page, 1).locator(".error").waitFor();
    await run(page, 2);
    await shows(page, 2, /^42$/);
  });
}

test("an error points at the code, and its place leads there", async () => {
  const page = await s.notebook([code("a := 1\nb := a + missing")]);
  await run(page, 1);
  const place = output(page, 1).locator("a.place").first();
  await place.waitFor();
  await cell(page, 1).locator(".cm-lintRange-error").waitFor();
  await page.keyboard.press("Escape");
  await place.click();
  await cell(page, 1).locator(".cm-focused").waitFor();
});

test("a cell asks for input, for a password without showing it, and for the end of input", async () => {
  const page = await s.notebook([code('name := input("who? ")\nkey := password("key? ")\nfmt.Println(name, len(key))'), code("_, err := fmt.Scanln(&name)\nerr")]);
  await begin(page, 1);
  const field = page.locator(".stdin input");
  await page.locator(".stdin", { hasText: "who?" }).waitFor();
  await expect.poll(() => field.evaluate((e) => e === document.activeElement)).toBe(true);
  expect(await field.getAttribute("type")).toBe("text");
  await page.keyboard.type("Ann");
  await page.keyboard.press("Enter");
  await page.locator(".stdin", { hasText: "key?" }).waitFor();
  expect(await field.getAttribute("type")).toBe("password");
  await field.fill("s3cret");
  await page.keyboard.press("Enter");
  await shows(page, 1, "Ann 6");
  await expect.poll(() => fs.readFileSync(fileOf(s, page), "utf8")).toContain("Ann 6");
  expect(fs.readFileSync(fileOf(s, page), "utf8")).not.toContain("s3cret");
  expect(await page.content()).not.toContain("s3cret");

  await begin(page, 2);
  await page.locator(".stdin").getByRole("button", { name: "End of input" }).click();
  await shows(page, 2, "EOF");
});

test("after an answer one types on where the question came in between", async () => {
  const page = await s.notebook([code("var nm string\nfmt.Scanln(&nm)\nnm")]);
  await edit(page, 1);
  await page.keyboard.press("Alt+Enter");
  const field = page.locator(".stdin input");
  await expect.poll(() => field.evaluate((e) => e === document.activeElement)).toBe(true);
  await page.keyboard.type("Ann");
  await page.keyboard.press("Enter");
  await cell(page, 2).locator(".cm-focused").waitFor();
  await page.keyboard.type("add := 1");
  await shows(page, 1, "Ann");
  expect(await editor(page, 2).textContent()).toBe("add := 1");
  expect(await page.locator(".cell").count()).toBe(2);
});

test("the cell that is written stays in view, whatever comes above it and however it grows", async () => {
  const page = await s.notebook([...Array.from({ length: 12 }, (_, i) => code(`a${i} := ${i}`)), code("for i := range 15 { fmt.Println(i) }")]);
  const bottom = (n: number) => cell(page, n).evaluate((e) => innerHeight - e.getBoundingClientRect().bottom);
  await edit(page, 13);
  await page.keyboard.press("Shift+Enter");
  await cell(page, 14).locator(".cm-focused").waitFor();
  await shows(page, 13, /14\s*$/);
  await expect.poll(() => bottom(14)).toBeGreaterThanOrEqual(20);
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press("Enter");
    await expect.poll(() => bottom(14)).toBeGreaterThanOrEqual(20);
  }
});

test("documentation opens in the pager, for the page that asked", async () => {
  const page = await s.notebook([code("fmt.Println?")]);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.locator(".end").waitFor();
  await run(page, 1);
  const pager = page.getByRole("region", { name: "Documentation" });
  await pager.getByText("standard output").waitFor();
  await pager.getByRole("button", { name: "Close" }).click();
  await pager.waitFor({ state: "detached" });
  expect(await other.getByRole("region", { name: "Documentation" }).count()).toBe(0);
});

test("a magic puts text in the place of its cell", async () => {
  const page = await s.notebook([code("%%fmt\nfunc f( x int )int{return  x*2}")]);
  await run(page, 1);
  await expect.poll(() => editor(page, 1).evaluate((e) => [...e.querySelectorAll(".cm-line")].map((l) => l.textContent).join("\n"))).toBe("func f(x int) int { return x * 2 }");
});

test("a long output is cut, and shown whole on demand", async () => {
  const page = await s.notebook([code("for i := range 40000 { fmt.Println(i) }")]);
  await run(page, 1);
  const shown = output(page, 1);
  await shown.locator(".output-cut").waitFor();
  await shows(page, 1, /39999\s*/);
  expect(await shown.innerText()).not.toMatch(/^20000$/m);
  await shown.getByRole("button", { name: "Show all" }).click();
  await shown.locator(".output-cut").waitFor({ state: "detached" });
  expect(await shown.evaluate((e) => /\b20010\n20011\n20012\b/.test(e.textContent!))).toBe(true);
});

test("a cut output of a file is shown whole on demand", async () => {
  const long = Array.from({ length: 30_000 }, (_, i) => `line ${i}\n`).join("");
  const page = await s.notebook([code("1", [stream(long)]), ...Array.from({ length: 40 }, () => code("2\n3\n4"))]);
  await output(page, 1).getByRole("button", { name: "Show all" }).click();
  await output(page, 1).locator(".output-cut").waitFor({ state: "detached" });
  const all = () => output(page, 1).evaluate((e) => e.textContent!.includes("line 15010\nline 15011\n"));
  expect(await all()).toBe(true);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await output(page, 1).waitFor({ state: "detached" }); // far from the screen
  await page.evaluate(() => scrollTo(0, 0));
  await output(page, 1).waitFor();
  await expect.poll(all).toBe(true);
});

test("variables are listed with their values, as they are after each run", async () => {
  const page = await s.notebook([code("speed := 3\nfunc twice(i int) int { return 2 * i }"), code("speed = 11")]);
  await page.getByRole("button", { name: "Variables", exact: true }).click();
  await run(page, 1);
  const row = page.locator(".vars li", { hasText: "speed" });
  await row.filter({ hasText: "3" }).waitFor();
  await page.locator(".vars li", { hasText: "twice" }).waitFor();
  await run(page, 2);
  await row.filter({ hasText: "11" }).waitFor();
});

test("a cell whose source changed since it ran is marked", async () => {
  const page = await s.notebook([code("1 + 1")]);
  await run(page, 1);
  await edit(page, 1);
  await page.keyboard.type(" + 1");
  await cell(page, 1).locator(".stale").waitFor();
  await page.keyboard.press("Control+Enter");
  await shows(page, 1, /^3$/);
  await cell(page, 1).locator(".stale").waitFor({ state: "detached" });
});

test("find goes through all cells, and replaces", async () => {
  const page = await s.notebook([code("alpha := 1"), markdown("alpha and alpha"), code("alpha")]);
  await edit(page, 1);
  await page.keyboard.press("Control+f");
  const bar = page.locator(".find");
  await bar.waitFor();
  await page.keyboard.type("alpha");
  await bar.locator(".find-count", { hasText: /\b4\b/ }).waitFor();
  await bar.getByLabel("Replace with").fill("omega");
  await bar.getByRole("button", { name: "All", exact: true }).click();
  await expect.poll(() => fs.readFileSync(fileOf(s, page), "utf8")).toMatch(/omega := 1[^]*omega and omega[^]*"omega"/);
});

test("find marks the next match as one types, so that it can be replaced at once; Esc closes it from anywhere", async () => {
  const page = await s.notebook([code("alpha := 1"), code("alpha + alpha"), code("alpha")]);
  await edit(page, 2);
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Control+f");
  const bar = page.locator(".find");
  await bar.getByLabel("Find", { exact: true }).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("alpha");
  await bar.locator(".find-count", { hasText: "2 of 4" }).waitFor();
  await bar.getByLabel("Replace with").fill("be");
  await bar.getByRole("button", { name: "Replace", exact: true }).click();
  await expect.poll(() => editor(page, 2).textContent()).toBe("be + alpha");
  await bar.locator(".find-count", { hasText: "2 of 3" }).waitFor();
  await bar.getByRole("button", { name: "Match case" }).focus();
  await page.keyboard.press("Escape");
  await bar.waitFor({ state: "detached" });
  await cell(page, 2).locator(".cm-focused").waitFor();
});

test("the menu of the kernel shuts it down, and the next run starts one", async () => {
  const page = await s.notebook([code("1 + 2"), code("3 + 4")]);
  await run(page, 1);
  const kernel = page.locator(".kernel");
  await kernel.filter({ hasText: "idle" }).waitFor();
  await kernel.click();
  await page.getByRole("menuitem", { name: "Shut down" }).click();
  await kernel.filter({ hasText: /not started|ended/ }).waitFor();
  await run(page, 2);
  await shows(page, 2, /^7$/);
});

test("an edit in the middle of a run changes nothing of what runs", async () => {
  const edited = gate(s);
  const page = await s.notebook([code(`${edited.wait}\n"first"`)]);
  await begin(page, 1);
  await running(page, 1);
  await write(page, 1, '"second"');
  edited.open();
  await over(page, 1);
  await shows(page, 1, "first");
  await cell(page, 1).locator(".stale").waitFor();
});

test("a heading is begun by its level, and written at once", async () => {
  const page = await s.notebook([code("")]);
  await cell(page, 1).locator(".cell-gutter").click({ position: { x: 5, y: 5 } });
  await page.keyboard.press("2");
  await cell(page, 1).locator(".cm-focused").waitFor();
  await page.keyboard.type("Methods");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Enter");
  await cell(page, 1).getByRole("heading", { name: "Methods", level: 2 }).waitFor();
});

test("what is typed while a run is stopped with the mouse is written, and runs nothing", async () => {
  const page = await s.notebook([code("for {}"), code("")]);
  await edit(page, 1);
  await page.keyboard.press("Shift+Enter");
  await running(page, 1);
  await page.keyboard.press("Enter");
  await cell(page, 2).locator(".cm-focused").waitFor();
  await page.keyboard.type("x := 1");
  await page.locator("button.interrupt").click();
  await page.keyboard.type("23 // add");
  await cell(page, 1).and(page.locator(".run-idle")).waitFor();
  await page.locator("button.interrupt[disabled]").waitFor();
  await page.keyboard.type(" more");
  await page.evaluate(() => (document.activeElement as HTMLElement).blur()); // the focus falls to nothing
  await page.keyboard.type("!");
  await expect.poll(() => editor(page, 2).textContent()).toBe("x := 123 // add more!");
  expect(await page.locator(".cell").count()).toBe(2);
});

test("cells that are cut and pasted show what they did, without another run", async () => {
  const page = await s.notebook([code("6 * 7"), code("2")]);
  await run(page, 1);
  await shows(page, 1, /^42$/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("x");
  await expect.poll(() => page.locator(".cell").count()).toBe(1);
  await page.keyboard.press("v");
  await shows(page, 2, /^42$/);
  expect(await count(page, 2)).toBe("[1]");
  await page.keyboard.press("v");
  await shows(page, 3, /^42$/);
  await page.keyboard.press("Control+s");
  await expect.poll(() => (JSON.parse(fs.readFileSync(fileOf(s, page), "utf8")) as { cells: { outputs: unknown[] }[] }).cells.map((c) => c.outputs.length)).toEqual([0, 1, 1]);
});
