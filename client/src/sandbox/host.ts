// What Python gets from its worker: output streams, input, sleep and Ctrl+C. With shared memory a worker can block and still be
// reached; without it Python is suspended while it waits, and heard from by messages only.

import type { Channel, Piece } from "../runtime/protocol";
import type { Stream } from "../runtime/runs";
import { joined } from "./bytes";
import type { Pyodide } from "./pyodide";
import { writeRing } from "./ring";
import { type Shared, viewShared, Word } from "./shared";

export interface Host {
  // For python/:

  /** Whether `sleep` and reads of descriptor 0 block. Otherwise Python suspends itself, with `ask` for input. */
  readonly blocking: boolean;
  /** Seconds of a clock that only goes forward. */
  now(): number;
  /** Returns true at `end`, or false when there is a signal for Python to see. */
  sleep(end: number): boolean;
  ask(): Promise<Uint8Array>;
  /** Bytes of reports, whole or in part. */
  report(bytes: Uint8Array): void;

  // For the worker:

  /** Opens the streams for a run, whatever the one before did to them. */
  begin(): void;
  /** Whether Python hears signals: not while our own side of it runs. One that comes meanwhile waits. */
  listen(on: boolean): void;
  /** Tells Python of Ctrl+C, unless it has seen a signal already. `deliver` says whether there was somebody to tell. */
  interrupt(deliver: () => boolean): void;
  answer(bytes: Uint8Array): void;
  /** Sends what is held back. */
  release(): void;
  mute(): void;
}

type Write = (stream: Stream, bytes: Uint8Array) => void;

/** Returns the function that silences both streams. */
function connectStreams(python: Pyodide, write: Write): () => void {
  let muted = false;
  const writer = (stream: Stream) => ({
    write(bytes: Uint8Array) {
      if (!muted) write(stream, bytes);
      return bytes.length;
    },
  });
  python.setStdout(writer("stdout"));
  python.setStderr(writer("stderr"));
  return () => {
    muted = true;
  };
}

export class SharedHost implements Host {
  readonly blocking = true;
  readonly mute: () => void;
  readonly #python: Pyodide;
  readonly #shared: Shared;
  readonly #signals: SignalBox;
  readonly #ask: () => void;
  #unread: Uint8Array = new Uint8Array();

  constructor(python: Pyodide, buffer: SharedArrayBuffer, ask: () => void) {
    const shared = viewShared(buffer);
    this.#python = python;
    this.#shared = shared;
    this.#ask = ask;
    this.mute = connectStreams(python, (stream, bytes) => writeRing(shared, stream, bytes));
    this.#signals = new SignalBox(shared.control);
    python.setInterruptBuffer(this.#signals as unknown as Uint8Array);
  }

  now(): number {
    return performance.now() / 1000;
  }

  sleep(end: number): boolean {
    const { control } = this.#shared;
    for (;;) {
      const wake = Atomics.load(control, Word.wake);
      if (Atomics.load(control, Word.signal)) return false;
      const left = end - this.now();
      if (left <= 0) return true;
      Atomics.wait(control, Word.wake, wake, left * 1000);
    }
  }

  ask(): Promise<Uint8Array> {
    throw new Error("input comes from descriptor 0");
  }

  report(bytes: Uint8Array): void {
    writeRing(this.#shared, "reports", bytes);
  }

  begin(): void {
    this.#unread = new Uint8Array();
    // Opens all three descriptors anew.
    this.#python.setStdin({ read: (buffer: Uint8Array) => this.#read(buffer) });
  }

  listen(on: boolean): void {
    this.#signals.open = on;
  }

  interrupt(deliver: () => boolean): void {
    const { control } = this.#shared;
    if (Atomics.compareExchange(control, Word.delivered, 0, 1) !== 0) return;
    if (!deliver()) Atomics.store(control, Word.delivered, 0);
  }

  answer(): void {}

  release(): void {}

  #read(buffer: Uint8Array): number {
    if (!this.#unread.length) this.#unread = this.#await();
    const bytes = this.#unread.subarray(0, buffer.length);
    buffer.set(bytes);
    this.#unread = this.#unread.subarray(bytes.length);
    return bytes.length;
  }

  #await(): Uint8Array {
    const { control, input } = this.#shared;
    // An answer that came while a signal was handled is still there.
    if (Atomics.load(control, Word.answered) < 0) this.#ask();
    for (;;) {
      const wake = Atomics.load(control, Word.wake);
      if (Atomics.load(control, Word.signal))
        throw new this.#python.FS.ErrnoError(this.#python.ERRNO_CODES.EINTR);
      const answered = Atomics.load(control, Word.answered);
      if (answered >= 0) {
        const bytes = input.slice(0, answered);
        Atomics.store(control, Word.answered, -1);
        return bytes;
      }
      Atomics.wait(control, Word.wake, wake);
    }
  }
}

/**
 * Python's interrupt buffer. Python reads it and then clears it, which is not one step on shared memory: a signal that came in
 * between would be lost. Here only what was read is cleared.
 */
class SignalBox {
  open = false;
  readonly #control: Int32Array;
  #seen = 0;

  constructor(control: Int32Array) {
    this.#control = control;
  }

  get 0(): number {
    this.#seen = this.open ? Atomics.load(this.#control, Word.signal) : 0;
    return this.#seen;
  }

  set 0(_cleared: number) {
    if (this.#seen) Atomics.compareExchange(this.#control, Word.signal, this.#seen, 0);
  }
}

/** A print is two writes or more, and each piece is work for the frame, which nothing protects from a flood here. */
function merge(pieces: readonly Piece[]): Piece[] {
  const merged: Piece[] = [];
  for (let start = 0; start < pieces.length; ) {
    const channel = pieces[start]?.channel ?? "stdout";
    let end = start;
    while (pieces[end]?.channel === channel) end += 1;
    merged.push({ channel, bytes: joined(pieces.slice(start, end).map((piece) => piece.bytes)) });
    start = end;
  }
  return merged;
}

const WINDOW_MS = 16;
/** Prints are sent one by one, because Python may not come back to send them later, until there are this many in a window. */
const WINDOW_MESSAGES = 16;
const HELD_BYTES = 64 * 1024;

export class MessageHost implements Host {
  readonly blocking = false;
  readonly mute: () => void;
  readonly #python: Pyodide;
  readonly #ask: () => void;
  readonly #send: (pieces: readonly Piece[]) => void;
  #asked: PromiseWithResolvers<Uint8Array> | null = null;
  #held: Piece[] = [];
  #heldBytes = 0;
  #window = 0;
  #sent = 0;

  constructor(python: Pyodide, ask: () => void, send: (pieces: readonly Piece[]) => void) {
    this.#python = python;
    this.#ask = ask;
    this.#send = send;
    this.mute = connectStreams(python, (stream, bytes) => this.#write(stream, bytes));
  }

  now(): number {
    return performance.now() / 1000;
  }

  sleep(): boolean {
    throw new Error("a worker without shared memory can't block");
  }

  ask(): Promise<Uint8Array> {
    if (!this.#asked) {
      this.#asked = Promise.withResolvers();
      this.#ask();
    }
    return this.#asked.promise;
  }

  report(bytes: Uint8Array): void {
    this.#write("reports", bytes);
  }

  begin(): void {
    this.#asked = null;
    // Opens all three descriptors anew.
    this.#python.setStdin({ stdin: () => null });
  }

  listen(): void {}

  interrupt(deliver: () => boolean): void {
    deliver();
  }

  answer(bytes: Uint8Array): void {
    this.#asked?.resolve(bytes);
    this.#asked = null;
  }

  release(): void {
    if (this.#held.length) this.#send(merge(this.#held));
    this.#held = [];
    this.#heldBytes = 0;
  }

  #write(channel: Channel, bytes: Uint8Array): void {
    const now = performance.now();
    if (now - this.#window > WINDOW_MS) {
      this.#window = now;
      this.#sent = 0;
    }
    this.#sent += 1;
    this.#heldBytes += bytes.length;
    this.#held.push({ channel, bytes: bytes.slice() });
    if (this.#sent <= WINDOW_MESSAGES || this.#heldBytes > HELD_BYTES) this.release();
    else if (this.#held.length === 1) setTimeout(() => this.release(), WINDOW_MS);
  }
}
