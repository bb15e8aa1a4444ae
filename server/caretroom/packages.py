"""What the server offers to import: Pyodide's own packages, and whatever wheels lie in the packages folder.

A package of Pyodide's that is not here yet is fetched when somebody first needs it, checked against Pyodide's lock,
and kept.
"""

import asyncio
import gzip
import logging
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from caretroom.distribution import Distribution, Entry, Lock
from caretroom.downloads import download
from caretroom.errors import DownloadError, NotFoundError, UnavailableError, UnreachableError
from caretroom.limits import Limits
from caretroom.wheels import find_wheels

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """A list of packages as it is handed out, and where each of its files lies; None where it must be fetched first."""

    lock: bytes
    gzipped: bytes
    files: dict[tuple[str, str], Path | None]


class Packages:
    """`source` is the address of Pyodide's packages, empty for none."""

    def __init__(self, distribution: Distribution, folder: Path, source: str, limits: Limits) -> None:
        self.distribution = distribution
        self._folder = folder
        self._source = source
        self._limits = limits
        self._seen: object = None
        self._offer: Offer | None = None
        self._refreshing = asyncio.Lock()
        self._fetching: dict[str, asyncio.Task[None]] = {}
        # By file, "" for all of them: until when it is not tried again, and why.
        self._failed: dict[str, tuple[float, str]] = {}

    async def offer(self) -> Offer:
        """Wheels may be laid into the folder at any time."""
        async with self._refreshing:
            seen = self._folder.stat().st_mtime_ns if self._folder.is_dir() else None
            if self._offer is None or seen != self._seen:
                self._offer = await asyncio.to_thread(self._gather)
                self._seen = seen
            return self._offer

    async def find(self, sha256: str, name: str) -> Path:
        """Raises NotFoundError for a file that is not offered, UnavailableError when it can't be fetched now."""
        offer = await self.offer()
        if (sha256, name) not in offer.files:
            raise NotFoundError("There is no such package here. Reload the page: the list may be an old one.")
        return offer.files[sha256, name] or await self._fetch(sha256, name)

    def _gather(self) -> Offer:
        lock = self.distribution.lock
        own = find_wheels(self._folder, self.distribution.target)
        packages: dict[str, Entry] = {}
        files: dict[tuple[str, str], Path | None] = {}
        for name, entry in lock.packages.items():
            wheel = own.get(name)
            if wheel is not None and wheel.entry.sha256 != entry.sha256:
                continue
            path = wheel.path if wheel is not None else self._place(entry)
            if path is not None or self._source:
                packages[name] = entry
                files[entry.sha256, entry.file_name] = path
        for name, wheel in own.items():
            packages.setdefault(name, wheel.entry)
            files[wheel.entry.sha256, wheel.entry.file_name] = wheel.path
        offered = {
            name: msgspec.structs.replace(entry, depends=[other for other in entry.depends if other in packages])
            for name, entry in packages.items()
        }
        encoded = msgspec.json.encode(Lock(lock.info, offered))
        return Offer(encoded, gzip.compress(encoded, mtime=0), files)

    def _place(self, entry: Entry) -> Path | None:
        """Libraries are no wheels: Pyodide's lock alone knows them, and they were checked against it when they came."""
        places = [self.distribution.folder / entry.file_name]
        if not entry.file_name.endswith(".whl"):
            places.append(self._folder / entry.file_name)
        return next((place for place in places if place.is_file()), None)

    async def _fetch(self, sha256: str, name: str) -> Path:
        now = time.monotonic()
        for until, reason in (self._failed.get(key, (0.0, "")) for key in ("", name)):
            if now < until:
                raise UnavailableError(reason)
        target = self._folder / name
        task = self._fetching.get(name)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(self._download, target, sha256))
            self._fetching[name] = task
            task.add_done_callback(lambda _: self._fetching.pop(name, None))
        try:
            # Others may wait for the same file: one who goes away does not end it.
            await asyncio.shield(task)
        except DownloadError as error:
            reason = f"This server could not fetch a package: {error}."
            everything = isinstance(error, UnreachableError)
            self._failed["" if everything else name] = (now + self._limits.package_retry_seconds, reason)
            logger.warning("package not fetched", extra={"file": name, "reason": str(error)})
            raise UnavailableError(reason) from error
        return target

    def _download(self, target: Path, sha256: str) -> None:
        download(
            self._source + target.name,
            target,
            sha256,
            stall_seconds=self._limits.package_stall_seconds,
            total_seconds=self._limits.package_total_seconds,
        )
