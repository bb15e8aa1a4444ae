"""The Python side of a run: a clean room for each program, and the manners of `python main.py` around it.

Knows nothing of workers and messages: `host` (host.ts) is its only door.
"""

import ast
import asyncio
import atexit
import builtins
import contextvars
import gc
import inspect
import io
import linecache
import logging
import os
import posixpath
import random
import shutil
import signal
import sys
import time
import traceback
import types
import warnings
import weakref
from asyncio import events
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pyodide.ffi
from pyodide.ffi import run_sync as run_sync_for_good
from pyodide.webloop import WebLoop, WebLoopPolicy, _orig_run

ROOM = "/room"
FOLDERS = (ROOM, "/tmp")

# CPython itself has loaded these before a program starts: no file of the room takes their place either.
LOADED_BEFORE_MAIN = frozenset(
    {"abc", "builtins", "codecs", "encodings", "genericpath", "io", "marshal", "os", "posix"}
    | {"posixpath", "site", "stat", "sys", "time", "zipimport"}
)

# Warnings about what a program never used name the line that ran: CPython's last one is called this.
COLLECT = compile("gc.collect()", "sys", "exec")

# An exit status as the shell knows it.
INTERRUPTED = 130

host: Any


# -- Streams, sleep and input


class Input(io.RawIOBase):
    """Standard input; prints what was left in a half-filled line before it waits."""

    name = "<stdin>"
    mode = "r"

    def __init__(self) -> None:
        self._unread = b""

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0

    def readinto(self, buffer: Any) -> int:
        flush()
        data = os.read(0, len(buffer)) if host.blocking else self._ask(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _ask(self, size: int) -> bytes:
        if not self._unread:
            self._unread = suspend(_ask(), idle)
        data, self._unread = self._unread[:size], self._unread[size:]
        return data


async def _ask() -> bytes:
    return (await host.ask()).to_bytes()


def open_streams() -> None:
    """New ones for each run, because a program may close, detach or replace its own."""
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(Input()), encoding="utf-8")
    sys.stdout = sys.__stdout__ = open_output(1, errors="strict")
    sys.stderr = sys.__stderr__ = open_output(2, errors="backslashreplace")


def open_output(descriptor: int, errors: str) -> io.TextIOWrapper:
    """Unbuffered, as ``python -u`` has it: half a line shows at once, and never after what stderr said later."""
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", errors=errors, write_through=True)


def flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            # A closed stream, or anything that a program put in its place.
            continue


def sleep(seconds: float, /) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if host.blocking:
        flush()
        end = host.now() + seconds
        # False when a signal is to be seen first: this loop gives Python the occasion.
        while not host.sleep(end):
            pass
    else:
        suspend(asyncio.sleep(seconds), idle)


sleep.__doc__ = time.sleep.__doc__


# -- Suspending the program, so that the worker's own event loop can turn


class Suspension:
    """Where the program is suspended, and the exception that is to wake it."""

    def __init__(self, task: asyncio.Future[Any]) -> None:
        self.task = task
        self.error: BaseException | None = None


suspensions: list[Suspension] = []


def suspend(awaitable: Awaitable[Any], loop: asyncio.AbstractEventLoop) -> Any:
    """`run_sync`, but Ctrl+C reaches it."""
    flush()
    suspension = Suspension(asyncio.ensure_future(awaitable, loop=loop))
    suspensions.append(suspension)
    result = None
    try:
        result = run_sync_for_good(suspension.task)
    except asyncio.CancelledError:
        if suspension.error is None:
            raise
    finally:
        suspensions.remove(suspension)
    if suspension.error is not None:
        raise suspension.error
    return result


def run_sync(awaitable: Awaitable[Any]) -> Any:
    return suspend(awaitable, events._get_running_loop() or idle)


def wake(error: BaseException) -> bool:
    """Raise `error` where the program is suspended; False if it isn't."""
    if not suspensions:
        return False
    suspension = suspensions[-1]
    suspension.error = error
    suspension.task.cancel()
    return True


def interrupt() -> bool:
    """Deliver Ctrl+C to a suspended program: no bytecode runs there that would notice the signal."""
    handler = signal.getsignal(signal.SIGINT)
    if not suspensions or not callable(handler):
        return False
    try:
        handler(signal.SIGINT, None)
    except BaseException as error:
        return wake(error)
    return True


class Loop(WebLoop):
    """Pyodide's loop runs always and never ends; this one starts and ends as asyncio's own does."""

    def __init__(self) -> None:
        running = events._get_running_loop()
        super().__init__()
        events._set_running_loop(running)
        self._keyboard_interrupt_handler = lambda: wake(KeyboardInterrupt())
        self._system_exit_handler = lambda code: wake(SystemExit(code))
        self._handles: weakref.WeakSet[asyncio.Handle] = weakref.WeakSet()
        self._end: asyncio.Future[None] | None = None
        self._closed = False
        loops.add(self)

    def run_until_complete(self, future: Awaitable[Any]) -> Any:
        self._check_closed()
        if events._get_running_loop() is not None:
            raise RuntimeError("Cannot run the event loop while another loop is running")
        self._install_asyncgen_hooks()
        try:
            return suspend(future, self)
        finally:
            events._set_running_loop(None)

    def run_forever(self) -> None:
        self._end = self.create_future()
        self.run_until_complete(self._end)

    def stop(self) -> None:
        if self._end is not None and not self._end.done():
            self._end.set_result(None)

    def is_running(self) -> bool:
        return events._get_running_loop() is self

    def is_closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        self._closed = True
        for handle in list(self._handles):
            handle.cancel()

    def _check_closed(self) -> None:
        if self._closed:
            raise RuntimeError("Event loop is closed")

    # Pyodide's versions report an exception before anyone had the time to await it.

    default_exception_handler = asyncio.BaseEventLoop.default_exception_handler

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        self._check_closed()
        if self._task_factory is not None:
            return self._task_factory(self, coro, **options)
        return asyncio.Task(coro, loop=self, **options)

    def call_later(
        self,
        delay: float,
        callback: Callable[..., Any],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        self._check_closed()
        if delay > 0:
            flush()
        handle = super().call_later(max(0, delay), callback, *args, context=context)
        self._handles.add(handle)
        return handle


class LoopPolicy(WebLoopPolicy):
    def new_event_loop(self) -> Loop:
        self._default_loop = Loop()
        return self._default_loop


loops: weakref.WeakSet[Loop] = weakref.WeakSet()
policy = LoopPolicy()
# For what waits outside of asyncio.
idle = Loop()


# -- What a program changes and the next one must not see


class Baseline:
    """How the interpreter was before the first program."""

    def __init__(self) -> None:
        self.modules = dict(sys.modules)
        # Proxies of JavaScript stand among the modules too.
        self.names = [
            (vars(module), dict(vars(module)))
            for module in self.modules.values()
            if isinstance(module, types.ModuleType)
        ]
        self.builtins = set(vars(builtins))
        self.path = [entry for entry in sys.path if entry not in ("", "/lib")]
        self.environment = dict(os.environ)
        self.recursion_limit = sys.getrecursionlimit()
        self.digits_limit = sys.get_int_max_str_digits()
        self.filters = list(warnings.filters)
        self.loggers = dict(logging.root.manager.loggerDict)

    def restore(self) -> None:
        for name in [name for name, module in sys.modules.items() if self._is_foreign(name, module)]:
            del sys.modules[name]
        sys.modules.update(self.modules)
        for names, values in self.names:
            for name, value in values.items():
                if names.get(name, self) is not value:
                    names[name] = value
        for name in set(vars(builtins)) - self.builtins:
            delattr(builtins, name)
        sys.path[:] = self.path
        if dict(os.environ) != self.environment:
            os.environ.clear()
            os.environ.update(self.environment)
        sys.settrace(None)
        sys.setprofile(None)
        sys.setrecursionlimit(self.recursion_limit)
        sys.set_int_max_str_digits(self.digits_limit)
        gc.enable()
        warnings.resetwarnings()
        warnings.filters[:] = self.filters
        self._restore_logging()

    def _is_foreign(self, name: str, module: object) -> bool:
        """Whether a module belongs to the program and not to what it imported from elsewhere."""
        if name in self.modules:
            return False
        spec = getattr(module, "__spec__", None)
        if spec is None:
            return True
        places = [spec.origin or "", *(spec.submodule_search_locations or [])]
        return any(in_room(place) for place in places)

    def _restore_logging(self) -> None:
        logging.shutdown()
        logging.disable(logging.NOTSET)
        root = logging.root
        root.setLevel(logging.WARNING)
        root.handlers.clear()
        root.filters.clear()
        root.manager.loggerDict.clear()
        root.manager.loggerDict.update(self.loggers)


baseline: Baseline


# -- A run


class Main:
    """The program that is about to run, or runs."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.module = types.ModuleType("__main__")
        vars(self.module).update(__file__=path, __cached__=None, __builtins__=builtins)

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


def start(the_host: Any) -> None:
    global host, baseline
    host = the_host
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
    os.chdir("/")
    for folder in FOLDERS:
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder, exist_ok=True)
    for name, text in files.to_py():
        path = posixpath.normpath(posixpath.join(ROOM, name))
        # Names are typed by people: none leads out of the room.
        if path == ROOM or not in_room(path):
            continue
        os.makedirs(posixpath.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        make_way_for(path)
    os.chdir(ROOM)
    main = Main(posixpath.join(ROOM, entry))
    sys.modules["__main__"] = main.module
    sys.argv = [entry]
    sys.path.insert(0, posixpath.dirname(main.path))
    for place in [place for place in sys.path_importer_cache if in_room(place)]:
        del sys.path_importer_cache[place]
    linecache.clearcache()
    random.seed()
    policy.set_event_loop(None)
    open_streams()
    signal.signal(signal.SIGINT, signal.default_int_handler)


def in_room(path: str) -> bool:
    return path == ROOM or path.startswith(ROOM + "/")


def make_way_for(path: str) -> None:
    """Forget a module that was loaded early, so that the room's file of this name is found instead."""
    if not path.endswith(".py"):
        return
    name = path.removeprefix(ROOM + "/").split("/")[0].removesuffix(".py")
    if name in LOADED_BEFORE_MAIN:
        return
    for module in [module for module in sys.modules if module == name or module.startswith(name + ".")]:
        del sys.modules[module]


def run() -> tuple[int, str | None]:
    """Run what was prepared and return the exit status and the name of the uncaught exception, if any."""
    # Pyodide's loop counts as running at all times; for a program none does until it starts one.
    events._set_running_loop(None)
    try:
        # A context of its own: decimal's, for example, is one.
        result = contextvars.Context().run(execute)
    except BaseException as error:
        # Ctrl+C that came a moment late.
        result = INTERRUPTED, type(error).__name__
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave()
    return result


def execute() -> tuple[int, str | None]:
    result: tuple[int, str | None] = 0, None
    try:
        if main is not None:
            main.execute()
    except SystemExit as error:
        result = exit_status(error), None
    except BaseException as error:
        result = INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1, type(error).__name__
        show(error)
    atexit._run_exitfuncs()
    flush()
    return result


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


def exit_status(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1


def show(error: BaseException) -> None:
    """Print an uncaught exception as the interpreter does, but from the program's own code on."""
    interrupted = error.__context__
    if isinstance(error, KeyboardInterrupt) and isinstance(interrupted, asyncio.CancelledError):
        # Where it was interrupted, and not where that was noticed.
        error.__traceback__ = interrupted.__traceback__
        error.__context__ = None
    for each in related(error, set()):
        each.__traceback__ = trim(each.__traceback__)
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except Exception:
        traceback.print_exc()
        traceback.print_exception(error)


def related(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    yield from related(error.__cause__, seen)
    yield from related(error.__context__, seen)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from related(each, seen)


def trim(tb: types.TracebackType | None) -> types.TracebackType | None:
    frames = [frame for frame in walk(tb) if not is_ours(frame)]
    own = [index for index, frame in enumerate(frames) if in_room(frame.tb_frame.f_code.co_filename)]
    trimmed = None
    for frame in reversed(frames[own[0] if own else 0 :]):
        trimmed = types.TracebackType(trimmed, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return trimmed


def walk(tb: types.TracebackType | None) -> Iterator[types.TracebackType]:
    while tb is not None:
        yield tb
        tb = tb.tb_next


def is_ours(tb: types.TracebackType) -> bool:
    name = tb.tb_frame.f_code.co_filename
    return name == __file__ or "/pyodide/" in name or "/_pyodide/" in name or name.startswith("blob:")
