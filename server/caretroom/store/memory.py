"""A store that forgets everything at the end: for trying out and for tests."""

from collections.abc import Sequence, Set
from dataclasses import replace
from types import TracebackType

from caretroom.errors import GoneError, NotFoundError, StoreError
from caretroom.records import Addition, Entry, RoomId, RoomRecord, StoredDocument


class MemoryStore:
    def __init__(self) -> None:
        self._rooms: dict[RoomId, RoomRecord | None] = {}
        self._entries: dict[tuple[RoomId, str], dict[int, Entry]] = {}
        self._snapshots: dict[tuple[RoomId, str], tuple[int, bytes]] = {}

    async def __aenter__(self) -> "MemoryStore":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass

    async def create(self, record: RoomRecord, document: str, seed: Entry) -> None:
        taken = {known.join_code for known in self._rooms.values() if known}
        if record.room in self._rooms or record.join_code in taken:
            raise StoreError(f"room {record.room} or its join code exists already")
        self._rooms[record.room] = record
        self._entries[record.room, document] = {seed.position: seed}

    async def room(self, room: RoomId) -> RoomRecord:
        if room not in self._rooms:
            raise NotFoundError("There is no such room.")
        record = self._rooms[room]
        if record is None:
            raise GoneError("This room was deleted.")
        return record

    async def find(self, join_code: str) -> RoomRecord | None:
        return next((r for r in self._rooms.values() if r and r.join_code == join_code), None)

    async def rooms(self) -> list[RoomRecord]:
        return sorted((r for r in self._rooms.values() if r), key=lambda r: -r.created_at)

    async def load(self, room: RoomId, document: str) -> StoredDocument:
        entries = self._entries.get((room, document), {})
        covered, snapshot = self._snapshots.get((room, document), (0, None))
        return StoredDocument(
            snapshot,
            [entry for position, entry in sorted(entries.items()) if position > covered],
            max([covered, *entries]),
        )

    async def append(self, additions: Sequence[Addition]) -> Set[RoomId]:
        gone = set()
        for room, document, entries in additions:
            if self._rooms.get(room) is None:
                gone.add(room)
                continue
            log = self._entries.setdefault((room, document), {})
            for entry in entries:
                log.setdefault(entry.position, entry)
        return gone

    async def snapshot(self, room: RoomId, document: str, position: int, state: bytes) -> None:
        await self.room(room)
        if position >= self._snapshots.get((room, document), (0, b""))[0]:
            self._snapshots[room, document] = (position, state)

    async def history(self, room: RoomId, document: str) -> list[Entry]:
        return [entry for _, entry in sorted(self._entries.get((room, document), {}).items())]

    async def replace_links(self, room: RoomId, join_code: str) -> RoomRecord:
        record = await self.room(room)
        record = self._rooms[room] = replace(record, generation=record.generation + 1, join_code=join_code)
        return record

    async def delete(self, room: RoomId) -> None:
        if room not in self._rooms:
            return
        self._rooms[room] = None
        for key in [key for key in self._entries if key[0] == room]:
            self._entries.pop(key)
            self._snapshots.pop(key, None)

    async def check(self) -> None:
        pass
