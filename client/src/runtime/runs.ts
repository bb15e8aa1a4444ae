// What the rest of the page knows of running Python: a program goes in, phases and events come out.
// Nothing here knows of frames, workers or Pyodide.

import type { Display } from "../displays";

export interface ProgramFile {
  readonly name: string;
  readonly text: string;
}

export interface Program {
  readonly files: readonly ProgramFile[];
  /** The name of the file that runs as `__main__`. */
  readonly entry: string;
  readonly task: Task;
}

/** What a run does with the files. */
export type Task =
  | { readonly kind: "program" }
  /** Tests of the entry, and of all files that hold nothing but tests. */
  | { readonly kind: "tests" }
  /** Goes on in what the last run left, with what was typed at the prompt. */
  | { readonly kind: "statement"; readonly source: string };

export type Stream = "stdout" | "stderr";

/** Where the program was, in one of the room's files; lines from 1, columns from 0 in UTF-16 units, null when unknown. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number | null;
  readonly endColumn: number | null;
}

/** An exception that nothing caught, with the places it came through, innermost last. */
export interface Failure {
  readonly errorType: string;
  readonly message: string;
  readonly places: readonly Place[];
}

/** A test, as far as it has come. */
export interface TestResult {
  /** Counts up from 1 in a run. */
  readonly number: number;
  readonly name: string;
  readonly outcome: TestOutcome;
  readonly message: string;
  /** Lines that begin with "-" (only what the test got), "+" (only what it wanted), "?" or a space. */
  readonly difference: string;
  /** Where it failed, or where it stands. */
  readonly place: Place | null;
  readonly seconds: number;
  /** What it printed. */
  readonly output: string;
}

export type TestOutcome = "running" | "passed" | "failed" | "error" | "skipped" | "stopped";

/** What a program put out besides text, in its order with the text. */
export type Report =
  /** How it failed, after its words in stderr. A group of exceptions is several; the hint is help in plain words. */
  | {
      readonly kind: "error";
      readonly failures: readonly Failure[];
      readonly hint: string | null;
      /** The module that it failed for want of, when a package may bring it. */
      readonly missing: string | null;
    }
  /** A file that the run left in the room's folder, new or over one of the room's. A large one's payload is empty. */
  | {
      readonly kind: "file";
      readonly name: string;
      readonly change: "created" | "changed";
      readonly size: number;
      readonly payload: Uint8Array<ArrayBuffer>;
    }
  /** There are this many besides those that were told of. */
  | { readonly kind: "more-files"; readonly count: number }
  /** Whether what was typed at the prompt is a whole statement; if not, nothing is done with it. */
  | { readonly kind: "statement"; readonly complete: boolean }
  /** A test begins, and later it has ended. */
  | ({ readonly kind: "test" } & TestResult)
  /** A value that is shown and not printed. */
  | ({ readonly kind: "display" } & Display);

/** How a run ended. `how` is set when it was stopped: softly, or by giving it a fresh Python. */
export type Outcome =
  | { readonly state: "ok"; readonly exitCode: number; readonly seconds: number }
  | {
      readonly state: "error";
      readonly exitCode: number;
      readonly errorType: string | null;
      readonly seconds: number;
    }
  | { readonly state: "stopped"; readonly how: "interrupted" | "restarted"; readonly seconds: number };

export type RunEvent =
  | { readonly type: "start"; readonly run: string; readonly file: string; readonly tests: boolean }
  /** A statement goes on in the output of the run before; what it is called from now on. */
  | { readonly type: "resume"; readonly run: string }
  | { readonly type: "text"; readonly run: string; readonly stream: Stream; readonly text: string }
  | { readonly type: "report"; readonly run: string; readonly report: Report }
  /** The source gave up this many characters and displays here, because there were more than anyone can read. */
  | { readonly type: "dropped"; readonly run: string; readonly characters: number; readonly displays: number }
  /** A sentence from Caretroom itself, not from the program ("Python was restarted because ..."). */
  | { readonly type: "remark"; readonly run: string; readonly text: string }
  | { readonly type: "end"; readonly run: string; readonly outcome: Outcome };

/** Packages on their way, all together; `total` is null until all sizes are known. */
export interface Download {
  readonly names: readonly string[];
  readonly loaded: number;
  readonly total: number | null;
}

export type Phase =
  /** `queued`: Run was pressed and starts as soon as Python is there. `progress` is 0 to 1, null when unknown. */
  | { readonly phase: "loading"; readonly progress: number | null; readonly queued: boolean }
  | { readonly phase: "idle" }
  /** The run waits for packages that it imports. */
  | { readonly phase: "loading-packages"; readonly run: string; readonly download: Download }
  | { readonly phase: "running"; readonly run: string }
  | { readonly phase: "waiting-for-input"; readonly run: string; readonly prompt: string }
  | { readonly phase: "stopping"; readonly run: string }
  | { readonly phase: "failed"; readonly reason: string };
