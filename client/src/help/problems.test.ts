import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initSync, PositionEncoding, Workspace } from "@astral-sh/ruff-wasm-web";
import { beforeAll, expect, test } from "vitest";
import type { Problem } from "./lint-protocol";
import { SETTINGS, toProblems } from "./problems";

let workspace: Workspace;

beforeAll(() => {
  const wasm = createRequire(import.meta.url).resolve("@astral-sh/ruff-wasm-web/ruff_wasm_bg.wasm");
  initSync({ module: readFileSync(wasm) });
  workspace = new Workspace(SETTINGS, PositionEncoding.Utf16);
});

const problemsIn = (text: string): readonly Problem[] => toProblems(text, workspace.check(text));

const fixed = (text: string): string => {
  const edits = problemsIn(text)[0]?.fix?.edits ?? [];
  return edits.reduceRight(
    (code, { from, to, insert }) => code.slice(0, from) + insert + code.slice(to),
    text,
  );
};

test("a problem stands where it is, also behind an emoji", () => {
  const text = 'x = "😀"\nprint("😀", nmae)\n';
  const [problem] = problemsIn(text);
  expect(text.slice(problem?.from, problem?.to)).toBe("nmae");
  expect(problem).toMatchObject({ severity: "error", rule: "F821" });
  expect(problem?.message).toContain("`nmae`");
});

test("what every program is given is no problem", () => {
  expect(problemsIn("display(1)\n")).toEqual([]);
});

test("an unused import is taken out whole", () => {
  expect(fixed("import os\nprint(1)\n")).toBe("print(1)\n");
  expect(fixed("import os, re\nprint(re)\n")).toBe("import re\nprint(re)\n");
});

test("a fix may consist of several edits", () => {
  expect(fixed("def f(a=[]):\n    return a\n")).toBe(
    "def f(a=None):\n    if a is None:\n        a = []\n    return a\n",
  );
});

test("text that Python can't read has one problem, the first", () => {
  const problems = problemsIn("import os\nif x = 1:\n  pass\ndef f(:\n");
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ severity: "error", rule: null, from: 15, fix: null });
  expect(problems[0]?.message).toBe("Python can't read this: expected `:`, found `=`.");
});

test.each([
  ["await at the top, which the room runs", "import asyncio\nawait asyncio.sleep(0)\n"],
  ["what another file of the room gives", "from helpers import greet\n\nprint(greet('Ada'))\n"],
  ["everything that another file gives", "from helpers import *\n\nprint(greet('Ada'))\n"],
  [
    "a long line, short names and no docstring",
    `l = 1\ndef f(x): return x + l; print('${"long".repeat(40)}')\n`,
  ],
  ["what Python knows by itself", "print(__name__, __file__, input)\n"],
])("%s is no problem", (_, text) => {
  expect(problemsIn(text)).toEqual([]);
});
