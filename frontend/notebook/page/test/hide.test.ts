import { describe, expect, test } from "vitest";
import { firstLine, isHidden, isScrolled, outputWords, withHidden } from "../src/notebook/hide";
import { apply, type Room } from "../src/room/state";
import type { RoomEvent } from "../src/room/types";

describe("what is hidden", () => {
  test("is read as Jupyter writes it, now and before", () => {
    expect(isHidden({}, "outputs")).toBe(false);
    expect(isHidden({ collapsed: true }, "outputs")).toBe(true);
    expect(isHidden({ collapsed: true, jupyter: { outputs_hidden: false } }, "outputs")).toBe(false);
    expect(isHidden({ jupyter: { outputs_hidden: true } }, "outputs")).toBe(true);
    expect(isHidden({ collapsed: true }, "source")).toBe(false);
    expect(isHidden({ jupyter: { source_hidden: true } }, "source")).toBe(true);
    expect(isScrolled({ scrolled: true })).toBe(true);
    expect(isScrolled({ scrolled: "auto" })).toBe(false);
  });

  test("is written so, beside what else is there, and leaves nothing behind", () => {
    const mine = { tags: ["a"], jupyter: { other: 1 } };
    const hidden = withHidden(mine, "outputs", true);
    expect(hidden).toEqual({ tags: ["a"], jupyter: { other: 1, outputs_hidden: true }, collapsed: true });
    expect(withHidden(hidden, "outputs", false)).toEqual(mine);
    expect(withHidden(withHidden({}, "source", true), "source", false)).toEqual({});
    expect(withHidden({ collapsed: true }, "source", true)).toEqual({ collapsed: true, jupyter: { source_hidden: true } });
    expect(withHidden({ collapsed: true }, "outputs", false)).toEqual({});
    expect(mine).toEqual({ tags: ["a"], jupyter: { other: 1 } });
  });

  test("has words", () => {
    expect(firstLine("\n\n  x := 1\ny")).toBe("x := 1");
    expect(firstLine(" \n")).toBe("empty");
    expect(outputWords([{ output_type: "stream" }])).toBe("1 output");
    expect(outputWords([{ output_type: "stream" }, { output_type: "error" }])).toBe("2 outputs, with an error");
  });

  test("comes as metadata of the cell, whose outputs stay the same", () => {
    const start: RoomEvent = {
      ev: "room", path: "a.ipynb", client: "me",
      notebook: { metadata: { of: "notebook" }, cells: [{ id: "a", cell_type: "code", metadata: {}, source: "", version: 0, outputs: [{ output_type: "stream", text: "x" }] }] },
      kernel: { id: "", status: "none", name: "" }, file: { dirty: false, saved: "", conflict: false, recovered: false, trusted: true, readonly: false },
    };
    const before = apply(null, start) as Room;
    const after = apply(before, { ev: "metadata", cell: "a", metadata: { collapsed: true } })!;
    expect(after.cells.get("a")!.metadata).toEqual({ collapsed: true });
    expect(after.cells.get("a")!.outputs).toBe(before.cells.get("a")!.outputs);
    expect(apply(after, { ev: "metadata", metadata: { now: 1 } })).toBe(after); // of the notebook, which is not shown
  });
});
