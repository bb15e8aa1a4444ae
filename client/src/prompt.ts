// The prompt: what is typed at it, and what was typed before. Knows no view.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { RunEvent } from "./runtime/runs";

const MOST_REMEMBERED = 200;

export class Prompt {
  /** What stands in the field. */
  readonly draft: ReadonlySignal<string>;
  readonly #draft = signal("");
  readonly #history: string[] = [];
  /** Where in the history the field is; at its end stands what is new. */
  #at = 0;
  #unsent = "";
  #sent: { readonly run: string; readonly source: string } | null = null;

  constructor() {
    this.draft = this.#draft;
  }

  write(draft: string): void {
    this.#draft.value = draft;
  }

  sent(run: string, source: string): void {
    this.#sent = { run, source };
  }

  /** Answers with the statement once Python has taken it; one that is not whole gets another line to go on. */
  happened(event: RunEvent): string | null {
    const sent = this.#sent;
    if (event.type !== "report" || event.report.kind !== "statement" || sent?.run !== event.run) return null;
    this.#sent = null;
    if (!event.report.complete) {
      this.#draft.value = `${sent.source}\n${nextIndent(sent.source)}`;
      return null;
    }
    const source = sent.source.trimEnd();
    if (source !== this.#history.at(-1)) this.#history.push(source);
    if (this.#history.length > MOST_REMEMBERED) this.#history.shift();
    this.#at = this.#history.length;
    this.#draft.value = "";
    return source;
  }

  /** -1 goes back, 1 forward. False when there is nothing further. */
  recall(step: -1 | 1): boolean {
    const to = this.#at + step;
    if (to < 0 || to > this.#history.length) return false;
    if (this.#at === this.#history.length) this.#unsent = this.#draft.value;
    this.#at = to;
    this.#draft.value = this.#history[to] ?? this.#unsent;
    return true;
  }
}

/** As it would have stood at Python's own prompt. */
export const asTyped = (source: string): string =>
  source
    .split("\n")
    .map((line, index) => (index === 0 ? ">>> " : "... ") + line)
    .join("\n");

function nextIndent(source: string): string {
  const line = source.slice(source.lastIndexOf("\n") + 1);
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  if (/:\s*(#.*)?$/.test(line)) return `${indent}    `;
  return /^\s*(return|pass|break|continue|raise)\b/.test(line) ? indent.slice(4) : indent;
}
