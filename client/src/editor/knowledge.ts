// Completion, documentation and the signature of the call that is being typed, from a language server that knows the
// room's files and the standard library.

import { autocompletion } from "@codemirror/autocomplete";
import { LSPClient, serverCompletionSource, signatureHelp } from "@codemirror/lsp-client";
import type { Extension } from "@codemirror/state";
import type { ReadonlySignal } from "@preact/signals";
import type { File } from "../files";
import { Analyser, SETTINGS } from "../help/analyser";
import { documentation } from "./documentation";
import { RoomWorkspace, uriOf } from "./workspace";

/** The first answer comes after the server has read what it needs of the library, also on a slow machine. */
const ANSWER_WITHIN_MS = 30_000;

export class Knowledge {
  readonly #analyser: Analyser;
  readonly #client: LSPClient;

  private constructor(analyser: Analyser, client: LSPClient) {
    this.#analyser = analyser;
    this.#client = client;
  }

  /** Resolves when it can be asked. */
  static async open(files: ReadonlySignal<readonly File[]>): Promise<Knowledge> {
    const analyser = new Analyser();
    const client = new LSPClient({
      timeout: ANSWER_WITHIN_MS,
      workspace: (of) => new RoomWorkspace(of, files),
      sanitizeHTML: textOnly,
      notificationHandlers: { "window/showMessage": unheard, "window/logMessage": unheard },
    });
    try {
      await client.connect(analyser).initializing;
    } catch (problem) {
      analyser.destroy();
      throw problem;
    }
    client.notification("workspace/didChangeConfiguration", { settings: SETTINGS });
    return new Knowledge(analyser, client);
  }

  /** For the editor of the file called `name`. */
  extension(name: string): Extension {
    return [
      this.#client.plugin(uriOf(name), "python"),
      autocompletion({ override: [serverCompletionSource] }),
      documentation(),
      signatureHelp(),
    ];
  }

  destroy(): void {
    this.#client.disconnect();
    this.#analyser.destroy();
  }
}

/** What the server has to say about itself is nothing for people who write. */
const unheard = (): boolean => true;

/** The server was asked for plain text; whatever else it may send, no markup of other people's gets into the page. */
function textOnly(html: string): string {
  const read = new DOMParser().parseFromString(html.replaceAll("<br>", "\n"), "text/html");
  const place = document.createElement("span");
  place.textContent = read.body.textContent;
  return place.innerHTML;
}
