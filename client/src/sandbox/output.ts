// One run's output on its way to the page: bytes become text, text becomes few messages, and a flood becomes a trickle
// that is honest about what it leaves out. Knows of no worker and no page.

import type { Stream } from "../runtime/runs";

/** What a run may print before anything is left out; a change of stream counts too, since each makes a message. */
export const BURST_CHARACTERS = 1_000_000;
const CHANGE_CHARACTERS = 50;
/** From then on only the newest of what was printed is shown, at this pace and at the end. */
export const TAIL_CHARACTERS = 8_000;
export const TAIL_INTERVAL_MS = 1_000;
/** A screen's frame: more messages than this are work without a gain. */
export const BATCH_INTERVAL_MS = 16;

export type OutputEvent =
  | { readonly type: "text"; readonly stream: Stream; readonly text: string }
  | { readonly type: "dropped"; readonly characters: number; readonly displays: number };

export class Output {
  readonly #emit: (event: OutputEvent) => void;
  // One decoder for each stream: a character may come in two writes.
  readonly #decoders: Record<Stream, TextDecoder> = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  readonly #head = new Pieces();
  readonly #tail = new Pieces();
  #burst = BURST_CHARACTERS;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #flushed = Number.NEGATIVE_INFINITY;

  constructor(emit: (event: OutputEvent) => void) {
    this.#emit = emit;
  }

  push(stream: Stream, bytes: Uint8Array): void {
    this.#append(stream, this.#decoders[stream].decode(bytes, { stream: true }));
    if (this.#timer !== null) return;
    const interval = this.#burst > 0 ? BATCH_INTERVAL_MS : TAIL_INTERVAL_MS;
    // What comes after a silence need not wait.
    const wait = Math.max(0, this.#flushed + interval - performance.now());
    this.#timer = setTimeout(() => this.flush(), wait);
  }

  /** Emits all that is left to show: before the page is told of anything else, so that the order holds. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#flushed = performance.now();
    this.#emitAll(this.#head);
    this.#dropped += this.#tail.trim(TAIL_CHARACTERS);
    if (this.#dropped) this.#emit({ type: "dropped", characters: this.#dropped, displays: 0 });
    this.#dropped = 0;
    this.#emitAll(this.#tail);
  }

  end(): void {
    for (const stream of ["stdout", "stderr"] as const) this.#append(stream, this.#decoders[stream].decode());
    this.flush();
  }

  #append(stream: Stream, text: string): void {
    const head = text.slice(0, this.#burst);
    const changed = this.#head.add(stream, head);
    this.#burst = Math.max(0, this.#burst - head.length - (changed ? CHANGE_CHARACTERS : 0));
    this.#tail.add(stream, text.slice(head.length));
    // Trimmed at twice the size, so that a flood is not trimmed at each print.
    if (this.#tail.characters > 2 * TAIL_CHARACTERS) this.#dropped += this.#tail.trim(TAIL_CHARACTERS);
  }

  #emitAll(pieces: Pieces): void {
    // A cut may have parted the halves of a surrogate pair, which no JSON can carry.
    for (const { stream, text } of pieces.take())
      this.#emit({ type: "text", stream, text: text.toWellFormed() });
  }
}

/** Text of both streams in the order in which it was printed. */
class Pieces {
  characters = 0;
  #pieces: { stream: Stream; text: string }[] = [];

  /** Returns whether another stream's text stands before it. */
  add(stream: Stream, text: string): boolean {
    if (!text) return false;
    this.characters += text.length;
    const last = this.#pieces.at(-1);
    if (last?.stream === stream) last.text += text;
    else this.#pieces.push({ stream, text });
    return last !== undefined && last.stream !== stream;
  }

  /** Gives up the oldest until `characters` are left, and returns how many were given up. */
  trim(characters: number): number {
    const excess = Math.max(0, this.characters - characters);
    let left = excess;
    while (left > 0) {
      const first = this.#pieces[0];
      if (!first) break;
      const cut = Math.min(left, first.text.length);
      first.text = first.text.slice(cut);
      if (!first.text) this.#pieces.shift();
      left -= cut;
    }
    this.characters -= excess;
    return excess;
  }

  take(): readonly { readonly stream: Stream; readonly text: string }[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.characters = 0;
    return pieces;
  }
}
