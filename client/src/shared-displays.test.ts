import { beforeEach, expect, test, vi } from "vitest";
import type { Display } from "./displays";
import {
  DISPLAY_BYTES_AT_ONCE,
  DISPLAY_BYTES_PER_RUN,
  DISPLAY_BYTES_PER_SECOND,
  RENEWED_EVERY_MS,
  SharedDisplays,
  sharedBytes,
} from "./shared-displays";

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(0);
});

const picture = (id: string, bytes = 100, mark = 0): Display => ({
  id,
  mime: "image/png",
  alt: "",
  width: null,
  payload: new Uint8Array(bytes).fill(mark),
});

function setUp() {
  const sent: Display[] = [];
  const omitted = { count: 0 };
  const shared = new SharedDisplays({
    send: (display) => sent.push(display),
    omit: (count) => {
      omitted.count += count;
    },
    now: () => Date.now(),
  });
  shared.begin();
  const bytes = () => sent.reduce((sum, display) => sum + sharedBytes(display), 0);
  return { shared, sent, omitted, bytes };
}

test("a picture goes out at once", () => {
  const { shared, sent } = setUp();
  shared.show(picture("a"));
  shared.show(picture("b"));
  expect(sent.map(({ id }) => id)).toEqual(["a", "b"]);
});

test("of an animation others see a step now and then, and its last picture", () => {
  const { shared, sent, omitted } = setUp();
  for (let step = 1; step <= 100; step++) {
    shared.show(picture("a", 100, step));
    vi.advanceTimersByTime(20);
  }
  shared.end();
  expect(sent.length).toBeLessThanOrEqual(2 + 2_000 / RENEWED_EVERY_MS);
  expect(sent.at(-1)?.payload[0]).toBe(100);
  expect(omitted.count).toBe(0);
});

test("where an animation pauses, its newest picture goes out", () => {
  const { shared, sent } = setUp();
  shared.show(picture("a", 100, 1));
  shared.show(picture("a", 100, 2));
  vi.advanceTimersByTime(RENEWED_EVERY_MS);
  expect(sent.map(({ payload }) => payload[0])).toEqual([1, 2]);
});

test("a large animation keeps room for its last picture", () => {
  const { shared, sent, bytes } = setUp();
  for (let step = 1; step <= 100; step++) {
    shared.show(picture("a", 100_000, step));
    vi.advanceTimersByTime(1_000);
  }
  shared.end();
  expect(sent.at(-1)?.payload[0]).toBe(100);
  expect(bytes()).toBeLessThanOrEqual(DISPLAY_BYTES_PER_RUN);
});

test("what is too large is left out and counted", () => {
  const { shared, sent, omitted } = setUp();
  shared.show(picture("a", DISPLAY_BYTES_AT_ONCE));
  shared.show(picture("b"));
  shared.end();
  expect(sent.map(({ id }) => id)).toEqual(["b"]);
  expect(omitted.count).toBe(1);
});

test("what does not fit now goes out when there is room again", () => {
  const { shared, sent, bytes } = setUp();
  for (const id of ["a", "b", "c", "d"]) shared.show(picture(id, 100_000));
  expect(bytes()).toBeLessThanOrEqual(DISPLAY_BYTES_AT_ONCE);
  vi.advanceTimersByTime(1_000 * (sharedBytes(picture("", 100_000)) / DISPLAY_BYTES_PER_SECOND + 1));
  expect(sent.map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
});

test("a run that is told anew is told whole", () => {
  const { shared, sent } = setUp();
  shared.show(picture("a", 100, 1));
  shared.show(picture("a", 100, 2));
  shared.begin();
  shared.show(picture("a", 100, 3));
  vi.runAllTimers();
  expect(sent.map(({ payload }) => payload[0])).toEqual([1, 3]);
});
