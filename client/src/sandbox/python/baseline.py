"""What a program changes and the next one must not see."""

import builtins
import gc
import logging
import os
import sys
import types
import warnings

from _caretroom.room import is_fleeting


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
        return any(is_fleeting(place) for place in places)

    def _restore_logging(self) -> None:
        logging.shutdown()
        logging.disable(logging.NOTSET)
        root = logging.root
        root.setLevel(logging.WARNING)
        root.handlers.clear()
        root.filters.clear()
        root.manager.loggerDict.clear()
        root.manager.loggerDict.update(self.loggers)
