// Sends my runs to the room while I share them, within a budget well below what the server takes.

import { type ReadonlySignal, signal } from "@preact/signals";
import { toBase64 } from "lib0/buffer";
import type { Display } from "./displays";
import { AT_THE_PROMPT } from "./outputs";
import type { RunEvent, TestResult } from "./runtime/runs";
import { DISPLAY_BYTES_AT_ONCE, SharedDisplays, sharedBytes } from "./shared-displays";
import type { OutputEvent, Stream } from "./wire/protocol";

export const BYTES_PER_RUN = 200_000;
export const BYTES_PER_SECOND = 32_000;
/** Leaves room for the frame around a text and for what JSON has to escape. */
const BYTES_PER_TEXT = 8_000;

type TextEvent = Extract<OutputEvent, { type: "text" }>;
type EndEvent = Extract<OutputEvent, { type: "end" }>;

/** The run that others see, or would see: enough of it to show it from its start to whoever has not got it. */
interface Record {
  readonly run: string;
  readonly file: string;
  readonly kept: (TextEvent | Display)[];
  keptBytes: number;
  keptDisplayBytes: number;
  /** Characters printed after what is kept. */
  later: number;
  /** Ids of displays that are not kept. */
  readonly omitted: Set<string>;
  end: EndEvent | null;
  sentBytes: number;
  /** Characters and displays left out since the last text that was sent. */
  dropped: number;
  droppedDisplays: number;
}

const newRecord = (run: string, file: string): Record => ({
  run,
  file,
  kept: [],
  keptBytes: 0,
  keptDisplayBytes: 0,
  later: 0,
  omitted: new Set(),
  end: null,
  sentBytes: 0,
  dropped: 0,
  droppedDisplays: 0,
});

export class Sharing {
  readonly on: ReadonlySignal<boolean>;
  readonly #on = signal(false);
  readonly #send: (event: OutputEvent) => void;
  readonly #now: () => number;
  readonly #displays: SharedDisplays;
  #record: Record | null = null;
  /** The run that speaks in the record: itself, or a statement after it. */
  #speaker = "";
  #allowance = BYTES_PER_SECOND;
  #refilled: number;

  /** `now` is in milliseconds. */
  constructor(send: (event: OutputEvent) => void, now: () => number) {
    this.on = this.#on;
    this.#send = send;
    this.#now = now;
    this.#refilled = now();
    this.#displays = new SharedDisplays({
      send: (display) => this.#display(display),
      omit: (count) => {
        if (this.#record !== null) this.#record.droppedDisplays += count;
      },
      now,
    });
  }

  /** Shares from now on, beginning with the run that is on my screen. */
  start(): void {
    this.#on.value = true;
    this.resume();
  }

  stop(): void {
    this.#on.value = false;
    this.#displays.begin();
    this.#send({ type: "clear" });
  }

  /** On a new connection the server may know nothing of my run, or only its beginning. */
  resume(): void {
    const record = this.#record;
    if (!this.#on.value || record === null) return;
    this.#send({ type: "start", run: record.run, file: record.file });
    record.sentBytes = 0;
    record.dropped = 0;
    record.droppedDisplays = 0;
    this.#displays.begin();
    for (const kept of record.kept) {
      if ("payload" in kept) this.#displays.show(kept);
      else this.#text(record, kept);
    }
    record.dropped += record.later;
    record.droppedDisplays += record.omitted.size;
    if (record.end !== null) this.#end(record, record.end);
  }

  happened(event: RunEvent): void {
    if (event.type === "start" || event.type === "resume") {
      const { run } = event;
      this.#speaker = run;
      if (event.type === "resume" && this.#record !== null) return;
      const file = event.type === "start" ? event.file : AT_THE_PROMPT;
      this.#record = newRecord(run, file);
      this.#displays.begin();
      if (this.#on.value) this.#send({ type: "start", run, file });
      return;
    }
    const record = this.#record;
    if (record === null || this.#speaker !== event.run) return;
    switch (event.type) {
      case "text":
        this.#printed(record, event.stream, event.text);
        break;
      case "dropped":
        record.later += event.characters;
        record.dropped += event.characters;
        record.droppedDisplays += event.displays;
        break;
      case "report":
        if (event.report.kind === "display") {
          keep(record, event.report);
          if (this.#on.value) this.#displays.show(event.report);
        } else if (event.report.kind === "test" && event.report.outcome !== "running") {
          this.#printed(record, "stdout", inWords(event.report));
        }
        break;
      case "remark":
        break;
      case "end": {
        if (record.end !== null) {
          if (!this.#on.value) break;
          this.#displays.end();
          this.#flushDropped(record);
          break;
        }
        const { state, seconds } = event.outcome;
        record.end = { type: "end", run: record.run, state, seconds };
        if (this.#on.value) this.#end(record, record.end);
        break;
      }
    }
  }

  /** The answer that I typed belongs to what others see of the run. */
  typed(line: string): void {
    if (this.#record !== null) this.#printed(this.#record, "stdout", `${line}\n`);
  }

  #printed(record: Record, stream: Stream, all: string): void {
    for (const text of chunks(all)) {
      const event: TextEvent = { type: "text", run: record.run, stream, text };
      const bytes = size(event);
      if (record.later === 0 && record.keptBytes + bytes <= BYTES_PER_SECOND) {
        record.kept.push(event);
        record.keptBytes += bytes;
      } else {
        record.later += text.length;
      }
      if (this.#on.value) this.#text(record, event);
    }
  }

  #text(record: Record, event: TextEvent): void {
    const bytes = size(event);
    this.#refill();
    if (bytes > this.#allowance || record.sentBytes + bytes > BYTES_PER_RUN) {
      record.dropped += event.text.length;
      return;
    }
    this.#flushDropped(record);
    this.#allowance -= bytes;
    record.sentBytes += bytes;
    this.#send(event);
  }

  #display({ id, mime, alt, width, payload }: Display): void {
    const record = this.#record;
    if (record === null) return;
    this.#flushDropped(record);
    this.#send({ type: "display", run: record.run, id, mime, alt, width, data: toBase64(payload) });
  }

  #end(record: Record, event: EndEvent): void {
    this.#displays.end();
    this.#flushDropped(record);
    this.#send(event);
  }

  #flushDropped(record: Record): void {
    const { run, dropped: characters, droppedDisplays: displays } = record;
    if (characters + displays === 0) return;
    this.#send({ type: "dropped", run, characters, ...(displays > 0 && { displays }) });
    record.dropped = 0;
    record.droppedDisplays = 0;
  }

  #refill(): void {
    const now = this.#now();
    const earned = ((now - this.#refilled) / 1000) * BYTES_PER_SECOND;
    this.#allowance = Math.min(BYTES_PER_SECOND, this.#allowance + earned);
    this.#refilled = now;
  }
}

/** A test as a line of text, and what it failed for below it. */
function inWords({ outcome, name, message, difference }: TestResult): string {
  const about = [message, difference].filter((part) => part !== "").join("\n");
  return `${outcome.padEnd(8)}${name}\n${about === "" ? "" : `${about.replace(/^/gm, "        ")}\n`}`;
}

/** In the place of what has the same id, or at the end. */
function keep(record: Record, display: Display): void {
  const { kept, omitted } = record;
  const index = kept.findIndex((each) => "payload" in each && each.id === display.id);
  const before = kept[index];
  const bytes = sharedBytes(display);
  const added = bytes - (before && "payload" in before ? sharedBytes(before) : 0);
  if (omitted.has(display.id) || record.keptDisplayBytes + added > DISPLAY_BYTES_AT_ONCE) {
    omitted.add(display.id);
    return;
  }
  record.keptDisplayBytes += added;
  if (before) kept[index] = display;
  else kept.push(display);
}

const encoder = new TextEncoder();
const size = (event: TextEvent): number => encoder.encode(JSON.stringify(event)).length;

function* chunks(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + BYTES_PER_TEXT);
    // A pair of surrogates is one character: half of it would not survive the way.
    if (end < text.length && /[\ud800-\udbff]/.test(text[end - 1] ?? "")) end -= 1;
    yield text.slice(at, end);
    at = end;
  }
}
