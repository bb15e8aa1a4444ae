// Draws where the last run failed. The message stands beside the line by CSS: it is no part of the text, and who hears
// the page instead of seeing it has heard it from the output already.

import { type Range, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import type { Mark } from "../places";

export const setFailureMarks = StateEffect.define<readonly Mark[]>();

const LONGEST_MESSAGE = 120;
const failed = Decoration.mark({ class: "failed-code" });

export const failureMarks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(drawn, { changes, effects, state }) {
    let marks = drawn.map(changes);
    for (const effect of effects)
      if (effect.is(setFailureMarks))
        marks = Decoration.set(
          // A text that the editor has yet to hear of may be longer than what it shows.
          effect.value.filter(({ to }) => to <= state.doc.length).flatMap(draw),
          true,
        );
    return marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function draw({ from, columns, message }: Mark): Range<Decoration>[] {
  const shown = message.split("\n", 1)[0]?.slice(0, LONGEST_MESSAGE) ?? "";
  const line = Decoration.line({ class: "failed-line", attributes: { "data-failure": shown } }).range(from);
  return columns === null ? [line] : [line, failed.range(from + columns[0], from + columns[1])];
}
