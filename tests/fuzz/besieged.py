"""The process under attack: runs batches one after the other and says a line of JSON about each.

    python -m fuzz.besieged SEED FIRST_BATCH BATCHES INPUTS JOURNAL

Each input is written to the journal before the room gets it, so that whoever started this process knows what ended it.
"""

import asyncio
import mmap
import sys
import tempfile
from pathlib import Path
from random import Random

import msgspec
from caretroom.store import open_store
from support.witness import Witness

from fuzz.frames import Input
from fuzz.siege import Mode, Siege

JOURNAL_BYTES = 1 << 20


class Batch(msgspec.Struct):
    """What is said of a batch."""

    outcomes: list[tuple[str, str, int]]
    """Kind of input, what became of it, how often."""
    other_order: int
    slowest: tuple[float, str]
    resident: int
    """Bytes in memory afterwards."""


class Journal:
    """The last input, in a file that outlives this process."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(JOURNAL_BYTES))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), JOURNAL_BYTES)
        self.batch = 0

    def note(self, number: int, drawn: Input) -> None:
        line = f"batch {self.batch}, input {number}, {drawn.kind}: {drawn.frame[:100_000].hex()}\n".encode()
        self._map[: len(line)] = line


def last_of(path: Path) -> str:
    return path.read_bytes().partition(b"\n")[0].decode()


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE


async def run(seed: int, first: int, batches: int, inputs: int, journal: Journal) -> None:
    with tempfile.TemporaryDirectory() as folder, Witness() as witness:
        async with open_store(f"sqlite:///{folder}/rooms.db") as store:
            for number in range(first, first + batches):
                journal.batch = number
                siege = Siege(
                    Random(f"{seed}/{number}"),
                    mode=list(Mode)[number % len(Mode)],
                    store=store,
                    witness=witness,
                    name=f"room{number}",
                )
                tally = await siege.run(inputs, journal.note)
                outcomes = [(*key, count) for key, count in tally.outcomes.items()]
                batch = Batch(outcomes, tally.other_order, tally.slowest, resident_bytes())
                print(msgspec.json.encode(batch).decode(), flush=True)


def main() -> None:
    seed, first, batches, inputs = map(int, sys.argv[1:5])
    asyncio.run(run(seed, first, batches, inputs, Journal(Path(sys.argv[5]))))


if __name__ == "__main__":
    main()
