// Places in the room's code that output speaks of: where the last run failed, and where I want to go. Knows no editor.

import { type ReadonlySignal, signal } from "@preact/signals";
import type * as Y from "yjs";
import type { File } from "./files";
import type { Failure, Place, ProgramFile } from "./runtime/runs";

/** Where a run failed: it goes with its line as others type, and away when somebody changes that line. */
export interface Mark {
  readonly text: Y.Text;
  readonly message: string;
  /** Of the line, in UTF-16 units of the text, without its end. */
  readonly from: number;
  readonly to: number;
  /** What of the line it was, counted from `from`; null when all of it. */
  readonly columns: readonly [number, number] | null;
}

export interface Target {
  readonly text: Y.Text;
  readonly line: number;
}

const MOST_MARKS = 20;

export class Places {
  readonly marks: ReadonlySignal<readonly Mark[]>;
  readonly target: ReadonlySignal<Target | null>;
  readonly #marks = signal<readonly Mark[]>([]);
  readonly #target = signal<Target | null>(null);
  #program: ReadonlyMap<string, string> = new Map();
  #forget: (() => void)[] = [];
  /** The truth between two turns of the event loop: whoever draws must not be told in the middle of a change. */
  #current: readonly Mark[] = [];

  constructor() {
    this.marks = this.#marks;
    this.target = this.#target;
  }

  /** A program with these files begins: what is said of places from now on is about them. */
  begin(files: readonly ProgramFile[]): void {
    this.#program = new Map(files.map(({ name, text }) => [name, text]));
    for (const forget of this.#forget) forget();
    this.#forget = [];
    this.#set([]);
  }

  /** Marks where each failure was raised, unless that line has been changed since the program began. */
  failed(failures: readonly Failure[], files: readonly File[]): void {
    const marks = failures.slice(0, MOST_MARKS).map((failure) => this.#locate(failure, files));
    this.#set([...this.#current, ...marks.filter((mark) => mark !== null)]);
  }

  go(text: Y.Text, line: number): void {
    this.#target.value = { text, line };
  }

  arrived(): void {
    this.#target.value = null;
  }

  #locate({ errorType, message, places }: Failure, files: readonly File[]): Mark | null {
    const place = places.findLast(({ file }) => files.some(({ name }) => name === file));
    const text = files.find(({ name }) => name === place?.file)?.text;
    if (!place || !text) return null;
    const now = lineOf(text.toString(), place.line);
    const ran = lineOf(this.#program.get(place.file) ?? "", place.line);
    if (!now || now.line !== ran?.line) return null;
    this.#watch(text);
    const to = now.from + now.line.length;
    return {
      text,
      message: message === "" ? errorType : `${errorType}: ${message}`,
      from: now.from,
      to,
      columns: columnsOf(place, now.line.length),
    };
  }

  #watch(text: Y.Text): void {
    if (this.#current.some((mark) => mark.text === text)) return;
    const follow = (event: Y.YTextEvent) => {
      this.#current = this.#current.flatMap((mark) => (mark.text === text ? moved(mark, event) : mark));
      queueMicrotask(() => {
        this.#marks.value = this.#current;
      });
    };
    text.observe(follow);
    this.#forget.push(() => text.unobserve(follow));
  }

  #set(marks: readonly Mark[]): void {
    this.#current = marks;
    this.#marks.value = marks;
  }
}

function lineOf(text: string, number: number): { line: string; from: number } | null {
  let from = 0;
  for (let n = 1; ; n++) {
    const end = text.indexOf("\n", from);
    if (n === number) return { line: text.slice(from, end < 0 ? text.length : end), from };
    if (end < 0) return null;
    from = end + 1;
  }
}

function columnsOf({ column, endColumn }: Place, length: number): readonly [number, number] | null {
  if (column === null || column >= length) return null;
  return [column, Math.min(Math.max(endColumn ?? length, column + 1), length)];
}

/** The mark after a change, or nothing when the change was in its line. */
function moved(mark: Mark, event: Y.YTextEvent): Mark[] {
  let at = 0;
  let shift = 0;
  for (const { retain, insert, delete: deleted } of event.delta) {
    if (retain !== undefined) at += retain;
    if (insert !== undefined) {
      if (at >= mark.from && at <= mark.to) return [];
      if (at < mark.from) shift += typeof insert === "string" ? insert.length : 1;
    }
    if (deleted !== undefined) {
      if (at <= mark.to && at + deleted > mark.from) return [];
      if (at < mark.from) shift -= deleted;
      at += deleted;
    }
  }
  return [{ ...mark, from: mark.from + shift, to: mark.to + shift }];
}
