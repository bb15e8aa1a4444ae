// Ruff at work in an editor: it points at problems and formats.

import { openLintPanel } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { type Command, keymap } from "@codemirror/view";
import { Linter } from "../help/linter";
import { format } from "./formatting";
import { problems } from "./problems";

export class Ruff {
  readonly format: Command;
  readonly listProblems = openLintPanel;
  readonly #linter: Linter;

  private constructor(linter: Linter, tell: (sentence: string) => void) {
    this.#linter = linter;
    this.format = format(linter, tell);
  }

  static async open(tell: (sentence: string) => void): Promise<Ruff> {
    return new Ruff(await Linter.open(), tell);
  }

  extension(count: (problems: number) => void): Extension {
    return [
      problems(this.#linter, count),
      keymap.of([{ key: "Shift-Alt-f", run: this.format, preventDefault: true }]),
    ];
  }

  destroy(): void {
    this.#linter.destroy();
  }
}
