// Fetches Python's files for the sandbox, whose opaque origin has no HTTP cache of its own.

import type { Files } from "./protocol";

/** Compressed megabytes, roughly: they only pace the progress. */
const SOURCES = {
  loader: ["pyodide.mjs", 0.1],
  glue: ["pyodide.asm.mjs", 0.2],
  wasm: ["pyodide.asm.wasm", 2.8],
  stdlib: ["python_stdlib.zip", 2.5],
  snapshot: ["snapshot.bin", 4.8],
} as const;
const LOCK = ["/packages/pyodide-lock.json", 0.1] as const;

/** `folder` is the address of Pyodide's files; `onProgress` hears numbers from 0 to 1. */
export async function fetchFiles(
  folder: string,
  signal: AbortSignal,
  onProgress: (progress: number) => void,
): Promise<Files> {
  const total = [LOCK, ...Object.values(SOURCES)].reduce((sum, [, size]) => sum + size, 0);
  let arrived = 0;
  const fetchFile = async (address: string, size: number): Promise<Blob> => {
    const response = await fetch(address, { signal });
    if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
    const blob = await response.blob();
    arrived += size;
    onProgress(arrived / total);
    return blob;
  };
  const fetchSource = (name: keyof typeof SOURCES): Promise<Blob> => {
    const [file, size] = SOURCES[name];
    return fetchFile(folder + file, size);
  };
  const [loader, glue, wasm, stdlib, lock, snapshot] = await Promise.all([
    fetchSource("loader"),
    fetchSource("glue"),
    fetchSource("wasm"),
    fetchSource("stdlib"),
    fetchFile(...LOCK),
    // A folder of the operator's own has none.
    fetchSource("snapshot").catch(() => null),
  ]);
  return { loader, glue, wasm, stdlib, lock, snapshot };
}
