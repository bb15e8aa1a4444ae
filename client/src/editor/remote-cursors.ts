// Other people's carets and selections, with their names. Positions come from awareness; names and colours only from
// the roster, so a client that the server does not vouch for is not drawn. Colours are classes, never style attributes,
// because the page's content security policy has no room for those.

import { type Extension, type Range, StateEffect } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";
import type { ReadonlySignal } from "@preact/signals";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import type { Member } from "../members";

export interface RemoteCursorsOptions {
  readonly text: Y.Text;
  readonly awareness: Awareness;
  readonly owners: ReadonlySignal<ReadonlyMap<number, Member>>;
}

/** Goes after the extension that binds the text: positions are only right once the text has taken the change. */
export const remoteCursors = (options: RemoteCursorsOptions): Extension =>
  ViewPlugin.define((view) => new RemoteCursors(view, options), {
    decorations: (plugin) => plugin.decorations,
  });

const moved = StateEffect.define<null>();

class RemoteCursors {
  decorations: DecorationSet;
  readonly #options: RemoteCursorsOptions;
  readonly #stop: () => void;

  constructor(view: EditorView, options: RemoteCursorsOptions) {
    this.#options = options;
    this.decorations = this.#draw(view);
    const { awareness, owners } = options;
    const redraw = () => view.dispatch({ effects: moved.of(null) });
    const presence = ({ added, updated, removed }: Record<"added" | "updated" | "removed", number[]>) => {
      if ([...added, ...updated, ...removed].some((id) => id !== awareness.clientID)) redraw();
    };
    awareness.on("change", presence);
    const drawn = owners.peek();
    const unsubscribe = owners.subscribe((now) => {
      if (now !== drawn) redraw();
    });
    this.#stop = () => {
      awareness.off("change", presence);
      unsubscribe();
    };
  }

  update(update: ViewUpdate): void {
    const refreshed = update.transactions.some((transaction) =>
      transaction.effects.some((effect) => effect.is(moved)),
    );
    if (update.docChanged || refreshed) this.decorations = this.#draw(update.view);
    if (update.view.hasFocus && (update.selectionSet || update.docChanged || update.focusChanged))
      this.#publish(update.state.selection.main);
  }

  destroy(): void {
    this.#stop();
    this.#options.awareness.setLocalStateField("cursor", null);
  }

  #publish({ anchor, head }: { anchor: number; head: number }): void {
    const { awareness, text } = this.#options;
    const at = (index: number) =>
      Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index));
    const cursor = { anchor: at(anchor), head: at(head) };
    // Without the comparison every change of someone else's would make all of us announce the same place again.
    if (JSON.stringify(awareness.getLocalState()?.cursor) === JSON.stringify(cursor)) return;
    awareness.setLocalStateField("cursor", cursor);
  }

  #draw(view: EditorView): DecorationSet {
    const { awareness, owners } = this.#options;
    const ranges: Range<Decoration>[] = [];
    for (const [client, state] of awareness.getStates()) {
      const member = owners.peek().get(client);
      if (client === awareness.clientID || member === undefined) continue;
      const anchor = this.#index(state.cursor?.anchor, view);
      const head = this.#index(state.cursor?.head, view);
      if (anchor === null || head === null) continue;
      if (anchor !== head)
        ranges.push(
          Decoration.mark({ class: `remote-selection member-${member.colour}` }).range(
            Math.min(anchor, head),
            Math.max(anchor, head),
          ),
        );
      const caret = new Caret(member, `${client}:${JSON.stringify(state.cursor.head)}`);
      ranges.push(Decoration.widget({ widget: caret, side: head > anchor ? -1 : 1 }).range(head));
    }
    return Decoration.set(ranges, true);
  }

  /** Anyone can put anything into awareness: what is no position in this text is nowhere. */
  #index(position: unknown, view: EditorView): number | null {
    const { text } = this.#options;
    if (text.doc === null || position === null || typeof position !== "object") return null;
    try {
      const relative = Y.createRelativePositionFromJSON(position);
      const absolute = Y.createAbsolutePositionFromRelativePosition(relative, text.doc);
      return absolute?.type === text ? Math.min(absolute.index, view.state.doc.length) : null;
    } catch {
      return null;
    }
  }
}

class Caret extends WidgetType {
  readonly #member: Member;
  readonly #place: string;

  /** A caret at another `place` is drawn anew, which shows its name again for a while. */
  constructor(member: Member, place: string) {
    super();
    this.#member = member;
    this.#place = place;
  }

  override eq(other: Caret): boolean {
    return (
      other.#place === this.#place &&
      other.#member.name === this.#member.name &&
      other.#member.colour === this.#member.colour
    );
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement("span");
    caret.className = `remote-caret member-${this.#member.colour}`;
    caret.ariaHidden = "true";
    const label = document.createElement("span");
    label.className = "remote-name";
    label.textContent = this.#member.name;
    caret.append(label);
    return caret;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}
