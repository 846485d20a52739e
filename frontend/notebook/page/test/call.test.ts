import { describe, expect, test } from "vitest";
import { callAt } from "../src/notebook/call";

/** The call at | in code, as its text from the bracket, and the argument's up to |. */
function at(marked: string): [string, string] | null {
  const pos = marked.indexOf("|");
  const code = marked.replace("|", "");
  const c = callAt(code, pos);
  return c && [code.slice(0, c.open), code.slice(c.from, pos)];
}

describe("the call that a place is in", () => {
  test.each<[string, [string, string] | null]>([
    ["fmt.Println(|)", ["fmt.Println", ""]],
    ["f(1, 2|", ["f", " 2"]],
    ["f(g(1), |)", ["f", " "]],
    ["f(g(1, |), 2)", ["f(g", " "]],
    ["f(1)|", null],
    ["f(a[1], b[|])", ["f", " b["]],
    ['f("(,", |)', ["f", " "]],
    ['f("a|b")', null],
    ["f('(', `,(`, /* ( */ |)", ["f", " /* ( */ "]],
    ["f(1 // (,|\n)", null],
    ["f(1, // (,\n |)", ["f", " // (,\n "]],
    ["Map[int](|)", ["Map[int]", ""]],
    ["if (|", null],
    ["func f(a int, |", null],
    ["func (t T) f(|", null],
    ["func f[T any](|", null],
    ["f(func() { g(); |", null],
    ["f(func() { g(|", ["f(func() { g", ""]],
    ["x := (1 + |2)", null],
    ["f((1 + |2))", ["f", "(1 + "]],
    ['f("no end, |\ng(', null],
  ])("%s", (code, want) => expect(at(code)).toEqual(want));
});
