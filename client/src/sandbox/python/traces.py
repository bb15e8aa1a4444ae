"""Uncaught exceptions, told as the interpreter does, but from the program's own code on."""

import asyncio
import posixpath
import sys
import traceback
import types
from collections.abc import Iterator

from _caretroom.reports import report
from _caretroom.room import ROOM, in_room

OURS = posixpath.dirname(__file__) + "/"
MESSAGE_CHARACTERS = 10_000


def show(error: BaseException) -> None:
    interrupted = error.__context__
    if isinstance(error, KeyboardInterrupt) and isinstance(interrupted, asyncio.CancelledError):
        # Where it was interrupted, and not where that was noticed.
        error.__traceback__ = interrupted.__traceback__
        error.__context__ = None
    for each in related(error, set()):
        each.__traceback__ = trim(each.__traceback__)
    if not isinstance(error, KeyboardInterrupt):
        report("error", errorType=type(error).__name__, message=words(error), places=places(error))
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


def words(error: BaseException) -> str:
    try:
        return str(error)[:MESSAGE_CHARACTERS]
    except Exception:
        return ""


def places(error: BaseException) -> list[dict[str, object]]:
    frames = [(frame.tb_frame.f_code.co_filename, frame.tb_lineno) for frame in walk(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno or 1))
    return [
        {"file": name.removeprefix(ROOM + "/"), "line": line, "column": None, "endColumn": None}
        for name, line in frames
        if in_room(name)
    ]


def walk(tb: types.TracebackType | None) -> Iterator[types.TracebackType]:
    while tb is not None:
        yield tb
        tb = tb.tb_next


def is_ours(tb: types.TracebackType) -> bool:
    name = tb.tb_frame.f_code.co_filename
    return name.startswith(("blob:", OURS)) or "/pyodide/" in name or "/_pyodide/" in name
