// What a program reads: lines that were prepared for it, then those that are typed, one for each time it asks, as a terminal has it.
// Knows of no program: it is asked for the next thing to hand over.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Memory } from "./identity";

/** Lines for each run. `ends`: after them, if there are any, there is nothing more to read. */
export interface Prepared {
  readonly text: string;
  readonly ends: boolean;
}

export type Entry = { readonly type: "line"; readonly line: string } | { readonly type: "end" };

export const LONGEST_PREPARED_TEXT = 100_000;
const NOTHING: Prepared = { text: "", ends: false };
const END: Entry = { type: "end" };

export class Stdin {
  readonly prepared: ReadonlySignal<Prepared>;
  /** What stands in the field and was not sent yet. */
  readonly draft = signal("");
  readonly #prepared = signal<Prepared>(NOTHING);
  readonly #memory: Memory;
  readonly #place: string;
  #entries: Entry[] = [];

  /** What is prepared stays on this device. */
  constructor(memory: Memory, room: string) {
    this.prepared = this.#prepared;
    this.#memory = memory;
    this.#place = `caretroom.input.${room}`;
    const remembered = memory.getItem(this.#place);
    if (remembered !== null) this.#prepared.value = JSON.parse(remembered) as Prepared;
  }

  prepare(prepared: Prepared): void {
    this.#prepared.value = prepared;
    this.#memory.setItem(this.#place, JSON.stringify(prepared));
  }

  forget(): void {
    this.#memory.removeItem(this.#place);
  }

  /** A run begins: nothing that was meant for the one before is left. */
  begin(): void {
    const { text, ends } = this.#prepared.value;
    this.#entries = text === "" ? [] : linesOf(text.replace(/\n$/, ""));
    if (ends && text !== "") this.#entries.push(END);
    this.draft.value = "";
  }

  /** Several lines, as they are pasted, wait for as many questions; what has no line end yet stays in the field. */
  type(text: string): void {
    const lines = linesOf(text);
    const last = lines.pop();
    this.draft.value = last?.type === "line" ? last.line : "";
    this.#entries.push(...lines);
  }

  end(): void {
    this.#entries.push(END);
  }

  /** What the program gets now; null while there is nothing for it. */
  next(): Entry | null {
    return this.#entries.shift() ?? null;
  }
}

function linesOf(text: string): Entry[] {
  return text.split(/\r\n|\r|\n/).map((line) => ({ type: "line", line }));
}
