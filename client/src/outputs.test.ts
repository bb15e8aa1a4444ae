import { describe, expect, it } from "vitest";
import { Outputs } from "./outputs";
import type { TestOutcome, TestResult } from "./runtime/runs";

describe("my own output", () => {
  it("begins anew with each run", () => {
    const outputs = new Outputs();
    outputs.happened({ type: "start", run: "r1", file: "main.py", tests: false });
    outputs.happened({ type: "text", run: "r1", stream: "stdout", text: "one\n" });
    outputs.happened({ type: "start", run: "r2", file: "main.py", tests: false });
    outputs.happened({ type: "text", run: "r1", stream: "stdout", text: "late\n" });
    outputs.happened({ type: "text", run: "r2", stream: "stdout", text: "two\n" });
    expect(outputs.mine.value?.transcript.text).toBe("two\n");
  });

  it("shows the answer that was typed after the question", () => {
    const outputs = new Outputs();
    outputs.happened({ type: "start", run: "r1", file: "main.py", tests: false });
    outputs.happened({ type: "text", run: "r1", stream: "stdout", text: "Name? " });
    outputs.typed("Ada");
    outputs.happened({ type: "text", run: "r1", stream: "stdout", text: "Hi Ada\n" });
    expect(outputs.mine.value?.transcript.text).toBe("Name? Ada\nHi Ada\n");
  });

  it("goes on with what is typed at the prompt, and stays what the program came to", () => {
    const outputs = new Outputs();
    outputs.happened({ type: "start", run: "r1", file: "main.py", tests: false });
    outputs.happened({ type: "end", run: "r1", outcome: { state: "ok", exitCode: 0, seconds: 1 } });
    outputs.happened({ type: "resume", run: "r2" });
    outputs.typed(">>> 1 + 1");
    outputs.happened({ type: "text", run: "r2", stream: "stdout", text: "2\n" });
    outputs.happened({ type: "text", run: "r1", stream: "stdout", text: "late\n" });
    outputs.happened({
      type: "end",
      run: "r2",
      outcome: { state: "stopped", how: "interrupted", seconds: 9 },
    });
    expect(outputs.mine.value?.transcript.text).toBe(">>> 1 + 1\n2\n");
    expect(outputs.mine.value?.state.value).toMatchObject({ state: "ok", seconds: 1 });
  });

  it("tells how the run ended", () => {
    const outputs = new Outputs();
    outputs.happened({ type: "start", run: "r1", file: "main.py", tests: false });
    const outcome = { state: "stopped", how: "interrupted", seconds: 1.5 } as const;
    outputs.happened({ type: "end", run: "r1", outcome });
    expect(outputs.mine.value?.state.value).toEqual(outcome);
  });

  it("marks where something was left out", () => {
    const outputs = new Outputs();
    outputs.happened({ type: "start", run: "r1", file: "main.py", tests: false });
    outputs.happened({ type: "dropped", run: "r1", characters: 12345, displays: 0 });
    outputs.happened({ type: "dropped", run: "r1", characters: 0, displays: 2 });
    outputs.happened({ type: "dropped", run: "r1", characters: 7, displays: 1 });
    expect(outputs.mine.value?.transcript.text).toBe(
      "… 12,345 characters not shown\n… 2 pictures not shown\n… 7 characters and 1 picture not shown\n",
    );
  });
});

describe("tests", () => {
  const result = (number: number, outcome: TestOutcome): TestResult => ({
    number,
    name: `test_${number}`,
    outcome,
    message: "",
    difference: "",
    place: null,
    seconds: 0,
    output: "",
  });

  it("are told from when they begin", () => {
    const outputs = new Outputs();
    outputs.happened({ type: "start", run: "r1", file: "main.py", tests: true });
    expect(outputs.mine.value?.tests.value).toEqual([]);
    for (const report of [result(1, "running"), result(1, "passed"), result(2, "running")])
      outputs.happened({ type: "report", run: "r1", report: { kind: "test", ...report } });
    expect(outputs.mine.value?.tests.value?.map(({ outcome }) => outcome)).toEqual(["passed", "running"]);
    outputs.happened({ type: "end", run: "r1", outcome: { state: "stopped", how: "restarted", seconds: 1 } });
    expect(outputs.mine.value?.tests.value?.map(({ outcome }) => outcome)).toEqual(["passed", "stopped"]);
  });
});

describe("the output of others", () => {
  const started = () => {
    const outputs = new Outputs();
    outputs.received({ type: "start", run: "r1", file: "main.py", name: "Ada", number: 1, member: "m1" });
    return outputs;
  };

  it("is kept apart by member", () => {
    const outputs = started();
    outputs.received({ type: "start", run: "r9", file: "b.py", name: "Mei", number: 2, member: "m2" });
    outputs.received({ type: "text", run: "r1", stream: "stdout", text: "a", number: 3, member: "m1" });
    outputs.received({ type: "text", run: "r9", stream: "stderr", text: "b", number: 4, member: "m2" });
    const texts = [...outputs.shared.value.values()].map(({ name, run }) => [name, run.transcript.text]);
    expect(texts).toEqual([
      ["Ada", "a"],
      ["Mei", "b"],
    ]);
  });

  it("is not changed under another member's name", () => {
    const outputs = started();
    outputs.received({ type: "text", run: "r1", stream: "stdout", text: "forged", number: 2, member: "m2" });
    expect(outputs.shared.value.get("m1")?.run.transcript.text).toBe("");
  });

  it("shows their pictures, and hears none that are not", () => {
    const outputs = started();
    const display = {
      type: "display",
      run: "r1",
      id: "a",
      alt: "Figure 1",
      width: null,
      member: "m1",
    } as const;
    outputs.received({ ...display, mime: "image/png", data: "AAAA", number: 2 });
    outputs.received({ ...display, mime: "text/javascript", data: "AAAA", number: 3 });
    const run = outputs.shared.value.get("m1")?.run;
    expect(run?.transcript.end).toBe(2);
    expect(run?.transcript.line(0).shown?.value).toMatchObject({
      alt: "Figure 1",
      payload: new Uint8Array(3),
    });
  });

  it("ends when they leave, and goes when they stop sharing", () => {
    const outputs = started();
    outputs.received({ type: "end", run: "r1", state: "left", seconds: 0, number: 2, member: "m1" });
    expect(outputs.shared.value.get("m1")?.run.state.value.state).toBe("left");
    outputs.received({ type: "clear", number: 3, member: "m1" });
    expect(outputs.shared.value.size).toBe(0);
  });
});
