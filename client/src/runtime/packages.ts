// The packages that the server offers, and fetching them for the sandbox. What a program asks for is looked up in the server's list:
// nothing else is ever fetched, and no address comes from a program.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Download } from "./runs";

interface Entry {
  readonly name: string;
  readonly file_name: string;
  readonly sha256: string;
  readonly imports: readonly string[];
}

/** The part of Pyodide's lock that is needed here. */
interface Lock {
  readonly packages: Readonly<Record<string, Entry>>;
}

interface Transfer {
  readonly name: string;
  loaded: number;
  /** 0 until it is known. */
  total: number;
}

/** With the words for whoever wanted the package. */
export class PackageProblem extends Error {
  readonly package: string;

  constructor(name: string, reason: string) {
    super(reason);
    this.package = name;
  }
}

export class Packages {
  readonly #byModule = new Map<string, string>();
  readonly #byFile = new Map<string, Entry>();
  readonly #fetched = new Map<string, Promise<Blob>>();
  readonly #transfers = new Set<Transfer>();
  readonly #downloading = signal<Download | null>(null);
  #cancelling = new AbortController();

  constructor({ packages }: Lock) {
    for (const entry of Object.values(packages)) {
      this.#byFile.set(entry.file_name, entry);
      for (const module of entry.imports) this.#byModule.set(module, entry.name);
    }
  }

  static async read(lock: Blob): Promise<Packages> {
    return new Packages(JSON.parse(await lock.text()) as Lock);
  }

  /** What is on its way just now. */
  get downloading(): ReadonlySignal<Download | null> {
    return this.#downloading;
  }

  /** The name of the package that brings this module. */
  providerOf(module: string): string | null {
    return this.#byModule.get(module) ?? null;
  }

  /** The content of a file in the list, or null for any other name. Rejects with PackageProblem. */
  file(name: string): Promise<Blob> | null {
    const entry = this.#byFile.get(name);
    if (!entry) return null;
    const known = this.#fetched.get(name);
    if (known) return known;
    const fetched = this.#fetch(entry);
    this.#fetched.set(name, fetched);
    // Another attempt may do better.
    fetched.catch(() => this.#fetched.delete(name));
    return fetched;
  }

  /** Ends what is on its way. */
  cancel(): void {
    this.#cancelling.abort();
    this.#cancelling = new AbortController();
  }

  async #fetch({ name, file_name, sha256 }: Entry): Promise<Blob> {
    const transfer: Transfer = { name, loaded: 0, total: 0 };
    this.#transfers.add(transfer);
    this.#show();
    try {
      const response = await fetch(`/packages/${sha256}/${file_name}`, { signal: this.#cancelling.signal });
      if (!response.ok) throw new PackageProblem(name, await reasonOf(response));
      const content = await this.#receive(response, transfer);
      if ((await digestOf(await content.arrayBuffer())) !== sha256)
        throw new PackageProblem(
          name,
          "What arrived is not what the server's list says (its sha256 differs).",
        );
      return content;
    } catch (problem) {
      if (problem instanceof PackageProblem) throw problem;
      throw new PackageProblem(name, "The server can't be reached just now.");
    } finally {
      this.#transfers.delete(transfer);
      this.#show();
    }
  }

  async #receive(response: Response, transfer: Transfer): Promise<Blob> {
    transfer.total = Number(response.headers.get("content-length"));
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const reader = response.body?.getReader();
    for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) {
      pieces.push(piece.value);
      transfer.loaded += piece.value.length;
      this.#show();
    }
    return new Blob(pieces);
  }

  #show(): void {
    const transfers = [...this.#transfers];
    const known = transfers.every(({ total }) => total > 0);
    const sum = (of: (transfer: Transfer) => number) => transfers.reduce((all, each) => all + of(each), 0);
    this.#downloading.value = transfers.length
      ? {
          names: transfers.map(({ name }) => name),
          loaded: sum(({ loaded }) => loaded),
          total: known ? sum(({ total }) => total) : null,
        }
      : null;
  }
}

async function reasonOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error: { message: string } };
    return error.message;
  } catch {
    return `The server answered ${response.status}.`;
  }
}

/** Browsers keep their own digest from pages that came over plain http, as in many a classroom. */
async function digestOf(content: ArrayBuffer): Promise<string> {
  const digest = isSecureContext
    ? new Uint8Array(await crypto.subtle.digest("SHA-256", content))
    : (await import("@noble/hashes/sha2.js")).sha256(new Uint8Array(content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
