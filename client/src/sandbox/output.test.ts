import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  BATCH_INTERVAL_MS,
  BURST_CHARACTERS,
  Output,
  type OutputEvent,
  TAIL_CHARACTERS,
  TAIL_INTERVAL_MS,
} from "./output";

const encode = (text: string) => new TextEncoder().encode(text);

let events: OutputEvent[];
let output: Output;

beforeEach(() => {
  vi.useFakeTimers();
  events = [];
  output = new Output((event) => events.push(event));
});
afterEach(() => {
  vi.useRealTimers();
});

const shown = () => events.map((event) => (event.type === "text" ? event.text : "")).join("");
const dropped = () =>
  events.reduce((sum, event) => sum + (event.type === "dropped" ? event.characters : 0), 0);

test("prints of one stream arrive as one text, in a batch", () => {
  output.push("stdout", encode("a"));
  output.push("stdout", encode("b\n"));
  expect(events).toEqual([]);
  vi.advanceTimersByTime(BATCH_INTERVAL_MS);
  expect(events).toEqual([{ type: "text", stream: "stdout", text: "ab\n" }]);
});

test("what comes after a silence does not wait for a batch", () => {
  output.push("stdout", encode("first"));
  vi.advanceTimersByTime(0);
  expect(events).toHaveLength(1);
  output.push("stdout", encode("second"));
  vi.advanceTimersByTime(BATCH_INTERVAL_MS - 1);
  expect(events).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(events).toHaveLength(2);
});

test("the order of the two streams is kept", () => {
  for (const [stream, text] of [
    ["stdout", "1"],
    ["stderr", "2"],
    ["stdout", "3"],
  ] as const) {
    output.push(stream, encode(text));
  }
  output.end();
  expect(events.map((event) => event.type === "text" && [event.stream, event.text])).toEqual([
    ["stdout", "1"],
    ["stderr", "2"],
    ["stdout", "3"],
  ]);
});

test("a character that comes in two writes is one character, even with the other stream in between", () => {
  const [first, ...rest] = encode("é");
  output.push("stdout", new Uint8Array([first ?? 0]));
  output.push("stderr", encode("!"));
  output.push("stdout", new Uint8Array(rest));
  output.end();
  expect(shown()).toBe("!é");
});

test("half a character at the end is shown as a replacement, not forgotten", () => {
  output.push("stdout", encode("é").subarray(0, 1));
  output.end();
  expect(shown()).toBe("\ufffd");
});

test("a flood shows its beginning and its end, and says how much is missing between them", () => {
  const line = "0123456789";
  const lines = (3 * BURST_CHARACTERS) / line.length;
  for (let index = 0; index < lines; index++) output.push("stdout", encode(line));
  output.push("stdout", encode("the result"));
  output.end();
  expect(shown().startsWith(line)).toBe(true);
  expect(shown().endsWith("the result")).toBe(true);
  expect(shown().length).toBe(BURST_CHARACTERS + TAIL_CHARACTERS);
  expect(shown().length + dropped()).toBe(lines * line.length + "the result".length);
  expect(events.findIndex((event) => event.type === "dropped")).toBe(events.length - 2);
});

test("after the burst a program that prints little loses nothing", () => {
  output.push("stdout", encode("x".repeat(BURST_CHARACTERS)));
  output.flush();
  events.length = 0;
  for (let second = 0; second < 5; second++) {
    output.push("stderr", encode(`${second}`));
    vi.advanceTimersByTime(TAIL_INTERVAL_MS);
  }
  expect(shown()).toBe("01234");
  expect(dropped()).toBe(0);
});

test("a cut between the halves of a surrogate pair leaves no half behind", () => {
  output.push("stdout", encode(`${"x".repeat(BURST_CHARACTERS - 1)}😀`));
  output.end();
  expect(shown().isWellFormed()).toBe(true);
});

test("two streams in turn use up the burst faster, because each change costs a message", () => {
  for (let index = 0; index < 50_000; index++) {
    output.push("stdout", encode("o"));
    output.push("stderr", encode("e"));
  }
  output.end();
  expect(events.length).toBeLessThan(30_000);
  expect(shown().length + dropped()).toBe(100_000);
});
