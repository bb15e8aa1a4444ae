// Loads packages into one interpreter. The worker has no network: it asks the page, which knows what the server offers.

import type { Demand, Supply } from "../runtime/protocol";
import type { Pyodide } from "./pyodide";

export class PackageLoader {
  readonly #ask: (demand: Demand) => void;
  readonly #files = new Map<string, PromiseWithResolvers<Blob | null>>();
  #names: PromiseWithResolvers<readonly string[]> | null = null;
  #cancelled: PromiseWithResolvers<void> | null = null;

  constructor(ask: (demand: Demand) => void) {
    this.#ask = ask;
  }

  /** Loads `names` and whatever brings `modules`. Returns what went wrong in here, in sentences; null when it was cancelled. */
  async load(
    python: Pyodide,
    modules: readonly string[],
    names: readonly string[],
  ): Promise<readonly string[] | null> {
    this.#cancelled = Promise.withResolvers();
    const cancelled = this.#cancelled.promise.then(() => null);
    try {
      return await Promise.race([this.#load(python, modules, names), cancelled]);
    } finally {
      this.#cancelled = null;
    }
  }

  /** False when nothing is being loaded. */
  cancel(): boolean {
    this.#cancelled?.resolve();
    return this.#cancelled !== null;
  }

  /** A file from the list of packages. */
  file(name: string): Promise<Blob | null> {
    let file = this.#files.get(name);
    if (!file) {
      file = Promise.withResolvers();
      this.#files.set(name, file);
      this.#ask({ type: "fetch", file: name });
    }
    return file.promise;
  }

  supply(supply: Supply): void {
    switch (supply.type) {
      case "packages":
        this.#names?.resolve(supply.names);
        return;
      case "file":
        this.#files.get(supply.file)?.resolve(supply.content);
        this.#files.delete(supply.file);
        return;
      default:
        supply satisfies never;
    }
  }

  /** What was asked in a run that has ended is not answered any more. */
  begin(): void {
    for (const file of this.#files.values()) file.resolve(null);
    this.#files.clear();
  }

  async #load(
    python: Pyodide,
    modules: readonly string[],
    names: readonly string[],
  ): Promise<readonly string[]> {
    const wanted = new Set([...names, ...(modules.length ? await this.#providersOf(modules) : [])]);
    const missing = [...wanted].filter((name) => !(name in python.loadedPackages));
    if (!missing.length) return [];
    const problems: string[] = [];
    await python.loadPackage(missing, {
      messageCallback: () => {},
      // A package that could not be loaded is no reason for Pyodide to fail.
      errorCallback: (problem) => problems.push(problem),
    });
    return problems;
  }

  #providersOf(modules: readonly string[]): Promise<readonly string[]> {
    this.#names = Promise.withResolvers();
    this.#ask({ type: "imports", modules });
    return this.#names.promise;
  }
}
