// A worker that holds one Python interpreter and runs one program at a time.
// A program can undo everything in here: nothing outside relies on it.

import type { PyCallable, PyProxy } from "pyodide/ffi";
import type { Breakdown, FrameToWorker, WorkerToFrame } from "../runtime/protocol";
import type { Program } from "../runtime/runs";
import { type Host, MessageHost, SharedHost } from "./host";
import { PackageLoader } from "./packages";
import { type Pyodide, startPyodide } from "./pyodide";

/** Our own side of Python, by the paths of its modules. */
const SOURCES: Readonly<Record<string, string>> = import.meta.glob("./python/**/*.py", {
  query: "?raw",
  import: "default",
  eager: true,
});
const PACKAGE = "_caretroom";
const LIBRARY = "/lib";
/** In there are modules for programs, in the place of those that Pyodide lacks. */
const MODULES = "library";

type NamedTexts = readonly (readonly [string, string])[];

interface Console {
  readonly program: PyProxy & {
    start(): void;
    // Each returns the modules that the task imports and that are not here.
    prepare(files: NamedTexts, entry: string): PyProxy;
    prepare_tests(files: NamedTexts, entry: string): PyProxy;
    prepare_statement(files: NamedTexts, entry: string, source: string): PyProxy;
    complain(words: string): void;
    readonly run: PyCallable;
    deafen(): void;
    readonly leave: PyCallable;
  };
  readonly loop: PyProxy & { interrupt(): boolean };
}

/** WebAssembly memory never shrinks: after a program that took more than this the interpreter is given up. */
const WORN_BYTES = 2 ** 30;
/** The exit status of what Ctrl+C ended, as the shell knows it. */
const INTERRUPTED = 130;

/** The run that goes on, or 0. */
let sequence = 0;
let broken = false;

interface Ending {
  readonly exitCode: number;
  readonly errorType: string | null;
  /** Python should not go on after this. */
  readonly damaged: boolean;
}

const packages = new PackageLoader((demand) => post({ sequence, ...demand }));

const loaded = Promise.withResolvers<{ python: Pyodide; host: Host; console: Console }>();

function post(message: WorkerToFrame): void {
  // The DOM's types describe a window, whose postMessage wants an origin.
  (postMessage as (message: WorkerToFrame) => void)(message);
}

addEventListener("message", async ({ data }: MessageEvent<FrameToWorker>) => {
  if (data.type === "boot") return boot(data);
  const { host, console, python } = await loaded.promise;
  switch (data.type) {
    case "run":
      return run(python, host, console, data);
    case "interrupt":
      if (data.sequence === sequence) host.interrupt(() => packages.cancel() || console.loop.interrupt());
      return;
    case "packages":
    case "file":
      if (data.sequence === sequence) packages.supply(data);
      return;
    case "input":
      if (data.sequence === sequence) host.answer(data.bytes);
      return;
    default:
      data satisfies never;
  }
});

async function boot({ files, module, shared }: FrameToWorker & { type: "boot" }): Promise<void> {
  try {
    const python = await startPyodide(
      files,
      module,
      (module) => post({ type: "compiled", module }),
      (name) => packages.file(name),
    );
    const ask = () => post({ type: "asks", sequence });
    const host = shared
      ? new SharedHost(python, shared, ask)
      : new MessageHost(python, ask, (pieces) => post({ type: "output", sequence, pieces }));
    const internals = python._api;
    const { fatal_error } = internals;
    internals.fatal_error = (error) => {
      // Pyodide's own account of its end goes to stdout; ours is enough.
      host.mute();
      fatal_error(error);
    };
    internals.on_fatal = breakDown;
    const console = importConsole(python, host);
    console.program.start();
    loaded.resolve({ python, host, console });
    post({ type: "ready" });
  } catch (error) {
    post({ type: "failed", reason: String(error) });
  }
}

/** Written as files, so that tracebacks can tell their frames from the program's. */
function importConsole(python: Pyodide, host: Host): Console {
  const folder = `${LIBRARY}/${PACKAGE}`;
  python.FS.mkdirTree(`${folder}/${MODULES}`);
  python.FS.mkdirTree(`${folder}/__pycache__`);
  // The snapshot brings what was compiled when it was made, by its source.
  const compiled: PyProxy & { get(source: string): PyProxy | undefined } = python.runPython(
    'import sys; getattr(sys.modules.pop("_caretroom_compiled", None), "compiled", {})',
  );
  for (const [path, source] of Object.entries(SOURCES)) {
    python.FS.writeFile(path.replace("./python", folder), source);
    const found = compiled.get(source);
    if (!found) continue;
    const [place, bytes] = found.toJs() as [string, Uint8Array];
    python.FS.writeFile(place, bytes);
    found.destroy();
  }
  compiled.destroy();
  python.registerJsModule("caretroom_host", host);
  python.runPython(`import sys; sys.path += ["${LIBRARY}", "${folder}/${MODULES}"]`);
  return {
    program: python.pyimport(`${PACKAGE}.program`) as Console["program"],
    loop: python.pyimport(`${PACKAGE}.loop`) as Console["loop"],
  };
}

async function run(
  python: Pyodide,
  host: Host,
  { program }: Console,
  order: FrameToWorker & { type: "run" },
): Promise<void> {
  sequence = order.sequence;
  host.begin();
  packages.begin();
  try {
    const modules = prepare(program, order.program);
    const { exitCode, errorType, damaged } = (await loadPackages(python, program, modules, order.packages))
      ? await execute(python, host, program)
      : interrupted("KeyboardInterrupt");
    deafen(program);
    await enter(program.leave);
    host.release();
    const worn = damaged || python._module.HEAP8.length > WORN_BYTES;
    if (!broken) post({ type: "done", sequence, exitCode, errorType, worn });
  } catch (error) {
    breakDown(error);
  }
  sequence = 0;
}

function prepare(program: Console["program"], { files, entry, task }: Program): readonly string[] {
  const named = files.map(({ name, text }) => [name, text] as const);
  const missing = prepareTask(program, named, entry, task);
  const modules = missing.toJs() as string[];
  missing.destroy();
  return modules;
}

function prepareTask(
  program: Console["program"],
  files: NamedTexts,
  entry: string,
  task: Program["task"],
): PyProxy {
  switch (task.kind) {
    case "program":
      return program.prepare(files, entry);
    case "tests":
      return program.prepare_tests(files, entry);
    case "statement":
      return program.prepare_statement(files, entry, task.source);
  }
}

/** False when that was stopped. */
async function loadPackages(
  python: Pyodide,
  program: Console["program"],
  modules: readonly string[],
  names: readonly string[],
): Promise<boolean> {
  if (!modules.length && !names.length) return true;
  const problems = await packages.load(python, modules, names);
  for (const problem of problems ?? []) program.complain(problem);
  return problems !== null;
}

async function execute(python: Pyodide, host: Host, program: Console["program"]): Promise<Ending> {
  host.listen(true);
  try {
    const result: PyProxy = await enter(program.run);
    const [exitCode, errorType, damaged] = result.toJs() as [number, string | undefined, boolean];
    result.destroy();
    return { exitCode, errorType: errorType ?? null, damaged };
  } catch (error) {
    // Ctrl+C before the program's first line or after its last.
    if (!(error instanceof python.ffi.PythonError) || error.type !== "KeyboardInterrupt") throw error;
    return interrupted(error.type);
  } finally {
    host.listen(false);
  }
}

const interrupted = (errorType: string): Ending => ({ exitCode: INTERRUPTED, errorType, damaged: false });

/** Only a promising call can be suspended, as asyncio and input() without shared memory need it. */
function enter(callable: PyCallable) {
  return "Suspending" in WebAssembly ? callable.callPromising() : callable();
}

/** Python may have noticed Ctrl+C without having acted on it yet: then it does so here. */
function deafen(program: Console["program"]): void {
  try {
    program.deafen();
  } catch {
    program.deafen();
  }
}

function breakDown(error: unknown): void {
  if (broken) return;
  broken = true;
  post({ type: "broken", sequence, cause: causeOf(error) });
}

function causeOf(error: unknown): Breakdown {
  const detail = String(error);
  const exit = /\bexit\((-?\d+)\)/.exec(detail);
  if (exit) return { kind: "exit", exitCode: Number(exit[1]) & 0xff };
  // Chromium and Safari, Firefox.
  if (/call stack size|too much recursion/.test(detail)) return { kind: "stack" };
  return { kind: "unknown", detail };
}
