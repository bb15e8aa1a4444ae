"""A run of a program: a clean room for it, and the manners of `python main.py` around it."""

import ast
import asyncio
import atexit
import builtins
import contextvars
import gc
import inspect
import linecache
import posixpath
import random
import signal
import sys
import time
import types
import warnings
import weakref
from asyncio import events
from importlib.machinery import SourceFileLoader
from typing import Any

import pyodide.ffi
from _caretroom import created, room, traces
from _caretroom.baseline import Baseline
from _caretroom.loop import idle, loops, policy, run_sync
from _caretroom.streams import flush, open_output
from _caretroom.waiting import open_input, sleep
from pyodide.webloop import _orig_run

# Warnings about what a program never used name the line that ran: CPython's last one is called this.
COLLECT = compile("gc.collect()", "sys", "exec")

# An exit status as the shell knows it.
INTERRUPTED = 130

baseline: Baseline


class Main:
    """The program that is about to run, or runs."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.module = types.ModuleType("__main__")
        loader = SourceFileLoader("__main__", path)
        vars(self.module).update(__file__=path, __cached__=None, __loader__=loader, __builtins__=builtins)

    def execute(self) -> None:
        with open(self.path, encoding="utf-8") as file:
            source = file.read()
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(source, self.path, "exec", flags=flags, dont_inherit=True)
        if code.co_flags & inspect.CO_COROUTINE:
            _orig_run(eval(code, vars(self.module)))
        else:
            exec(code, vars(self.module))


main: Main | None = None


def start() -> None:
    global baseline
    time.sleep = sleep
    pyodide.ffi.run_sync = run_sync
    # Pyodide's own never ends the tasks that a program leaves behind.
    asyncio.run = _orig_run
    with warnings.catch_warnings(action="ignore"):
        asyncio.set_event_loop_policy(policy)
    # A folder that is written anew for each run must not be compiled into.
    sys.dont_write_bytecode = True
    sys.excepthook = sys.__excepthook__
    atexit._clear()
    baseline = Baseline()
    # What is here stays: a collection after each run need not look at it.
    gc.collect()
    gc.freeze()


def prepare(files: Any, entry: str) -> None:
    """Lay out the room's files and everything else that a program finds when it starts."""
    global main
    main = Main(room.lay_out(files.to_py(), entry))
    sys.modules["__main__"] = main.module
    sys.argv = [entry]
    sys.path.insert(0, posixpath.dirname(main.path))
    linecache.clearcache()
    random.seed()
    policy.set_event_loop(None)
    open_streams()
    signal.signal(signal.SIGINT, signal.default_int_handler)


def open_streams() -> None:
    """New ones for each run, because a program may close, detach or replace its own."""
    open_input()
    sys.stdout = sys.__stdout__ = open_output(1, errors="strict")
    sys.stderr = sys.__stderr__ = open_output(2, errors="backslashreplace")


# The exit status, the name of the uncaught exception, and whether Python should not go on after this.
Ending = tuple[int, str | None, bool]


def run() -> Ending:
    """Run what was prepared."""
    # Pyodide's loop counts as running at all times; for a program none does until it starts one.
    events._set_running_loop(None)
    try:
        # A context of its own: decimal's, for example, is one.
        result = contextvars.Context().run(execute)
    except BaseException as error:
        # Ctrl+C that came a moment late.
        result = INTERRUPTED, type(error).__name__, imports_half(error)
    return result


def deafen() -> None:
    """From here on Ctrl+C disturbs nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def execute() -> Ending:
    result: Ending = 0, None, False
    try:
        if main is not None:
            main.execute()
    except SystemExit as error:
        result = exit_status(error), None, False
    except BaseException as error:
        interrupted = isinstance(error, KeyboardInterrupt)
        result = INTERRUPTED if interrupted else 1, type(error).__name__, interrupted and imports_half(error)
        traces.show(error)
    atexit._run_exitfuncs()
    flush()
    return result


def imports_half(error: BaseException) -> bool:
    """Whether a library was left half imported: compiled ones can't be imported a second time."""
    codes = [frame.tb_frame.f_code for frame in traces.walk(error.__traceback__)]
    return any(code.co_name == "<module>" and code.co_filename.startswith("/lib/") for code in codes)


def leave() -> None:
    """End the program as the end of its process would, and bring the interpreter back to its beginnings."""
    global main
    for loop in list(loops):
        if loop is not idle:
            loop.close()
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        vars(sys).pop(name, None)
    weakref.finalize._registered_with_atexit = False
    main = None
    sys.modules.pop("__main__", None)
    # Suspended generators end here, and `__del__` is called.
    exec(COLLECT)
    flush()
    baseline.restore()
    # After everything that the program changed is as it was: its own `open`, for example.
    created.report_created()


def exit_status(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1
