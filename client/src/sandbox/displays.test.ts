import { beforeEach, expect, test, vi } from "vitest";
import type { Display } from "../displays";
import { type DisplayEvent, Displays, MOST_PLACES } from "./displays";

beforeEach(() => {
  vi.useFakeTimers();
});

const picture = (id: string, byte = 0): Display => ({
  id,
  mime: "image/png",
  alt: "",
  width: null,
  payload: new Uint8Array([byte]),
});

function setUp() {
  const events: DisplayEvent[] = [];
  const displays = new Displays((event) => events.push(event));
  const shown = () => events.filter((event) => event.type === "report").map((event) => event.report);
  const dropped = () =>
    events.reduce((sum, event) => sum + (event.type === "dropped" ? event.displays : 0), 0);
  return { displays, events, shown, dropped };
}

test("a new display goes out at once", () => {
  const { displays, shown } = setUp();
  displays.push(picture("a"));
  expect(shown()).toEqual([{ kind: "display", ...picture("a") }]);
});

test("of an animation the newest picture is shown, once in a frame", () => {
  const { displays, shown } = setUp();
  for (let byte = 0; byte < 50; byte++) displays.push(picture("a", byte));
  vi.advanceTimersByTime(16);
  expect(shown().map(({ payload }) => payload[0])).toEqual([0, 49]);
});

test("the last picture is shown when the run is over", () => {
  const { displays, shown } = setUp();
  displays.push(picture("a", 1));
  displays.push(picture("a", 2));
  displays.end();
  vi.runAllTimers();
  expect(shown().map(({ payload }) => payload[0])).toEqual([1, 2]);
});

test("a flood is cut and counted, and places that are there are still renewed", () => {
  const { displays, shown, dropped } = setUp();
  for (let n = 0; n < 1_000; n++) displays.push(picture(`p${n}`));
  displays.push(picture("p0", 7));
  displays.end();
  expect(shown().length).toBe(MOST_PLACES + 1);
  expect(shown().at(-1)?.payload[0]).toBe(7);
  expect(dropped()).toBe(1_000 - MOST_PLACES);
});
