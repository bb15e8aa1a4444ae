"""One batch of hostile input: a room with its real store, honest people at work in it, and attackers among them.

After the batch the room must hold what a model says, its store the same as its memory, and nothing have grown without
bound. The models: while the attackers only watch, a plain string, edited as the honest people edited; while
they may write, the real Yjs, fed with what the room told everyone.
"""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum, auto
from random import Random
from typing import Any

import pycrdt
from caretroom import gate
from caretroom.capability import Role
from caretroom.connection import Connection
from caretroom.document import Document, File, seed
from caretroom.errors import BadFrameError
from caretroom.gate import Place
from caretroom.limits import Limits
from caretroom.protocol import Step1, Step2, Update, decode
from caretroom.records import MAIN, Addition, Author, Entry, Kind, MemberId, RoomId, RoomRecord
from caretroom.room import Room
from caretroom.store import Store
from support.client import presence_frame, room_frame, sync_frame
from support.core import Clock, FakeLink
from support.witness import Shown, Witness

from fuzz.frames import Frames, Input
from fuzz.updates import Forger

FIRST = "name = 'Ada 🐍'\nprint(f'Hello, {name}!')\n"
LARGEST_DOCUMENT = 64 * 1024
SOMETIMES = 150  # inputs between two looks at store, reload and model


@dataclass(slots=True)
class Tally:
    """What became of a batch's inputs."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind of input and what happened: applied, ignored, or the reason of the refusal."""
    other_order: int = 0
    """Times that memory, store and Yjs held the same letters in another order: see docs/fuzzing.md."""
    slowest: tuple[float, str] = (0.0, "")
    """Processor seconds of the input that took most, and its kind."""


class Mode(Enum):
    """What the attackers may do."""

    WATCH = auto()
    WRITE = auto()
    """Also write, but text only where someone honest might have: not after its right neighbour and before its left."""
    TWIST = auto()
    """Write whatever passes. Then memory, store and Yjs hold the same letters, in any order."""


class Unequal(AssertionError):
    """The room does not hold what it should."""


class Attacker:
    def __init__(self, siege: "Siege", role: Role, name: str | None, own: int) -> None:
        self.role = role
        self.forger = Forger(siege.random)
        self.forger.own = own
        self.frames = Frames(siege.random, self.forger)
        self._siege = siege
        self._name = name
        self._joining: AbstractContextManager[Connection] | None = None
        self.connection: Connection
        self.arrive()

    def arrive(self) -> None:
        self._joining = self._siege.room.join(FakeLink(), self.role)
        self.connection = self._joining.__enter__()
        if self._name is not None:
            self._siege.room.receive(self.connection, _hello(self._name))
        if self._siege.random.random() < 0.7:
            self._siege.room.receive(self.connection, presence_frame((self.forger.own, 1, {})))

    def leave(self) -> None:
        if self._joining is not None:
            self.connection.clean = self._siege.random.random() < 0.5
            self._joining.__exit__(None, None, None)
            self._joining = None


class Typist:
    """Someone honest, whose every change starts from what the room holds."""

    def __init__(self, siege: "Siege", name: str, client: int) -> None:
        self._siege = siege
        self._client = client
        self._joining = siege.room.join(FakeLink(), Role.EDITOR)
        self.connection = self._joining.__enter__()
        siege.room.receive(self.connection, _hello(name))
        siege.room.receive(self.connection, presence_frame((client, 1, {"user": name})))

    def leave(self) -> None:
        self._joining.__exit__(None, None, None)

    def change(self) -> None:
        """Type or delete somewhere in main.py, and in the plain model alike."""
        siege, random = self._siege, self._siege.random
        doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=self._client)
        doc.apply_update(siege.room.document.full())
        before = doc.get_state()
        file = doc.get("files", type=pycrdt.Map).get("main")
        main = file.get("text") if isinstance(file, pycrdt.Map) else None
        if not isinstance(main, pycrdt.Text):
            return  # an attacker who may write has deleted it
        text = str(main)
        at = random.randrange(len(text) + 1)
        byte = len(text[:at].encode())
        if len(text) > 200 or (text[at:] and random.random() < 0.3):
            gone = text[at : at + random.randint(1, 5)]
            del main[byte : byte + len(gone.encode())]
            changed = text[:at] + text[at + len(gone) :]
        else:
            come = random.choice(("x", "print()\n", "🐍", "é"))
            main.insert(byte, come)
            changed = text[:at] + come + text[at:]
        update = bytes(doc.get_update(before))
        siege.room.receive(self.connection, sync_frame(2, update))
        siege.told_honestly(update)
        siege.plain = changed


class Siege:
    def __init__(self, random: Random, *, mode: Mode, store: Store, witness: Witness, name: str) -> None:
        self.random = random
        self.tally = Tally()
        self.plain = FIRST
        self._mode = mode
        self._neighbours: set[tuple[Place | None, Place]] = set()
        self._store = store
        self._witness = witness
        self.record = RoomRecord(RoomId(name), Kind.PAIR, "", name, "epoch", 0.0)
        self.clock = Clock()
        self._first = seed(FIRST)
        self.room = Room(self.record, Document([self._first]), 1, Limits(), self.clock, lambda: None)

    async def run(self, inputs: int, note: Callable[[int, Input], None]) -> Tally:
        """``note`` hears of each input before it is given to the room, which may not survive it."""
        await self._store.create(self.record, MAIN, Entry(1, 0.0, Author(MemberId("seed"), "Caretroom"), self._first))
        self._witness.begin()
        watching = FakeLink()
        joining = self.room.join(watching, Role.VIEWER)
        watcher = joining.__enter__()
        self.room.receive(watcher, sync_frame(0, b"\0"))
        self._typists = [Typist(self, "Ada", 101), Typist(self, "Bob", 102)]
        self._attackers = self._enemies()
        for number in range(inputs):
            self._turn(number, note)
            for frame in watching.take():
                self._watch(frame)
            if number % SOMETIMES == SOMETIMES - 1:
                await self._look(watching)
                if len(self.room.document.full()) > LARGEST_DOCUMENT:
                    break
        for typist in self._typists:
            typist.leave()
        for attacker in self._attackers:
            attacker.leave()
        await self._look(watching)
        joining.__exit__(None, None, None)
        await self._store.delete(self.record.room)
        return self.tally

    def _twists(self, frame: bytes) -> bool:
        return any(neighbours not in self._neighbours for neighbours in _neighbours(frame))

    def told_honestly(self, update: bytes) -> None:
        self._neighbours.update(_neighbours(sync_frame(2, update)))
        for attacker in self._attackers:
            attacker.frames.honest = [*attacker.frames.honest[-30:], update]

    def _enemies(self) -> list[Attacker]:
        watching = [Attacker(self, Role.VIEWER, "Eve", 201), Attacker(self, Role.VIEWER, None, 202)]
        if self._mode is Mode.WATCH:
            return watching
        writing = [Attacker(self, Role.EDITOR, "Mallory", 203), Attacker(self, Role.EDITOR, None, 204)]
        return [*writing, *writing, watching[0]]

    def _turn(self, number: int, note: Callable[[int, Input], None]) -> None:
        random = self.random
        if random.random() < 0.06:
            random.choice(self._typists).change()
        attacker = random.choice(self._attackers)
        attacker.forger.state = self.room.document.state
        attacker.frames.clients = [101, 102, 203]
        drawn = attacker.frames.draw()
        while self._mode is Mode.WRITE and self._twists(drawn.frame):
            drawn = attacker.frames.draw()
        note(number, drawn)
        changes = self.room.document.state, self.room._changes.last
        started = time.process_time()
        try:
            self.room.receive(attacker.connection, drawn.frame)
            outcome = "ignored" if changes[1] == self.room._changes.last else "applied"
        except BadFrameError as error:
            outcome = error.reason
            attacker.leave()
            attacker.arrive()
        self.tally.slowest = max(self.tally.slowest, (time.process_time() - started, drawn.kind))
        self.tally.outcomes[drawn.kind, outcome] += 1
        if random.random() < 0.3:
            self.clock.now += random.choice((0.0, 0.01, 1.0))
            self.room.flush()
        if random.random() < 0.01:
            self.room.tick()

    def _watch(self, frame: bytes) -> None:
        if frame[0] != 0:
            return
        message = decode(frame)
        if isinstance(message, Step2 | Update):
            self._witness.apply(message.update)
        else:
            assert isinstance(message, Step1)

    async def _look(self, watching: FakeLink) -> None:
        """Everything that must hold now."""
        self.clock.now += 1.0
        self.room.flush()
        for frame in watching.take():
            self._watch(frame)
        position, rows = self.room.unsaved()
        entries = [Entry(at, 0.0, author, update) for at, author, update in rows]
        await self._store.append([Addition(self.record.room, MAIN, entries)])
        self.room.saved(position)
        live = self.room.document.files()
        stored = await self._store.load(self.record.room, MAIN)
        again = Document([*([stored.snapshot] if stored.snapshot else []), *(entry.update for entry in stored.entries)])
        if again.state != self.room.document.state:
            raise Unequal(f"stored clocks {again.state}, live {self.room.document.state}")
        exact = self._same("what is stored", _shown(again.files()), _shown(live))
        exact &= self._same("what Yjs shows", self._witness.shown(), _shown(live))
        history = await self._store.history(self.record.room, MAIN)
        exact &= self._same("the history", _shown(Document(entry.update for entry in history).files()), _shown(live))
        exact &= self._same("what a joiner gets", _shown(Document([self.room.document.full()]).files()), _shown(live))
        self.tally.other_order += not exact
        if self._mode is Mode.WATCH and [file.text for file in live] != [self.plain]:
            raise Unequal(f"expected {self.plain!r}, the room has {live!r}")
        if self.random.random() < 0.3:
            await self._store.snapshot(self.record.room, MAIN, position, self.room.document.full())
        self._nothing_grew()

    def _same(self, what: str, found: Shown, live: Shown) -> bool:
        if found == live:
            return True
        if self._mode is Mode.TWIST and _letters(found) == _letters(live):
            return False
        raise Unequal(f"{what} is {found!r}, the room has {live!r}")

    def _nothing_grew(self) -> None:
        limits = Limits()
        connections = len(self.room.connections)
        held = len(self.room._presence.all())
        leaving = len(self.room._departed)
        if held > (connections + leaving) * limits.presence_ids_per_connection:
            raise Unequal(f"{held} presence states of {connections} connections")
        if len(self.room._output._runs) > limits.output_kept_members:
            raise Unequal(f"{len(self.room._output._runs)} runs are kept")
        if len(self.room._changes.after(self.room._stored)) > 0:
            raise Unequal("changes that are stored and told are kept")


def _neighbours(frame: bytes) -> list[tuple[Place | None, Place]]:
    """The neighbours between which an update puts something."""
    try:
        message = decode(frame)
        runs = gate.parse(message.update).runs if isinstance(message, Step2 | Update) else ()
    except (BadFrameError, gate.RefusedError):
        return []
    return [(struct.origin, struct.right) for run in runs for struct in run.structs if struct.right is not None]


def _hello(name: str) -> bytes:
    return room_frame({"type": "hello", "name": name, "key": f"key-of-{name}-for-tests"})


def _shown(files: list[File]) -> Shown:
    return {file.id: (file.name, file.text) for file in files}


def _letters(shown: Shown) -> dict[str, tuple[str, list[str]]]:
    return {id: (name, sorted(text)) for id, (name, text) in shown.items()}
