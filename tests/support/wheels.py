"""Packages made for a test: wheels, and Pyodide's folder with other ones in its list."""

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import caretroom

PYODIDE = next((Path(caretroom.__file__).parent / "static" / "pyodide").glob("*/"))
# The names under which a browser asks for it.
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")

# As much of a large package as a case asks of it: the road is the same, and the real ones are where no test reaches.
NUMPY = """
class ndarray(list):
    def sum(self):
        return sum(self)

def arange(count):
    return ndarray(range(count))
"""
PANDAS = """
import numpy

class DataFrame:
    def __init__(self, columns):
        self.columns = columns

    def __repr__(self):
        (name, values), = self.columns.items()
        return "\\n".join(["   " + name, *(f"{n}  {value}" for n, value in enumerate(values))])
"""


def make_wheel(
    folder: Path,
    name: str,
    files: dict[str, str],
    *,
    version: str = "1.0",
    tag: str = "py3-none-any",
    requires: tuple[str, ...] = (),
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name.replace('-', '_')}-{version}-{tag}.whl"
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {r}" for r in requires)]
    wheel = f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n"
    with zipfile.ZipFile(path, "w") as archive:
        for inner, content in files.items():
            archive.writestr(inner, content)
        archive.writestr(f"{info}/METADATA", "\n".join(metadata) + "\n")
        archive.writestr(f"{info}/WHEEL", wheel)
        archive.writestr(f"{info}/RECORD", "")
    return path


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def entry_of(wheel: Path, name: str, *, depends: tuple[str, ...] = (), **changed: Any) -> dict[str, Any]:
    """As Pyodide's list has it."""
    return {
        "name": name,
        "version": "1.0",
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": sha256_of(wheel),
        "package_type": "package",
        "imports": [name.replace("-", "_")],
        "depends": list(depends),
        "unvendored_tests": False,
        **changed,
    }


def make_pyodide(folder: Path, *entries: dict[str, Any]) -> Path:
    """Pyodide as others distribute it, without our snapshot, and with these packages in its list and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in CORE:
        shutil.copyfile(PYODIDE / name, folder / name)
    lock = json.loads((PYODIDE / "pyodide-lock.json").read_text())
    lock["packages"] = {entry["name"]: entry for entry in entries}
    (folder / "pyodide-lock.json").write_text(json.dumps(lock))
    return folder
