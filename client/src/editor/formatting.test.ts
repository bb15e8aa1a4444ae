import { ChangeSet, Text } from "@codemirror/state";
import { expect, test } from "vitest";
import { minimalChanges } from "./formatting";

const changes = (before: string, after: string): ChangeSet =>
  ChangeSet.of(minimalChanges(before, after), before.length);

const apply = (before: string, after: string): string =>
  changes(before, after)
    .apply(Text.of(before.split("\n")))
    .toString();

test.each([
  ["x=1\n", "x = 1\n"],
  ["print( '😀😁' )", 'print("😀😁")\n'],
  ["", "x = 1\n"],
  ["def f( a,b ):\n  return a\n\n\n\nf( 1,2 )", "def f(a, b):\n    return a\n\n\nf(1, 2)\n"],
])("the changes make one text of the other: %j", (before, after) => {
  expect(apply(before, after)).toBe(after);
});

test.each([
  ["imp¦ort  os\nx=[1,2]\n", "imp¦ort os\n\nx = [1, 2]\n"],
  ["import  os\nx=[1,¦2]\n", "import os\n\nx = [1, ¦2]\n"],
  ["if a :\n  na¦me( 'x' )\n", 'if a:\n    na¦me("x")\n'],
])("a cursor stays at its character: %j", (before, after) => {
  const changed = changes(before.replace("¦", ""), after.replace("¦", ""));
  expect(changed.mapPos(before.indexOf("¦"), 1)).toBe(after.indexOf("¦"));
});

test("what is formatted already isn't touched", () => {
  expect(minimalChanges("x = 1\n", "x = 1\n")).toEqual([]);
});
