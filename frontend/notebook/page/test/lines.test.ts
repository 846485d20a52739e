import { describe, expect, test } from "vitest";
import { showText } from "../src/outputs/lines";

function grow(...texts: string[]): HTMLElement {
  const el = document.createElement("pre");
  let shown = "";
  for (const t of texts) {
    showText(el, shown, shown + t);
    shown += t;
  }
  return el;
}

const many = Array.from({ length: 200 }, (_, i) => `line ${i}\n`).join("");

describe("text that grows", () => {
  test.each([
    ["line by line", ["tick 0\n", "tick 1\n", "tick 2\n"]],
    ["within a line", ["one ", "two\nthr", "ee\n"]],
    ["by newlines alone", ["a", "\n", "\n", "b\n"]],
    ["after many lines", [many, "x\n", "y\n"]],
    ["within the last of many lines", [many + "half", " and half\n", "next\n"]],
    ["after a long last part", [many, "z".repeat(20_000) + "\n", "x\n", "y\n"]],
  ])("shows all of it: %s", (_, texts) => {
    expect(grow(...texts).textContent).toBe(texts.join(""));
  });

  test("goes on in the line that it left off in", () => {
    const el = grow(many + "half", " and half\n");
    expect(el.lastElementChild!.textContent!.endsWith("half and half\n")).toBe(true);
  });

  test("with colours is made anew", () => {
    const el = grow("a\n", "\x1b[31mred\n", "more\x1b[0m\n");
    expect(el.textContent).toBe("a\nred\nmore\n");
    expect(el.querySelectorAll(".ansi-red-fg").length).toBeGreaterThan(0);
  });

  test("keeps its colours and links over many lines", () => {
    const red = Array.from({ length: 200 }, (_, i) => `In[3]:${i + 1}:1: wrong\n`).join("");
    const el = grow("\x1b[31m" + red + "\x1b[0mlast\n");
    expect([...el.querySelectorAll(".ansi-red-fg")].map((s) => s.textContent).join("")).toBe(red);
    expect(el.querySelectorAll("a.place")).toHaveLength(200);
  });

  test("has links to the places that it names", () => {
    expect(grow("a\n", "at In[3]:2:7\n").querySelector("a.place")?.textContent).toBe("In[3]:2:7");
  });
});
