"""What is typed at the prompt: statements that go on in the `__main__` that the last program left."""

import ast
import asyncio
import codeop
import inspect
import linecache
import types
from collections.abc import Iterator
from typing import Any

from _caretroom.reports import report
from _caretroom.traces import PROMPT
from pyodide.webloop import _orig_run

FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
COMPOUND = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.For, ast.AsyncFor, ast.While),
    *(ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match),
)


def execute(source: str, names: dict[str, Any]) -> None:
    try:
        complete = is_complete(source)
    except (SyntaxError, ValueError, OverflowError):
        # Told below, as any other error is.
        complete = True
    report("statement", complete=complete)
    if not complete:
        return
    remember(source)
    codes = list(compiled(source))
    if any(is_coroutine(code) for code in codes):
        _orig_run(execute_waiting(codes, names))
    else:
        for code in codes:
            exec(code, names)


def is_complete(source: str) -> bool:
    """Whether it can be run; if not, there is more to come. A block that is on several lines ends with an empty one."""
    command = codeop.CommandCompiler()
    command.compiler.flags |= FLAGS
    if command(source, PROMPT, "exec") is None:
        return False
    statements = parsed(source).body
    blank = source.rpartition("\n")[2].strip() == ""
    return blank or "\n" not in source or not statements or not isinstance(statements[-1], COMPOUND)


def compiled(source: str) -> Iterator[types.CodeType]:
    """All but the last statement, and the last, whose value is shown."""
    body = parsed(source).body
    statements, last = body[:-1], body[-1:]
    if statements:
        yield compile(ast.Module(statements, []), PROMPT, "exec", FLAGS, dont_inherit=True)
    yield compile(ast.Interactive(last), PROMPT, "single", FLAGS, dont_inherit=True)


def parsed(source: str) -> ast.Module:
    """`ast.parse` would stand in the traceback of what it can't read."""
    return compile(source, PROMPT, "exec", FLAGS | ast.PyCF_ONLY_AST, dont_inherit=True)


def is_coroutine(code: types.CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_COROUTINE)


async def execute_waiting(codes: list[types.CodeType], names: dict[str, Any]) -> None:
    for code in codes:
        result = eval(code, names)
        if asyncio.iscoroutine(result):
            await result


def remember(source: str) -> None:
    """For tracebacks, which show the lines that they name."""
    linecache.cache[PROMPT] = len(source), None, source.splitlines(keepends=True), PROMPT
