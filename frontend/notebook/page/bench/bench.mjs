// Measures a web notebook in Chromium, for fanout-bench:
//
//   node bench.mjs '{"kind":"fanout"|"lab","base":"http://…","token":"…","browser":"/usr/bin/chromium"}'
//
// The server's folder has small.ipynb (cells of 1+1) and long.ipynb (500 cells). One
// line of JSON with the figures is printed, of seconds and bytes; then small.ipynb
// stays open, so that memory can be measured, until stdin ends.

import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const { kind, base, token, browser: executablePath } = JSON.parse(process.argv[2]);

const kinds = {
  fanout: {
    address: (file) => `${base}/notebooks/${file}`,
    cell: ".cell-code .box :is(.source-still, .cm-editor)",
    box: ".cell-code .box",
    idle: ".kernel.kernel-idle",
    run: "button.run-main",
    acts: "click", // the event on which its button runs a cell
    output: ".cell-code .output",
  },
  lab: {
    address: (file) => `${base}/lab/tree/${file}?reset`,
    cell: ".jp-CodeCell .cm-editor",
    box: ".jp-CodeCell .cm-editor",
    idle: ".jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status=idle]",
    run: ".jp-NotebookPanel-toolbar [data-jp-item-name=run] :is(jp-button, button)",
    acts: "mousedown",
    output: ".jp-CodeCell .jp-OutputArea-output",
    starts: true, // its kernel by itself, and runs nothing before that
  },
};
const at = kinds[kind];
const patience = 240_000; // ms
const runs = 8; // cells of small.ipynb that are run and measured, after one that is not
const presses = 60;

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 1600 } });
context.setDefaultTimeout(patience);
// Notes when the first cell is on the screen.
await context.addInitScript((cell) => {
  const look = () => {
    if (document.querySelector(cell)) globalThis.shownAt = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}, at.cell);

await context.request.get(`${base}/${kind === "lab" ? "lab" : ""}?token=${token}`); // gives the cookie, and caches nothing

const figures = {};
const small = await open("small.ipynb", true);
figures.click = median(await clicks(small));
const long = await open("long.ipynb");
const keys = await typing(long);
figures.key = median(keys);
figures.key95 = keys.sort((a, b) => a - b)[Math.floor(keys.length * 0.95)];
await long.close();

console.log(JSON.stringify({ figures, browser: browser.version() }));
for await (const _ of process.stdin); // until it ends
await browser.close();

/** Opens a notebook; weighs what is loaded and how long that takes, if asked. */
async function open(file, measured) {
  const page = await context.newPage();
  const responses = [];
  page.on("response", (r) => measured && r.ok() && responses.push(r));
  await page.goto(at.address(file));
  await page.waitForFunction(() => globalThis.shownAt > 0);
  if (measured) {
    figures.load = (await page.evaluate(() => globalThis.shownAt)) / 1e3;
    const sizes = await Promise.all(responses.map(weight)); // now, so that it delays nothing
    figures.bundle = sizes.reduce((a, b) => a + b, 0);
  }
  return page;
}

/** The bytes of a program, style or page once it is compressed. */
async function weight(response) {
  if (!["document", "script", "stylesheet"].includes(response.request().resourceType())) return 0;
  const again = await context.request.get(response.url()); // the browser may have let go of the first
  return gzipSync(await again.body()).length;
}

/** Runs cells by the button, and gives the seconds from each click to its result. */
async function clicks(page) {
  if (at.starts) await page.waitForSelector(at.idle, { state: "attached" });
  await page.locator(at.box).first().click();
  await page.keyboard.press("Escape");
  const list = [];
  await page.locator(at.run).first().hover();
  for (let i = 0; i <= runs; i++) {
    await page.evaluate(
      ({ output, acts, count }) => {
        globalThis.took = new Promise((done, fail) => {
          setTimeout(() => fail(new Error("no result within a minute")), 60_000);
          let began = NaN;
          addEventListener(acts, (e) => (began = e.timeStamp), { capture: true, once: true });
          const watch = new MutationObserver(() => {
            if (document.querySelectorAll(output).length < count) return;
            watch.disconnect();
            requestAnimationFrame(() => done((performance.now() - began) / 1e3));
          });
          watch.observe(document.body, { childList: true, subtree: true });
        });
      },
      { output: at.output, acts: at.acts, count: i + 1 },
    );
    await page.waitForTimeout(20 + Math.random() * 20); // as a hand, in no step with the screen
    await page.mouse.down();
    await page.waitForTimeout(60 + Math.random() * 20);
    await page.mouse.up();
    const took = await page.evaluate(() => globalThis.took);
    if (i > 0) list.push(took); // the first waits for the kernel
    await page.waitForSelector(at.idle, { state: "attached" });
  }
  return list;
}

/** Types into a cell, and gives the seconds from each key to the frame that shows it. */
async function typing(page) {
  await page.locator(at.box).first().click();
  await page.waitForFunction(() => document.activeElement?.closest(".cm-editor"));
  await page.keyboard.press("End");
  const list = [];
  for (let i = 0; i < presses; i++) {
    await page.evaluate(() => {
      globalThis.took = new Promise((done) => {
        addEventListener(
          "keydown",
          (e) =>
            requestAnimationFrame(() => {
              const { port1, port2 } = new MessageChannel(); // heard once the frame is made
              port1.onmessage = () => done((performance.now() - e.timeStamp) / 1e3);
              port2.postMessage(0);
            }),
          { capture: true, once: true },
        );
      });
    });
    await page.keyboard.press(i % 6 === 5 ? "Space" : "x");
    list.push(await page.evaluate(() => globalThis.took));
    await page.waitForTimeout(20 + Math.random() * 20); // as a typist, in no step with the screen
  }
  return list;
}

function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
