// The room's files: `Y.Map("files")`, id -> `Y.Map {name, text}`. Knows no editor.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import * as Y from "yjs";
import { clash, compareNames, foldersOf, freeName, isPython, nameProblem, tidyName } from "./file-names";
import type { Program, Task } from "./runtime/runs";
import { replaceText } from "./texts";

export interface File {
  readonly id: string;
  /** Unique in the list, even when two people gave the same name at the same time. */
  readonly name: string;
  readonly text: Y.Text;
}

/** Everyone who enters loads all of it. */
const MOST_FILES = 100;
const ROOM_CHARACTERS = 10 * 1024 * 1024;
const ROOM_SIZE_WORDS = "10 MB";

export class Files {
  /** `main.py` first, the others by path. */
  readonly list: ReadonlySignal<readonly File[]>;
  /** The file that I look at; null only while the room has none. */
  readonly active: ReadonlySignal<File | null>;
  /** What Run runs: the Python file that I look at or, beside it, looked at last, and before that the first of all. */
  readonly entry: ReadonlySignal<File | null>;
  readonly #map: Y.Map<Y.Map<unknown>>;
  readonly #list = signal<readonly File[]>([]);
  readonly #selected = signal<string | null>(null);
  /** The Python file that was selected last. */
  readonly #python = signal<string | null>(null);
  readonly #refresh = () => {
    this.#list.value = read(this.#map);
  };

  constructor(doc: Y.Doc) {
    this.#map = doc.getMap("files");
    this.list = this.#list;
    this.active = computed(() => {
      const files = this.#list.value;
      return files.find((file) => file.id === this.#selected.value) ?? files[0] ?? null;
    });
    this.entry = computed(() => {
      const active = this.active.value;
      if (active !== null && isPython(active.name)) return active;
      const programs = this.#list.value.filter(({ name }) => isPython(name));
      return programs.find(({ id }) => id === this.#python.value) ?? programs[0] ?? null;
    });
    this.#map.observeDeep((events) => {
      // Typing into a file happens thousands of times and changes nothing here.
      if (events.some((event) => event.target instanceof Y.Map)) this.#refresh();
    });
    this.#refresh();
  }

  select(id: string): void {
    this.#selected.value = id;
    const file = this.active.value;
    if (file !== null && isPython(file.name)) this.#python.value = file.id;
  }

  named(name: string): File | null {
    return this.#list.value.find((file) => file.name === name) ?? null;
  }

  /** Why the room can't take so many more characters in a file of their own, as a sentence; null when it can. */
  fullness(characters: number): string | null {
    const files = this.#list.value;
    if (files.length >= MOST_FILES) return `The room is full: it holds at most ${MOST_FILES} files.`;
    const held = files.reduce((sum, { text }) => sum + text.length, 0);
    return held + characters > ROOM_CHARACTERS
      ? `The room is full: its files hold at most ${ROOM_SIZE_WORDS} together.`
      : null;
  }

  /** Makes a file and shows it, under this name or the next one that is free. */
  create(name: string, content: string): File {
    const id = crypto.randomUUID();
    const names = this.#list.value.map((file) => file.name);
    const free = freeName(name, (wanted) => names.includes(wanted) || names.some(isIn(wanted)));
    const text = this.#put(id, free, content);
    this.select(id);
    return { id, name: free, text };
  }

  /** Answers with a sentence when the name can't be given, null when it is done. */
  rename(id: string, name: string): string | null {
    const wanted = tidyName(name);
    const problem = nameProblem(wanted) ?? this.#clash(wanted, id);
    if (problem === null) this.#map.get(id)?.set("name", wanted);
    return problem;
  }

  /** Changes only what differs, so that carets elsewhere stay where they are. */
  replace({ text }: File, content: string): void {
    replaceText(text, content);
  }

  /** Returns what brings it back as it was. */
  remove({ id, name, text }: File): () => void {
    const content = text.toString();
    const at = this.#list.value.findIndex((file) => file.id === id);
    const neighbour = this.#list.value[at + 1] ?? this.#list.value[at - 1];
    if (this.active.value?.id === id && neighbour) this.select(neighbour.id);
    this.#map.delete(id);
    return () => {
      if (!this.#map.has(id)) this.#put(id, name, content);
      this.select(id);
    };
  }

  /** What Run or a task beside it begins with, and all files; null when there is nothing to run. */
  program(task: Task): Program | null {
    const entry = this.entry.value?.name;
    if (entry === undefined) return null;
    return {
      files: this.#list.value.map(({ name, text }) => ({ name, text: text.toString() })),
      entry,
      task,
    };
  }

  #put(id: string, name: string, content: string): Y.Text {
    const text = new Y.Text(content);
    const entries: [string, unknown][] = [
      ["name", name],
      ["text", text],
    ];
    this.#map.set(id, new Y.Map(entries));
    return text;
  }

  /** A sentence when the name is taken by another file than this one. */
  #clash(name: string, id?: string): string | null {
    return clash(
      name,
      this.#list.value.filter((file) => file.id !== id).map((file) => file.name),
    );
  }
}

const isIn = (folder: string) => (name: string) => name.startsWith(`${folder}/`);

/** Takes nothing on trust: the document is what everyone, with any client, has made of it. */
function read(map: Y.Map<Y.Map<unknown>>): readonly File[] {
  const files: File[] = [];
  for (const [id, entry] of map) {
    if (!(entry instanceof Y.Map)) continue;
    const name = entry.get("name");
    const text = entry.get("text");
    if (typeof name !== "string" || nameProblem(name) !== null || !(text instanceof Y.Text)) continue;
    files.push({ id, name, text });
  }
  // The id comes last, so that everyone sees two files of one name in the same order.
  files.sort((a, b) => compareNames(a.name, b.name) || (a.id < b.id ? -1 : 1));
  const names = files.map(({ name }) => name);
  const folders = names.flatMap((name) => [...foldersOf(name)]);
  const taken = new Set([...names, ...folders]);
  // A name can't be a file's and a folder's at once: the folder keeps it, because more than one file may be in it.
  const given = new Set(folders);
  return files.map((file) => {
    if (!given.has(file.name)) {
      given.add(file.name);
      return file;
    }
    const name = freeName(file.name, (other) => taken.has(other));
    taken.add(name);
    return { ...file, name };
  });
}
