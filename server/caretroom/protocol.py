"""The messages of the wire as types, and their bytes (docs/protocol.md).

y-protocols v1 (sync 0, awareness 1, auth 2, query awareness 3), output 64 and room messages 65.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta

from caretroom.errors import BadFrameError
from caretroom.lib0 import MalformedError, Reader, var_bytes, write_var_uint

SYNC, AWARENESS, AUTH, QUERY_AWARENESS, OUTPUT, ROOM = 0, 1, 2, 3, 64, 65

CLOSE_TOO_LARGE = 1009
CLOSE_FAILED = 1011
CLOSE_TRY_LATER = 1013
CLOSE_BAD_MESSAGE = 4400
CLOSE_UNAUTHORIZED = 4401
CLOSE_STALE_EPOCH = 4409
CLOSE_ROOM_CLOSED = 4410


class Step1(NamedTuple):
    state_vector: bytes


class Step2(NamedTuple):
    update: bytes


class Update(NamedTuple):
    update: bytes


class PresenceEntry(NamedTuple):
    client: int
    clock: int
    state: bytes
    """JSON as it came; ``null`` means that the client is gone."""


class Presence(NamedTuple):
    entries: list[PresenceEntry]


class QueryPresence(NamedTuple):
    pass


class Unknown(NamedTuple):
    number: int


RunId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]


class Start(msgspec.Struct, frozen=True, tag_field="type", tag="start"):
    run: RunId
    file: Annotated[str, Meta(min_length=1, max_length=200)]


class Text(msgspec.Struct, frozen=True, tag_field="type", tag="text"):
    run: RunId
    stream: Literal["stdout", "stderr"]
    text: str


class Display(msgspec.Struct, frozen=True, tag_field="type", tag="display"):
    """A value that is shown and not printed. One of the same id takes the place of the one before."""

    run: RunId
    id: Annotated[str, Meta(min_length=1, max_length=64)]
    mime: Literal["image/png", "image/jpeg", "image/webp", "image/svg+xml", "text/html"]
    alt: Annotated[str, Meta(max_length=200)]
    width: Annotated[float, Meta(ge=1, le=10_000)] | None
    data: bytes


class Dropped(msgspec.Struct, frozen=True, tag_field="type", tag="dropped", omit_defaults=True):
    run: RunId
    characters: Count
    displays: Count = 0


class End(msgspec.Struct, frozen=True, tag_field="type", tag="end"):
    run: RunId
    state: Literal["ok", "error", "stopped", "left"]
    seconds: Annotated[float, Meta(ge=0)]


class Clear(msgspec.Struct, frozen=True, tag_field="type", tag="clear"):
    pass


OutputEvent: TypeAlias = Start | Text | Display | Dropped | End | Clear


class Hello(msgspec.Struct, frozen=True, tag_field="type", tag="hello"):
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    key: Annotated[str, Meta(min_length=16, max_length=64)]


ClientMessage: TypeAlias = Step1 | Step2 | Update | Presence | QueryPresence | OutputEvent | Hello | Unknown


class Welcome(msgspec.Struct, frozen=True, tag_field="type", tag="welcome"):
    member: str
    role: str
    room: str
    kind: str
    title: str
    epoch: str


class MemberInfo(msgspec.Struct, frozen=True):
    id: str
    name: str
    role: str
    colour: int
    clients: list[int]


class Members(msgspec.Struct, frozen=True, tag_field="type", tag="members"):
    reset: bool
    present: list[MemberInfo]
    gone: list[str]


class Saved(msgspec.Struct, frozen=True, tag_field="type", tag="saved"):
    count: int


NoticeCode: TypeAlias = Literal[
    "read-only",
    "output-denied",
    "output-limit",
    "update-limit",
    "document-limit",
    "files-limit",
    "presence-limit",
    "rate-limit",
    "room-full",
]


class Notice(msgspec.Struct, frozen=True, tag_field="type", tag="notice"):
    code: NoticeCode
    message: str


RoomMessage: TypeAlias = Welcome | Members | Saved | Notice

_output_event = msgspec.json.Decoder(OutputEvent)
_room_message = msgspec.json.Decoder(Hello)
_any_json = msgspec.json.Decoder()
_json = msgspec.json.Encoder()


def decode(frame: bytes) -> ClientMessage:
    """Read one frame from a client. Raises BadFrameError for whatever the grammar does not allow."""
    try:
        reader = Reader(frame)
        number = reader.var_uint()
        message: ClientMessage
        if number == SYNC:
            kind = reader.var_uint()
            payload = reader.var_bytes()
            if kind == 0:
                message = Step1(payload)
            elif kind == 1:
                message = Step2(payload)
            elif kind == 2:
                message = Update(payload)
            else:
                raise BadFrameError("sync", f"expected a sync message of kind 0, 1 or 2, got {kind}")
        elif number == AWARENESS:
            message = Presence(_presence(reader.var_bytes()))
        elif number == QUERY_AWARENESS:
            message = QueryPresence()
        elif number == OUTPUT:
            message = _output_event.decode(reader.var_bytes())
        elif number == ROOM:
            message = _room_message.decode(reader.var_bytes())
        else:
            return Unknown(number)
    except MalformedError as error:
        raise BadFrameError("malformed", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFrameError("json", str(error)) from error
    if not reader.done:
        raise BadFrameError("trailing", f"expected the frame to end after {reader.position} bytes")
    return message


def _presence(payload: bytes) -> list[PresenceEntry]:
    reader = Reader(payload)
    entries = []
    for _ in range(reader.var_uint()):
        entry = PresenceEntry(reader.var_uint(), reader.var_uint(), reader.var_bytes())
        state = _any_json.decode(entry.state)
        if state is not None and not isinstance(state, dict):
            raise BadFrameError("presence", "expected a presence state to be a JSON object or null")
        entries.append(entry)
    if not reader.done:
        raise BadFrameError("trailing", "expected the awareness message to end after its last entry")
    return entries


def step1(state_vector: bytes) -> bytes:
    return b"\x00\x00" + var_bytes(state_vector)


def step2(update: bytes) -> bytes:
    return b"\x00\x01" + var_bytes(update)


def update(update: bytes) -> bytes:
    return b"\x00\x02" + var_bytes(update)


def presence(entries: Sequence[PresenceEntry]) -> bytes:
    parts = [write_var_uint(len(entries))]
    for client, clock, state in entries:
        parts += (write_var_uint(client), write_var_uint(clock), var_bytes(state))
    return b"\x01" + var_bytes(b"".join(parts))


def denied(reason: str) -> bytes:
    return b"\x02\x00" + var_bytes(reason.encode())


def output(event: OutputEvent, number: int, member: str, name: str) -> bytes:
    told = msgspec.to_builtins(event) | {"number": number, "member": member}
    if isinstance(event, Start):
        told["name"] = name
    return b"\x40" + var_bytes(_json.encode(told))


def room(message: RoomMessage) -> bytes:
    return b"\x41" + var_bytes(_json.encode(message))


class Batch:
    """Frames that many connections get alike.

    ``wire`` is the transport's form of them: made by the first transport that writes the batch, used by all.
    """

    __slots__ = ("frames", "wire")

    def __init__(self, frames: Iterable[bytes]) -> None:
        self.frames = tuple(frames)
        self.wire: bytes | None = None
