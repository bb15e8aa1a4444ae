// CodeMirror on one shared text. Knows the text, not where it comes from.

import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  moveCompletionSelection,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import {
  type Command,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  type KeyBinding,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import { yCollab, ySyncAnnotation, yUndoManagerKeymap } from "y-codemirror.next";
import type { Mark } from "../places";
import { FILE_CHARACTERS, withNewlines } from "../texts";
import { failureMarks, setFailureMarks } from "./failure-marks";
import { type RemoteCursorsOptions, remoteCursors } from "./remote-cursors";
import { theme } from "./theme";
import { undoStack } from "./undo";

export interface EditorOptions extends RemoteCursorsOptions {
  readonly parent: HTMLElement;
  /** Otherwise it is plain text. */
  readonly isPython: boolean;
  readonly canEdit: boolean;
  /** Style elements without it are refused by the page's content security policy. */
  readonly nonce: string;
  /** The id of the element that says how the keyboard gets out of the editor. */
  readonly describedBy: string;
  readonly run: () => void;
  /** Someone who may not edit tries to. */
  readonly refused: () => void;
  /** An edit was larger than the file may become. */
  readonly overfull: () => void;
}

// Enter is not among them: a new line must never turn into a word that nobody meant.
const completionKeys: readonly KeyBinding[] = [
  { key: "Ctrl-Space", run: startCompletion },
  { key: "Escape", run: closeCompletion },
  { key: "ArrowDown", run: moveCompletionSelection(true) },
  { key: "ArrowUp", run: moveCompletionSelection(false) },
  { key: "Tab", run: acceptCompletion },
];

const basics: Extension = [
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightSpecialChars(),
  drawSelection(),
  dropCursor(),
  rectangularSelection(),
  EditorState.allowMultipleSelections.of(true),
  indentUnit.of("    "),
  EditorState.tabSize.of(4),
  // Others may have put different ends of lines into the text. They stay, so that positions here and there are the same.
  EditorState.lineSeparator.of("\n"),
  EditorView.clipboardInputFilter.of(withNewlines),
  highlightActiveLine(),
  highlightSelectionMatches(),
  EditorView.lineWrapping,
  theme,
];

const forPython: Extension = [
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  autocompletion({ defaultKeymap: false, icons: false }),
  python(),
];

/** What I type or paste, never what others did: their texts and mine must stay the same. */
function bounded(overfull: () => void): Extension {
  return EditorState.changeFilter.of((transaction) => {
    const { startState, newDoc } = transaction;
    const fits = newDoc.length <= FILE_CHARACTERS || newDoc.length <= startState.doc.length;
    if (fits || transaction.annotation(ySyncAnnotation) !== undefined) return true;
    overfull();
    return false;
  });
}

export class Editor {
  readonly #view: EditorView;
  readonly #permission = new Compartment();
  readonly #help = new Compartment();

  constructor(options: EditorOptions) {
    const refuse = (event: Event, view: EditorView): boolean => {
      if (!view.state.readOnly) return false;
      event.preventDefault();
      options.refused();
      return true;
    };
    this.#view = new EditorView({
      parent: options.parent,
      state: EditorState.create({
        doc: options.text.toString(),
        extensions: [
          EditorView.cspNonce.of(options.nonce),
          Prec.highest(
            keymap.of([
              {
                key: "Mod-Enter",
                run: () => {
                  options.run();
                  return true;
                },
              },
              ...completionKeys,
            ]),
          ),
          keymap.of([
            ...closeBracketsKeymap,
            ...yUndoManagerKeymap,
            ...searchKeymap,
            ...defaultKeymap,
            indentWithTab,
          ]),
          basics,
          options.isPython ? forPython : [],
          bounded(options.overfull),
          yCollab(options.text, null, { undoManager: undoStack(options.text) }),
          remoteCursors(options),
          failureMarks,
          EditorView.contentAttributes.of({
            "aria-label": "Code editor",
            tabindex: "0",
            "aria-describedby": options.describedBy,
          }),
          EditorView.domEventHandlers({ beforeinput: refuse, paste: refuse, cut: refuse, drop: refuse }),
          this.#permission.of(permission(options.canEdit)),
          this.#help.of([]),
        ],
      }),
    });
  }

  permit(canEdit: boolean): void {
    this.#view.dispatch({ effects: this.#permission.reconfigure(permission(canEdit)) });
  }

  /** What reads along, in the place of what did before. */
  help(extension: Extension): void {
    this.#view.dispatch({ effects: this.#help.reconfigure(extension) });
  }

  /** Answers whether the command had anything to do here. */
  perform(command: Command): boolean {
    return command(this.#view);
  }

  focus(): void {
    this.#view.focus();
  }

  /** Marks where the last run failed. */
  mark(marks: readonly Mark[]): void {
    this.#view.dispatch({ effects: setFailureMarks.of(marks) });
  }

  /** Puts the caret to where the line's code begins, and the line where it can be seen. */
  show(line: number): void {
    const { doc } = this.#view.state;
    const { from, text } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const anchor = from + text.length - text.trimStart().length;
    this.#view.dispatch({
      selection: { anchor },
      effects: EditorView.scrollIntoView(anchor, { y: "center" }),
    });
    this.#view.focus();
  }

  destroy(): void {
    this.#view.destroy();
  }
}

const permission = (canEdit: boolean): Extension => [
  EditorState.readOnly.of(!canEdit),
  EditorView.contentAttributes.of(canEdit ? {} : { "aria-readonly": "true" }),
];
