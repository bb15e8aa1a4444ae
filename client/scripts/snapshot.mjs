// Starts Python once, at build time, imports what programs commonly use, and keeps its memory: a browser that starts from there is
// ready in a quarter of the time. Usage: node scripts/snapshot.mjs OUT_DIR (the folder that holds Pyodide's files).

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPyodide } from "pyodide";

/**
 * Only what is made of memory alone: nothing that holds an open file or an object of JavaScript. Each adds to what everyone
 * downloads, so this is what programs of learners begin with, and no more.
 */
const MODULES = `
  argparse array ast asyncio atexit base64 bisect calendar cmath code collections collections.abc contextlib contextvars copy csv
  dataclasses datetime decimal doctest enum fractions functools glob hashlib heapq html inspect itertools json keyword linecache
  locale logging math numbers operator os pathlib pickle pprint pydoc queue random re secrets shutil signal statistics string
  struct sys tempfile textwrap threading time timeit tokenize traceback types typing unittest urllib.parse uuid warnings weakref
`;

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: node scripts/snapshot.mjs OUT_DIR");

// A Python that starts where WebAssembly can't be suspended keeps that in mind for ever. Nothing is suspended here, so what only
// looks like the real thing will do for a Node.js without it.
if (!("Suspending" in WebAssembly)) {
  WebAssembly.Suspending = function Suspending(suspending) {
    return suspending;
  };
  WebAssembly.promising = (promising) => promising;
}

const python = await loadPyodide({ _makeSnapshot: true });
const imports = MODULES.trim()
  .split(/\s+/)
  .map((name) => `import ${name}`);
python.runPython(imports.join("\n"), { globals: python.toPy({}) });
// What is here stays: no collection of a program's garbage need look at it.
python.runPython("import gc; gc.collect(); gc.freeze()", { globals: python.toPy({}) });
await writeFile(join(folder, "snapshot.bin"), python.makeMemorySnapshot());
