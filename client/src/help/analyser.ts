// basedpyright in a worker of its own: a language server that speaks JSON-RPC over messages. It reads the room's files
// and never runs anything.

import workerAddress from "browser-basedpyright/dist/pyright.worker.js?url";
import type {
  ClientCapabilities,
  InitializeParams,
  NotificationMessage,
  RequestMessage,
} from "vscode-languageserver-protocol";

/** Where the server sees the room's files. Nothing is there: it is its picture of a file system. */
export const ROOT = "file:///room";

/** Its own wishes beside the protocol's messages. */
type Aside = { readonly type: "browser/newWorker"; readonly port: MessagePort };

type Listener = (message: string) => void;

/** Documentation is asked for as text and never as markup: other people write it. */
const CAPABILITIES: ClientCapabilities = {
  textDocument: {
    completion: { contextSupport: true },
    hover: { contentFormat: ["plaintext"] },
    signatureHelp: {
      contextSupport: true,
      signatureInformation: {
        documentationFormat: ["plaintext"],
        parameterInformation: { labelOffsetSupport: true },
        activeParameterSupport: true,
      },
    },
  },
};

const GREETING: InitializeParams = {
  processId: null,
  rootUri: ROOT,
  workspaceFolders: [{ uri: ROOT, name: "room" }],
  capabilities: CAPABILITIES,
  // An empty folder; and stubs of packages that no room has would be offered as modules to import.
  initializationOptions: { files: { "/room": {}, "/typeshed/stubs": null } },
};

/** Holds the worker as what `@codemirror/lsp-client` calls a transport. */
export class Analyser {
  readonly #worker: Worker;
  readonly #listeners = new Set<Listener>();

  constructor() {
    this.#worker = new Worker(workerAddress, { name: "analyser" });
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Aside | object>) => {
      // A second worker would look for type errors in all files: half the memory, for what nobody asked.
      if ("type" in data) data.port.close();
      else for (const listener of this.#listeners) listener(JSON.stringify(data));
    });
    this.#worker.postMessage({ type: "browser/boot", mode: "foreground" });
  }

  /** The client library can only add to what it says it understands, so its first message is put right here. */
  send(message: string): void {
    const sent: RequestMessage | NotificationMessage = JSON.parse(message);
    this.#worker.postMessage(sent.method === "initialize" ? { ...sent, params: GREETING } : sent);
  }

  subscribe(listener: Listener): void {
    this.#listeners.add(listener);
  }

  unsubscribe(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  destroy(): void {
    this.#worker.terminate();
  }
}

/** It doesn't look by itself where its own copy of typeshed lies. */
export const SETTINGS = {
  basedpyright: {
    analysis: { typeshedPaths: ["/typeshed"], typeCheckingMode: "off", autoImportCompletions: false },
  },
};
