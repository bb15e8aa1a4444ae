// One Python interpreter as the frame sees it: a worker, the memory shared with it, and the program that runs in it.

import {
  type Breakdown,
  type Channel,
  type Demand,
  type Files,
  type FrameToWorker,
  readWorkerMessage,
  type Supply,
} from "../runtime/protocol";
import type { Program } from "../runtime/runs";
import { followRing, readRing } from "./ring";
import { allocateShared, type Shared, viewShared, Word } from "./shared";
import PythonWorker from "./worker?worker&inline";

/** SIGINT. */
const INTERRUPT = 2;
/** How long a suspended program has to take the message before the signal is raised. */
const MESSAGE_MS = 25;

/** What is heard of the program that runs; nothing of a program that ran before. */
export interface Listener {
  output(channel: Channel, bytes: Uint8Array): void;
  asks(): void;
  demands(demand: Demand): void;
  done(exitCode: number, errorType: string | null, worn: boolean): void;
  broken(cause: Breakdown): void;
}

export interface Boot {
  readonly files: Files;
  readonly module: WebAssembly.Module | null;
  onCompiled(module: WebAssembly.Module): void;
  onReady(): void;
  onFailed(reason: string): void;
}

export class Interpreter {
  readonly #worker = new PythonWorker();
  readonly #shared: Shared | null;
  readonly #end = new AbortController();
  #boot: Boot | null;
  #ready = false;
  #sequence = 0;
  #listener: Listener | null = null;

  constructor(boot: Boot) {
    this.#boot = boot;
    const buffer = crossOriginIsolated ? allocateShared() : null;
    this.#shared = buffer && viewShared(buffer);
    this.#worker.onmessage = ({ data }: MessageEvent<unknown>) => this.#hear(data);
    this.#worker.onerror = ({ message }) => this.#boot?.onFailed(message);
    this.#post({ type: "boot", files: boot.files, module: boot.module, shared: buffer });
    if (this.#shared) void followRing(this.#shared, this.#end.signal, () => this.#drain());
  }

  get ready(): boolean {
    return this.#ready;
  }

  run(program: Program, packages: readonly string[], listener: Listener): void {
    this.#sequence += 1;
    this.#listener = listener;
    if (this.#shared) {
      const { control } = this.#shared;
      Atomics.store(control, Word.signal, 0);
      Atomics.store(control, Word.delivered, 0);
      Atomics.store(control, Word.answered, -1);
    }
    this.#post({ type: "run", sequence: this.#sequence, program, packages });
  }

  supply(supply: Supply): void {
    this.#post({ ...supply, sequence: this.#sequence });
  }

  /** Ctrl+C, by message to a program that is suspended, otherwise by signal. */
  interrupt(): void {
    const sequence = this.#sequence;
    if (this.#shared) Atomics.store(this.#shared.control, Word.delivered, 0);
    this.#post({ type: "interrupt", sequence });
    setTimeout(() => {
      if (this.#listener && this.#sequence === sequence) this.#signal();
    }, MESSAGE_MS);
  }

  /** Answers what the program asked for, with at most `INPUT_BYTES`; no bytes end its input. */
  answer(bytes: Uint8Array): void {
    if (this.#shared) {
      const { control, input } = this.#shared;
      input.set(bytes);
      Atomics.store(control, Word.answered, bytes.length);
      this.#wake(control);
    } else {
      this.#post({ type: "input", sequence: this.#sequence, bytes });
    }
  }

  terminate(): void {
    this.#drain();
    this.#listener = null;
    this.#boot = null;
    this.#end.abort();
    if (this.#shared) Atomics.notify(this.#shared.control, Word.written);
    this.#worker.terminate();
  }

  #signal(): void {
    if (!this.#shared) return;
    const { control } = this.#shared;
    if (Atomics.compareExchange(control, Word.delivered, 0, 1) !== 0) return;
    Atomics.store(control, Word.signal, INTERRUPT);
    this.#wake(control);
  }

  #wake(control: Int32Array): void {
    Atomics.add(control, Word.wake, 1);
    Atomics.notify(control, Word.wake);
  }

  #drain(): void {
    if (!this.#shared) return;
    for (const { channel, bytes } of readRing(this.#shared)) this.#listener?.output(channel, bytes);
  }

  #hear(data: unknown): void {
    const message = readWorkerMessage(data);
    if (!message) return;
    switch (message.type) {
      // Until it is ready a worker runs nothing but our own code.
      case "compiled":
        this.#boot?.onCompiled(message.module);
        return;
      case "ready":
      case "failed": {
        const boot = this.#boot;
        this.#boot = null;
        if (!boot) return;
        this.#ready = message.type === "ready";
        if (message.type === "ready") boot.onReady();
        else boot.onFailed(message.reason);
        return;
      }
    }
    const listener = this.#listener;
    if (!listener || message.sequence !== this.#sequence) return;
    switch (message.type) {
      case "asks":
        this.#drain();
        listener.asks();
        return;
      case "imports":
      case "fetch":
        listener.demands(message);
        return;
      case "output":
        for (const { channel, bytes } of message.pieces) listener.output(channel, bytes);
        return;
      case "done":
        this.#drain();
        this.#listener = null;
        listener.done(message.exitCode, message.errorType, message.worn);
        return;
      case "broken":
        this.#drain();
        this.#listener = null;
        listener.broken(message.cause);
        return;
      default:
        message satisfies never;
    }
  }

  #post(message: FrameToWorker): void {
    this.#worker.postMessage(message);
  }
}
