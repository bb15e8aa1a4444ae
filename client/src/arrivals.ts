// Texts on their way into the room: from this device, or from what a run left. Those whose names are taken wait for an answer.

import { type ReadonlySignal, signal } from "@preact/signals";
import { clash, nameProblem, tidyName } from "./file-names";
import type { Files } from "./files";
import { decodeText, FILE_BYTES, FILE_SIZE_WORDS } from "./texts";

export interface Arrival {
  readonly name: string;
  readonly text: string;
}

export type Answer = "replace" | "keep-both" | "leave-out";

type NamedBlob = Pick<Blob, "size" | "arrayBuffer"> & { readonly name: string };

/** More sentences at once are not read. */
const MOST_SENTENCES = 3;

export class Arrivals {
  /** One answer is for all of them. */
  readonly waiting: ReadonlySignal<readonly Arrival[]>;
  readonly #waiting = signal<readonly Arrival[]>([]);
  readonly #files: Files;
  readonly #tell: (sentence: string) => void;

  constructor(files: Files, tell: (sentence: string) => void) {
    this.waiting = this.#waiting;
    this.#files = files;
    this.#tell = tell;
  }

  async upload(blobs: readonly NamedBlob[]): Promise<void> {
    const read = await Promise.all(blobs.map(readBlob));
    const problems = read.filter((each) => typeof each === "string");
    this.#take(
      read.filter((each) => typeof each !== "string"),
      problems,
    );
  }

  add(arrivals: readonly Arrival[]): void {
    this.#take(arrivals, []);
  }

  answer(answer: Answer): void {
    const waiting = this.#waiting.value;
    this.#waiting.value = [];
    if (answer === "leave-out") return;
    const done: string[] = [];
    const problems: string[] = [];
    for (const arrival of waiting) {
      const present = this.#files.named(arrival.name);
      if (answer === "replace" && present) {
        this.#files.replace(present, arrival.text);
        this.#files.select(present.id);
        done.push(present.name);
      } else {
        this.#create(arrival, done, problems);
      }
    }
    this.#report(answer === "replace" ? "Replaced" : "Added", done, problems);
  }

  #take(arrivals: readonly Arrival[], problems: string[]): void {
    const added: string[] = [];
    const waiting: Arrival[] = [];
    for (const { name, text } of arrivals) {
      const arrival = { name: tidyName(name), text };
      if (this.#files.named(arrival.name)) waiting.push(arrival);
      else this.#create(arrival, added, problems);
    }
    this.#report("Added", added, problems);
    this.#waiting.value = [...this.#waiting.value, ...waiting];
  }

  /** Under the next free name when there is a file of this one. */
  #create({ name, text }: Arrival, added: string[], problems: string[]): void {
    const others = this.#files.list.value.map((file) => file.name).filter((other) => other !== name);
    const problem = nameProblem(name) ?? clash(name, others) ?? this.#files.fullness(text.length);
    if (problem === null) added.push(this.#files.create(name, text).name);
    else problems.push(`${shown(name)} can't be added. ${problem}`);
  }

  #report(done: "Added" | "Replaced", names: readonly string[], problems: readonly string[]): void {
    if (names.length > 0) this.#tell(`${done} ${listed(names)}.`);
    for (const problem of problems.slice(0, MOST_SENTENCES)) this.#tell(problem);
    const more = problems.length - MOST_SENTENCES;
    if (more > 0) this.#tell(`${more} more could not be added.`);
  }
}

/** Its text, or why it can't be had. */
async function readBlob(blob: NamedBlob): Promise<Arrival | string> {
  const { name } = blob;
  if (blob.size > FILE_BYTES)
    return `${shown(name)} can't be added: a file of the room holds at most ${FILE_SIZE_WORDS}.`;
  try {
    const text = decodeText(new Uint8Array(await blob.arrayBuffer()));
    return text === null
      ? `${shown(name)} can't be added: it is not text (in UTF-8), and the room holds nothing else.`
      : { name, text };
  } catch {
    return `${shown(name)} could not be read. If it is a folder, please choose the files in it.`;
  }
}

const SHOWN_CHARACTERS = 60;
const shown = (name: string): string =>
  name.length > SHOWN_CHARACTERS ? `${name.slice(0, SHOWN_CHARACTERS).toWellFormed()}…` : name;

function listed(names: readonly string[]): string {
  return names.length > 2 ? `${names.length} files` : names.join(" and ");
}
