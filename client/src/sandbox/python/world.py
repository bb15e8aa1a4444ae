"""The world that a program runs in: it begins clean, ends as a process ends, and what is left of it is for the prompt.

A process ends by finalizing everything: suspended generators are closed, files are written, ``__del__`` is called. So
it happens here, too, in the interpreter's own order, because at the end the whole world becomes garbage. But it is a
part of that garbage itself, and its own finalizer brings it back, with all that it refers to. Nothing is finalized
twice.
"""

import atexit
import builtins
import contextlib
import contextvars
import gc
import io
import linecache
import logging
import posixpath
import random
import sys
import types
import weakref
from importlib.machinery import SourceFileLoader
from typing import Any

from _caretroom import figures, room
from _caretroom.baseline import Baseline, Changes
from _caretroom.loop import idle, loops, policy
from _caretroom.streams import flush

# Warnings about what a program never used name the line that ran: CPython's last one is called this.
COLLECT = compile("gc.collect()", "sys", "exec")
LAST_ERROR = ("last_exc", "last_type", "last_value", "last_traceback")


class World:
    def __init__(self) -> None:
        self.main = types.ModuleType("__main__")
        vars(self.main).update(__builtins__=builtins)
        # Decimal's precision, for example, is kept in one.
        self.context = contextvars.Context()
        self._modules: dict[str, types.ModuleType] = {}
        self._last_error: dict[str, Any] = {}
        self._changes: Changes | None = None
        self.circle: World | None = None

    def __del__(self) -> None:
        returned.append(self)

    def enter(self) -> None:
        """Find everything as it was left."""
        if self._changes is not None:
            self._changes.redo()
        sys.modules.update(self._modules)
        sys.modules["__main__"] = self.main
        vars(sys).update(self._last_error)

    def take_out(self) -> None:
        """Hold alone what the interpreter knows of the program."""
        sys.modules.pop("__main__", None)
        self._modules = baseline.take_foreign()
        self._last_error = {name: vars(sys).pop(name) for name in LAST_ERROR if name in vars(sys)}

    def clean_up(self) -> None:
        """Bring the interpreter back to its beginnings."""
        self._changes = baseline.restore()


baseline: Baseline
world: World | None = None
returned: list[World] = []


def start() -> None:
    global baseline
    baseline = Baseline()
    # What is here stays: a collection after each run need not look at it.
    gc.collect()
    gc.freeze()


def begin(files: Any, entry: str, *, empty: bool = False) -> World:
    """A clean one with the room's files, for the program that begins with one of them, or for the prompt alone."""
    global world
    forget()
    figures.reset()
    path = room.lay_out(files.to_py(), entry)
    world = World()
    if not empty:
        loader = SourceFileLoader("__main__", path)
        vars(world.main).update(__file__=path, __cached__=None, __loader__=loader)
    sys.modules["__main__"] = world.main
    sys.argv = ["" if empty else entry]
    sys.path.insert(0, posixpath.dirname(path))
    linecache.clearcache()
    random.seed()
    policy.set_event_loop(None)
    return world


def leave() -> None:
    """After a task that others may follow."""
    flush()
    if world is not None:
        world.take_out()
        world.clean_up()


def end() -> None:
    """End the program as the end of its process would, and keep what is left."""
    global world
    end_loops()
    weakref.finalize._registered_with_atexit = False
    logging.shutdown()
    if world is not None:
        world.take_out()
        # Only a collection finds it then: the order of the end is that of the collector.
        world.circle = world
        world = None
        layers = inner_layers()
        exec(COLLECT)
        layers.clear()
        world = returned.pop()
        world.circle = None
        flush()
        world.clean_up()


def forget() -> None:
    """What was left goes silently: nobody waits for its words any more."""
    global world
    if world is not None:
        sys.stdout = sys.stderr = None
        end_loops()
        atexit._clear()
        world = None
        gc.collect()
        returned.clear()


def inner_layers() -> list[io.IOBase]:
    """What is below the buffers of open files. It must outlive them: the collector knows no order of layers."""
    layers: list[io.IOBase] = []
    for each in gc.get_objects():
        if isinstance(each, io.TextIOWrapper | io.BufferedWriter | io.BufferedRandom):
            with contextlib.suppress(ValueError):
                layers.append(each.buffer if isinstance(each, io.TextIOWrapper) else each.raw)
    return layers


def end_loops() -> None:
    for loop in list(loops):
        if loop is not idle:
            loop.close()
