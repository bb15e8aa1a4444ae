// The room's Python files as the language server is to see them: all of them, as they are now, whoever changed them
// and whether they are in an editor or not.

import { type LSPClient, LSPPlugin, Workspace, type WorkspaceFile } from "@codemirror/lsp-client";
import { ChangeSet, Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { effect, type ReadonlySignal } from "@preact/signals";
import type * as Y from "yjs";
import { isPython } from "../file-names";
import type { File } from "../files";
import { ROOT } from "../help/analyser";

type Updates = ReturnType<Workspace["syncFiles"]>;
type Update = Updates[number];

export const uriOf = (name: string): string => `${ROOT}/${name.split("/").map(encodeURIComponent).join("/")}`;

export class RoomWorkspace extends Workspace {
  files: RoomFile[] = [];
  readonly #list: ReadonlySignal<readonly File[]>;
  #stop = () => {};

  constructor(client: LSPClient, list: ReadonlySignal<readonly File[]>) {
    super(client);
    this.#list = list;
  }

  override connected(): void {
    const follow = () => {
      this.#stop = effect(() => this.#follow(this.#list.value));
    };
    this.client.initializing.then(follow, () => {});
  }

  override disconnected(): void {
    this.#stop();
    for (const file of this.files) file.forget();
  }

  override syncFiles(): Updates {
    return this.files.map((file) => file.update()).filter((update) => update !== null);
  }

  override openFile(uri: string, _language: string, view: EditorView): void {
    this.#find(uri)?.show(view);
  }

  override closeFile(uri: string): void {
    this.#find(uri)?.show(null);
  }

  #find(uri: string): RoomFile | undefined {
    return this.files.find((file) => file.uri === uri);
  }

  /** A file under another name is another file to Python. */
  #follow(list: readonly File[]): void {
    const wanted = new Map(
      list.filter(({ name }) => isPython(name)).map(({ name, text }) => [uriOf(name), text]),
    );
    const kept = this.files.filter((file) => wanted.get(file.uri) === file.text);
    for (const file of this.files) {
      if (kept.includes(file)) continue;
      file.forget();
      this.client.didClose(file.uri);
      this.client.notification("pyright/deleteFile", { kind: "delete", uri: file.uri });
    }
    this.files = kept;
    for (const [uri, text] of wanted) {
      if (this.#find(uri) !== undefined) continue;
      const file = new RoomFile(uri, text);
      this.files.push(file);
      this.client.notification("pyright/createFile", { kind: "create", uri });
      this.client.didOpen(file);
    }
  }
}

class RoomFile implements WorkspaceFile {
  readonly languageId = "python";
  readonly uri: string;
  readonly text: Y.Text;
  version = 0;
  doc: Text;
  #view: EditorView | null = null;
  /** The changes since `doc` are not known one by one. */
  #stale = false;
  readonly #changed = () => {
    if (this.#view === null) this.#stale = true;
  };

  constructor(uri: string, text: Y.Text) {
    this.uri = uri;
    this.text = text;
    this.doc = this.#read();
    text.observe(this.#changed);
  }

  forget(): void {
    this.text.unobserve(this.#changed);
  }

  getView(): EditorView | null {
    return this.#view;
  }

  show(view: EditorView | null): void {
    this.#view = view;
    this.#stale = true;
  }

  /** What has changed since it was asked last; null when nothing has. */
  update(): Update | null {
    const plugin = this.#view === null ? null : LSPPlugin.get(this.#view);
    const prevDoc = this.doc;
    const doc = this.#view?.state.doc ?? (this.#stale ? this.#read() : prevDoc);
    if (doc.eq(prevDoc)) return null;
    const known = plugin !== null && !this.#stale;
    const changes = known
      ? plugin.unsyncedChanges
      : ChangeSet.of({ from: 0, to: prevDoc.length, insert: doc }, prevDoc.length);
    plugin?.clear();
    this.#stale = false;
    this.doc = doc;
    this.version += 1;
    return { file: this, prevDoc, changes };
  }

  #read(): Text {
    return Text.of(this.text.toString().split("\n"));
  }
}
