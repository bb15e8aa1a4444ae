// Starts Pyodide from files that are at hand, in a place that Pyodide doesn't expect: a classic worker without a network.

import type { loadPyodide, PyodideAPI } from "pyodide";
import type { Files } from "../runtime/protocol";

/** What Pyodide keeps to itself; its version is pinned. */
export interface Internals {
  fatal_error: (error: unknown) => void;
  on_fatal: (error: unknown) => void;
}

/** The Emscripten module, before it is Python. */
interface Glue {
  readonly HEAP32: Int32Array;
  readonly __PyRuntime: number;
  readonly __PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET: number;
  readonly API: { restoreSnapshot: (snapshot: Uint8Array) => unknown };
}

export type Pyodide = PyodideAPI & {
  readonly _api: Internals;
  readonly _module: { readonly HEAP8: Int8Array };
};

/** Where Pyodide believes its files to be. */
const FEED_URL = "https://pyodide.invalid/";

const PAGE_BYTES = 65_536;
/** Half of what 32 bits can address: a program that wants more gets its MemoryError while the tab still lives. */
const MEMORY_BYTES = 2 ** 31;

/** `module` is the compiled Python of another worker, which saves this one the compiling; `onCompiled` hands ours on. */
export async function startPyodide(
  files: Files,
  module: WebAssembly.Module | null,
  onCompiled: (module: WebAssembly.Module) => void,
  packageFile: (name: string) => Promise<Blob | null>,
): Promise<Pyodide> {
  passForModuleWorker();
  limitMemory();
  const restore = compileOnce(module, onCompiled);
  feed(files, packageFile);
  try {
    const [loader, glue] = await Promise.all([importBlob(files.loader), importBlob(files.glue)]);
    const options: Parameters<typeof loadPyodide>[0] = {
      indexURL: FEED_URL,
      packageBaseUrl: FEED_URL,
      lockFileContents: files.lock.text(),
      stdin: () => null,
    };
    // Before 314 it is a script that leaves its function where Pyodide looks for it.
    if (glue.default) {
      options.createPyodideModule = async (settings) => {
        const created = await glue.default(settings);
        keepTrampoline(created);
        return created;
      };
    }
    if (files.snapshot) options._loadSnapshot = files.snapshot.arrayBuffer();
    return await loader.loadPyodide(options);
  } finally {
    restore();
  }
}

function importBlob(blob: Blob) {
  const url = URL.createObjectURL(blob.slice(0, blob.size, "text/javascript"));
  return import(/* @vite-ignore */ url);
}

/** Chromium starts no module workers in opaque frames, and Pyodide takes a worker for classic while this works. */
function passForModuleWorker(): void {
  Object.assign(globalThis, {
    importScripts() {
      throw new TypeError("importScripts is not available here");
    },
  });
}

/**
 * How Python calls functions of a wrong signature depends on the engine, and what suits the one that made the snapshot would be
 * restored with it: slow here, in the way of suspending, or fatal.
 */
function keepTrampoline(glue: Glue): void {
  const { API } = glue;
  const { restoreSnapshot } = API;
  API.restoreSnapshot = (snapshot) => {
    const offset = glue.HEAP32[glue.__PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET / 4] ?? 0;
    const index = (glue.__PyRuntime + offset) / 4;
    const trampoline = glue.HEAP32[index] ?? 0;
    const restored = restoreSnapshot(snapshot);
    glue.HEAP32[index] = trampoline;
    return restored;
  };
}

function limitMemory(): void {
  const grow = WebAssembly.Memory.prototype.grow;
  WebAssembly.Memory.prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * PAGE_BYTES > MEMORY_BYTES) throw new RangeError("out of memory");
    return grow.call(this, pages);
  };
}

/** Answers Pyodide's requests, also those for packages that come later. Whatever else is fetched finds no network. */
function feed(files: Files, packageFile: (name: string) => Promise<Blob | null>): void {
  const { fetch } = globalThis;
  globalThis.fetch = async (resource, options) => {
    const url = resource instanceof Request ? resource.url : String(resource);
    if (!url.startsWith(FEED_URL)) return fetch(resource, options).catch(() => refuse(url));
    switch (url.slice(FEED_URL.length)) {
      case "pyodide.asm.wasm":
        return new Response(files.wasm, { headers: { "content-type": "application/wasm" } });
      case "python_stdlib.zip":
        return new Response(files.stdlib);
      default: {
        const content = await packageFile(url.slice(FEED_URL.length));
        return content ? new Response(content) : new Response(null, { status: 404 });
      }
    }
  };
}

function refuse(url: string): never {
  throw new TypeError(`a program in Caretroom has no network: ${url} can't be fetched`);
}

/** Compiling is shared among the workers until the returned function is called. */
function compileOnce(
  module: WebAssembly.Module | null,
  onCompiled: (module: WebAssembly.Module) => void,
): () => void {
  const { instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const compiled = module ?? (await WebAssembly.compileStreaming(source));
    if (!module) onCompiled(compiled);
    return { module: compiled, instance: await WebAssembly.instantiate(compiled, imports) };
  };
  return () => {
    WebAssembly.instantiateStreaming = instantiateStreaming;
  };
}
