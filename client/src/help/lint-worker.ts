// Ruff in a worker of its own. It reads text and answers; it never runs anything.

import { initSync, PositionEncoding, Workspace } from "@astral-sh/ruff-wasm-web";
import type { LintAnswer, LintQuestion, LintRequest, LintResponse, OpenLint } from "./lint-protocol";
import { SETTINGS, toProblems } from "./problems";

let workspace: Workspace | null = null;

addEventListener("message", ({ data }: MessageEvent<OpenLint | LintRequest>) => {
  if (data.type === "open") {
    initSync({ module: data.wasm });
    workspace = new Workspace(SETTINGS, PositionEncoding.Utf16);
    return;
  }
  const response: LintResponse = { id: data.id, ...answer(data) };
  postMessage(response);
});

function answer(question: LintQuestion): LintAnswer {
  if (workspace === null) return { type: "failed", reason: "ruff has not been opened" };
  const { text } = question;
  try {
    const problems = toProblems(text, workspace.check(text));
    if (question.type === "check") return { type: "problems", problems };
    // ruff's own complaint about text that it can't format names no line.
    const broken = problems.find(({ rule }) => rule === null);
    return broken === undefined
      ? { type: "formatted", text: workspace.format(text) }
      : { type: "broken", at: broken.from, message: broken.message };
  } catch (problem) {
    return { type: "failed", reason: String(problem) };
  }
}
