// The frame's document: of an opaque origin and without a network. It keeps one interpreter that runs programs and a warm spare,
// and does what the page says over one port.

import type { Files, FrameToPage, PageToFrame } from "../runtime/protocol";
import { Interpreter } from "./interpreter";
import { Run } from "./run";

/** The first program should not share the processor with the start of a spare. */
const SPARE_AFTER_MS = 1_000;

type RunMessage = PageToFrame & { readonly type: "run" };

class Frame {
  readonly #port: MessagePort;
  #files: Files | null = null;
  #keepsSpare = false;
  #module: WebAssembly.Module | null = null;
  #live: Interpreter | null = null;
  #spare: Interpreter | null = null;
  #run: Run | null = null;
  /** What is to run as soon as Python is there again. */
  #waiting: RunMessage | null = null;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<PageToFrame>) => this.#obey(data);
    this.#tell({ type: "isolation", isolated: crossOriginIsolated });
  }

  #obey(message: PageToFrame): void {
    switch (message.type) {
      case "boot":
        this.#files = message.files;
        this.#keepsSpare = message.spare;
        this.#live = this.#spawn(message.files);
        return;
      case "run":
        if (this.#run || this.#waiting) return;
        if (this.#live?.ready) this.#start(this.#live, message);
        else this.#waiting = message;
        return;
      case "stop":
        this.#stop(message.run);
        return;
      case "packages":
      case "file":
        this.#runCalled(message.run)?.supply(message);
        return;
      case "input":
        this.#runCalled(message.run)?.type(message.text);
        return;
      case "end-input":
        this.#runCalled(message.run)?.endInput();
        return;
      default:
        message satisfies never;
    }
  }

  #stop(run: string): void {
    if (this.#waiting?.run === run) {
      this.#waiting = null;
      this.#tell({ type: "end", run, outcome: { state: "stopped", how: "interrupted", seconds: 0 } });
    }
    this.#runCalled(run)?.stop();
  }

  #start(interpreter: Interpreter, { run, program, packages }: RunMessage): void {
    this.#run = new Run(
      run,
      program,
      packages,
      interpreter,
      (message) => this.#tell(message),
      (reusable) => {
        this.#run = null;
        if (!reusable) this.#replace();
      },
    );
  }

  #replace(): void {
    this.#live = this.#spare ?? (this.#files && this.#spawn(this.#files));
    this.#spare = null;
    this.#prepareSpare();
  }

  #prepareSpare(): void {
    if (!this.#keepsSpare) return;
    setTimeout(() => {
      if (this.#files) this.#spare ??= this.#spawn(this.#files);
    }, SPARE_AFTER_MS);
  }

  #spawn(files: Files): Interpreter {
    const interpreter = new Interpreter({
      files,
      module: this.#module,
      onCompiled: (module) => {
        this.#module = module;
      },
      onReady: () => {
        if (interpreter !== this.#live) return;
        this.#tell({ type: "ready" });
        this.#prepareSpare();
        const waiting = this.#waiting;
        this.#waiting = null;
        if (waiting) this.#start(interpreter, waiting);
      },
      onFailed: (reason) => this.#giveUp(interpreter, files, reason),
    });
    return interpreter;
  }

  /** A snapshot that this browser can't use only costs time; anything else that fails is the end. */
  #giveUp(interpreter: Interpreter, files: Files, reason: string): void {
    interpreter.terminate();
    if (interpreter === this.#spare) this.#spare = null;
    if (interpreter !== this.#live) return;
    if (!files.snapshot) {
      this.#tell({ type: "failed", reason });
      return;
    }
    this.#files = { ...files, snapshot: null };
    this.#live = this.#spawn(this.#files);
  }

  #runCalled(id: string): Run | null {
    return this.#run?.id === id ? this.#run : null;
  }

  #tell(message: FrameToPage): void {
    this.#port.postMessage(message);
  }
}

addEventListener("message", function accept({ source, ports: [port] }: MessageEvent) {
  if (source !== parent || !port) return;
  removeEventListener("message", accept);
  new Frame(port);
});
// The page's origin is not known here, and there is nothing in this to hide.
parent.postMessage("caretroom-sandbox", "*");
