"""What a program changes and the next one must not see."""

import builtins
import gc
import logging
import os
import posixpath
import sys
import types
import warnings
from typing import Any, NamedTuple

from _caretroom.room import is_fleeting

MISSING = object()


class Changes(NamedTuple):
    """What a program had made of the interpreter, for the prompt to find again."""

    names: list[tuple[dict[str, Any], str, Any]]
    path: list[str]
    environment: dict[str, str]
    filters: list[Any]
    root_level: int
    root_handlers: list[logging.Handler]
    root_filters: list[Any]
    loggers: dict[str, Any]

    def redo(self) -> None:
        for names, name, value in self.names:
            if value is MISSING:
                names.pop(name, None)
            else:
                names[name] = value
        sys.path[:] = self.path
        replace_environment(self.environment)
        warnings.filters[:] = self.filters
        root = logging.root
        root.setLevel(self.root_level)
        root.handlers[:] = self.root_handlers
        root.filters[:] = self.root_filters
        root.manager.loggerDict.update(self.loggers)


# Our modules for programs keep what a program did with them.
LIBRARY = posixpath.dirname(__file__) + "/library/"


class Baseline:
    """How the interpreter was before the first program."""

    def __init__(self) -> None:
        self.modules = dict(sys.modules)
        # Proxies of JavaScript stand among the modules too; and ours remember what goes on.
        self.names = [
            (vars(module), dict(vars(module)))
            for name, module in self.modules.items()
            if isinstance(module, types.ModuleType) and not name.startswith("_caretroom")
        ]
        self.builtins = set(vars(builtins))
        self.path = [entry for entry in sys.path if entry not in ("", "/lib")]
        self.environment = dict(os.environ)
        self.recursion_limit = sys.getrecursionlimit()
        self.digits_limit = sys.get_int_max_str_digits()
        self.filters = list(warnings.filters)
        self.loggers = dict(logging.root.manager.loggerDict)

    def take_foreign(self) -> dict[str, types.ModuleType]:
        """Take out the modules that belong to the program."""
        names = [name for name, module in sys.modules.items() if self._is_foreign(name, module)]
        return {name: sys.modules.pop(name) for name in names}

    def steady(self) -> None:
        """Take back what would get in our own way."""
        sys.settrace(None)
        sys.setprofile(None)
        sys.setrecursionlimit(self.recursion_limit)
        sys.set_int_max_str_digits(self.digits_limit)
        gc.enable()

    def restore(self) -> Changes:
        self.steady()
        root = logging.root
        changes = Changes(
            names=[],
            path=list(sys.path),
            environment=dict(os.environ),
            filters=list(warnings.filters),
            root_level=root.level,
            root_handlers=list(root.handlers),
            root_filters=list(root.filters),
            loggers=dict(root.manager.loggerDict),
        )
        sys.modules.update(self.modules)
        for names, values in self.names:
            for name, value in values.items():
                now = names.get(name, MISSING)
                if now is not value:
                    changes.names.append((names, name, now))
                    names[name] = value
        for name in set(vars(builtins)) - self.builtins:
            changes.names.append((vars(builtins), name, vars(builtins).pop(name)))
        sys.path[:] = self.path
        replace_environment(self.environment)
        warnings.resetwarnings()
        warnings.filters[:] = self.filters
        self._restore_logging()
        return changes

    def _is_foreign(self, name: str, module: object) -> bool:
        """Whether a module lives with the program, and not on as what it imported from elsewhere."""
        if name in self.modules:
            return False
        spec = getattr(module, "__spec__", None)
        if spec is None:
            return True
        places = [spec.origin or "", *(spec.submodule_search_locations or [])]
        return any(is_fleeting(place) or place.startswith(LIBRARY) for place in places)

    def _restore_logging(self) -> None:
        logging.disable(logging.NOTSET)
        root = logging.root
        root.setLevel(logging.WARNING)
        root.handlers.clear()
        root.filters.clear()
        root.manager.loggerDict.clear()
        root.manager.loggerDict.update(self.loggers)


def replace_environment(variables: dict[str, str]) -> None:
    if dict(os.environ) != variables:
        os.environ.clear()
        os.environ.update(variables)
