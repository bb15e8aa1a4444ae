// What crosses the two borders of the sandbox: page and frame, frame and worker.
// The worker runs anyone's code and can say anything, so each side that listens to it reads with the decoders below:
// what doesn't fit is not heard.

import { type Fields, fieldsOf, isCount, isText } from "./checks";
import { readReport } from "./reports";
import type { Outcome, Program, RunEvent, Stream } from "./runs";

/** Pyodide's files, fetched by the page because an opaque frame has no HTTP cache. */
export interface Files {
  readonly loader: Blob;
  readonly glue: Blob;
  readonly wasm: Blob;
  readonly stdlib: Blob;
  readonly lock: Blob;
  /** A started interpreter's memory; without it Python starts too, only slower. */
  readonly snapshot: Blob | null;
}

export type PageToFrame =
  /** `spare`: a second interpreter is kept warm, for when the first one has to be given up. */
  | { readonly type: "boot"; readonly files: Files; readonly spare: boolean }
  /** `packages` are loaded whether the program seems to import them or not. */
  | {
      readonly type: "run";
      readonly run: string;
      readonly program: Program;
      readonly packages: readonly string[];
    }
  | ({ readonly run: string } & Supply)
  | { readonly type: "stop"; readonly run: string }
  | { readonly type: "input"; readonly run: string; readonly text: string }
  | { readonly type: "end-input"; readonly run: string };

/** What a run asks of the page, so that it has its packages. */
export type Demand =
  /** Which packages bring these modules? */
  | { readonly type: "imports"; readonly modules: readonly string[] }
  /** A file from the list of packages. */
  | { readonly type: "fetch"; readonly file: string };

/** The page's answers, one for each question. */
export type Supply =
  | { readonly type: "packages"; readonly names: readonly string[] }
  /** No content when it can't be had; the page has said why. */
  | { readonly type: "file"; readonly file: string; readonly content: Blob | null };

export type FrameToPage =
  /** The first message. Without isolation there is no shared memory: see `Runner.reduced`. */
  | { readonly type: "isolation"; readonly isolated: boolean }
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "waiting"; readonly run: string }
  | ({ readonly run: string } & Demand)
  | Exclude<RunEvent, { readonly type: "start" | "resume" }>;

export type FrameToWorker =
  | {
      readonly type: "boot";
      readonly files: Files;
      readonly module: WebAssembly.Module | null;
      readonly shared: SharedArrayBuffer | null;
    }
  | {
      readonly type: "run";
      readonly sequence: number;
      readonly program: Program;
      readonly packages: readonly string[];
    }
  | ({ readonly sequence: number } & Supply)
  | { readonly type: "interrupt"; readonly sequence: number }
  /** The answer to `asks` where there is no shared memory; no bytes mean the end of input. */
  | { readonly type: "input"; readonly sequence: number; readonly bytes: Uint8Array };

/** Reports go the way of the streams, so that the order is kept; see `sandbox/reports.ts` for their bytes. */
export type Channel = Stream | "reports";

/** What one write put out. */
export interface Piece {
  readonly channel: Channel;
  readonly bytes: Uint8Array;
}

export type WorkerToFrame =
  | { readonly type: "compiled"; readonly module: WebAssembly.Module }
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "asks"; readonly sequence: number }
  | ({ readonly sequence: number } & Demand)
  | { readonly type: "output"; readonly sequence: number; readonly pieces: readonly Piece[] }
  | {
      readonly type: "done";
      readonly sequence: number;
      readonly exitCode: number;
      readonly errorType: string | null;
      /** The interpreter should not be used again. */
      readonly worn: boolean;
    }
  | { readonly type: "broken"; readonly sequence: number; readonly cause: Breakdown };

/** Why an interpreter can't go on: the program ended it (`os._exit`), ran out of stack, or something we don't know. */
export type Breakdown =
  | { readonly kind: "exit"; readonly exitCode: number }
  | { readonly kind: "stack" }
  | { readonly kind: "unknown"; readonly detail: string };

/** More than one message ever carries; what is longer was not made by us. */
const TEXT_CHARACTERS = 2_000_000;
const WORD_CHARACTERS = 200;
/** Modules that one question names. */
const MOST_MODULES = 200;

function isStream(value: unknown): value is Stream {
  return value === "stdout" || value === "stderr";
}

function isPiece(value: unknown): value is Piece {
  const piece = fieldsOf(value);
  return (
    piece !== null &&
    (isStream(piece.channel) || piece.channel === "reports") &&
    piece.bytes instanceof Uint8Array
  );
}

function isExitCode(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}

function isWordOrNull(value: unknown): value is string | null {
  return value === null || isText(value, WORD_CHARACTERS);
}

function readDemand({ type, modules, file }: Fields): Demand | null {
  switch (type) {
    case "imports":
      return Array.isArray(modules) &&
        modules.length <= MOST_MODULES &&
        modules.every((module) => isText(module, WORD_CHARACTERS))
        ? { type, modules }
        : null;
    case "fetch":
      return isText(file, WORD_CHARACTERS) ? { type, file } : null;
    default:
      return null;
  }
}

function readOutcome(value: unknown): Outcome | null {
  const outcome = fieldsOf(value);
  if (!outcome) return null;
  const { state, exitCode, errorType, how, seconds } = outcome;
  if (typeof seconds !== "number" || !(seconds >= 0)) return null;
  switch (state) {
    case "ok":
      return isExitCode(exitCode) ? { state, exitCode, seconds } : null;
    case "error":
      return isExitCode(exitCode) && isWordOrNull(errorType) ? { state, exitCode, errorType, seconds } : null;
    case "stopped":
      return how === "interrupted" || how === "restarted" ? { state, how, seconds } : null;
    default:
      return null;
  }
}

/** What the frame says to the page, or null. */
export function readFrameMessage(value: unknown): FrameToPage | null {
  const message = fieldsOf(value);
  if (!message) return null;
  const { type, run } = message;
  switch (type) {
    case "isolation":
      return typeof message.isolated === "boolean" ? { type, isolated: message.isolated } : null;
    case "ready":
      return { type };
    case "failed":
      return isText(message.reason, TEXT_CHARACTERS) ? { type, reason: message.reason } : null;
  }
  if (!isText(run, WORD_CHARACTERS)) return null;
  switch (type) {
    case "waiting":
      return { type, run };
    case "text":
      return isStream(message.stream) && isText(message.text, TEXT_CHARACTERS)
        ? { type, run, stream: message.stream, text: message.text }
        : null;
    case "report": {
      const report = readReport(message.report);
      return report && { type, run, report };
    }
    case "dropped": {
      const { characters, displays } = message;
      return isCount(characters) && isCount(displays) && characters + displays > 0
        ? { type, run, characters, displays }
        : null;
    }
    case "remark":
      return isText(message.text, TEXT_CHARACTERS) ? { type, run, text: message.text } : null;
    case "end": {
      const outcome = readOutcome(message.outcome);
      return outcome && { type, run, outcome };
    }
    default: {
      const demand = readDemand(message);
      return demand && { run, ...demand };
    }
  }
}

function readBreakdown(value: unknown): Breakdown | null {
  const cause = fieldsOf(value);
  if (!cause) return null;
  switch (cause.kind) {
    case "exit":
      return isExitCode(cause.exitCode) ? { kind: "exit", exitCode: cause.exitCode } : null;
    case "stack":
      return { kind: "stack" };
    case "unknown":
      return isText(cause.detail, TEXT_CHARACTERS) ? { kind: "unknown", detail: cause.detail } : null;
    default:
      return null;
  }
}

/** What a worker says to the frame, or null. */
export function readWorkerMessage(value: unknown): WorkerToFrame | null {
  const message = fieldsOf(value);
  if (!message) return null;
  const { type, sequence } = message;
  switch (type) {
    case "compiled":
      return message.module instanceof WebAssembly.Module ? { type, module: message.module } : null;
    case "ready":
      return { type };
    case "failed":
      return isText(message.reason, TEXT_CHARACTERS) ? { type, reason: message.reason } : null;
  }
  if (typeof sequence !== "number") return null;
  switch (type) {
    case "asks":
      return { type, sequence };
    case "output":
      return Array.isArray(message.pieces)
        ? { type, sequence, pieces: message.pieces.filter(isPiece) }
        : null;
    case "done": {
      const { exitCode, errorType, worn } = message;
      return isExitCode(exitCode) && isWordOrNull(errorType) && typeof worn === "boolean"
        ? { type, sequence, exitCode, errorType, worn }
        : null;
    }
    case "broken": {
      const cause = readBreakdown(message.cause);
      return cause && { type, sequence, cause };
    }
    default: {
      const demand = readDemand(message);
      return demand && { sequence, ...demand };
    }
  }
}
