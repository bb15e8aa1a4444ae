"""Laying wheels into the packages folder, for `caretroom packages add`: which ones are needed, and from where they are.

Pyodide's own packages come from where Pyodide keeps them. Every other one, and Pyodide's too where that can't be
reached, comes from the Python package index by pip, which knows the operator's indexes, proxies and certificates.
"""

import os
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from caretroom.distribution import Distribution, Entry
from caretroom.downloads import download
from caretroom.errors import PackageError, UnreachableError
from caretroom.limits import Limits
from caretroom.wheels import NotAWheel, needed_of, read_wheel, requirements_of

PIP_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Addition:
    name: NormalizedName
    version: Version
    path: Path
    needs: list[Requirement]


def add(
    wanted: str, distribution: Distribution, folder: Path, source: str, limits: Limits, tell: Callable[[str], None]
) -> list[Addition]:
    """Lay one package with all that it needs into the folder, or nothing of it: raises PackageError.

    `source` is the address of Pyodide's packages, empty for none; `tell` hears sentences about what is going on.
    """
    try:
        requirement = Requirement(wanted)
    except InvalidRequirement as error:
        raise PackageError(f"{wanted}: expected a package's name, such as sympy or sympy==1.14.0") from error
    if requirement.url is not None:
        raise PackageError(f"{wanted}: expected a package's name, not an address")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".adding-") as place:
        gathering = _Gathering(distribution, Path(place), source, limits, tell)
        additions = gathering.gather(requirement)
        for addition in additions:
            os.replace(addition.path, folder / addition.path.name)
    for addition in additions:
        _remove_others(folder, addition)
    return additions


def _remove_others(folder: Path, addition: Addition) -> None:
    for path in folder.glob("*.whl"):
        if path.name != addition.path.name and path.name.split("-")[0].lower().replace("_", "-") == addition.name:
            path.unlink()


class _Gathering:
    """Chooses a version of each package in the order in which they are needed. What is asked of one later can
    change the choice, but nothing is tried again for the sake of an earlier one: wheels for the browser are few."""

    def __init__(
        self, distribution: Distribution, place: Path, source: str, limits: Limits, tell: Callable[[str], None]
    ) -> None:
        self._distribution = distribution
        self._place = place
        self._source = source
        self._limits = limits
        self._tell = tell
        self._asked: dict[NormalizedName, SpecifierSet] = {}
        self._chosen: dict[NormalizedName, Addition] = {}

    def gather(self, wanted: Requirement) -> list[Addition]:
        open_ones = deque([wanted])
        while open_ones:
            requirement = open_ones.popleft()
            name = canonicalize_name(requirement.name)
            asked = self._asked.get(name, SpecifierSet()) & requirement.specifier
            chosen = self._chosen.get(name)
            if chosen is not None and not requirement.extras and asked.contains(chosen.version, prereleases=True):
                continue
            self._asked[name] = asked
            self._chosen[name] = chosen = self._choose(name, asked, frozenset(requirement.extras))
            open_ones.extend(chosen.needs)
        return list(self._chosen.values())

    def _choose(self, name: NormalizedName, asked: SpecifierSet, extras: frozenset[str]) -> Addition:
        entry = self._distribution.lock.packages.get(name)
        if self._source and entry is not None and asked.contains(entry.version, prereleases=True):
            try:
                return self._from_pyodide(name, entry)
            except UnreachableError as error:
                self._tell(f"{error}. Trying the Python package index.")
                self._source = ""
        return self._from_index(name, asked, extras)

    def _from_pyodide(self, name: NormalizedName, entry: Entry) -> Addition:
        path = self._place / entry.file_name
        self._tell(f"Fetching {entry.name} {entry.version} of Pyodide")
        download(
            self._source + entry.file_name,
            path,
            entry.sha256,
            stall_seconds=self._limits.package_stall_seconds,
            total_seconds=self._limits.package_total_seconds,
        )
        return Addition(name, Version(entry.version), path, [Requirement(needed) for needed in entry.depends])

    def _from_index(self, name: NormalizedName, asked: SpecifierSet, extras: frozenset[str]) -> Addition:
        self._tell(f"Fetching {name} from the Python package index")
        target = self._distribution.target
        place = Path(tempfile.mkdtemp(dir=self._place))
        version = ".".join(map(str, target.python))
        interpreter = f"cp{version.replace('.', '')}"
        command = [sys.executable, "-m", "pip", "--no-input", "download", "--quiet", "--no-deps", "--dest", str(place)]
        command += ["--only-binary", ":all:", "--implementation", "cp", "--python-version", version]
        for abi in (interpreter, "abi3", "none"):
            command += ["--abi", abi]
        for platform in target.platforms:
            command += ["--platform", platform]
        done = subprocess.run(
            [*command, f"{name}{asked}"], capture_output=True, text=True, timeout=PIP_SECONDS, check=False
        )
        path = next(place.glob("*.whl"), None)
        if done.returncode or path is None:
            said = [line.removeprefix("ERROR: ") for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
            raise PackageError(
                f"{name}{asked} has no wheel for Python {version} in the browser that pip could fetch "
                f"({said[-1] if said else done.stderr.strip()[-300:]})"
            )
        try:
            wheel = read_wheel(path, target)
        except NotAWheel as error:
            raise PackageError(f"{path.name} is of no use: {error}") from error
        return Addition(name, wheel.version, path, needed_of(requirements_of(path), target, extras))
