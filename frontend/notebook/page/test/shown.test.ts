// What is drawn, without a browser: questions, the first page, and the line that a cell asks for.

import { signal } from "@preact/signals";
import { h, render, type ComponentChild } from "preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { InputRequest } from "../src/room/types";

vi.hoisted(() => {
  // What jsdom has not.
  globalThis.matchMedia = () => ({ matches: false, addEventListener: () => {} }) as unknown as MediaQueryList;
  Element.prototype.scrollIntoView = () => {};
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    if (this.open) setTimeout(() => this.dispatchEvent(new Event("close")));
    this.open = false;
  };
});
const { HomePage } = await import("../src/home/HomePage");
const { InputPrompt } = await import("../src/notebook/InputPrompt");
const { confirmDialog, promptDialog, Questions } = await import("../src/ui/Dialog");

let root: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  root = document.body.appendChild(document.createElement("div"));
});
afterEach(() => {
  render(null, root);
  root.remove();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const wait = (ms = 50) => vi.advanceTimersByTimeAsync(ms);

async function show(what: ComponentChild): Promise<void> {
  render(what, root);
  await wait();
}

const words = (selector: string) => [...root.querySelectorAll(selector)].map((el) => el.textContent!.trim());
const field = () => root.querySelector("input")!;

async function press(name: string): Promise<void> {
  [...root.querySelectorAll("button")].find((b) => b.textContent!.trim() === name)!.click();
  await wait();
}

async function fill(text: string): Promise<void> {
  field().value = text;
  field().dispatchEvent(new InputEvent("input", { bubbles: true }));
  await wait();
}

describe("questions", () => {
  test("come one after the other, and each has its own answer", async () => {
    await show(h(Questions, {}));
    const first = confirmDialog({ title: "First?", action: "Do it" });
    const second = promptDialog({ title: "Second?", label: "Name", value: "old", action: "Name it" });
    const third = confirmDialog({ title: "Third?", action: "Do it" });
    await wait();
    expect(words("dialog h2")).toEqual(["First?"]);
    await press("Do it");
    expect(await first).toBe(true);
    expect(words("dialog h2")).toEqual(["Second?"]);
    expect(field().value).toBe("old");
    await fill("new");
    await press("Name it");
    expect(await second).toBe("new");
    expect(words("dialog h2")).toEqual(["Third?"]);
    await press("Cancel");
    expect(await third).toBe(false);
    expect(words("dialog")).toEqual([]);
  });

  test("wait for one whose answer is tried, and stays as it does not do", async () => {
    await show(h(Questions, {}));
    let fail = true;
    const first = promptDialog({ title: "First?", label: "Path", value: "a", action: "Rename", attempt: async () => { if (fail) throw new Error("there is such a file"); } });
    const second = confirmDialog({ title: "Second?", action: "Do it" });
    await wait();
    await fill("b");
    await press("Rename");
    expect([words("dialog h2"), words("[role=alert]"), field().value]).toEqual([["First?"], ["There is such a file."], "b"]);
    fail = false;
    await press("Rename");
    expect(await first).toBe("b");
    expect(words("dialog h2")).toEqual(["Second?"]);
    await press("Cancel");
    expect(await second).toBe(false);
  });
});

describe("the first page", () => {
  let down = false;

  beforeEach(() => {
    down = false;
    vi.stubGlobal("fetch", async (address: string) => {
      if (down) throw new TypeError("Failed to fetch");
      const entry = { name: "kept.ipynb", path: "kept.ipynb", type: "notebook", last_modified: new Date(0).toISOString(), size: 1 };
      return Response.json(address.startsWith("/api/contents") ? { content: [entry] } : address.endsWith("config") ? { version: "1", root: "/r", goVersion: "" } : []);
    });
  });

  test("says that the server is away, keeps what it listed, and goes on when it is back", async () => {
    await show(h(HomePage, {}));
    expect(words(".file-name")).toEqual(["kept.ipynb"]);
    expect(words(".away")).toEqual([]);
    down = true;
    await wait(5_000);
    expect(words(".away")).toEqual(["The server cannot be reached. What is listed may have changed since. It is asked for again every 5 s."]);
    expect(words(".file-name")).toEqual(["kept.ipynb"]);
    down = false;
    await wait(5_000);
    expect(words(".away")).toEqual([]);
    expect(words(".file-name")).toEqual(["kept.ipynb"]);
  });

  test("that began without the server has everything once that is there", async () => {
    down = true;
    await show(h(HomePage, {}));
    expect(words(".away")).toEqual(["The server cannot be reached. It is asked for again every 5 s."]);
    down = false;
    await wait(5_000);
    expect(words(".away")).toEqual([]);
    expect(words(".file-name")).toEqual(["kept.ipynb"]);
    expect(words(".home-foot")).toEqual(["Fanout 1 · /r"]);
  });
});

describe("the line that a cell asks for", () => {
  const asked = (number: number): InputRequest => ({ cell: "a", prompt: `${number}?`, password: false, id: `q${number}` });

  test("keeps what was typed when the question is told anew, and no other question has it", async () => {
    const input = signal<InputRequest | null>(asked(1));
    const nb = { input, active: signal("a"), mode: signal("command"), has: () => true, command: () => {}, edit: () => {}, ask: vi.fn() };
    await show(h(InputPrompt, { nb: nb as never, id: "a" }));
    await fill("half an ans");
    input.value = { ...asked(1) }; // as after a loss of the connection
    await wait();
    expect(field().value).toBe("half an ans");
    expect(document.activeElement).toBe(field());
    root.querySelector("form")!.requestSubmit();
    expect(nb.ask.mock.calls).toEqual([["input", { value: "half an ans" }]]);
    input.value = null;
    await wait();
    expect(words("form")).toEqual([]);
    input.value = asked(2);
    await wait();
    expect([words("label"), field().value]).toEqual([["2?"], ""]);
  });
});
