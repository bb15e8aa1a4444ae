// The room's files: `Y.Map("files")`, id -> `Y.Map {name, text}`. Knows no editor.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import * as Y from "yjs";
import type { Program } from "./runtime/runs";

export interface File {
  readonly id: string;
  /** Unique in the list, even when two people gave the same name at the same time. */
  readonly name: string;
  readonly text: Y.Text;
}

export const LONGEST_FILE_NAME = 64;

/** Why a name can't be given, as a sentence; null when it can. */
export function nameProblem(name: string): string | null {
  if (name === "") return "A file needs a name.";
  if (name.length > LONGEST_FILE_NAME) return `A name has at most ${LONGEST_FILE_NAME} characters.`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not get in
  if (/[/\\\u0000-\u001f]/.test(name) || name === "." || name === "..")
    return "A name can't contain slashes or line breaks.";
  return null;
}

export class Files {
  /** `main.py` first, the others by name. */
  readonly list: ReadonlySignal<readonly File[]>;
  /** The file that I look at; null only while the room has none. */
  readonly active: ReadonlySignal<File | null>;
  readonly #map: Y.Map<Y.Map<unknown>>;
  readonly #list = signal<readonly File[]>([]);
  readonly #selected = signal<string | null>(null);
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
    this.#map.observeDeep((events) => {
      // Typing into a file happens thousands of times and changes nothing here.
      if (events.some((event) => event.target instanceof Y.Map)) this.#refresh();
    });
    this.#refresh();
  }

  select(id: string): void {
    this.#selected.value = id;
  }

  /** Makes an empty file under a free name, and shows it. */
  create(): File {
    const taken = new Set(this.#list.value.map((file) => file.name));
    let name = "untitled.py";
    for (let n = 2; taken.has(name); n++) name = `untitled${n}.py`;
    const id = crypto.randomUUID();
    const text = new Y.Text();
    this.#map.set(
      id,
      new Y.Map<unknown>([
        ["name", name],
        ["text", text],
      ]),
    );
    this.#selected.value = id;
    return { id, name, text };
  }

  /** Answers with a sentence when the name can't be given, null when it is done. */
  rename(id: string, name: string): string | null {
    const wanted = name.trim();
    const problem = nameProblem(wanted);
    if (problem !== null) return problem;
    if (this.#list.value.some((file) => file.id !== id && file.name === wanted))
      return `There is already a file called ${wanted}.`;
    this.#map.get(id)?.set("name", wanted);
    return null;
  }

  remove(id: string): void {
    this.#map.delete(id);
  }

  /** What Run runs: all files, beginning with the one that is looked at. */
  program(): Program | null {
    const entry = this.active.value?.name;
    if (entry === undefined) return null;
    return { files: this.#list.value.map(({ name, text }) => ({ name, text: text.toString() })), entry };
  }
}

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
  files.sort((a, b) => order(a).localeCompare(order(b)));
  const taken = new Set<string>();
  return files.map((file) => {
    const name = free(file.name, taken);
    taken.add(name);
    return name === file.name ? file : { ...file, name };
  });
}

// The id comes last, so that everyone sees two files of one name in the same order.
const order = (file: File): string => `${file.name === "main.py" ? "0" : "1"}${file.name}\n${file.id}`;

function free(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const dot = name.lastIndexOf(".");
  const [stem, suffix] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let n = 2; ; n++) {
    const other = `${stem}_${n}${suffix}`;
    if (!taken.has(other)) return other;
  }
}
