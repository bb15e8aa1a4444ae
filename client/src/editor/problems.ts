// Problems that ruff found, underlined where they are, with their fixes for whoever may edit. They are the reader's
// own: nothing of them enters the shared text, until somebody takes a fix.

import {
  type Diagnostic,
  forEachDiagnostic,
  linter as lint,
  nextDiagnostic,
  openLintPanel,
  previousDiagnostic,
} from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { type Command, EditorView, keymap } from "@codemirror/view";
import type { Problem } from "../help/lint-protocol";
import type { Linter } from "../help/linter";
import { MOD } from "../keys";
import { dispatchAsOneStep } from "./undo";

const QUIET_MS = 400;

/** `count` hears how many there are, each time that has been looked for. */
export const problems = (linter: Linter, count: (problems: number) => void): Extension => [
  lint(
    async (view) => {
      const { doc, readOnly } = view.state;
      const found = await linter.check(doc.toString());
      if (view.state.doc === doc) count(found.length);
      return found.map((problem) => toDiagnostic(problem, linter, !readOnly));
    },
    {
      delay: QUIET_MS,
      needsRefresh: ({ startState, state }) => startState.readOnly !== state.readOnly,
    },
  ),
  EditorState.phrases.of({ Diagnostics: "Problems", "No diagnostics": "No problems" }),
  keymap.of([
    { key: "F8", run: goTo(nextDiagnostic), preventDefault: true },
    { key: "Shift-F8", run: goTo(previousDiagnostic), preventDefault: true },
    { key: "Mod-.", run: fixHere, preventDefault: true },
    { key: "Mod-Shift-m", run: openLintPanel, preventDefault: true },
  ]),
];

function toDiagnostic(problem: Problem, linter: Linter, mayFix: boolean): Diagnostic {
  const { from, to, severity, rule, message, fix } = problem;
  const renderMessage = () => written(message, rule);
  const diagnostic = { from, to, severity, message, renderMessage };
  if (fix === null || !mayFix) return diagnostic;
  const apply = (view: EditorView, at: number) => void applyFix(view, linter, problem, at);
  return { ...diagnostic, actions: [{ name: fix.title.replaceAll("`", ""), apply }] };
}

/** What stands in backticks is code. */
function written(message: string, rule: string | null): HTMLElement {
  const place = document.createElement("span");
  for (const [at, part] of message.split("`").entries())
    place.append(at % 2 === 0 ? part : element("code", part));
  if (rule !== null) place.append(" ", element("small", rule));
  return place;
}

function element(tag: "code" | "small", text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** The text may have changed since the problem was found, so the fix is the one for the text as it is now. */
async function applyFix(view: EditorView, linter: Linter, { rule }: Problem, at: number): Promise<void> {
  const { doc } = view.state;
  const found = await linter.check(doc.toString());
  const fix = found.find((problem) => problem.rule === rule && problem.from === at)?.fix ?? null;
  if (fix === null || view.state.doc !== doc || view.state.readOnly) return;
  dispatchAsOneStep(view, { changes: fix.edits, userEvent: "input.fix" });
  view.focus();
}

function diagnosticsAt(state: EditorState, position: number): readonly Diagnostic[] {
  const here: Diagnostic[] = [];
  forEachDiagnostic(state, (diagnostic, from, to) => {
    if (from <= position && position <= to) here.push({ ...diagnostic, from, to });
  });
  return here;
}

const goTo =
  (command: Command): Command =>
  (view) => {
    if (!command(view)) return false;
    const { from } = view.state.selection.main;
    const sentences = diagnosticsAt(view.state, from).map(sentence);
    view.dispatch({ effects: EditorView.announce.of(sentences.join(" ")) });
    return true;
  };

const sentence = ({ message, actions }: Diagnostic): string =>
  actions === undefined
    ? message
    : `${message} ${MOD} . is for: ${actions.map(({ name }) => name).join(", ")}.`;

const fixHere: Command = (view) => {
  const { from } = view.state.selection.main;
  for (const { from: start, to, actions } of diagnosticsAt(view.state, from)) {
    const action = actions?.[0];
    if (action === undefined) continue;
    action.apply(view, start, to);
    return true;
  }
  return false;
};
