import { LSPClient } from "@codemirror/lsp-client";
import { expect, test } from "vitest";
import * as Y from "yjs";
import { Files } from "../files";
import { RoomWorkspace } from "./workspace";

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params: {
    readonly uri?: string;
    readonly textDocument?: { readonly uri: string; readonly text?: string };
  };
}

/** A server that has heard everything and knows nothing. */
class Server {
  readonly heard: Message[] = [];
  #answer = (_: string) => {};

  send(message: string): void {
    const { id, ...rest } = JSON.parse(message) as Message;
    this.heard.push(rest);
    const result = { capabilities: { textDocumentSync: 2 } };
    if (id !== undefined) this.#answer(JSON.stringify({ jsonrpc: "2.0", id, result }));
  }

  subscribe(answer: (message: string) => void): void {
    this.#answer = answer;
  }

  unsubscribe(): void {}

  /** What it was told since it was asked last. */
  async told(): Promise<readonly string[]> {
    await new Promise((done) => setTimeout(done));
    return this.heard.splice(0).map(({ method, params }) => {
      const uri = params.uri ?? params.textDocument?.uri ?? "";
      return `${method.split("/").at(-1)} ${uri.split("/").at(-1)}`.trim();
    });
  }
}

function open() {
  const doc = new Y.Doc();
  const main = new Y.Text("import helpers\n");
  const entry = new Y.Map<unknown>([["name", "main.py"]]);
  entry.set("text", main);
  doc.getMap("files").set("1", entry);
  const files = new Files(doc);
  const server = new Server();
  const client = new LSPClient({ workspace: (of) => new RoomWorkspace(of, files.list) });
  client.connect(server);
  return { files, server, client, main };
}

test("the server is told of every Python file, and of no other", async () => {
  const { files, server } = open();
  files.rename(files.create("untitled.py", "").id, "data.csv");
  files.rename(files.create("untitled.py", "").id, "helpers.py");
  expect(await server.told()).toEqual([
    "initialize",
    "initialized",
    "createFile main.py",
    "didOpen main.py",
    "createFile helpers.py",
    "didOpen helpers.py",
  ]);
});

test("a renamed file is another one, a deleted one is gone", async () => {
  const { files, server } = open();
  const file = files.create("untitled.py", "");
  await server.told();
  files.rename(file.id, "other.py");
  expect(await server.told()).toEqual([
    "didClose untitled.py",
    "deleteFile untitled.py",
    "createFile other.py",
    "didOpen other.py",
  ]);
  files.remove(file);
  expect(await server.told()).toEqual(["didClose other.py", "deleteFile other.py"]);
});

test("what others change in a file that I don't look at is told with the next question", async () => {
  const { server, client, main } = open();
  await server.told();
  main.insert(0, "x = 1\n");
  main.insert(0, "y = 2\n");
  expect(await server.told()).toEqual([]);
  client.sync();
  client.sync();
  expect(await server.told()).toEqual(["didChange main.py"]);
  expect(client.workspace.getFile("file:///room/main.py")?.doc.toString()).toBe(
    "y = 2\nx = 1\nimport helpers\n",
  );
});
