// Which of a run's displays go to the room, and when: all of a few pictures, and of an animation as much as the budget holds.

import type { Display } from "./displays";

/** What is shown and not printed has a budget of its own, so that neither takes the other's. */
export const DISPLAY_BYTES_AT_ONCE = 400_000;
export const DISPLAY_BYTES_PER_SECOND = 24_000;
export const DISPLAY_BYTES_PER_RUN = 1_200_000;
/** Others see an animation at this pace. */
export const RENEWED_EVERY_MS = 500;
/** For the fields around the bytes. */
const FIELDS_BYTES = 600;

interface Options {
  readonly send: (display: Display) => void;
  /** Others will not see this many. */
  readonly omit: (count: number) => void;
  /** In milliseconds. */
  readonly now: () => number;
}

export class SharedDisplays {
  readonly #options: Options;
  readonly #sent = new Map<string, number>();
  readonly #waiting = new Map<string, Display>();
  #sentBytes = 0;
  #allowance = DISPLAY_BYTES_AT_ONCE;
  #refilled: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#refilled = options.now();
  }

  /** A run begins, or is told from its beginning. */
  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sent.clear();
    this.#waiting.clear();
    this.#sentBytes = 0;
  }

  show(display: Display): void {
    this.#waiting.set(display.id, display);
    if (this.#timer === undefined) this.#sendWaiting();
    else if (!this.#sent.has(display.id)) this.#offer(display);
  }

  /** Nothing more comes: what waits is sent as far as it fits. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const display of this.#waiting.values()) this.#offer(display, true);
    if (this.#waiting.size > 0) this.#options.omit(this.#waiting.size);
    this.#waiting.clear();
  }

  #sendWaiting(): void {
    this.#timer = undefined;
    for (const display of this.#waiting.values()) this.#offer(display);
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#sendWaiting(), RENEWED_EVERY_MS);
  }

  #offer(display: Display, last = false): void {
    const sentAt = this.#sent.get(display.id);
    const now = this.#options.now();
    if (!last && sentAt !== undefined && now - sentAt < RENEWED_EVERY_MS) return;
    this.#refill(now);
    const bytes = sharedBytes(display);
    // A step of an animation leaves room for its last picture.
    const wanted = !last && sentAt !== undefined ? 2 * bytes : bytes;
    if (wanted > this.#allowance || this.#sentBytes + wanted > DISPLAY_BYTES_PER_RUN) return;
    this.#allowance -= bytes;
    this.#sentBytes += bytes;
    this.#sent.set(display.id, now);
    this.#waiting.delete(display.id);
    this.#options.send(display);
  }

  #refill(now: number): void {
    const earned = ((now - this.#refilled) / 1000) * DISPLAY_BYTES_PER_SECOND;
    this.#allowance = Math.min(DISPLAY_BYTES_AT_ONCE, this.#allowance + earned);
    this.#refilled = now;
  }
}

/** What it costs on the wire, in base64. */
export const sharedBytes = ({ payload }: Display): number => Math.ceil(payload.length / 3) * 4 + FIELDS_BYTES;
