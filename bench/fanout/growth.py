"""How cost grows: with the members of a room, with rooms, with the document, and with the log of its updates.

Of members and rooms there are presets, measured as the others are; documents and logs have measurements of their own.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import pycrdt
from caretroom import gate
from caretroom.document import Document, seed
from caretroom.lib0 import var_string, write_var_uint
from caretroom.records import MAIN, Addition, Author, Entry, Kind, MemberId, RoomId, RoomRecord
from caretroom.store import open_store

from bench.fanout import wire
from bench.fanout.client import Audience, Client
from bench.fanout.documents import ALPHABET, text_of
from bench.fanout.latency import Latencies
from bench.fanout.presets import Mode, Preset
from bench.fanout.process import usage
from bench.fanout.targets import Running
from bench.fanout.wire import Dialect

Point = dict[str, float]

MEMBERS = (2, 5, 10, 20, 50, 100, 200, 500, 1000)
ROOMS = (1, 10, 50, 100, 200, 500, 1000, 2000)
DOCUMENT_KB = (1, 10, 100, 500, 1000, 2000, 5000)
LOG_ENTRIES = (1_000, 10_000, 100_000, 1_000_000)

AUTHORS, TURN_CHARACTERS = 4, 30
SNAPSHOT_EVERY, ENTRIES_AT_ONCE = 500, 5000
JOINERS = 10
PASTE_CHARACTERS = 200_000
RECORD = RoomRecord(RoomId("benchmarkroom"), Kind.CLASS, "", "BENCHM", "epoch", 0.0)


def rooms_of(members: int) -> Preset:
    """One who types and everyone's cursors."""
    return Preset("members", Mode.TYPING, 1, members, 1, 10, 0.2, 2000, seconds=4.0, warmup_seconds=1.5)


def many_rooms(rooms: int) -> Preset:
    """Pairs, of whom one types."""
    return Preset("rooms", Mode.TYPING, rooms, 2, 1, 2, 0.1, 500, seconds=4.0, warmup_seconds=1.5)


# The document


async def documents(server: Running, sizes_kb: Sequence[int]) -> list[Point]:
    """Text pasted in pieces; then ten people join one by one, while a member's cursor moves for another to see."""
    url = await _new_room(server)
    audience = Audience(Dialect.CARETROOM)
    writer, reader = Client(audience, "room", 2**21 + 1), Client(audience, "room", 2**21 + 2)
    await writer.connect(url)
    await reader.connect(url)
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=writer.id)
    doc.apply_update(writer.state)
    text = text_of(doc)
    chance = random.Random(1)
    points: list[Point] = []
    for kilobytes in sizes_kb:
        while (left := kilobytes * 1000 - len(text)) > 0:
            before = doc.get_state()
            lines = ["".join(chance.choice(ALPHABET) for _ in range(79)) + "\n" for _ in range(PASTE_CHARACTERS // 80)]
            text += "".join(lines)[:left]
            writer.send(wire.update(bytes(doc.get_update(before))))
            await asyncio.sleep(0.2)
        await asyncio.sleep(1.0)
        cpu_before, begin = usage(server.pid), perf_counter()
        moving = asyncio.create_task(_move(writer))
        times = []
        for number in range(JOINERS):
            joiner = Client(audience, "room", 2**22 + number)
            await joiner.connect(url)
            times.append(joiner.synced.result() - joiner.started_at)
            joiner.leave()
            await asyncio.sleep(0.05)
        cpu_after, end = usage(server.pid), perf_counter()
        moving.cancel()
        await asyncio.sleep(0.2)
        cursors = Latencies()
        reader.settle(begin, end, Latencies(), cursors)
        points.append(
            {
                "kb": kilobytes,
                "join_ms": round(statistics.median(times) * 1000, 2),
                "first_join_ms": round(times[0] * 1000, 2),
                "join_cpu_ms": round((cpu_after.cpu_seconds - cpu_before.cpu_seconds) / JOINERS * 1000, 2),
                "others_max_ms": cursors.percentile_ms(1.0) or 0.0,
                "server_mb": round(cpu_after.resident_bytes / 1e6, 1),
            }
        )
    writer.leave()
    reader.leave()
    return points


async def _move(client: Client) -> None:
    while True:
        client.move_cursor()
        await asyncio.sleep(0.01)


async def _new_room(server: Running) -> str:
    request = urllib.request.Request(server.rooms_api, b'{"code": ""}', {"content-type": "application/json"})
    made = json.load(await asyncio.to_thread(urllib.request.urlopen, request, timeout=20))
    return server.url.format(room=made["room"], token=made["links"]["editor"].split("#", 1)[1])


# The log


def logs(milestones: Sequence[int]) -> list[Point]:
    """Single keystrokes of four people in turns. What is measured is a fresh process that loads the room."""
    with TemporaryDirectory(prefix="caretroom-bench-") as folder:
        path = Path(folder) / "rooms.db"
        log = _Log(f"sqlite:///{path}")
        return [_grown(log, path, milestone) for milestone in milestones]


def _grown(log: "_Log", path: Path, milestone: int) -> Point:
    asyncio.run(log.grow(milestone))
    command = (sys.executable, "-m", "bench.fanout.growth", str(path))
    loaded: Point = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    file_bytes = sum(file.stat().st_size for file in path.parent.iterdir())
    return {"entries": milestone, "file_mb": round(file_bytes / 1e6, 1), **loaded}


class _Log:
    def __init__(self, url: str) -> None:
        self._url = url
        self._position = 0
        self._keystrokes = _keystrokes(random.Random(1))
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc()

    async def grow(self, entries: int) -> None:
        # As the writer does it every 500 entries: half of them, on average, came after the last snapshot.
        covered, snapshot = entries - SNAPSHOT_EVERY // 2, b""
        async with open_store(self._url) as store:
            if not self._position:
                await store.create(RECORD, MAIN, self._entry(seed("\n")))
            while self._position < entries:
                new: list[Entry] = []
                while self._position < entries and len(new) < ENTRIES_AT_ONCE:
                    new.append(self._entry(next(self._keystrokes)))
                    if self._position == covered:
                        snapshot = bytes(self._doc.get_update())
                await store.append([Addition(RECORD.room, MAIN, new)])
            await store.snapshot(RECORD.room, MAIN, covered, snapshot)

    def _entry(self, update: bytes) -> Entry:
        self._position += 1
        self._doc.apply_update(update)
        return Entry(self._position, 0.0, Author(MemberId("m"), "Ada"), update)


def _keystrokes(chance: random.Random) -> Iterator[bytes]:
    authors: list[pycrdt.Doc[Any]] = [pycrdt.Doc(client_id=2**21 + number) for number in range(AUTHORS)]
    for author in authors:
        author.apply_update(seed("\n"))
    while True:
        author = chance.choice(authors)
        text, before = text_of(author), author.get_state()
        turn = "".join(chance.choice(ALPHABET) for _ in range(TURN_CHARACTERS))
        text.insert(chance.randrange(len(text) + 1), turn)
        update = bytes(author.get_update(before))
        for other in authors:
            if other is not author:
                other.apply_update(update)
        yield from _key_by_key(update, turn)


def _key_by_key(update: bytes, turn: str) -> Iterator[bytes]:
    """The updates of a turn's single keystrokes: each builds on the one before. Typed into pycrdt they took minutes."""
    (run,) = gate.parse(update).runs
    (struct,) = run.structs
    origin, right = struct.origin, struct.right
    for clock, letter in enumerate(turn, run.start):
        info = 4 | (0x80 if origin else 0) | (0x40 if right else 0)
        neighbours = [number for place in (origin, right) if place for number in place]
        numbers = b"".join(map(write_var_uint, neighbours))
        head = b"".join(map(write_var_uint, (1, 1, run.client, clock)))
        yield head + bytes((info,)) + numbers + var_string(letter) + b"\x00"
        origin = gate.Place(run.client, clock)


async def load_room(path: str) -> Point:
    """As the registry does when the first one comes."""
    before = usage(os.getpid())
    begin = perf_counter()
    async with open_store(f"sqlite:///{path}") as store:
        stored = await store.load(RECORD.room, MAIN)
        assert stored.snapshot is not None
        document = Document([stored.snapshot, *(entry.update for entry in stored.entries)])
    seconds = perf_counter() - begin
    after = usage(os.getpid())
    return {
        "load_ms": round(seconds * 1000, 1),
        "load_mb": round((after.resident_bytes - before.resident_bytes) / 1e6, 1),
        "document_kb": round(len(document.full()) / 1e3, 1),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(load_room(sys.argv[1]))))
