"""What a program imports and is not here."""

import ast
import importlib.util
import os
import re
import sys
from collections.abc import Iterator

# Anything that may be an import, also in a string: it is read in earnest only when it names what isn't loaded.
LIKELY = re.compile(
    r"\bfrom\s+\.*(?P<source>[\w.]*)\s+import\b"
    r"|\bimport\s+(?P<list>(?:[\w.]+(?:\s+as\s+\w+)?\s*,\s*)*[\w.]+)"
)
MOST_FILES = 200


def missing(folder: str, *sources: str) -> list[str]:
    """The modules that these need from packages that are not loaded, and the modules in the folder that they import."""
    found: set[str] = set()
    unread, seen = list(sources), set[str]()
    while unread:
        for name in imported(unread.pop()):
            files = list(own_files(folder, name))
            fresh = [path for path in files if path not in seen][: MOST_FILES - len(seen)]
            unread += map(read, fresh)
            seen.update(fresh)
            if not files and not is_here(name):
                found.add(name)
    return sorted(found)


def read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return ""


def imported(source: str) -> set[str]:
    """The first parts of the names of modules; of relative imports none, because those stay in the room."""
    likely = {
        part.split()[0].split(".")[0]
        for match in LIKELY.finditer(source)
        for part in (match["list"] or match["source"] or "sys").split(",")
    }
    if likely <= sys.modules.keys():
        return set()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The program will say so itself.
        return set()
    names = set()
    for node in statements(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All that `ast.walk` finds, but for expressions: those import nothing, and are most of a program."""
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        for node in getattr(tree, field, ()):
            yield node
            yield from statements(node)


def own_files(folder: str, name: str) -> Iterator[str]:
    """The room's files that are this module, or in this package."""
    path = os.path.join(folder, name)
    if os.path.isfile(path + ".py"):
        yield path + ".py"
    for place, _, files in os.walk(path):
        yield from (os.path.join(place, file) for file in files if file.endswith(".py"))


def is_here(name: str) -> bool:
    if name in sys.modules:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
