import { expect, test } from "vitest";
import { expression, replacement } from "../src/notebook/find";

test.each([
  ["bar", "foo", "a bar b", "a foo b"],
  ["(?<=x\\.)bar", "foo", "bar x.bar bar", "bar x.foo bar"],
  ["bar(?= end)", "foo", "bar bar end", "bar foo end"],
  ["(\\w+)@(\\w+)", "$2 at $1 [$&]", "me@home", "home at me [me@home]"],
  ["a*", "-", "aab", "-b"],
])("%j becomes %j in %j", (what, by, text, want) => {
  const re = expression({ text: what, caseSensitive: true, regexp: true })!;
  const [m] = [...text.matchAll(re)].filter((f) => f[0] !== "").map((f) => ({ from: f.index, to: f.index + f[0].length }));
  const there = new RegExp(re.source, re.flags.replace("g", "y"));
  expect(text.slice(0, m!.from) + replacement(there, text, m!, by) + text.slice(m!.to)).toBe(want);
});
