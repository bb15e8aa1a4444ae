import { describe, expect, it } from "vitest";
import { BYTES_PER_RUN, BYTES_PER_SECOND, Sharing } from "./sharing";
import type { OutputEvent } from "./wire/protocol";

function setUp() {
  const sent: OutputEvent[] = [];
  const clock = { now: 0 };
  const sharing = new Sharing(
    (event) => sent.push(event),
    () => clock.now,
  );
  const print = (text: string) => sharing.happened({ type: "text", run: "r1", stream: "stdout", text });
  const start = () => sharing.happened({ type: "start", run: "r1", file: "main.py", tests: false });
  const end = () =>
    sharing.happened({ type: "end", run: "r1", outcome: { state: "ok", exitCode: 0, seconds: 1 } });
  const bytes = () =>
    sent.reduce(
      (sum, event) => sum + (event.type === "text" ? Buffer.byteLength(JSON.stringify(event)) : 0),
      0,
    );
  const text = () => sent.map((event) => (event.type === "text" ? event.text : "")).join("");
  const dropped = () =>
    sent.reduce((sum, event) => sum + (event.type === "dropped" ? event.characters : 0), 0);
  return { sharing, sent, clock, start, print, end, bytes, text, dropped };
}

describe("while I do not share", () => {
  it("nothing leaves", () => {
    const { sent, start, print, end } = setUp();
    start();
    print("secret");
    end();
    expect(sent).toEqual([]);
  });
});

describe("while I share", () => {
  it("a run goes out as it happens", () => {
    const { sharing, sent, start, print, end } = setUp();
    sharing.start();
    start();
    print("hi\n");
    end();
    expect(sent).toEqual([
      { type: "start", run: "r1", file: "main.py" },
      { type: "text", run: "r1", stream: "stdout", text: "hi\n" },
      { type: "end", run: "r1", state: "ok", seconds: 1 },
    ]);
  });

  it("what is typed at the prompt goes out with the run before it", () => {
    const { sharing, sent, start, end } = setUp();
    sharing.start();
    start();
    end();
    sharing.happened({ type: "resume", run: "r2" });
    sharing.typed(">>> 1 + 1");
    sharing.happened({ type: "text", run: "r2", stream: "stdout", text: "2\n" });
    sharing.happened({ type: "end", run: "r2", outcome: { state: "ok", exitCode: 0, seconds: 9 } });
    expect(sent.slice(2)).toEqual([
      { type: "text", run: "r1", stream: "stdout", text: ">>> 1 + 1\n" },
      { type: "text", run: "r1", stream: "stdout", text: "2\n" },
    ]);
  });

  it("the prompt alone is a run, too", () => {
    const { sharing, sent } = setUp();
    sharing.start();
    sharing.happened({ type: "resume", run: "r2" });
    sharing.typed(">>> x");
    expect(sent.map((event) => event.type)).toEqual(["start", "text"]);
  });

  it("tests go out as lines of text", () => {
    const { sharing, text, start } = setUp();
    sharing.start();
    start();
    const test = { kind: "test", number: 1, name: "test_sum", place: null, seconds: 0, output: "" } as const;
    const running = { ...test, outcome: "running", message: "", difference: "" } as const;
    const failed = { ...test, outcome: "failed", message: "3 should be 4", difference: "- 3\n+ 4" } as const;
    for (const report of [running, failed]) sharing.happened({ type: "report", run: "r1", report });
    expect(text()).toBe("failed  test_sum\n        3 should be 4\n        - 3\n        + 4\n");
  });

  it("no more than the budget of a second goes out at once, and the rest is counted", () => {
    const { sharing, start, print, end, bytes, text, dropped } = setUp();
    sharing.start();
    start();
    const all = "x".repeat(100_000);
    print(all);
    end();
    expect(bytes()).toBeGreaterThan(BYTES_PER_SECOND / 2);
    expect(bytes()).toBeLessThanOrEqual(BYTES_PER_SECOND);
    expect(text().length + dropped()).toBe(all.length);
  });

  it("the mark stands where the text is missing", () => {
    const { sharing, sent, clock, start, print } = setUp();
    sharing.start();
    start();
    print("x".repeat(96_000));
    clock.now = 1000;
    print("after");
    expect(sent.slice(-2)).toMatchObject([{ type: "dropped" }, { type: "text", text: "after" }]);
  });

  it("no more than the budget of a run goes out however long it takes", () => {
    const { sharing, clock, start, print, end, bytes, text, dropped } = setUp();
    sharing.start();
    start();
    for (let second = 0; second < 60; second++) {
      clock.now = second * 1000;
      print("y".repeat(10_000));
    }
    end();
    expect(bytes()).toBeGreaterThan(BYTES_PER_RUN * 0.9);
    expect(bytes()).toBeLessThanOrEqual(BYTES_PER_RUN);
    expect(text().length + dropped()).toBe(600_000);
  });

  it("bytes are counted, not characters", () => {
    const { sharing, start, print, bytes } = setUp();
    sharing.start();
    start();
    print("🐍".repeat(20_000));
    expect(bytes()).toBeLessThanOrEqual(BYTES_PER_SECOND);
  });

  it("an emoji is never cut in half", () => {
    const { sharing, sent, clock, start, print } = setUp();
    sharing.start();
    start();
    clock.now = 10_000;
    print(`a${"🐍".repeat(5_000)}`);
    for (const event of sent) if (event.type === "text") expect(event.text.isWellFormed()).toBe(true);
  });
});

describe("beginning to share", () => {
  it("shows the run that is on my screen, running or over", () => {
    const { sharing, sent, start, print, end } = setUp();
    start();
    print("before\n");
    end();
    sharing.start();
    expect(sent.map((event) => event.type)).toEqual(["start", "text", "end"]);
  });

  it("says how much of a long run it can't bring any more", () => {
    const { sharing, start, print, end, text, dropped } = setUp();
    start();
    for (let n = 0; n < 100; n++) print("z".repeat(1_000));
    end();
    sharing.start();
    expect(text().length).toBeGreaterThan(0);
    expect(text().length + dropped()).toBe(100_000);
  });
});

describe("a new connection", () => {
  it("tells the run from its start", () => {
    const { sharing, sent, clock, start, print } = setUp();
    sharing.start();
    start();
    print("one\n");
    sent.length = 0;
    clock.now = 5_000;
    sharing.resume();
    print("two\n");
    expect(sent.map((event) => (event.type === "text" ? event.text : event.type))).toEqual([
      "start",
      "one\n",
      "two\n",
    ]);
  });
});

describe("pictures", () => {
  const picture = (id: string, bytes = 3) =>
    ({ kind: "display", id, mime: "image/png", alt: "A", width: 7, payload: new Uint8Array(bytes) }) as const;

  it("go out in their order with the text", () => {
    const { sharing, sent, start, print } = setUp();
    sharing.start();
    start();
    print("before");
    sharing.happened({ type: "report", run: "r1", report: picture("a") });
    print("after");
    expect(sent.slice(1)).toEqual([
      { type: "text", run: "r1", stream: "stdout", text: "before" },
      { type: "display", run: "r1", id: "a", mime: "image/png", alt: "A", width: 7, data: "AAAA" },
      { type: "text", run: "r1", stream: "stdout", text: "after" },
    ]);
  });

  it("that are too large, or that the run left out, are counted", () => {
    const { sharing, sent, start, end } = setUp();
    sharing.start();
    start();
    sharing.happened({ type: "report", run: "r1", report: picture("a", 1_000_000) });
    sharing.happened({ type: "dropped", run: "r1", characters: 0, displays: 5 });
    end();
    expect(sent.at(-2)).toEqual({ type: "dropped", run: "r1", characters: 0, displays: 6 });
  });

  it("are told to whoever comes later as they are now, or counted", () => {
    const { sharing, sent, start, print, end } = setUp();
    start();
    sharing.happened({ type: "report", run: "r1", report: picture("a") });
    print("after");
    sharing.happened({ type: "report", run: "r1", report: picture("a", 30) });
    sharing.happened({ type: "report", run: "r1", report: picture("b", 1_000_000) });
    end();
    sharing.start();
    expect(sent.map(({ type }) => type)).toEqual(["start", "display", "text", "dropped", "end"]);
    expect(sent[1]).toMatchObject({ id: "a", data: "A".repeat(40) });
    expect(sent[3]).toMatchObject({ characters: 0, displays: 1 });
  });
});

describe("ending to share", () => {
  it("asks the room to forget, and sends no more", () => {
    const { sharing, sent, start, print } = setUp();
    sharing.start();
    start();
    sharing.stop();
    print("secret");
    expect(sent.at(-1)).toEqual({ type: "clear" });
  });
});
