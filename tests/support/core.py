"""A room without a server: hands that move the clock, and links that remember what was written."""

import json
from contextlib import ExitStack
from typing import Any

import pycrdt
from caretroom.capability import Role
from caretroom.connection import Connection
from caretroom.document import Document, seed
from caretroom.lib0 import Reader
from caretroom.limits import Limits
from caretroom.protocol import Batch
from caretroom.records import Kind, RoomId, RoomRecord
from caretroom.room import Room

from support.client import room_frame, sync_frame

RECORD = RoomRecord(RoomId("abcdefghijkm"), Kind.PAIR, "", "ACDEFG", "epoch-one", 0.0)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class FakeLink:
    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.writable = True
        self.untaken = 0
        self.closed: tuple[int, str] | None = None
        self.held: list[float] = []

    def write(self, batch: Batch) -> bool:
        if self.writable:
            self.frames += batch.frames
        return self.writable

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    def waiting(self) -> int:
        return self.untaken

    def hold(self, seconds: float) -> None:
        self.held.append(seconds)

    def take(self) -> list[bytes]:
        frames, self.frames = self.frames, []
        return frames

    def messages(self, *types: str) -> list[dict[str, Any]]:
        return [message for message in map(_json, self.frames) if message and message["type"] in types]


def _json(frame: bytes) -> dict[str, Any] | None:
    if frame[0] not in (64, 65):
        return None
    decoded: dict[str, Any] = json.loads(Reader(frame[1:]).var_bytes())
    return decoded


class Table:
    """A room with its clock; ``sit`` brings people in."""

    def __init__(self, code: str = "", limits: Limits | None = None, record: RoomRecord = RECORD) -> None:
        self.clock = Clock()
        self.woken = 0
        self.document = Document([seed(code)])
        self.room = Room(record, self.document, 1, limits or Limits(), self.clock, self._wake)
        self._stack = ExitStack()

    def sit(self, role: Role = Role.EDITOR, name: str | None = None) -> tuple[FakeLink, Connection]:
        link = FakeLink()
        connection = self._stack.enter_context(self.room.join(link, role))
        if name is not None:
            self.room.receive(
                connection, room_frame({"type": "hello", "name": name, "key": f"key-of-{name}-for-tests"})
            )
        self.flush()
        link.take()
        return link, connection

    def leave(self, connection: Connection, *, clean: bool) -> None:
        connection.clean = clean
        self.room._leave(connection)

    def flush(self) -> None:
        """Tell everything, also what would wait for the calm to pass."""
        self.pass_time(1.0)
        self.room.flush()

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds

    def _wake(self) -> None:
        self.woken += 1


def typed(document: Document, text: str, client: int = 7) -> bytes:
    """An update that appends to main.py, as the client with this id would send it."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client)
    doc.apply_update(document.full())
    before = doc.get_state()
    main = doc.get("files", type=pycrdt.Map)["main"]["text"]
    main.insert(len(main), text)
    return bytes(doc.get_update(before))


def update_frame(update: bytes) -> bytes:
    return sync_frame(2, update)


def step2_frame(update: bytes) -> bytes:
    return sync_frame(1, update)
