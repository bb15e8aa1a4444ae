"""The house has six floors, and imports go down only."""

import ast
import re
from pathlib import Path

import caretroom

PACKAGE = Path(caretroom.__file__).parent


def floors() -> dict[str, int]:
    """Module to floor, from the table in the package's docstring."""
    assert caretroom.__doc__
    found = {}
    for row in re.finditer(r"^(\d)\s+\w+\s+(.+)$", caretroom.__doc__, re.MULTILINE):
        for module in re.findall(r"\w+", row[2].split(":")[0]):
            found[module] = int(row[1])
    return found


def imports() -> dict[str, set[str]]:
    """Module to the modules of ours that it imports; a folder's modules count as the folder."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts == ("__init__",):
            continue
        used = found.setdefault(parts[0], set())
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "caretroom":
                used |= {alias.name for alias in node.names if not alias.name.startswith("__")}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("caretroom."):
                assert node.module
                used.add(node.module.split(".")[1])
        used.discard(parts[0])
    return found


def test_every_module_has_its_floor() -> None:
    named = set(floors()) - {"memory", "sqlite"}  # the adapters within store
    assert named == set(imports())


def test_imports_go_down_only() -> None:
    floor = floors()
    upwards = [(module, used) for module, uses in imports().items() for used in uses if floor[used] > floor[module]]
    assert upwards == []


def test_no_module_imports_itself_through_others() -> None:
    graph = imports()

    def reached(module: str, seen: frozenset[str]) -> set[str]:
        fresh = graph[module] - seen
        return fresh.union(*(reached(used, seen | fresh) for used in fresh)) if fresh else set()

    assert [module for module in graph if module in reached(module, frozenset())] == []


def test_only_the_edge_and_the_entry_know_the_web_framework() -> None:
    floor = floors()
    knowing = {
        path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for path in PACKAGE.rglob("*.py")
        if re.search(r"^(from|import) (starlette|uvicorn)", path.read_text(), re.MULTILINE)
    }
    assert {module for module in knowing if floor[module] < 4} == set()


def test_only_the_document_knows_the_crdt_engine() -> None:
    knowing = [path.name for path in PACKAGE.rglob("*.py") if "import pycrdt" in path.read_text()]
    assert knowing == ["document.py"]
