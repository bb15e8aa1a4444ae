"""Pyodide as it lies in a folder: the files that start Python, and the lock, which names every package made for it.

The folder is ours, made at build time, or one of the operator's. Its packages may be there or not.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.version import InvalidVersion, Version

from caretroom.errors import ConfigError

BUNDLED = Path(__file__).parent / "static" / "pyodide"
OLDEST = Version("0.28")

# By the name under which the client asks: Pyodide before 314 called one of them differently.
CORE = {
    "pyodide.mjs": ("pyodide.mjs",),
    "pyodide.asm.mjs": ("pyodide.asm.mjs", "pyodide.asm.js"),
    "pyodide.asm.wasm": ("pyodide.asm.wasm",),
    "python_stdlib.zip": ("python_stdlib.zip",),
}
LOCK = "pyodide-lock.json"
SNAPSHOT = "snapshot.bin"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A package in a lock."""

    name: str
    version: str
    file_name: str
    sha256: str
    install_dir: str = "site"
    package_type: str = "package"
    imports: list[str]
    depends: list[str]
    unvendored_tests: bool = False


class Lock(msgspec.Struct, frozen=True):
    """Pyodide's list of packages, in Pyodide's own format."""

    info: dict[str, str]
    packages: dict[str, Entry]


@dataclass(frozen=True)
class Target:
    """What wheels must be made for."""

    python: tuple[int, int]
    platforms: tuple[str, ...]

    @cached_property
    def tags(self) -> frozenset[Tag]:
        interpreter = f"cp{self.python[0]}{self.python[1]}"
        return frozenset(
            [
                *cpython_tags(self.python, platforms=self.platforms),
                *compatible_tags(self.python, interpreter, platforms=self.platforms),
            ]
        )

    @property
    def markers(self) -> dict[str, str]:
        """How Python describes itself there to a requirement that asks."""
        version = ".".join(map(str, self.python))
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{version}.0",
            "os_name": "posix",
            "platform_machine": "wasm32",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Emscripten",
            "platform_version": "",
            "python_full_version": f"{version}.0",
            "python_version": version,
            "sys_platform": "emscripten",
        }


@dataclass(frozen=True)
class Distribution:
    folder: Path
    version: str
    """Pyodide's."""
    address: str
    """Of its files: another one for other files, so that browsers may keep them for good."""
    files: dict[str, Path]
    lock: Lock

    @cached_property
    def target(self) -> Target:
        info = self.lock.info
        major, minor = info["python"].split(".")[:2]
        abi = info.get("abi_version", "")
        platforms = (f"pyemscripten_{abi}_wasm32", f"pyodide_{abi}_wasm32", f"{info['platform']}_wasm32")
        return Target((int(major), int(minor)), platforms)

    def source(self, template: str) -> str:
        """The address of the folder that holds the packages of this very Pyodide; empty stays empty."""
        return template and template.replace("{version}", self.version).rstrip("/") + "/"


def open_distribution(folder: str) -> Distribution | None:
    """The one in this folder; ours when it is empty, or None when ours has not been built.

    Raises ConfigError for a folder that holds no Pyodide, or one that is too old.
    """
    if folder:
        return _open(Path(folder), bundled=False)
    built = next(BUNDLED.glob("*/"), None)
    return None if built is None else _open(built, bundled=True)


def _open(folder: Path, *, bundled: bool) -> Distribution:
    files = {}
    for name, names in CORE.items():
        path = next((folder / name for name in names if (folder / name).is_file()), None)
        if path is None:
            raise ConfigError(f"--pyodide-dir {folder}: expected a folder with Pyodide, but {name} is missing")
        files[name] = path
    if (folder / SNAPSHOT).is_file():
        files[SNAPSHOT] = folder / SNAPSHOT
    lock = _read_lock(folder / LOCK)
    if bundled:
        return Distribution(folder, folder.name, f"/pyodide/{folder.name}/", files, lock)
    version = _version(files["pyodide.mjs"])
    if version < OLDEST:
        raise ConfigError(f"--pyodide-dir {folder}: expected Pyodide {OLDEST} or newer, found {version}")
    digest = hashlib.sha256()
    for path in files.values():
        digest.update(path.read_bytes())
    return Distribution(folder, str(version), f"/pyodide/{version}-{digest.hexdigest()[:12]}/", files, lock)


def _read_lock(path: Path) -> Lock:
    try:
        lock = msgspec.json.decode(path.read_bytes(), type=Lock)
        python = lock.info["python"], lock.info["platform"]
    except (OSError, msgspec.MsgspecError, KeyError) as error:
        raise ConfigError(f"{path}: expected Pyodide's list of packages ({error})") from error
    if not re.match(r"\d+\.\d+", python[0]):
        raise ConfigError(f"{path}: expected a version of Python, found {python[0]!r}")
    # What is elsewhere, by an address of its own, is not ours to serve.
    named = {name: entry for name, entry in lock.packages.items() if is_plain(entry.file_name)}
    return Lock(lock.info, named)


def _version(loader: Path) -> Version:
    """From the loader: a lock says by which version it was made, and that may be another one."""
    found = re.search(r'="(\d+\.\d+\.\d+[\w.-]*)"', loader.read_text(encoding="utf-8", errors="replace"))
    try:
        return Version(found[1] if found else "")
    except InvalidVersion as error:
        raise ConfigError(f"{loader}: expected Pyodide's loader, found no version in it") from error


def is_plain(name: str) -> bool:
    """Whether this is the name of a file and not a way to somewhere else."""
    return re.fullmatch(r"\w[\w.+!-]*", name) is not None
