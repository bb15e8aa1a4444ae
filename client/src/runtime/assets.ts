// Fetches Python's files for the sandbox, whose opaque origin has no HTTP cache of its own.

import { version } from "pyodide/package.json";
import type { Files } from "./protocol";

/** The folder's name is the version, so that its files never change. */
const FOLDER = `/pyodide/${version}/`;

/** Compressed megabytes, roughly: they only pace the progress. */
const SOURCES = {
  loader: ["pyodide.mjs", 0.1],
  glue: ["pyodide.asm.mjs", 0.2],
  wasm: ["pyodide.asm.wasm", 2.8],
  stdlib: ["python_stdlib.zip", 2.5],
  lock: ["pyodide-lock.json", 0.1],
  snapshot: ["snapshot.bin", 4.8],
} as const satisfies Record<keyof Files, readonly [string, number]>;

/** `onProgress` hears numbers from 0 to 1. */
export async function fetchFiles(
  signal: AbortSignal,
  onProgress: (progress: number) => void,
): Promise<Files> {
  const total = Object.values(SOURCES).reduce((sum, [, size]) => sum + size, 0);
  let arrived = 0;
  const fetchFile = async ([name, size]: readonly [string, number]): Promise<Blob> => {
    const response = await fetch(FOLDER + name, { signal });
    if (!response.ok) throw new Error(`${FOLDER}${name}: ${response.status} ${response.statusText}`);
    const blob = await response.blob();
    arrived += size;
    onProgress(arrived / total);
    return blob;
  };
  const [loader, glue, wasm, stdlib, lock, snapshot] = await Promise.all([
    fetchFile(SOURCES.loader),
    fetchFile(SOURCES.glue),
    fetchFile(SOURCES.wasm),
    fetchFile(SOURCES.stdlib),
    fetchFile(SOURCES.lock),
    // A folder of the operator's own has none.
    fetchFile(SOURCES.snapshot).catch(() => null),
  ]);
  return { loader, glue, wasm, stdlib, lock, snapshot };
}
