import { describe, expect, it } from "vitest";
import { openMemory } from "./identity";
import { Stdin } from "./stdin";

const memory = () =>
  openMemory(() => {
    throw new Error("none here");
  });
const line = (line: string) => ({ type: "line", line });
const end = { type: "end" };

function rest(stdin: Stdin): unknown[] {
  const entries = [];
  for (let entry = stdin.next(); entry !== null; entry = stdin.next()) entries.push(entry);
  return entries;
}

describe("what a program reads", () => {
  it("is nothing before anybody typed", () => {
    const stdin = new Stdin(memory(), "r1");
    stdin.begin();
    expect(rest(stdin)).toEqual([]);
  });

  it.each([
    ["3\n4", [line("3"), line("4")]],
    ["3\n4\n", [line("3"), line("4")]],
    ["3\r\n\r\n4", [line("3"), line(""), line("4")]],
    ["\n", [line("")]],
    ["", []],
  ])("begins with the lines of what was prepared: %j", (text, lines) => {
    const stdin = new Stdin(memory(), "r1");
    stdin.prepare({ text, ends: false });
    stdin.begin();
    expect(rest(stdin)).toEqual(lines);
    stdin.prepare({ text, ends: true });
    stdin.begin();
    expect(rest(stdin)).toEqual(text === "" ? [] : [...lines, end]);
  });

  it("goes on with what is typed, and keeps an unfinished line in the field", () => {
    const stdin = new Stdin(memory(), "r1");
    stdin.prepare({ text: "prepared", ends: false });
    stdin.begin();
    stdin.type("one\n\nthr");
    expect(stdin.draft.value).toBe("thr");
    stdin.end();
    expect(rest(stdin)).toEqual([line("prepared"), line("one"), line(""), end]);
  });

  it("is begun anew with each run", () => {
    const stdin = new Stdin(memory(), "r1");
    stdin.begin();
    stdin.type("too late\nhalf");
    stdin.begin();
    expect(rest(stdin)).toEqual([]);
    expect(stdin.draft.value).toBe("");
  });

  it("is remembered for each room by this device, until the room is no more", () => {
    const device = memory();
    const prepared = { text: "1\n2\n", ends: true };
    new Stdin(device, "r1").prepare(prepared);
    expect(new Stdin(device, "r1").prepared.value).toEqual(prepared);
    expect(new Stdin(device, "r2").prepared.value.text).toBe("");
    new Stdin(device, "r1").forget();
    expect(new Stdin(device, "r1").prepared.value.text).toBe("");
  });
});
