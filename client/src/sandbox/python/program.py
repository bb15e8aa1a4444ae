"""A run: a task in its world, and the manners of `python main.py` around it."""

import ast
import asyncio
import atexit
import builtins
import inspect
import os
import signal
import sys
import time
import warnings
from asyncio import events
from collections.abc import Callable
from typing import Any, NamedTuple

import pyodide.ffi
from _caretroom import created, figures, imports, traces, world
from _caretroom.display import display, display_typed
from _caretroom.loop import policy, run_sync
from _caretroom.streams import flush, open_output
from _caretroom.waiting import open_input, sleep
from pyodide.webloop import _orig_run

# An exit status as the shell knows it.
INTERRUPTED = 130


class Task(NamedTuple):
    execute: Callable[[], None]
    # At the prompt nothing does.
    ends_the_world: bool


task: Task | None = None


def start() -> None:
    time.sleep = sleep
    builtins.display = display
    sys.displayhook = display_typed
    os.environ["MPLBACKEND"] = figures.BACKEND
    pyodide.ffi.run_sync = run_sync
    # Pyodide's own never ends the tasks that a program leaves behind.
    asyncio.run = _orig_run
    with warnings.catch_warnings(action="ignore"):
        asyncio.set_event_loop_policy(policy)
    # A folder that is written anew for each run must not be compiled into.
    sys.dont_write_bytecode = True
    sys.excepthook = sys.__excepthook__
    atexit._clear()
    world.start()


# Each of these returns the modules that the task imports and that are not here.


def prepare(files: Any, entry: str) -> list[str]:
    """Lay out the room's files and everything else that a program finds when it starts."""
    names = vars(world.begin(files, entry).main)
    return get_ready(Task(lambda: execute_file(names), True), imports.read(names["__file__"]))


def prepare_statement(files: Any, entry: str, source: str) -> list[str]:
    """Go on with what the last program left, or begin with nothing but the room's files."""
    from _caretroom import prompt

    kept = world.world
    if kept is None:
        kept = world.begin(files, entry, empty=True)
    else:
        kept.enter()
    names = vars(kept.main)
    del kept
    return get_ready(Task(lambda: prompt.execute(source, names), False), source)


def prepare_tests(files: Any, entry: str) -> list[str]:
    from _caretroom import testing

    names = [name for name, _ in files]
    world.begin(files, entry)
    sources = [text for name, text in files if name.endswith(".py")]
    return get_ready(Task(lambda: testing.run(entry, names), True), *sources)


def get_ready(new: Task, *sources: str) -> list[str]:
    global task
    task = new
    open_streams()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return imports.missing(next(iter(sys.path), ""), *sources)


def complain(words: str) -> None:
    print(words, file=sys.stderr)


def execute_file(names: dict[str, Any]) -> None:
    path = names["__file__"]
    with open(path, encoding="utf-8") as file:
        source = file.read()
    code = compile(source, path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    if code.co_flags & inspect.CO_COROUTINE:
        _orig_run(eval(code, names))
    else:
        exec(code, names)


def open_streams() -> None:
    """New ones for each run, because a program may close, detach or replace its own."""
    open_input()
    sys.stdout = sys.__stdout__ = open_output(1, errors="strict")
    sys.stderr = sys.__stderr__ = open_output(2, errors="backslashreplace")


# The exit status, the name of the uncaught exception, and whether Python should not go on after this.
Ending = tuple[int, str | None, bool]


def run() -> Ending:
    """Run what was prepared."""
    assert task is not None
    assert world.world is not None
    # Pyodide's loop counts as running at all times; for a program none does until it starts one.
    events._set_running_loop(None)
    try:
        result = world.world.context.run(execute, task)
    except BaseException as error:
        # Ctrl+C that came a moment late.
        result = INTERRUPTED, type(error).__name__, imports_half(error)
    return result


def deafen() -> None:
    """From here on Ctrl+C disturbs nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def execute(task: Task) -> Ending:
    result = attempt(task.execute)
    if result[0] != INTERRUPTED and figures.are_open():
        shown = attempt(figures.show_open)
        result = result if result[0] else shown
    if task.ends_the_world:
        atexit._run_exitfuncs()
    flush()
    return result


def attempt(part: Callable[[], None]) -> Ending:
    result: Ending = 0, None, False
    try:
        part()
    except SystemExit as error:
        result = exit_status(error), None, False
    except BaseException as error:
        interrupted = isinstance(error, KeyboardInterrupt)
        result = INTERRUPTED if interrupted else 1, type(error).__name__, interrupted and imports_half(error)
        traces.show(error)
    return result


def imports_half(error: BaseException) -> bool:
    """Whether a library was left half imported: compiled ones can't be imported a second time."""
    codes = [frame.tb_frame.f_code for frame in traces.walk(error.__traceback__)]
    return any(code.co_name == "<module>" and code.co_filename.startswith("/lib/") for code in codes)


def leave() -> None:
    """End the program as the end of its process would, and bring the interpreter back to its beginnings."""
    global task
    world.baseline.steady()
    ends = task is not None and task.ends_the_world
    # Nothing but the world itself may hold on to it when it ends.
    task = None
    if ends:
        world.end()
    else:
        world.leave()
    # After everything that the program changed is as it was: its own `open`, for example.
    created.report_created()


def exit_status(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1
