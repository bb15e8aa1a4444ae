// What programs printed: my own last run, and the last shared run of everyone else. One model for both.

import { type ReadonlySignal, signal } from "@preact/signals";
import { fromBase64 } from "lib0/buffer";
import { type Created, NOTHING_CREATED, withReport } from "./created";
import { type Display, readDisplay } from "./displays";
import type { Report, RunEvent, TestResult } from "./runtime/runs";
import { Transcript } from "./transcript";
import type { MemberOutput } from "./wire/protocol";

/** What stands in the place of a file when there was no program. */
export const AT_THE_PROMPT = "Python prompt";

/** More than anybody writes in a room; a program could report them without an end. */
const MOST_TESTS = 2_000;

export type RunState =
  | { readonly state: "running" }
  | { readonly state: "ok" | "error" | "left"; readonly seconds: number }
  /** Others tell only that their run was stopped, not how. */
  | {
      readonly state: "stopped";
      readonly how: "interrupted" | "restarted" | null;
      readonly seconds: number;
    };

export class Run {
  readonly id: string;
  readonly file: string;
  readonly transcript = new Transcript();
  readonly state: ReadonlySignal<RunState>;
  /** Counts up whenever the transcript has changed. */
  readonly revision: ReadonlySignal<number>;
  /** Files that it left behind. */
  readonly created: ReadonlySignal<Created>;
  /** What became of each test, when the run is one of tests. */
  readonly tests: ReadonlySignal<readonly TestResult[] | null>;
  readonly #tests = signal<readonly TestResult[] | null>(null);
  readonly #state = signal<RunState>({ state: "running" });
  readonly #revision = signal(0);
  readonly #created = signal<Created>(NOTHING_CREATED);

  constructor(id: string, file: string, tests = false) {
    this.id = id;
    this.tests = this.#tests;
    if (tests) this.#tests.value = [];
    this.file = file;
    this.state = this.#state;
    this.revision = this.#revision;
    this.created = this.#created;
  }

  write(voice: "stdout" | "stderr" | "input", text: string): void {
    this.transcript.write(voice, text);
    this.#revision.value += 1;
  }

  remark(voice: "remark" | "hint" | "gap", text: string): void {
    this.transcript.remark(voice, text);
    this.#revision.value += 1;
  }

  report(report: Report): void {
    switch (report.kind) {
      case "file":
      case "more-files":
        this.#created.value = withReport(this.#created.value, report);
        break;
      case "error":
        if (report.hint !== null) this.remark("hint", report.hint);
        break;
      case "display":
        this.show(report);
        break;
      case "test":
        this.#tested(report);
        break;
      case "statement":
        break;
      default:
        report satisfies never;
    }
  }

  show(display: Display): void {
    this.transcript.show(display);
    this.#revision.value += 1;
  }

  #tested(result: TestResult): void {
    const others = this.#tests.value?.filter(({ number }) => number !== result.number) ?? [];
    if (others.length < MOST_TESTS) this.#tests.value = [...others, result];
  }

  end(state: RunState): void {
    const running = this.#tests.value?.find(({ outcome }) => outcome === "running");
    if (running) this.#tested({ ...running, outcome: "stopped" });
    this.#state.value = state;
  }
}

/** A run that somebody else shares. `name` is what they were called when it began. */
export interface SharedRun {
  readonly member: string;
  readonly name: string;
  readonly run: Run;
}

export class Outputs {
  readonly mine: ReadonlySignal<Run | null>;
  readonly shared: ReadonlySignal<ReadonlyMap<string, SharedRun>>;
  readonly #mine = signal<Run | null>(null);
  /** The run that speaks in mine: itself, or the statement that was typed at the prompt after it. */
  #speaker = "";
  readonly #shared = signal<ReadonlyMap<string, SharedRun>>(new Map());

  constructor() {
    this.mine = this.#mine;
    this.shared = this.#shared;
  }

  /** Something that my own Python reported. */
  happened(event: RunEvent): void {
    if (event.type === "start" || event.type === "resume") {
      this.#speaker = event.run;
      if (event.type === "start") this.#mine.value = new Run(event.run, event.file, event.tests);
      else this.#mine.value ??= new Run(event.run, AT_THE_PROMPT);
      return;
    }
    const run = this.#mine.value;
    if (run === null || this.#speaker !== event.run) return;
    switch (event.type) {
      case "text":
        run.write(event.stream, event.text);
        break;
      case "dropped":
        run.remark("gap", gapSentence(event, "shown"));
        break;
      case "remark":
        run.remark("remark", event.text);
        break;
      case "report":
        run.report(event.report);
        break;
      case "end":
        // What a statement came to says nothing of the program before it.
        if (run.state.value.state === "running") run.end(event.outcome);
        break;
    }
  }

  /** What I typed at my program stands in its output, as in any terminal. */
  typed(line: string): void {
    this.#mine.value?.write("input", `${line}\n`);
  }

  /** Something that another member shared. */
  received(event: MemberOutput): void {
    if (event.type === "start" || event.type === "clear") {
      const shared = new Map(this.#shared.value);
      shared.delete(event.member);
      if (event.type === "start")
        shared.set(event.member, {
          member: event.member,
          name: event.name,
          run: new Run(event.run, event.file),
        });
      this.#shared.value = shared;
      return;
    }
    const run = this.#shared.value.get(event.member)?.run;
    if (run?.id !== event.run) return;
    switch (event.type) {
      case "text":
        run.write(event.stream, event.text);
        break;
      case "dropped":
        run.remark("gap", gapSentence(event, "shared"));
        break;
      case "display": {
        const display = readDisplay({ ...event, payload: payloadOf(event.data) });
        if (display) run.show(display);
        break;
      }
      case "end":
        run.end(
          event.state === "stopped"
            ? { state: event.state, how: null, seconds: event.seconds }
            : { state: event.state, seconds: event.seconds },
        );
        break;
    }
  }

  /** A new connection replays what is still shared. */
  forgetShared(): void {
    this.#shared.value = new Map();
  }
}

function payloadOf(base64: string): Uint8Array | null {
  try {
    return fromBase64(base64);
  } catch {
    return null;
  }
}

interface Gap {
  readonly characters: number;
  readonly displays?: number;
}

function gapSentence({ characters, displays = 0 }: Gap, what: "shown" | "shared"): string {
  const missing = [
    ...(characters > 0 ? [counted(characters, "character")] : []),
    ...(displays > 0 ? [counted(displays, "picture")] : []),
  ];
  return `… ${missing.join(" and ")} not ${what}`;
}

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
