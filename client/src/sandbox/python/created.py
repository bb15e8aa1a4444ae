"""What a program left in the room's folder, told as reports."""

import os
import stat
from collections.abc import Iterator

from _caretroom import room
from _caretroom.reports import report

# As created.ts has them: what is more or larger is counted, not brought.
MOST_FILES = 100
FILE_BYTES = 4 * 1024 * 1024
TOTAL_BYTES = 16 * 1024 * 1024


def report_created() -> None:
    """Tell of each file that is new or not as it was laid out."""
    found = 0
    bytes_left = TOTAL_BYTES
    for path, size in files():
        if is_as_laid_out(path, size):
            continue
        found += 1
        if found > MOST_FILES:
            continue
        payload = read(path) if size <= min(FILE_BYTES, bytes_left) else b""
        bytes_left -= len(payload)
        name = path.removeprefix(room.ROOM + "/")
        change = "changed" if path in room.laid_out else "created"
        report("file", payload, name=name, size=size, change=change)
    if found > MOST_FILES:
        report("more-files", count=found - MOST_FILES)


def files() -> Iterator[tuple[str, int]]:
    """The path and the size of each; what only leads to a file, or is none, is no file."""
    for folder, folders, names in os.walk(room.ROOM):
        folders[:] = sorted(set(folders) - {"__pycache__"})
        for name in sorted(names):
            path = os.path.join(folder, name)
            try:
                status = os.lstat(path)
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield path, status.st_size


def is_as_laid_out(path: str, size: int) -> bool:
    before = room.laid_out.get(path)
    return before is not None and len(before) == size and read(path) == before


def read(path: str) -> bytes:
    """Nothing where the program forbade it."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
