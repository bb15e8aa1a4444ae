// One run of a program: what it prints and asks for on its way to the page, what is typed on its way back, and the ladder of Stop.

import type { Breakdown, Demand, FrameToPage, Supply } from "../runtime/protocol";
import type { Outcome, Program } from "../runtime/runs";
import { Displays } from "./displays";
import type { Interpreter, Listener } from "./interpreter";
import { Output } from "./output";
import { Reports } from "./reports";
import { INPUT_BYTES } from "./shared";

/** The rungs of Stop after a first Ctrl+C: a second one, as asyncio wants it, and then a fresh Python. */
const SECOND_INTERRUPT_MS = 500;
const RESTART_MS = 1_000;

const END_OF_INPUT = new Uint8Array();

export class Run implements Listener {
  readonly id: string;
  readonly #interpreter: Interpreter;
  readonly #tell: (message: FrameToPage) => void;
  readonly #onEnd: (reusable: boolean) => void;
  readonly #output: Output;
  readonly #displays: Displays;
  readonly #reports: Reports;
  readonly #started = performance.now();
  /** Typed and not yet read; an empty one is the end of input. */
  readonly #typed: Uint8Array[] = [];
  #asking = false;
  #ladder: ReturnType<typeof setTimeout>[] = [];

  /** `onEnd` says whether the interpreter may run another program. */
  constructor(
    id: string,
    program: Program,
    packages: readonly string[],
    interpreter: Interpreter,
    tell: (message: FrameToPage) => void,
    onEnd: (reusable: boolean) => void,
  ) {
    this.id = id;
    this.#interpreter = interpreter;
    this.#tell = tell;
    this.#onEnd = onEnd;
    this.#output = new Output((event) => tell({ ...event, run: id }));
    this.#displays = new Displays((event) => {
      this.#output.flush();
      tell({ ...event, run: id });
    });
    this.#reports = new Reports((report) => {
      if (report.kind === "display") {
        this.#displays.push(report);
        return;
      }
      this.#output.flush();
      tell({ type: "report", run: id, report });
    });
    interpreter.run(program, packages, this);
  }

  supply(supply: Supply): void {
    this.#interpreter.supply(supply);
  }

  stop(): void {
    if (this.#ladder.length) return;
    this.#interpreter.interrupt();
    this.#ladder = [
      setTimeout(() => this.#interpreter.interrupt(), SECOND_INTERRUPT_MS),
      setTimeout(() => this.#restart(), RESTART_MS),
    ];
  }

  /** `text` as it was typed, with its newline. */
  type(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let start = 0; start < bytes.length; start += INPUT_BYTES) {
      this.#typed.push(bytes.subarray(start, start + INPUT_BYTES));
    }
    this.#answer();
  }

  endInput(): void {
    this.#typed.push(END_OF_INPUT);
    this.#answer();
  }

  output(...[channel, bytes]: Parameters<Listener["output"]>): void {
    if (channel === "reports") this.#reports.push(bytes);
    else this.#output.push(channel, bytes);
  }

  asks(): void {
    this.#asking = true;
    if (this.#typed.length) {
      this.#answer();
      return;
    }
    this.#output.flush();
    this.#tell({ type: "waiting", run: this.id });
  }

  demands(demand: Demand): void {
    this.#tell({ ...demand, run: this.id });
  }

  done(exitCode: number, errorType: string | null, worn: boolean): void {
    const seconds = this.#seconds();
    const remark = worn
      ? "After a lot of memory, or Stop amid an import, Python begins afresh, and the prompt without its names."
      : undefined;
    if (this.#ladder.length) this.#end({ state: "stopped", how: "interrupted", seconds }, !worn, remark);
    else if (exitCode === 0) this.#end({ state: "ok", exitCode, seconds }, !worn, remark);
    else this.#end({ state: "error", exitCode, errorType, seconds }, !worn, remark);
  }

  broken(cause: Breakdown): void {
    const seconds = this.#seconds();
    const exitCode = cause.kind === "exit" ? cause.exitCode : 1;
    this.#end(
      exitCode === 0
        ? { state: "ok", exitCode, seconds }
        : { state: "error", exitCode, errorType: null, seconds },
      false,
      remarkOn(cause),
    );
  }

  #restart(): void {
    this.#end(
      { state: "stopped", how: "restarted", seconds: this.#seconds() },
      false,
      "The program did not react to Stop, so Python was restarted.",
    );
  }

  #answer(): void {
    if (!this.#asking) return;
    const bytes = this.#typed.shift();
    if (!bytes) return;
    this.#asking = false;
    this.#interpreter.answer(bytes);
  }

  #end(outcome: Outcome, reusable: boolean, remark?: string): void {
    for (const timer of this.#ladder) clearTimeout(timer);
    // An interpreter that is given up may still hold what was printed last.
    if (!reusable) this.#interpreter.terminate();
    this.#displays.end();
    this.#output.end();
    if (remark) this.#tell({ type: "remark", run: this.id, text: remark });
    this.#tell({ type: "end", run: this.id, outcome });
    this.#onEnd(reusable);
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }
}

function remarkOn(cause: Breakdown): string {
  switch (cause.kind) {
    case "exit":
      return "The program ended Python itself, so Python was restarted.";
    case "stack":
      return "The program went too deep: functions or data nested in each other used up all the room there is for that. Python was restarted.";
    case "unknown":
      return `Python broke down while it ran this program (${cause.detail}). Python was restarted.`;
  }
}
