import { describe, expect, test } from "vitest";
import { unitsOf } from "../src/notebook/errors";
import { bindings, keyName, keyParts, KeySequence } from "../src/notebook/keys";
import { ago, bytes, duration, freeName, shortened, splitPath } from "../src/ui/format";

const key = (k: string, more: object = {}) => keyName({ key: k, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });

describe("keys", () => {
  test("have names", () => {
    expect(key("a")).toBe("a");
    expect(key("A", { shiftKey: true })).toBe("Shift+A");
    expect(key("Enter", { ctrlKey: true })).toBe("Mod+Enter");
    expect(key("?", { shiftKey: true })).toBe("?");
    expect(key("Shift", { shiftKey: true })).toBe("");
    expect(key("A")).toBe("a"); // caps lock
  });

  test("of a command in two follow each other soon", () => {
    const s = new KeySequence();
    expect(s.press("d", 0)).toBe("wait");
    expect(s.press("d", 300)).toMatchObject({ what: "Delete" });
    expect(s.press("d", 400)).toBe("wait");
    expect(s.press("d", 2000)).toBe("wait");
    expect(s.press("i", 2100)).toBe("wait");
    expect(s.press("b", 2200)).toMatchObject({ what: "Add a cell below" });
    expect(s.press("q", 2300)).toBeNull();
  });

  test("mean one thing each, and can be shown", () => {
    expect(new Set(bindings.map((b) => b.keys)).size).toBe(bindings.length);
    expect(keyParts("Ctrl+Shift+-")).toEqual([["Ctrl", "Shift", "-"]]);
    expect(keyParts("d d")).toEqual([["D"], ["D"]]);
  });
});

test("columns of Go, which count bytes, become units", () => {
  expect(unitsOf("abc", 2)).toBe(2);
  expect(unitsOf("é🙂x", 2)).toBe(1);
  expect(unitsOf("é🙂x", 6)).toBe(3);
  expect(unitsOf("ab", 9)).toBe(2);
});

test("numbers for people", () => {
  expect([0, 0.4, 12.4, 999, 1000, 9940, 9960, 61_000, 3_700_000].map(duration)).toEqual(["0 ms", "<1 ms", "12 ms", "999 ms", "1.0 s", "9.9 s", "10 s", "1 min 1 s", "1 h 1 min"]);
  expect([5, 1000, 12_345, 999_600, 2.5e9].map(bytes)).toEqual(["5 B", "1.0 kB", "12 kB", "1.0 MB", "2.5 GB"]);
  const now = Date.UTC(2026, 0, 2);
  expect([0, 3600e3, 86400e3].map((d) => ago(now - d, now))).toEqual(["just now", "1 hour ago", "yesterday"]);
  expect([splitPath("a/b/c.ipynb"), splitPath("c.ipynb")]).toEqual([["a/b", "c.ipynb"], ["", "c.ipynb"]]);
});

test("a name that is taken gives one that is free", () => {
  expect(freeName("data.csv", new Set(["data.csv"]))).toBe("data-1.csv");
  expect(freeName("data.csv", new Set(["data.csv", "data-1.csv"]))).toBe("data-2.csv");
  expect(freeName("Makefile", new Set())).toBe("Makefile-1");
  expect(freeName(".env", new Set())).toBe(".env-1");
});

test("a text that is too long ends behind a word", () => {
  expect(shortened("as it is", 8)).toBe("as it is");
  expect(shortened("one two three", 9)).toBe("one two…");
  expect(shortened("one two three", 8)).toBe("one two…");
  expect(shortened("one two, three", 9)).toBe("one two,…");
  expect(shortened("averyverylongword", 6)).toBe("avery…");
  expect(shortened("😀😀😀", 4)).toBe("😀…");
});
