// Text as a terminal would leave it: lines of styled pieces, bounded. Knows carriage returns and colours, not the screen.
// Between the lines stand the places of what is shown and not printed.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import Anser from "anser";
import type { Display } from "./displays";

/**
 * `input` is what was typed at the program, `remark` a sentence of Caretroom's own, `hint` its help with an error, `gap` stands
 * for what was left out.
 */
export type Voice = "stdout" | "stderr" | "input" | "remark" | "hint" | "gap";

/** A colour of the sixteen that the theme draws, or one that the program mixed itself. */
export type Colour =
  | { readonly type: "named"; readonly name: string }
  | { readonly type: "mixed"; readonly rgb: readonly [number, number, number] };

export interface Style {
  readonly foreground: Colour | null;
  readonly background: Colour | null;
  readonly decorations: readonly string[];
}

export interface Piece {
  readonly voice: Voice;
  readonly style: Style | null;
  readonly text: string;
}

/** What is shown in a line of its own; null once it was given up. */
export type Shown = ReadonlySignal<Display | null>;

export interface Line {
  readonly pieces: readonly Piece[];
  /** Such a line has no text. */
  readonly shown: Shown | null;
  /** False for the last line, and where a line was cut only because it was too long. */
  readonly ended: boolean;
}

interface OpenLine {
  pieces: Piece[];
  shown: Shown | null;
  length: number;
  ended: boolean;
}

const emptyLine = (): OpenLine => ({ pieces: [], shown: null, length: 0, ended: false });

export interface TranscriptBounds {
  readonly lines: number;
  readonly characters: number;
  readonly lineCharacters: number;
  readonly displays: number;
  readonly displayBytes: number;
}

const BOUNDS: TranscriptBounds = {
  lines: 5_000,
  characters: 1_000_000,
  lineCharacters: 20_000,
  displays: 100,
  displayBytes: 64 * 1024 * 1024,
};
/** Longer ones are nobody's colour. */
const LONGEST_ESCAPE = 64;
const MOST_DECORATIONS = 16;

export class Transcript {
  readonly #bounds: TranscriptBounds;
  #lines: OpenLine[] = [emptyLine()];
  #first = 0;
  #characters = 0;
  #column = 0;
  /** The beginning of an escape sequence whose end has not come yet, by voice. */
  readonly #unfinished = new Map<Voice, string>();
  /** By the ids of what is shown in them, the oldest first. */
  readonly #shown = new Map<string, Signal<Display | null>>();
  #ansi = new Anser();
  #style: Style | null = null;

  constructor(bounds: TranscriptBounds = BOUNDS) {
    this.#bounds = bounds;
  }

  /** Lines are numbered from 0; those before `first` were given up. */
  get first(): number {
    return this.#first;
  }

  /** One more than the number of the last line. Only the last line and new ones ever change. */
  get end(): number {
    return this.#first + this.#lines.length;
  }

  line(number: number): Line {
    const line = this.#lines[number - this.#first];
    if (line === undefined) throw new RangeError(`line ${number} is not kept`);
    return line;
  }

  get text(): string {
    return this.#lines
      .map((line) => line.pieces.map((piece) => piece.text).join("") + (line.ended ? "\n" : ""))
      .join("");
  }

  write(voice: Voice, text: string): void {
    const waiting = this.#unfinished.get(voice);
    this.#unfinished.delete(voice);
    const all = waiting === undefined ? text : waiting + text;
    let at = 0;
    while (at < all.length) {
      const next = indexOfControl(all, at);
      if (next > at) this.#put({ voice, style: this.#style, text: all.slice(at, next) });
      if (next === all.length) break;
      const after = all[next] === "\u001b" ? this.#escape(voice, all, next) : this.#control(all, next);
      if (after === null) {
        this.#unfinished.set(voice, all.slice(next));
        break;
      }
      at = after;
    }
    this.#trim();
  }

  /** A sentence on a line of its own, whatever the program left on the present one. */
  remark(voice: "remark" | "hint" | "gap", text: string): void {
    if (this.#last.length > 0) this.#breakLine(true);
    this.#put({ voice, style: null, text });
    this.#breakLine(true);
    this.#trim();
  }

  /** Shows it in the place of what has the same id, or else on a line of its own. */
  show(display: Display): void {
    const shown = this.#shown.get(display.id);
    if (shown) {
      shown.value = display;
    } else {
      if (this.#last.length > 0) this.#breakLine(true);
      const fresh = signal<Display | null>(display);
      this.#shown.set(display.id, fresh);
      this.#last.shown = fresh;
      this.#breakLine(true);
    }
    this.#giveUpDisplays();
    this.#trim();
  }

  /** The oldest go, but never the newest. Their places stay. */
  #giveUpDisplays(): void {
    const { displays, displayBytes } = this.#bounds;
    let bytes = 0;
    for (const { value } of this.#shown.values()) bytes += value?.payload.length ?? 0;
    for (const [id, shown] of this.#shown) {
      if (this.#shown.size === 1 || (this.#shown.size <= displays && bytes <= displayBytes)) return;
      bytes -= shown.value?.payload.length ?? 0;
      shown.value = null;
      this.#shown.delete(id);
    }
  }

  get #last(): OpenLine {
    return this.#lines[this.#lines.length - 1] as OpenLine;
  }

  #control(text: string, at: number): number {
    switch (text[at]) {
      case "\n":
        this.#breakLine(true);
        break;
      case "\r":
        this.#column = 0;
        break;
      case "\b":
        this.#column = Math.max(0, this.#column - 1);
        break;
    }
    return at + 1;
  }

  /** Returns where the text goes on, or null when the sequence isn't whole yet. */
  #escape(voice: Voice, text: string, at: number): number | null {
    if (at + 1 === text.length) return null;
    if (text[at + 1] !== "[") return at + 1;
    let end = at + 2;
    while (end < text.length && !isFinalByte(text.charCodeAt(end))) end += 1;
    if (end - at > LONGEST_ESCAPE) return at + 1;
    if (end === text.length) return null;
    const sequence = text.slice(at + 2, end + 1);
    if (sequence.endsWith("m")) this.#colour(sequence);
    else if (sequence.endsWith("K")) this.#erase(voice, sequence);
    return end + 1;
  }

  #colour(sequence: string): void {
    const entry = this.#ansi.processChunkJson(sequence, { json: true, use_classes: true }, true);
    this.#style = styleOf(entry);
    // Decorations pile up when a program repeats them without ever resetting.
    if (entry.decorations.length > MOST_DECORATIONS) this.#ansi = new Anser();
  }

  #erase(voice: Voice, sequence: string): void {
    const line = this.#last;
    const mode = sequence.slice(0, -1);
    if (mode === "" || mode === "0") this.#cut(line, this.#column);
    if (mode === "2") {
      this.#cut(line, 0);
      const column = this.#column;
      this.#column = 0;
      if (column > 0) this.#put({ voice, style: null, text: " ".repeat(column) });
    }
  }

  #cut(line: OpenLine, column: number): void {
    this.#characters -= Math.max(0, line.length - column);
    line.pieces = slice(line.pieces, 0, column);
    line.length = Math.min(line.length, column);
  }

  #put(piece: Piece): void {
    const longest = this.#bounds.lineCharacters;
    for (let at = 0; at < piece.text.length; ) {
      if (this.#column >= longest) this.#breakLine(false);
      const room = longest - this.#column;
      const text = piece.text.slice(at, at + room);
      this.#overwrite({ ...piece, text });
      at += text.length;
    }
  }

  #overwrite(piece: Piece): void {
    const line = this.#last;
    const from = this.#column;
    const to = from + piece.text.length;
    if (from === line.length) {
      append(line.pieces, piece);
    } else {
      const after = slice(line.pieces, to, line.length);
      line.pieces = slice(line.pieces, 0, from);
      append(line.pieces, piece);
      line.pieces.push(...after);
    }
    this.#characters += Math.max(0, to - line.length);
    line.length = Math.max(line.length, to);
    this.#column = to;
  }

  #breakLine(ended: boolean): void {
    this.#last.ended = ended;
    this.#lines.push(emptyLine());
    this.#column = 0;
  }

  #trim(): void {
    const { lines, characters } = this.#bounds;
    let drop = Math.max(0, this.#lines.length - lines);
    for (let n = 0; n < drop; n++) this.#characters -= this.#lines[n]?.length ?? 0;
    while (this.#characters > characters && drop < this.#lines.length - 1) {
      this.#characters -= this.#lines[drop]?.length ?? 0;
      drop += 1;
    }
    if (drop === 0) return;
    const gone = new Set(this.#lines.slice(0, drop).map(({ shown }) => shown));
    for (const [id, shown] of this.#shown) if (gone.has(shown)) this.#shown.delete(id);
    this.#lines = this.#lines.slice(drop);
    this.#first += drop;
  }
}

/** Where the next control character stands; tabs are left to the screen. */
function indexOfControl(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return at;
  }
  return text.length;
}

const isFinalByte = (code: number): boolean => code >= 0x40 && code <= 0x7e;

function append(pieces: Piece[], piece: Piece): void {
  const last = pieces[pieces.length - 1];
  if (last !== undefined && last.voice === piece.voice && last.style === piece.style)
    pieces[pieces.length - 1] = { ...last, text: last.text + piece.text };
  else pieces.push(piece);
}

function slice(pieces: readonly Piece[], from: number, to: number): Piece[] {
  const kept: Piece[] = [];
  let at = 0;
  for (const piece of pieces) {
    const text = piece.text.slice(Math.max(0, from - at), Math.max(0, to - at));
    if (text !== "") kept.push({ ...piece, text });
    at += piece.text.length;
  }
  return kept;
}

function styleOf(entry: Anser.AnserJsonEntry): Style | null {
  const foreground = colourOf(entry.fg, entry.fg_truecolor);
  const background = colourOf(entry.bg, entry.bg_truecolor);
  const decorations = [...new Set(entry.decorations)];
  if (foreground === null && background === null && decorations.length === 0) return null;
  return { foreground, background, decorations };
}

const PALETTE = /^ansi-palette-(\d+)$/;

function colourOf(name: string | null, truecolor: string | null): Colour | null {
  if (name === null) return null;
  if (name === "ansi-truecolor") {
    const [red = 0, green = 0, blue = 0] = (truecolor ?? "").split(",").map(Number);
    return { type: "mixed", rgb: [red, green, blue] };
  }
  const slot = PALETTE.exec(name)?.[1];
  return slot === undefined ? { type: "named", name } : { type: "mixed", rgb: paletteColour(Number(slot)) };
}

/** The cube and the greys of the 256 colours that every terminal has. */
function paletteColour(slot: number): [number, number, number] {
  if (slot >= 232) {
    const grey = 8 + (slot - 232) * 10;
    return [grey, grey, grey];
  }
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const cube = slot - 16;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)];
}
