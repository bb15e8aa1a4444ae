"""Python's side of the sandbox, imported here: what stands around it in the browser is replaced by next to nothing."""

import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "client/src/sandbox/python"

reports: list[bytes] = []


def _stand_in(name: str, **content: Any) -> None:
    module = types.ModuleType(name)
    vars(module).update(content)
    sys.modules[name] = module


def _load() -> None:
    _stand_in("caretroom_host", report=reports.append)
    _stand_in("pyodide")
    _stand_in("pyodide.ffi", to_js=bytes)
    spec = importlib.util.spec_from_file_location(
        "_caretroom", FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    assert spec is not None
    sys.modules["_caretroom"] = importlib.util.module_from_spec(spec)


_load()
