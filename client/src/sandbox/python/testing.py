"""Runs tests of the file that is looked at, and of all that hold nothing else: doctests, unittest's, and functions."""

import ast
import asyncio
import doctest
import inspect
import io
import linecache
import posixpath
import sys
import time
import traceback
import types
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from _caretroom import asserts, traces
from _caretroom.reports import report
from _caretroom.room import ROOM, in_room
from pyodide.webloop import _orig_run

MESSAGE_CHARACTERS = 4_000
OUTPUT_CHARACTERS = 10_000
FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


class Captured(io.StringIO):
    """What a test printed, up to what anyone reads."""

    def write(self, text: str) -> int:
        super().write(text[: max(0, OUTPUT_CHARACTERS - self.tell())])
        return len(text)


class Results:
    """Tells of each test when it begins and when it ends."""

    def __init__(self) -> None:
        self.failed = False
        self._count = 0

    @contextmanager
    def test(self, name: str, place: traces.Place | None) -> Iterator["Verdict"]:
        self._count += 1
        verdict = Verdict(self._count, name, place)
        verdict.tell("running")
        # Not stderr: when an exception goes through a suspended call, Pyodide prints it there for itself.
        stdout, captured = sys.stdout, Captured()
        sys.stdout = captured
        started = time.perf_counter()
        try:
            yield verdict
        except unittest.SkipTest as skipped:
            verdict.set("skipped", str(skipped))
        except KeyboardInterrupt:
            verdict.set("stopped", "")
            raise
        except BaseException as error:
            verdict.blame(error)
        finally:
            sys.stdout = stdout
            verdict.seconds = time.perf_counter() - started
            verdict.output = captured.getvalue()
            verdict.tell(verdict.outcome)
            self.failed |= verdict.outcome in ("failed", "error")


class Verdict:
    def __init__(self, number: int, name: str, place: traces.Place | None) -> None:
        self.number = number
        self.name = name
        self.place = place
        self.outcome = "passed"
        self.message = ""
        self.difference = ""
        self.seconds = 0.0
        self.output = ""

    def set(self, outcome: str, message: str, difference: str = "", place: traces.Place | None = None) -> None:
        self.outcome = outcome
        self.message = message[:MESSAGE_CHARACTERS]
        self.difference = difference[:MESSAGE_CHARACTERS]
        self.place = place or self.place

    def blame(self, error: BaseException) -> None:
        """A failed assert is a failure; any other exception means that the test could not get so far."""
        error.__traceback__ = traces.trim(error.__traceback__)
        where = traces.places(error)
        place = where[-1] if where else None
        if isinstance(error, AssertionError):
            message, difference = words(error)
            self.set("failed", message, difference, place)
        else:
            self.set("error", "".join(traceback.format_exception_only(error)).strip(), "", place)

    def tell(self, outcome: str) -> None:
        report(
            "test",
            number=self.number,
            name=self.name[:200],
            outcome=outcome,
            message=self.message,
            difference=self.difference,
            place=self.place,
            seconds=self.seconds,
            output=self.output,
        )


def words(error: AssertionError) -> tuple[str, str]:
    text = traces.words(error)
    if isinstance(error, asserts.Difference):
        return text, error.difference
    # unittest puts its difference below an empty line.
    message, _, difference = text.partition("\n\n")
    return message or "the assertion does not hold", difference


def run(entry: str, files: list[str]) -> None:
    results = Results()
    others = [name for name in files if is_test_file(name) and name != entry]
    for name in [entry, *others]:
        if name.endswith(".py"):
            run_file(name, results)
    if results.failed:
        sys.exit(1)


def is_test_file(path: str) -> bool:
    name = posixpath.basename(path)
    return name.startswith("test_") or name.endswith("_test.py")


def run_file(path: str, results: Results) -> None:
    module = load(path, results)
    if module is None:
        return
    run_doctests(module, path, results)
    run_unittests(module, results)
    run_functions(module, path, results)


def load(path: str, results: Results) -> types.ModuleType | None:
    """Like an import, so that what stands under `if __name__ == "__main__"` does not run."""
    name = path.removesuffix(".py").replace("/", ".")
    module = types.ModuleType(name)
    full = f"{ROOM}/{path}"
    vars(module).update({"__file__": full, asserts.FAIL: asserts.fail})
    sys.modules[name] = module
    try:
        with open(full, encoding="utf-8") as file:
            code = asserts.compile_with_values(file.read(), full, FLAGS)
        if code.co_flags & inspect.CO_COROUTINE:
            _orig_run(eval(code, vars(module)))
        else:
            exec(code, vars(module))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        with results.test(path, None):
            raise error
        return None
    return module


# Doctests


def run_doctests(module: types.ModuleType, path: str, results: Results) -> None:
    for test in doctest.DocTestFinder().find(module, module.__name__):
        if test.examples:
            line = (test.lineno or 0) + 1
            name = f"{test.name.removeprefix(f'{module.__name__}.')} (doctest)"
            with results.test(name, place(path, line)) as verdict:
                Examples(verdict, path).run(test, out=lambda _: None, clear_globs=False)


class Examples(doctest.DocTestRunner):
    """The first example that fails is told; what follows often fails because of it."""

    def __init__(self, verdict: Verdict, path: str) -> None:
        super().__init__(verbose=False)
        self._verdict = verdict
        self._path = path

    def report_failure(self, out: Any, test: Any, example: Any, got: str) -> None:
        if self._verdict.outcome == "passed":
            wanted = example.want or "nothing\n"
            lines = [f"- {line}" for line in (got or "nothing\n").splitlines()]
            lines += [f"+ {line}" for line in wanted.splitlines()]
            message = f"{example.source.strip()} printed something else than its docstring says"
            self._verdict.set("failed", message, "\n".join(lines), self._place(test, example))

    def report_unexpected_exception(self, out: Any, test: Any, example: Any, exc_info: Any) -> None:
        if isinstance(exc_info[1], KeyboardInterrupt):
            raise exc_info[1]
        if self._verdict.outcome == "passed":
            message = "".join(traceback.format_exception_only(exc_info[1])).strip()
            self._verdict.set("error", f"{example.source.strip()}: {message}", "", self._place(test, example))

    def _place(self, test: Any, example: Any) -> traces.Place | None:
        return place(self._path, test.lineno + example.lineno + 1) if test.lineno is not None else None


# unittest


def run_unittests(module: types.ModuleType, results: Results) -> None:
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    if suite.countTestCases():
        suite.run(Unittests(results))


class Unittests(unittest.TestResult):
    def __init__(self, results: Results) -> None:
        super().__init__()
        self._results = results
        self._current: Any = None
        self._verdict: Verdict | None = None

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._begin(test)

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        if self._verdict and isinstance(sys.exception(), KeyboardInterrupt):
            self._verdict.set("stopped", "")
        self._current.__exit__(None, None, None)
        self._verdict = None

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        self._blame(test, err[1])

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        self._blame(test, err[1])

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        if err is not None:
            self._blame(test, err[1], f"{subtest._subDescription()} " if hasattr(subtest, "_subDescription") else "")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        with self._verdict_of(test) as verdict:
            verdict.set("skipped", reason)

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        with self._verdict_of(test) as verdict:
            verdict.set("failed", "it passed, though it is marked as an expected failure")

    def _blame(self, test: unittest.TestCase, error: BaseException, before: str = "") -> None:
        with self._verdict_of(test) as verdict:
            # The first of several: as with parts of a test, which go on after a failure.
            if verdict.outcome == "passed":
                verdict.blame(error)
                verdict.message = before + verdict.message

    @contextmanager
    def _verdict_of(self, test: unittest.TestCase) -> Iterator[Verdict]:
        """What went wrong outside of any test, as in setUpClass, is told as one."""
        if self._verdict is not None:
            yield self._verdict
            return
        with self._results.test(str(test.id()), None) as verdict:
            yield verdict

    def _begin(self, test: unittest.TestCase) -> None:
        name = ".".join(test.id().split(".")[-2:])
        self._current = self._results.test(name, place_of(getattr(test, getattr(test, "_testMethodName", ""), None)))
        self._verdict = self._current.__enter__()


# Functions and classes, as pytest finds them


def run_functions(module: types.ModuleType, path: str, results: Results) -> None:
    for name, value in list(vars(module).items()):
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if name.startswith("test") and inspect.isfunction(value):
            with results.test(name, place_of(value)):
                call(value)
        elif name.startswith("Test") and inspect.isclass(value) and not issubclass(value, unittest.TestCase):
            for method in [each for each in dir(value) if each.startswith("test")]:
                with results.test(f"{name}.{method}", place_of(getattr(value, method))):
                    call_method(value, method)


def call(function: Callable[..., Any]) -> None:
    wanted = [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    if wanted:
        raise TypeError(f"tests are called without arguments here, and this one asks for {', '.join(wanted)}")
    result = function()
    if asyncio.iscoroutine(result):
        _orig_run(result)


def call_method(owner: type, name: str) -> None:
    each = owner()
    call(getattr(each, "setup_method", nothing))
    try:
        call(getattr(each, name))
    finally:
        call(getattr(each, "teardown_method", nothing))


def nothing() -> None:
    """For what a class leaves out."""


def place_of(function: Any) -> traces.Place | None:
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    if code is None or not in_room(code.co_filename):
        return None
    line = code.co_firstlineno
    # A decorator's line comes first.
    while linecache.getline(code.co_filename, line).lstrip().startswith("@"):
        line += 1
    return place(code.co_filename.removeprefix(ROOM + "/"), line)


def place(path: str, line: int) -> traces.Place:
    return {"file": path, "line": line, "column": None, "endColumn": None}
