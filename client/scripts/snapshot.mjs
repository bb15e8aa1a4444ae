// Starts Python once, at build time, imports what programs commonly use, and keeps its memory: a browser that starts from there is
// ready in a quarter of the time. Usage: node scripts/snapshot.mjs OUT_DIR (the folder that holds Pyodide's files).

import { readdir, readFile, writeFile } from "node:fs/promises";
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

/** Our own modules are compiled here, which takes a new interpreter longer than anything else; sandbox/worker.ts takes them out again. */
const SOURCES = new URL("../src/sandbox/python/", import.meta.url);
const COMPILE = `
import importlib.util, os, py_compile, sys, types

compiled = {}
os.makedirs("/lib/_caretroom")
for name, source in sources.items():
    path = "/lib/_caretroom/" + name
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(source)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    cached = py_compile.compile(path, doraise=True, invalidation_mode=mode)
    with open(cached, "rb") as file:
        compiled[source] = cached, file.read()
sys.modules["_caretroom_compiled"] = types.ModuleType("_caretroom_compiled")
sys.modules["_caretroom_compiled"].compiled = compiled
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
const names = (await readdir(SOURCES)).filter((name) => name.endsWith(".py"));
const sources = await Promise.all(
  names.map(async (name) => [name, await readFile(new URL(name, SOURCES), "utf8")]),
);
python.runPython(COMPILE, { globals: python.toPy({ sources: Object.fromEntries(sources) }) });
// What is here stays: no collection of a program's garbage need look at it.
python.runPython("import gc; gc.collect(); gc.freeze()", { globals: python.toPy({}) });
await writeFile(join(folder, "snapshot.bin"), python.makeMemorySnapshot());
