import { expect, test } from "vitest";
import { type FrameToPage, readFrameMessage, readWorkerMessage, type WorkerToFrame } from "./protocol";
import type { Report } from "./runs";

const display: Report = {
  kind: "display",
  id: "d",
  mime: "image/png",
  alt: "Figure 1",
  width: null,
  payload: new Uint8Array([1, 2]),
};

const fromFrame: FrameToPage[] = [
  { type: "report", run: "r", report: display },
  { type: "isolation", isolated: true },
  { type: "ready" },
  { type: "failed", reason: "why" },
  { type: "waiting", run: "r" },
  { type: "imports", run: "r", modules: ["numpy"] },
  { type: "fetch", run: "r", file: "numpy-2.4.6-py3-none-any.whl" },
  { type: "text", run: "r", stream: "stderr", text: "<b>" },
  { type: "dropped", run: "r", characters: 3, displays: 0 },
  { type: "dropped", run: "r", characters: 0, displays: 1 },
  { type: "remark", run: "r", text: "said" },
  {
    type: "report",
    run: "r",
    report: {
      kind: "error",
      failures: [
        {
          errorType: "ValueError",
          message: "no",
          places: [{ file: "main.py", line: 1, column: 4, endColumn: null }],
        },
      ],
      hint: "Look there.",
      missing: "numpy",
    },
  },
  {
    type: "report",
    run: "r",
    report: { kind: "file", name: "a/b.txt", change: "created", size: 2, payload: new Uint8Array([1, 2]) },
  },
  {
    type: "report",
    run: "r",
    report: { kind: "file", name: "big", change: "changed", size: 5e8, payload: new Uint8Array() },
  },
  { type: "report", run: "r", report: { kind: "more-files", count: 3 } },
  {
    type: "report",
    run: "r",
    report: {
      kind: "test",
      number: 1,
      name: "test_sum",
      outcome: "failed",
      message: "no",
      difference: "- 1\n+ 2",
      place: null,
      seconds: 0.1,
      output: "",
    },
  },
  { type: "report", run: "r", report: { kind: "statement", complete: false } },
  { type: "end", run: "r", outcome: { state: "ok", exitCode: 0, seconds: 1 } },
  { type: "end", run: "r", outcome: { state: "error", exitCode: 1, errorType: "ValueError", seconds: 1 } },
  { type: "end", run: "r", outcome: { state: "error", exitCode: 3, errorType: null, seconds: 1 } },
  { type: "end", run: "r", outcome: { state: "stopped", how: "restarted", seconds: 1 } },
];

const fromWorker: WorkerToFrame[] = [
  { type: "ready" },
  { type: "failed", reason: "why" },
  { type: "asks", sequence: 1 },
  { type: "imports", sequence: 1, modules: [] },
  { type: "fetch", sequence: 1, file: "x" },
  { type: "output", sequence: 1, pieces: [{ channel: "stdout", bytes: new Uint8Array([1]) }] },
  { type: "done", sequence: 1, exitCode: 0, errorType: null, worn: false },
  { type: "broken", sequence: 1, cause: { kind: "exit", exitCode: 7 } },
  { type: "broken", sequence: 1, cause: { kind: "stack" } },
  { type: "broken", sequence: 1, cause: { kind: "unknown", detail: "?" } },
];

test.each(fromFrame)("the page understands $type", (message) => {
  expect(readFrameMessage(message)).toEqual(message);
});

test.each(fromWorker)("the frame understands $type", (message) => {
  expect(readWorkerMessage(message)).toEqual(message);
});

test.each(fromFrame)("what doesn't belong to $type doesn't come through", (message) => {
  expect(readFrameMessage({ ...message, html: "<script>" })).toEqual(message);
});

test.each([
  null,
  "ready",
  42,
  {},
  [],
  { type: "start", run: "r", file: "main.py" },
  { type: "isolation", isolated: "yes" },
  { type: "failed", reason: 3 },
  { type: "waiting" },
  { type: "fetch", run: "r", file: { toString: "numpy" } },
  { type: "fetch", run: "r", file: "x".repeat(300) },
  { type: "imports", run: "r", modules: "numpy" },
  { type: "imports", run: "r", modules: ["numpy", 3] },
  { type: "imports", run: "r", modules: new Array(300).fill("numpy") },
  { type: "waiting", run: "r".repeat(300) },
  { type: "text", run: "r", stream: "html", text: "" },
  { type: "text", run: "r", stream: "stdout", text: { toString: "x" } },
  { type: "text", run: "r", stream: "stdout", text: "x".repeat(3_000_000) },
  {
    type: "report",
    run: "r",
    report: { kind: "file", name: "a", change: "gone", size: 0, payload: new Uint8Array() },
  },
  {
    type: "report",
    run: "r",
    report: { kind: "file", name: "a", change: "created", size: 3, payload: "abc" },
  },
  {
    type: "report",
    run: "r",
    report: { kind: "file", name: "a", change: "created", size: 3, payload: new Uint8Array(2) },
  },
  { type: "report", run: "r", report: { kind: "more-files", count: -1 } },
  { type: "dropped", run: "r", characters: 1 },
  { type: "dropped", run: "r", characters: -1, displays: 0 },
  { type: "dropped", run: "r", characters: 0, displays: 0 },
  { type: "dropped", run: "r", characters: 1e300, displays: 0 },
  { type: "report", run: "r", report: { ...display, mime: "text/javascript" } },
  { type: "report", run: "r", report: { ...display, payload: "data:" } },
  { type: "report", run: "r", report: { ...display, alt: "x".repeat(1_000) } },
  { type: "report", run: "r", report: { ...display, width: Number.POSITIVE_INFINITY } },
  { type: "report", run: "r", report: { ...display, payload: new Uint8Array(9 * 1024 * 1024) } },
  { type: "end", run: "r" },
  { type: "end", run: "r", outcome: { state: "ok", exitCode: 0, seconds: Number.NaN } },
  { type: "end", run: "r", outcome: { state: "ok", exitCode: 256, seconds: 1 } },
  { type: "end", run: "r", outcome: { state: "error", exitCode: 1, errorType: {}, seconds: 1 } },
  { type: "end", run: "r", outcome: { state: "stopped", how: "politely", seconds: 1 } },
])("the page does not hear %j", (message) => {
  expect(readFrameMessage(message)).toBeNull();
});

test.each([
  null,
  { type: "compiled", module: {} },
  { type: "asks" },
  { type: "output", sequence: 1, pieces: "text" },
  { type: "done", sequence: 1, exitCode: 0.5, errorType: null, worn: false },
  { type: "done", sequence: 1, exitCode: 0, errorType: undefined, worn: false },
  { type: "broken", sequence: 1, cause: { kind: "exit", exitCode: "7" } },
  { type: "broken", sequence: 1, cause: null },
])("the frame does not hear %j", (message) => {
  expect(readWorkerMessage(message)).toBeNull();
});

test("pieces of output that are none are left out", () => {
  const piece = { channel: "stdout", bytes: new Uint8Array([1]) };
  const message = { type: "output", sequence: 1, pieces: [1, { stream: "x", bytes: piece.bytes }, piece] };
  expect(readWorkerMessage(message)).toEqual({ ...message, pieces: [piece] });
});
