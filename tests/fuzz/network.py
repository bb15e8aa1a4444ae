"""A room and people whose network is drawn from a seed: delays, lost connections, ghosts, offline edits, restarts.

Within one connection frames stay in order, as in TCP; between connections, and at the end of one, anything may happen.
"""

import json
import traceback
from collections import deque
from contextlib import AbstractContextManager
from random import Random
from typing import Any

import pycrdt
from caretroom import gate
from caretroom.capability import Role
from caretroom.connection import Connection
from caretroom.document import SEED_CLIENT, Document, File, seed
from caretroom.lib0 import Reader
from caretroom.limits import Limits
from caretroom.protocol import ROOM, SYNC, Batch
from caretroom.room import Room
from support.client import presence_frame, room_frame, sync_frame
from support.core import RECORD, Clock

FIRST = "print('hello')\n"
WORDS = ("x", "é", "🐍", "def f():\n", "👩‍👧", "# a longer line of code\n")


class Wire:
    """One connection, from the first byte until the room has noticed its end."""

    def __init__(self, world: "World") -> None:
        self.up: deque[bytes] = deque()
        self.down: deque[bytes] = deque()
        self.writable = True
        self.clocks: list[int] = []
        """How many of the person's own clocks had been brought with each frame that ``saved`` counts."""
        self._joining: AbstractContextManager[Connection] = world.room.join(self, Role.EDITOR)
        self.connection = self._joining.__enter__()

    def write(self, batch: Batch) -> bool:
        if self.writable:
            self.down.extend(batch.frames)
        return self.writable

    def waiting(self) -> int:
        return 0 if self.writable else 1

    def hold(self, seconds: float) -> None:
        pass

    def close(self, code: int, reason: str) -> None:
        raise AssertionError(f"someone honest was sent away: {code} {reason}")

    def noticed(self) -> None:
        self._joining.__exit__(None, None, None)


class Peer:
    """Someone with a document, who sends what they change and comes back with what they have."""

    def __init__(self, random: Random, client: int, name: str | None) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client)
        self.client = client
        self.wire: Wire | None = None
        self.saved = 0
        """Of this person's clocks, how many were called saved."""
        self._random = random
        self._name = name
        self._files = self.doc.get("files", type=pycrdt.Map)
        self._hearing = False
        self._made: list[bytes] = []
        self._presence = 0
        self._watch = self.doc.observe(self._changed)

    @property
    def files(self) -> list[tuple[str, str, str]]:
        return sorted((id, file["name"], str(file["text"])) for id, file in self._files.items())

    def connect(self, world: "World") -> None:
        self.wire = Wire(world)
        if self._name is not None:
            hello = {"type": "hello", "name": self._name, "key": f"key-of-{self._name}-for-tests"}
            self.wire.up.append(room_frame(hello))
        self.wire.up.append(sync_frame(0, self.doc.get_state()))
        self._presence += 1
        self.wire.up.append(presence_frame((self.client, self._presence, {})))

    def change(self) -> None:
        """Change something, and send it if there is a connection."""
        self._edit()
        if self.wire is not None:
            for update in self._made:
                self._bring(2, update)
        self._made.clear()

    def _edit(self) -> None:
        """Type, delete, rename, or make a file; main.py is only there once the room was heard."""
        random = self._random
        ids = list(self._files.keys())
        if not ids:
            return
        draw = random.random()
        if draw < 0.03:
            fresh = pycrdt.Map({"name": "other.py", "text": pycrdt.Text(random.choice(WORDS))})
            self._files[f"file-{random.randrange(4)}"] = fresh
            return
        file = self._files[random.choice(ids)]
        if draw < 0.06:
            file["name"] = f"name-{random.randrange(100)}.py"
            return
        shared = file["text"]
        text = str(shared)
        at = random.randrange(len(text) + 1)
        byte = len(text[:at].encode())
        gone = text[at : at + random.randint(1, 6)]
        if gone and (draw < 0.3 or len(text) > 300):
            del shared[byte : byte + len(gone.encode())]
        else:
            shared.insert(byte, random.choice(WORDS))

    def hear(self, frame: bytes) -> None:
        assert self.wire is not None
        reader = Reader(frame)
        number = reader.u8()
        if number == ROOM:
            message = json.loads(reader.var_bytes())
            if message["type"] == "saved":
                self.saved = max([self.saved, *self.wire.clocks[: message["count"]]])
        if number != SYNC:
            return
        kind, payload = reader.u8(), reader.var_bytes()
        if kind == 0:
            self._bring(1, self.doc.get_update(payload))
        else:
            self._hearing = True
            self.doc.apply_update(payload)
            self._hearing = False

    def _changed(self, event: pycrdt.TransactionEvent) -> None:
        if not self._hearing:
            self._made.append(event.update)

    def _bring(self, kind: int, update: bytes) -> None:
        assert self.wire is not None
        self.wire.up.append(sync_frame(kind, update))
        brought = [run.end for run in gate.parse(update).runs if run.client == self.client]
        self.wire.clocks.append(max([*self.wire.clocks[-1:], *brought], default=0))


class World:
    def __init__(self, number: int | str, peers: int) -> None:
        self.random = Random(number)
        self.clock = Clock()
        self.peers = [Peer(self.random, 100 + n, f"P{n}" if n % 3 else None) for n in range(peers)]
        self.ghosts: list[Wire] = []
        """Connections whose people are gone, while the room has not noticed."""
        self._snapshot: bytes | None = None
        self._log: list[tuple[int, bytes]] = [(1, seed(FIRST))]
        self.room = self._loaded()

    def live(self, steps: int) -> None:
        """Let so many things happen, each drawn from what can happen now."""
        things = (
            (self._type, 30),
            (self._deliver, 60),
            (self._flush, 20),
            (self._store, 5),
            (self._come_or_go, 3),
            (self._stall, 2),
            (self._restart, 0.3),
        )
        verbs, weights = zip(*things, strict=True)
        for verb in self.random.choices(verbs, weights, k=steps):
            verb()

    def come_to_rest(self) -> None:
        """Everybody is here, and everything on its way arrives."""
        for ghost in self.ghosts:
            self._arrive(ghost, len(ghost.up))
            ghost.noticed()
        self.ghosts.clear()
        for peer in self.peers:
            if peer.wire is None:
                peer.connect(self)
        for _ in range(60):
            self.clock.now += 1.0
            self.room.tick()
            for peer in self.peers:
                assert peer.wire is not None
                self._resume(peer.wire)
                self._arrive(peer.wire, len(peer.wire.up))
                self._hear(peer, len(peer.wire.down))
            self.room.flush()
        self._store()

    def stored(self) -> Document:
        covered = [] if self._snapshot is None else [self._snapshot]
        return Document([*covered, *(update for _, update in self._log)])

    # What happens

    def _type(self) -> None:
        self.random.choice(self.peers).change()

    def _deliver(self) -> None:
        """Some of what is on its way on one connection, upwards or downwards."""
        wires = [*self.ghosts, *(peer.wire for peer in self.peers if peer.wire is not None)]
        if not wires:
            return
        wire = self.random.choice(wires)
        count = self.random.randint(1, 5)
        if self.random.random() < 0.5:
            self._arrive(wire, count)
        else:
            for peer in self.peers:
                if peer.wire is wire:
                    self._hear(peer, count)

    def _flush(self) -> None:
        self.clock.now += self.random.choice((0.0, 0.02, 0.5))
        self.room.flush()
        if self.random.random() < 0.1:
            self.clock.now += 1.0
            self.room.tick()

    def _store(self) -> None:
        position, rows = self.room.unsaved()
        self._log += [(at, update) for at, _, update in rows]
        self.room.saved(position)
        if self.random.random() < 0.2:
            self._snapshot, self._log = self.room.document.full(), []

    def _come_or_go(self) -> None:
        peer = self.random.choice(self.peers)
        if peer.wire is None:
            peer.connect(self)
            return
        wire, peer.wire = peer.wire, None
        wire.connection.clean = self.random.random() < 0.3
        if self.random.random() < 0.5:
            wire.up.clear()  # lost with the connection
        self.ghosts.append(wire)

    def _stall(self) -> None:
        """A reader stops reading, or goes on; a room notices that somebody is gone."""
        if self.ghosts and self.random.random() < 0.5:
            self.ghosts.pop(self.random.randrange(len(self.ghosts))).noticed()
            return
        peer = self.random.choice(self.peers)
        if peer.wire is not None and peer.wire.writable:
            peer.wire.writable = False
        elif peer.wire is not None:
            self._resume(peer.wire)

    def _restart(self) -> None:
        """The process dies; sometimes it could still store what it had. Whatever was on its way is lost."""
        if self.random.random() < 0.5:
            self._store()
        for peer in self.peers:
            if peer.wire is not None and self.random.random() < 0.5:
                self._hear(peer, self.random.randint(0, len(peer.wire.down)))
            peer.wire = None
        self.ghosts.clear()
        self.room = self._loaded()
        for peer in self.peers:
            kept = self.room.document.state.get(peer.client, 0)
            assert kept >= peer.saved, f"peer {peer.client} was told that {peer.saved} are saved, there are {kept}"

    def _resume(self, wire: Wire) -> None:
        wire.writable = True
        self.room.catch_up(wire.connection)

    def _arrive(self, wire: Wire, count: int) -> None:
        for _ in range(min(count, len(wire.up))):
            self.room.receive(wire.connection, wire.up.popleft())

    def _hear(self, peer: Peer, count: int) -> None:
        assert peer.wire is not None
        for _ in range(min(count, len(peer.wire.down))):
            peer.hear(peer.wire.down.popleft())

    def _loaded(self) -> Room:
        position = self._log[-1][0] if self._log else self.room._changes.last
        return Room(RECORD, self.stored(), position, Limits(), self.clock, lambda: None)


def files_of(files: list[File]) -> list[tuple[str, str, str]]:
    return sorted((file.id, file.name, file.text) for file in files)


def converge(number: int | str, *, peers: int, steps: int) -> None:
    """Let a world live and come to rest; AssertionError unless everybody, the store and a newcomer have the same."""
    world = World(number, peers)
    world.live(steps)
    world.come_to_rest()
    expected = files_of(world.room.document.files())
    state = world.room.document.state
    for peer in world.peers:
        known = _clocks(peer.doc.get_state())
        assert known == state, f"clocks of peer {peer.client} are {known}, the room's {state}"
        assert peer.files == expected, f"peer {peer.client} has {peer.files}, the room {expected}"
    newcomer = Peer(world.random, 99, "new")
    newcomer.connect(world)
    world.peers.append(newcomer)
    world.come_to_rest()
    assert newcomer.files == expected, f"a newcomer has {newcomer.files}, the room {expected}"
    stored = world.stored()
    assert (files_of(stored.files()), stored.state) == (expected, state), "the store has something else than the room"
    assert SEED_CLIENT in state
    assert not world.room.has_unsaved


def failures(seed: int, numbers: range) -> list[str]:
    """What went wrong in these worlds of the seed, each with its own."""
    found = []
    for number in numbers:
        try:
            converge(f"{seed}/{number}", peers=2 + number % 5, steps=300)
        except Exception:
            found.append(f"{traceback.format_exc()[-2_000:]}\nworld {seed}/{number}")
    return found


def _clocks(state_vector: bytes) -> dict[int, int]:
    reader = Reader(state_vector)
    return {reader.var_uint(): reader.var_uint() for _ in range(reader.var_uint())}
