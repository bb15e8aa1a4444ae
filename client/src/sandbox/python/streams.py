"""Standard output and error."""

import io
import sys
from collections.abc import Callable

# What was not put out at once is put out by these, before anything waits or ends.
held: list[Callable[[], None]] = []


def open_output(descriptor: int, errors: str) -> io.TextIOWrapper:
    """Unbuffered, as ``python -u`` has it: half a line shows at once, and never after what stderr said later."""
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", errors=errors, write_through=True)


def flush() -> None:
    for put_out in held:
        put_out()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            # A closed stream, or anything that a program put in its place.
            continue
