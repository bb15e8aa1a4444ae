"""What a room is to the store: its record and the entries of its update log."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, NewType

RoomId = NewType("RoomId", str)
MemberId = NewType("MemberId", str)

MAIN = "main"
"""The name of a room's main document."""


class Kind(StrEnum):
    PAIR = "pair"
    INTERVIEW = "interview"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class RoomRecord:
    room: RoomId
    kind: Kind
    title: str
    join_code: str
    epoch: str
    """Changes when the document starts anew: copies of another epoch must never be merged into it."""
    created_at: float
    """Unix time in seconds."""
    generation: int = 0
    """Counts how often the links were replaced: those of another generation open nothing."""


@dataclass(frozen=True, slots=True)
class Author:
    member: MemberId
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the update log."""

    position: int
    """Counts the updates of the document; a row that merges several bears the position of its last."""
    at: float
    """Unix time in seconds."""
    author: Author
    update: bytes


class Addition(NamedTuple):
    """Entries on their way to the end of a document's log."""

    room: RoomId
    document: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class StoredDocument:
    snapshot: bytes | None
    entries: list[Entry]
    """What came after the snapshot, in order."""
    position: int
    """The last position in use, 0 for none."""
