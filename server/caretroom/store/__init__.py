"""Where rooms are kept: one small port, and the choice of its adapter by URL."""

from collections.abc import Sequence, Set
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from caretroom.errors import ConfigError
from caretroom.records import Addition, Entry, RoomId, RoomRecord, StoredDocument
from caretroom.store.memory import MemoryStore
from caretroom.store.sqlite import SQLiteStore


class Store(Protocol):
    """Every method raises StoreError when the store can't do it now; nothing is half done then."""

    async def create(self, record: RoomRecord, document: str, seed: Entry) -> None:
        """Keep a new room and its document's first entry, both or neither."""

    async def room(self, room: RoomId) -> RoomRecord:
        """Raises NotFoundError for a room that never was, GoneError for a deleted one."""

    async def find(self, join_code: str) -> RoomRecord | None: ...

    async def rooms(self) -> list[RoomRecord]:
        """The newest first."""

    async def load(self, room: RoomId, document: str) -> StoredDocument: ...

    async def append(self, additions: Sequence[Addition]) -> Set[RoomId]:
        """Returns when the entries are safe, with the rooms that took none because they are not there (any more).

        An entry at a position that is taken is the same one come again.
        """

    async def snapshot(self, room: RoomId, document: str, position: int, state: bytes) -> None:
        """Keep the state of the document, which covers everything up to ``position``, for a quicker load."""

    async def history(self, room: RoomId, document: str) -> list[Entry]: ...

    async def replace_links(self, room: RoomId, join_code: str) -> RoomRecord:
        """Begin a new generation of links, with this join code, and return the record that says so."""

    async def delete(self, room: RoomId) -> None:
        """Forget everything of the room but that it was."""

    async def check(self) -> None:
        """Raises StoreError unless the store works."""


def open_store(url: str) -> AbstractAsyncContextManager[Store]:
    """The store that the URL names. Raises ConfigError for a URL that names none."""
    if url == "memory://":
        return MemoryStore()
    scheme, separator, path = url.partition(":///")
    if scheme == "sqlite" and separator and path:
        return SQLiteStore(path)
    raise ConfigError(f"--store {url}: expected memory:// or sqlite:///FILE")
