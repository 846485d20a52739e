import { expect, test } from "vitest";
import { readTable, separatorOf } from "../src/ui/csv";

test("text in columns is read as RFC 4180 has it", () => {
  expect(readTable('a,b\r\n1,"x, ""y""\nz"\n,\n"",3', ",", 99)).toEqual([
    ["a", "b"],
    ["1", 'x, "y"\nz'],
    ["", ""],
    ["", "3"],
  ]);
  expect(readTable("a\tb\n1\t2\n3\t4\n", "\t", 2)).toEqual([
    ["a", "b"],
    ["1", "2"],
  ]);
  expect(readTable('"never ends', ",", 9)).toEqual([["never ends"]]);
  expect(readTable("", ",", 9)).toEqual([]);
});

test("the separator is the one of the first line", () => {
  expect(separatorOf("a.csv", "a;b;c\n1,5;2;3")).toBe(";");
  expect(separatorOf("a.csv", "a,b\n")).toBe(",");
  expect(separatorOf("a.tsv", "a,b")).toBe("\t");
});
