// Help while typing: problems with their fixes, Format, completion and documentation. It comes when the page has
// nothing better to do, each half by itself; where it doesn't come, the editor goes on without. One for a room: it
// outlives the editors of its files.

import type { Command } from "@codemirror/view";
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { isPython } from "../file-names";
import type { File } from "../files";
import type { Knowledge, Ruff } from "./assistant";
import type { Editor } from "./editor";

export interface HelpOptions {
  readonly files: ReadonlySignal<readonly File[]>;
  /** Whether the page has done what people wait for. */
  readonly rested: ReadonlySignal<boolean>;
  readonly tell: (sentence: string) => void;
}

/** What can be done with a Python file once ruff is there. */
export interface Tools {
  readonly format: Command;
  readonly listProblems: Command;
}

export class Help {
  readonly tools: ReadonlySignal<Tools | null>;
  /** In the file that is in the editor; null until they have been looked for. */
  readonly problems: ReadonlySignal<number | null>;
  readonly #options: HelpOptions;
  readonly #problems = signal<number | null>(null);
  readonly #ruff = signal<Ruff | null>(null);
  readonly #knowledge = signal<Knowledge | null>(null);
  readonly #stop: () => void;
  #begun = false;
  #destroyed = false;

  constructor(options: HelpOptions) {
    this.#options = options;
    this.tools = this.#ruff;
    this.problems = this.#problems;
    this.#stop = effect(() => {
      if (options.rested.value && !this.#begun) {
        this.#begun = true;
        whenIdle(() => void this.#open());
      }
    });
  }

  /** Gives an editor of the file called `name` what there is, now and when there is more; answers with how to stop. */
  attend(editor: Editor, name: string): () => void {
    this.#problems.value = null;
    const count = (problems: number) => {
      this.#problems.value = problems;
    };
    if (!isPython(name)) return effect(() => editor.help([]));
    // What is there already stays as it is when the other half comes: nothing on the screen closes.
    const ruff = computed(() => this.#ruff.value?.extension(count) ?? []);
    const knowledge = computed(() => this.#knowledge.value?.extension(name) ?? []);
    return effect(() => editor.help([ruff.value, knowledge.value]));
  }

  destroy(): void {
    this.#destroyed = true;
    this.#stop();
    this.#ruff.value?.destroy();
    this.#knowledge.value?.destroy();
  }

  /** What can't be had is done without: that is no reason to disturb anybody who writes. */
  async #open(): Promise<void> {
    const { files, tell } = this.#options;
    try {
      const { Knowledge, Ruff } = await import("./assistant");
      await Promise.all([
        this.#keep(this.#ruff, Ruff.open(tell)),
        this.#keep(this.#knowledge, Knowledge.open(files)),
      ]);
    } catch (problem) {
      console.warn("Help while typing is not complete:", problem);
    }
  }

  async #keep<Part extends Ruff | Knowledge>(
    place: Signal<Part | null>,
    opening: Promise<Part>,
  ): Promise<void> {
    const part = await opening;
    if (this.#destroyed) part.destroy();
    else place.value = part;
  }
}

/** Safari can't tell when it is idle. */
const LATER_MS = 1_000;

function whenIdle(act: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(act);
  else setTimeout(act, LATER_MS);
}
