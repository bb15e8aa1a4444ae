"""Uncaught exceptions, told as the interpreter does, but from the program's own code on."""

import asyncio
import linecache
import posixpath
import sys
import traceback
import types
from collections.abc import Iterator
from itertools import islice
from typing import TypedDict

from _caretroom.imports import is_here
from _caretroom.reports import report
from _caretroom.room import ROOM, in_room

OURS = posixpath.dirname(__file__) + "/"
# What is typed at the prompt stands in no file, but is the program's own, too.
PROMPT = "<prompt>"
MESSAGE_CHARACTERS = 10_000
# The innermost ones: of a recursion without an end, each is like the other.
MOST_PLACES = 200
MOST_FAILURES = 50


class Place(TypedDict):
    file: str
    line: int
    column: int | None
    endColumn: int | None


def show(error: BaseException) -> None:
    interrupted = error.__context__
    if isinstance(error, KeyboardInterrupt) and isinstance(interrupted, asyncio.CancelledError):
        # Where it was interrupted, and not where that was noticed.
        error.__traceback__ = interrupted.__traceback__
        error.__context__ = None
    for each in related(error, set()):
        each.__traceback__ = trim(each.__traceback__)
    sys.last_exc = sys.last_value = error
    sys.last_type, sys.last_traceback = type(error), error.__traceback__
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except Exception:
        traceback.print_exc()
        traceback.print_exception(error)
    if not isinstance(error, KeyboardInterrupt):
        failures = [failure(each) for each in islice(single(error), MOST_FAILURES)]
        # What is in a group need not have been raised itself.
        raised = [each for each in failures if each["places"]] or [failure(error)]
        report("error", failures=raised, hint=hint(error), missing=missing(error))


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


def single(error: BaseException) -> Iterator[BaseException]:
    """What is no group: the error itself, or each of those that it holds."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from single(each)
    else:
        yield error


def trim(tb: types.TracebackType | None) -> types.TracebackType | None:
    frames = [frame for frame in walk(tb) if not is_ours(frame)]
    own = [index for index, frame in enumerate(frames) if is_the_programs(frame.tb_frame.f_code.co_filename)]
    trimmed = None
    for frame in reversed(frames[own[0] if own else 0 :]):
        trimmed = types.TracebackType(trimmed, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return trimmed


def failure(error: BaseException) -> dict[str, object]:
    return {"errorType": type(error).__name__, "message": words(error), "places": places(error)[-MOST_PLACES:]}


def missing(error: BaseException) -> str | None:
    """The module that a package may bring, as none brings what belongs to Python or is here and broken."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    name = error.name.split(".")[0]
    return None if is_here(name) or name in sys.stdlib_module_names else name


def words(error: BaseException) -> str:
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        return text[:MESSAGE_CHARACTERS]
    except Exception:
        return ""


def hint(error: BaseException) -> str | None:
    """Help that fails would hide what it is about."""
    try:
        from _caretroom import hints

        innermost = next(single(error))
        where = places(innermost)
        line = linecache.getline(f"{ROOM}/{where[-1]['file']}", where[-1]["line"]) if where else ""
        return hints.find(innermost, words(innermost), line)
    except Exception:
        return None


def places(error: BaseException) -> list[Place]:
    """Where the error came through the room's files, innermost last."""
    frames = [(frame.tb_frame.f_code.co_filename, *position(frame)) for frame in walk(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, *position_of_syntax(error)))
    return [
        Place(file=name.removeprefix(ROOM + "/"), line=line, column=column, endColumn=end)
        for name, line, column, end in frames
        if in_room(name)
    ]


def position(tb: types.TracebackType) -> tuple[int, int | None, int | None]:
    """Line, first and last column in UTF-16 units, as the page counts; no last one where the code goes on below."""
    code = tb.tb_frame.f_code
    line, end_line, column, end = next(islice(code.co_positions(), tb.tb_lasti // 2, None), (None, None, None, None))
    if line is None or column is None or line != tb.tb_lineno:
        return tb.tb_lineno, None, None
    text = linecache.getline(code.co_filename, line).encode(errors="surrogatepass")
    return line, units(text[:column]), units(text[:end]) if line == end_line else None


def position_of_syntax(error: SyntaxError) -> tuple[int, int | None, int | None]:
    line, offset, end = error.lineno or 1, error.offset or 0, error.end_offset or 0
    if offset < 1:
        return line, None, None
    text = error.text or ""
    same_line = error.end_lineno == error.lineno and end > offset
    start = units(text[: offset - 1].encode(errors="surrogatepass"))
    return line, start, units(text[: end - 1].encode(errors="surrogatepass")) if same_line else None


def units(text: bytes) -> int:
    return len(text.decode(errors="replace").encode("utf-16-le")) // 2


def walk(tb: types.TracebackType | None) -> Iterator[types.TracebackType]:
    while tb is not None:
        yield tb
        tb = tb.tb_next


def is_the_programs(name: str) -> bool:
    return in_room(name) or name == PROMPT


def is_ours(tb: types.TracebackType) -> bool:
    name = tb.tb_frame.f_code.co_filename
    return name.startswith(("blob:", OURS)) or "/pyodide/" in name or "/_pyodide/" in name
