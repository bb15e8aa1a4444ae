// What I can undo in a text: my own changes, as far back as this visit goes.

import type { TransactionSpec } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { ySyncFacet } from "y-codemirror.next";
import * as Y from "yjs";

/** Kept with the text, so that coming back to a file finds what can be undone there. */
const undoStacks = new WeakMap<Y.Text, Y.UndoManager>();

export function undoStack(text: Y.Text): Y.UndoManager {
  const known = undoStacks.get(text) ?? new Y.UndoManager(text);
  undoStacks.set(text, known);
  return known;
}

/** Undone alone, however quickly it came after typing. */
export function dispatchAsOneStep(view: EditorView, change: TransactionSpec): void {
  const stack = undoStack(view.state.facet(ySyncFacet).ytext);
  stack.stopCapturing();
  view.dispatch(change);
  stack.stopCapturing();
}
