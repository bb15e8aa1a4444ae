"""Wheels in a folder, described as Pyodide's lock describes packages.

Nothing is unpacked, and a wheel that can't be read is passed over.
"""

import email
import hashlib
import logging
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from caretroom.distribution import Entry, Target, is_plain

logger = logging.getLogger(__name__)

METADATA_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wheel:
    path: Path
    version: Version
    entry: Entry


def find_wheels(folder: Path, target: Target) -> dict[str, Wheel]:
    """By name; the newest where there are several."""
    found: dict[str, Wheel] = {}
    for path in sorted(folder.glob("*.whl")):
        try:
            wheel = read_wheel(path, target)
        except NotAWheel as error:
            logger.warning("wheel passed over", extra={"file": path.name, "reason": str(error)})
            continue
        known = found.get(wheel.entry.name)
        if known is None or known.version <= wheel.version:
            found[wheel.entry.name] = wheel
    return found


class NotAWheel(Exception):
    """A file that can't be installed there, and why."""


def read_wheel(path: Path, target: Target) -> Wheel:
    """Raises NotAWheel."""
    if not is_plain(path.name):
        raise NotAWheel("its name has characters that wheels don't have")
    try:
        name, version, _, tags = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise NotAWheel("its name is not that of a wheel") from error
    if not tags & target.tags:
        raise NotAWheel(f"it is not made for Python {'.'.join(map(str, target.python))} in the browser")
    try:
        with zipfile.ZipFile(path) as archive:
            imports = _imports(archive)
            requirements = _requirements(archive)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, zipfile.BadZipFile, ValueError, KeyError) as error:
        raise NotAWheel(f"it can't be read: {error}") from error
    entry = Entry(
        name=name,
        version=str(version),
        file_name=path.name,
        sha256=digest,
        imports=imports,
        depends=[canonicalize_name(needed.name) for needed in needed_of(requirements, target)],
    )
    return Wheel(path, version, entry)


def requirements_of(path: Path) -> list[Requirement]:
    with zipfile.ZipFile(path) as archive:
        return _requirements(archive)


def needed_of(
    requirements: list[Requirement], target: Target, extras: frozenset[str] = frozenset()
) -> list[Requirement]:
    """Those that hold in the browser."""

    def holds(requirement: Requirement) -> bool:
        marker = requirement.marker
        try:
            return marker is None or any(marker.evaluate(target.markers | {"extra": extra}) for extra in {"", *extras})
        except UndefinedEnvironmentName:
            return False

    return [requirement for requirement in requirements if holds(requirement)]


def _requirements(archive: zipfile.ZipFile) -> list[Requirement]:
    info = next(info for info in archive.infolist() if PurePosixPath(info.filename).match("*.dist-info/METADATA"))
    if info.file_size > METADATA_BYTES:
        raise ValueError("its metadata is too large")
    headers = email.message_from_bytes(archive.read(info))
    found = []
    for text in headers.get_all("Requires-Dist", []):
        try:
            found.append(Requirement(str(text)))
        except InvalidRequirement:
            logger.warning("requirement passed over", extra={"file": archive.filename, "reason": str(text)})
    return found


def _imports(archive: zipfile.ZipFile) -> list[str]:
    """The names that `import` finds once the wheel is there."""
    found = set()
    for name in archive.namelist():
        first, *rest = PurePosixPath(name).parts
        if PurePosixPath(name).suffix not in (".py", ".so") or first.endswith((".dist-info", ".data")):
            continue
        module = first if rest else first.split(".")[0]
        if module.isidentifier():
            found.add(module)
    return sorted(found)
