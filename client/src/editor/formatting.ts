// Format: ruff's version of the text, brought in as the few characters in which it differs, so that everybody's cursor
// stays where it is in the code.

import { diff } from "@codemirror/merge";
import type { ChangeSpec } from "@codemirror/state";
import type { Command, EditorView } from "@codemirror/view";
import type { Linter } from "../help/linter";
import { dispatchAsOneStep } from "./undo";

/** Above this a text that differs everywhere costs more than it is worth: what is left is replaced as a whole. */
const DIFF_MS = 300;

export function minimalChanges(before: string, after: string): readonly ChangeSpec[] {
  return diff(before, after, { timeout: DIFF_MS }).map(({ fromA, toA, fromB, toB }) => ({
    from: fromA,
    to: toA,
    insert: after.slice(fromB, toB),
  }));
}

export const format =
  (linter: Linter, tell: (sentence: string) => void): Command =>
  (view) => {
    if (view.state.readOnly) return false;
    formatNow(view, linter, tell).catch(() => tell("The formatter failed. Nothing was changed."));
    return true;
  };

async function formatNow(view: EditorView, linter: Linter, tell: (sentence: string) => void): Promise<void> {
  const { doc } = view.state;
  const before = doc.toString();
  const formatted = await linter.format(before);
  if (formatted.type === "broken") {
    const { number } = doc.lineAt(formatted.at);
    tell(`Line ${number} has to be mended before this can be formatted. ${formatted.message}`);
    return;
  }
  // Somebody typed meanwhile: what was formatted is not what is here. Ruff takes milliseconds, so this ends.
  if (view.state.doc !== doc) return formatNow(view, linter, tell);
  if (view.state.readOnly || formatted.text === before) return;
  dispatchAsOneStep(view, { changes: minimalChanges(before, formatted.text), userEvent: "input.format" });
}
