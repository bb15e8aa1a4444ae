// What is known about a name: its signature and documentation, by hovering over it or by F1 at the caret. Other people
// write documentation, too, so it is shown as the text that it is.

import { LSPPlugin } from "@codemirror/lsp-client";
import type { Extension } from "@codemirror/state";
import {
  activateHover,
  type Command,
  closeHoverTooltips,
  EditorView,
  hasHoverTooltips,
  hoverTooltip,
  keymap,
  type Tooltip,
} from "@codemirror/view";
import type { Hover, HoverParams } from "vscode-languageserver-protocol";

interface Documentation {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export function documentation(): Extension {
  const hover = hoverTooltip(async (view, position) => tooltip(await explain(view, position)), {
    hideOnChange: true,
  });
  const show: Command = (view) => {
    const { head } = view.state.selection.main;
    activateHover(view, head, 1, {
      tooltip: hover,
      until: (transaction) => transaction.docChanged || transaction.selection !== undefined,
    });
    void explain(view, head).then((known) => {
      view.dispatch({ effects: EditorView.announce.of(known?.text ?? "Nothing is known about this.") });
    });
    return true;
  };
  return [
    hover,
    keymap.of([
      { key: "F1", run: show, preventDefault: true },
      { key: "Escape", run: hide },
    ]),
  ];
}

const hide: Command = (view) => {
  if (!hasHoverTooltips(view.state)) return false;
  view.dispatch({ effects: closeHoverTooltips });
  return true;
};

async function explain(view: EditorView, position: number): Promise<Documentation | null> {
  const server = LSPPlugin.get(view);
  if (server === null) return null;
  server.client.sync();
  const { doc } = view.state;
  const asked = server.client.request<HoverParams, Hover | null>("textDocument/hover", {
    textDocument: { uri: server.uri },
    position: server.toPosition(position),
  });
  // A server that doesn't answer knows nothing.
  const hover = await asked.catch(() => null);
  // An answer about text that is no more would stand in the wrong place.
  if (hover === null || view.state.doc !== doc) return null;
  const text = plain(hover.contents).trim();
  if (text === "") return null;
  const { range } = hover;
  return {
    from: range === undefined ? position : server.fromPosition(range.start),
    to: range === undefined ? position : server.fromPosition(range.end),
    text,
  };
}

function plain(contents: Hover["contents"]): string {
  if (typeof contents === "string") return contents;
  return Array.isArray(contents) ? contents.map(plain).join("\n\n") : contents.value;
}

function tooltip(known: Documentation | null): Tooltip | null {
  if (known === null) return null;
  return {
    pos: known.from,
    end: known.to,
    above: true,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "cm-documentation";
      dom.textContent = known.text;
      return { dom };
    },
  };
}
