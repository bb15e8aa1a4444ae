// Runs programs in the sandbox, as the page sees it: verbs in, a phase and events out.
// What the sandbox says may come from any program: it is decoded, matched with the run that goes on, and never more than text.

import { type ReadonlySignal, signal } from "@preact/signals";
import { uuidv4 } from "lib0/random";
import { fetchFiles } from "./assets";
import { openSandbox } from "./embed";
import { PackageProblem, Packages } from "./packages";
import {
  type Demand,
  type Files,
  type FrameToPage,
  type PageToFrame,
  readFrameMessage,
  type Supply,
} from "./protocol";
import type { Outcome, Phase, Program, Report, RunEvent } from "./runs";

/** The frame ends any run within two seconds of Stop; one that doesn't has crashed. */
const FRAME_STOP_MS = 4_000;
const PROMPT_CHARACTERS = 500;
/** Where a second interpreter's hundred megabytes are better left to the rest. */
const LITTLE_MEMORY_GB = 2;
const CRASHED = "Python crashed, perhaps because the program took too much memory. Python was restarted.";

interface CurrentRun {
  readonly id: string;
  readonly started: number;
  /** What stands in the last line of stdout. */
  line: string;
  stopping: boolean;
  /** Packages that could not be had, which is said once of each. */
  readonly problems: Set<string>;
}

export class Runner {
  readonly #phase = signal<Phase>({ phase: "loading", progress: null, queued: false });
  readonly #reduced = signal(false);
  readonly #onEvent: (event: RunEvent) => void;
  readonly #end = new AbortController();
  readonly #folder: string;
  /** Packages that a program missed where nobody could see it coming: each run loads them first. */
  readonly #missed = new Set<string>();
  readonly #offered = signal<string | null>(null);
  #packages: Packages | null = null;
  #files: Promise<Files> | null = null;
  /** Aborting it removes the frame. */
  #sandbox: AbortController | null = null;
  #port: MessagePort | null = null;
  #queued: { readonly run: string; readonly program: Program } | null = null;
  #current: CurrentRun | null = null;
  #stopTimer: ReturnType<typeof setTimeout> | undefined;

  /** `folder` is the address of Pyodide's files. */
  constructor({
    folder,
    onEvent,
  }: {
    readonly folder: string;
    readonly onEvent: (event: RunEvent) => void;
  }) {
    this.#folder = folder;
    this.#onEvent = onEvent;
  }

  /** The prompt of `waiting-for-input` is the unfinished line of stdout, and is among the text events too. */
  get phase(): ReadonlySignal<Phase> {
    return this.#phase;
  }

  /** Whether a busy program can't be interrupted and Stop has to restart Python: so without cross-origin isolation. */
  get reduced(): ReadonlySignal<boolean> {
    return this.#reduced;
  }

  /** The package for want of which the last run failed, when another run would load it. */
  get offered(): ReadonlySignal<string | null> {
    return this.#offered;
  }

  /** Begins to load Python. */
  start(): void {
    if (this.#sandbox || this.#end.signal.aborted) return;
    const sandbox = new AbortController();
    this.#sandbox = sandbox;
    this.#setLoading(null);
    this.#files ??= fetchFiles(this.#folder, this.#end.signal, (progress) => {
      if (this.#phase.value.phase === "loading") this.#setLoading(progress);
    });
    Promise.all([
      openSandbox(sandbox.signal),
      this.#files,
      this.#files.then(({ lock }) => this.#open(lock)),
    ]).then(
      ([port, files]) => this.#connect(sandbox.signal, port, files),
      (error: unknown) => this.#fail(String(error)),
    );
  }

  /** Returns the run's id. While Python loads the program is queued; while another one runs, nothing happens but that its id is returned. */
  run(program: Program): string {
    if (this.#current) return this.#current.id;
    const run = this.#queued?.run ?? uuidv4();
    if (this.#phase.value.phase === "idle") {
      this.#begin(run, program);
    } else {
      this.#queued = { run, program };
      if (this.#phase.value.phase === "loading") this.#setLoading(this.#phase.value.progress);
      this.start();
    }
    return run;
  }

  stop(): void {
    this.#queued = null;
    if (this.#phase.value.phase === "loading") this.#setLoading(this.#phase.value.progress);
    const current = this.#current;
    if (!current || current.stopping) return;
    current.stopping = true;
    this.#phase.value = { phase: "stopping", run: current.id };
    this.#packages?.cancel();
    this.#post({ type: "stop", run: current.id });
    this.#stopTimer = setTimeout(() => this.#restart(), FRAME_STOP_MS);
  }

  /** A line for the program, without its newline. One that is sent before the program asks waits for it. */
  send(line: string): void {
    this.#answer((run) => ({ type: "input", run, text: `${line}\n` }));
  }

  /** The end of input (Ctrl+D). */
  endInput(): void {
    this.#answer((run) => ({ type: "end-input", run }));
  }

  destroy(): void {
    this.#packages?.cancel();
    clearTimeout(this.#stopTimer);
    this.#end.abort();
    this.#sandbox?.abort();
    this.#sandbox = null;
    this.#port = null;
    this.#current = null;
    this.#queued = null;
  }

  async #open(lock: Blob): Promise<void> {
    if (this.#packages) return;
    this.#packages = await Packages.read(lock);
    this.#packages.downloading.subscribe((download) => {
      const current = this.#current;
      if (!current || current.stopping) return;
      if (download) this.#phase.value = { phase: "loading-packages", run: current.id, download };
      else if (this.#phase.value.phase === "loading-packages")
        this.#phase.value = { phase: "running", run: current.id };
    });
  }

  #connect(sandbox: AbortSignal, port: MessagePort, files: Files): void {
    if (sandbox.aborted) return;
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      const message = readFrameMessage(data);
      if (message && !sandbox.aborted) this.#hear(message);
    };
    // The frame's process died, usually for want of memory. Not every browser tells; then Stop finds out.
    port.addEventListener("close", () => {
      if (!sandbox.aborted) this.#restart();
    });
    this.#post({ type: "boot", files, spare: canSpareMemory() });
  }

  #hear(message: FrameToPage): void {
    switch (message.type) {
      case "isolation":
        this.#reduced.value = !message.isolated;
        return;
      case "ready":
        this.#becomeReady();
        return;
      case "failed":
        this.#fail(message.reason);
        return;
    }
    const current = this.#current;
    if (!current || message.run !== current.id) return;
    switch (message.type) {
      case "waiting":
        if (!current.stopping) {
          this.#phase.value = { phase: "waiting-for-input", run: current.id, prompt: current.line };
        }
        return;
      case "text":
        if (message.stream === "stdout") current.line = lastLine(current.line + message.text);
        this.#onEvent(message);
        return;
      case "imports":
      case "fetch":
        void this.#supply(current, message);
        return;
      case "report":
        this.#onEvent({ ...message, report: this.#offer(current, message.report) });
        return;
      case "dropped":
      case "remark":
        this.#onEvent(message);
        return;
      case "end":
        this.#finish(current, message.outcome);
        return;
      default:
        message satisfies never;
    }
  }

  async #supply(current: CurrentRun, demand: Demand): Promise<void> {
    const supply = await this.#find(current, demand);
    if (this.#current === current) this.#post({ run: current.id, ...supply });
  }

  async #find(current: CurrentRun, demand: Demand): Promise<Supply> {
    if (demand.type === "imports") {
      const names = demand.modules.map((module) => this.#packages?.providerOf(module));
      return { type: "packages", names: names.filter((name) => typeof name === "string") };
    }
    const { file } = demand;
    try {
      return { type: "file", file, content: (await this.#packages?.file(file)) ?? null };
    } catch (problem) {
      if (problem instanceof PackageProblem && !current.stopping) this.#complain(current, problem);
      return { type: "file", file, content: null };
    }
  }

  /** What a program missed can be told from here only, where it is known what the server offers. */
  #offer(current: CurrentRun, report: Report): Report {
    if (report.kind !== "error" || report.missing === null) return report;
    const name = this.#packages?.providerOf(report.missing) ?? null;
    // A run ends for want of one package, whatever a program may claim.
    if (name === null || this.#offered.value !== null) return report;
    // Why it could not be loaded has been said.
    if (current.problems.has(name)) return { ...report, hint: null };
    this.#missed.add(name);
    this.#offered.value = name;
    return { ...report, hint: `${name} can be loaded: run the program again.` };
  }

  #complain(current: CurrentRun, { package: name, message }: PackageProblem): void {
    if (current.problems.has(name)) return;
    current.problems.add(name);
    this.#onEvent({ type: "remark", run: current.id, text: `${name} could not be loaded. ${message}` });
  }

  #becomeReady(): void {
    if (this.#phase.value.phase !== "loading") return;
    this.#phase.value = { phase: "idle" };
    const queued = this.#queued;
    this.#queued = null;
    if (queued) this.#begin(queued.run, queued.program);
  }

  #begin(run: string, program: Program): void {
    this.#current = { id: run, started: performance.now(), line: "", stopping: false, problems: new Set() };
    this.#offered.value = null;
    this.#phase.value = { phase: "running", run };
    this.#onEvent(
      program.task.kind === "statement"
        ? { type: "resume", run }
        : { type: "start", run, file: program.entry, tests: program.task.kind === "tests" },
    );
    // Half a surrogate pair can stand in a shared text while someone types, and no file can hold it.
    const files = program.files.map(({ name, text }) => ({ name, text: text.toWellFormed() }));
    this.#post({ type: "run", run, program: { ...program, files }, packages: [...this.#missed] });
  }

  #answer(message: (run: string) => PageToFrame): void {
    const current = this.#current;
    if (!current) return;
    current.line = "";
    if (this.#phase.value.phase === "waiting-for-input") {
      this.#phase.value = { phase: "running", run: current.id };
    }
    this.#post(message(current.id));
  }

  #finish(current: CurrentRun, outcome: Outcome): void {
    clearTimeout(this.#stopTimer);
    this.#current = null;
    this.#phase.value = { phase: "idle" };
    this.#onEvent({ type: "end", run: current.id, outcome });
  }

  /** Starts over with a new frame. */
  #restart(): void {
    if (this.#current) this.#crash(this.#current, CRASHED);
    this.#sandbox?.abort();
    this.#sandbox = null;
    this.start();
  }

  #crash(current: CurrentRun, remark: string): void {
    const seconds = (performance.now() - current.started) / 1000;
    this.#onEvent({ type: "remark", run: current.id, text: remark });
    this.#finish(
      current,
      current.stopping
        ? { state: "stopped", how: "restarted", seconds }
        : { state: "error", exitCode: 1, errorType: null, seconds },
    );
  }

  #fail(reason: string): void {
    if (this.#end.signal.aborted) return;
    if (this.#current) this.#crash(this.#current, "Python could not be started again.");
    this.#sandbox?.abort();
    this.#sandbox = null;
    this.#port = null;
    this.#files = null;
    this.#packages = null;
    this.#queued = null;
    this.#phase.value = { phase: "failed", reason };
  }

  #setLoading(progress: number | null): void {
    this.#phase.value = { phase: "loading", progress, queued: this.#queued !== null };
  }

  #post(message: PageToFrame): void {
    this.#port?.postMessage(message);
  }
}

/** Not every browser tells how much there is. */
function canSpareMemory(): boolean {
  const { deviceMemory } = navigator as { deviceMemory?: number };
  return deviceMemory === undefined || deviceMemory > LITTLE_MEMORY_GB;
}

function lastLine(text: string): string {
  const start = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1;
  return text.slice(Math.max(start, text.length - PROMPT_CHARACTERS));
}
