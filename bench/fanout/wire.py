"""What is said on the wire of each server: y-protocols, for Hocuspocus with the room's name in front."""

import json
from enum import StrEnum
from typing import NamedTuple

from caretroom import gate
from caretroom.lib0 import Reader, var_bytes, write_var_uint


class Dialect(StrEnum):
    CARETROOM = "caretroom"
    YJS = "yjs"
    HOCUSPOCUS = "hocuspocus"


class Span(NamedTuple):
    """Characters `first` to before `end` of a client."""

    client: int
    first: int
    end: int


class Step1(NamedTuple):
    pass


class Text(NamedTuple):
    is_step2: bool
    update: bytes
    spans: list[Span]


class Cursors(NamedTuple):
    entries: list[tuple[int, int]]
    """Client and clock."""


class Authenticated(NamedTuple):
    pass


class Other(NamedTuple):
    pass


Heard = Step1 | Text | Cursors | Authenticated | Other

_HOCUSPOCUS_SYNC_REPLY, _HOCUSPOCUS_AUTH = 4, 2


def read(dialect: Dialect, data: bytes) -> Heard:
    reader = Reader(data)
    if dialect is Dialect.HOCUSPOCUS:
        reader.var_bytes()
    kind = reader.var_uint()
    if kind == 0 or (dialect is Dialect.HOCUSPOCUS and kind == _HOCUSPOCUS_SYNC_REPLY):
        step, payload = reader.var_uint(), reader.var_bytes()
        return Step1() if step == 0 else Text(step == 1, payload, spans(payload))
    if kind == 1:
        entries = Reader(reader.var_bytes())
        found = []
        for _ in range(entries.var_uint()):
            found.append((entries.var_uint(), entries.var_uint()))
            entries.var_bytes()
        return Cursors(found)
    if dialect is Dialect.HOCUSPOCUS and kind == _HOCUSPOCUS_AUTH:
        return Authenticated()
    return Other()


def spans(update: bytes) -> list[Span]:
    """What an update brings, without what it skips."""
    found = []
    for run in gate.parse(update).runs:
        first = run.start
        for at, struct in enumerate(run.structs):
            if struct.kind is gate.Kind.SKIP:
                if struct.clock > first:
                    found.append(Span(run.client, first, struct.clock))
                first = run.structs[at + 1].clock if at + 1 < len(run.structs) else run.end
        if run.end > first:
            found.append(Span(run.client, first, run.end))
    return found


def prefix(dialect: Dialect, room: str) -> bytes:
    return var_bytes(room.encode()) if dialect is Dialect.HOCUSPOCUS else b""


def step1() -> bytes:
    return b"\x00\x00\x01\x00"


def empty_step2() -> bytes:
    return b"\x00\x01\x02\x00\x00"


def update(data: bytes) -> bytes:
    return b"\x00\x02" + var_bytes(data)


def token() -> bytes:
    return b"\x02\x00" + var_bytes(b"any")


def cursor(client: int, clock: int) -> bytes:
    """As y-codemirror sends it: name, colours and two relative positions."""
    position = {"type": None, "tname": "text", "item": {"client": client, "clock": clock}, "assoc": 0}
    state = {
        "user": {"name": f"User {client % 1000}", "color": "#30bced", "colorLight": "#30bced33"},
        "cursor": {"anchor": position, "head": position},
    }
    entry = (
        write_var_uint(client) + write_var_uint(clock) + var_bytes(json.dumps(state, separators=(",", ":")).encode())
    )
    return b"\x01" + var_bytes(write_var_uint(1) + entry)
