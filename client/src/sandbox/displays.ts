// One run's displays on their way to the page: an animation becomes as many pictures as a screen can show, and a flood ends
// with the number of those that are left out.

import type { Display } from "../displays";
import { BATCH_INTERVAL_MS, TAIL_INTERVAL_MS } from "./output";

/** Places for displays in one run: after them only what has its place is shown anew. */
export const MOST_PLACES = 100;

export type DisplayEvent =
  | { readonly type: "report"; readonly report: { readonly kind: "display" } & Display }
  | { readonly type: "dropped"; readonly characters: number; readonly displays: number };

export class Displays {
  readonly #emit: (event: DisplayEvent) => void;
  readonly #places = new Set<string>();
  /** What is to be shown in places that are there already. */
  readonly #renewed = new Map<string, Display>();
  #dropped = 0;
  #frame: ReturnType<typeof setTimeout> | null = null;
  #mark: ReturnType<typeof setTimeout> | null = null;

  constructor(emit: (event: DisplayEvent) => void) {
    this.#emit = emit;
  }

  push(display: Display): void {
    if (this.#places.has(display.id)) {
      this.#renewed.set(display.id, display);
      this.#frame ??= setTimeout(() => this.#renew(), BATCH_INTERVAL_MS);
    } else if (this.#places.size < MOST_PLACES) {
      this.#places.add(display.id);
      this.#show(display);
    } else {
      this.#dropped += 1;
      this.#mark ??= setTimeout(() => this.#tellDropped(), TAIL_INTERVAL_MS);
    }
  }

  end(): void {
    if (this.#frame !== null) clearTimeout(this.#frame);
    if (this.#mark !== null) clearTimeout(this.#mark);
    this.#renew();
    if (this.#dropped) this.#tellDropped();
  }

  #renew(): void {
    this.#frame = null;
    for (const display of this.#renewed.values()) this.#show(display);
    this.#renewed.clear();
  }

  #tellDropped(): void {
    this.#mark = null;
    this.#emit({ type: "dropped", characters: 0, displays: this.#dropped });
    this.#dropped = 0;
  }

  #show(display: Display): void {
    this.#emit({ type: "report", report: { kind: "display", ...display } });
  }
}
