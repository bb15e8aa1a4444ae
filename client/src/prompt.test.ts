import { describe, expect, it } from "vitest";
import { asTyped, Prompt } from "./prompt";

function enter(prompt: Prompt, source: string, complete = true): string | null {
  prompt.write(source);
  prompt.sent("r", source);
  return prompt.happened({ type: "report", run: "r", report: { kind: "statement", complete } });
}

describe("the prompt", () => {
  it("is empty again once Python has taken a statement", () => {
    const prompt = new Prompt();
    expect(enter(prompt, "x = 1")).toBe("x = 1");
    expect(prompt.draft.value).toBe("");
  });

  it.each([
    ["for n in range(3):", "    "],
    ["if x:  # comment", "    "],
    ["def f():\n    x = 1", "    "],
    ["def f():\n    return 1", ""],
    ["print(1,", ""],
  ])("goes on below %j", (source, indent) => {
    const prompt = new Prompt();
    expect(enter(prompt, source, false)).toBeNull();
    expect(prompt.draft.value).toBe(`${source}\n${indent}`);
  });

  it("brings back what was typed before, and what was not sent yet", () => {
    const prompt = new Prompt();
    enter(prompt, "one");
    enter(prompt, "two");
    enter(prompt, "two");
    prompt.write("thr");
    expect(prompt.recall(1)).toBe(false);
    const seen = [-1, -1].map((step) => {
      prompt.recall(step as -1);
      return prompt.draft.value;
    });
    expect(seen).toEqual(["two", "one"]);
    expect(prompt.recall(-1)).toBe(false);
    prompt.recall(1);
    prompt.recall(1);
    expect(prompt.draft.value).toBe("thr");
  });

  it("hears of its own statement only", () => {
    const prompt = new Prompt();
    prompt.write("x");
    prompt.sent("r", "x");
    expect(
      prompt.happened({ type: "report", run: "other", report: { kind: "statement", complete: true } }),
    ).toBeNull();
    expect(prompt.draft.value).toBe("x");
  });

  it("echoes as Python's own does", () => {
    expect(asTyped("for n in x:\n    print(n)")).toBe(">>> for n in x:\n...     print(n)");
  });
});
