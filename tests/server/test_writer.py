"""The writer: many rooms share a commit, and no room keeps another's text from being stored."""

import asyncio
from collections.abc import AsyncIterator, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from caretroom import writer as writer_module
from caretroom.carriers import Carriers
from caretroom.errors import StoreError
from caretroom.limits import Limits
from caretroom.pace import Pace
from caretroom.records import MAIN, Addition, Author, Entry, MemberId, RoomId
from caretroom.store.memory import MemoryStore
from caretroom.writer import Writer
from support.core import RECORD, Table, typed, update_frame

SOON = 10.0


class CountingStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.commits = 0
        self.fails = False
        self.asked = asyncio.Event()

    async def append(self, additions: Sequence[Addition]) -> Set[RoomId]:
        self.asked.set()
        if self.fails:
            raise StoreError("the disk is full")
        self.commits += 1
        return await super().append(additions)


class Rooms:
    def __init__(self, store: CountingStore, writer: Writer) -> None:
        self.store = store
        self.writer = writer

    async def add(self, name: str) -> Table:
        """A room in which somebody has just typed."""
        record = replace(RECORD, room=RoomId(name), join_code=name)
        await self.store.create(record, MAIN, Entry(1, 0.0, Author(MemberId("m"), ""), b"seed"))
        table = Table(record=record)
        _, ada = table.sit(name="Ada")
        table.room.receive(ada, update_frame(typed(table.document, "a")))
        carriers = Carriers(self.writer.changed, Pace())
        carriers.carry(table.room, 0)
        self.writer.changed(carriers)
        return table

    async def until_saved(self, *tables: Table) -> None:
        async with asyncio.timeout(SOON):
            while any(table.room.has_unsaved for table in tables):
                self.store.asked.clear()
                await self.store.asked.wait()
                await asyncio.sleep(0)  # the writer tells the rooms at the loop's next turn


@asynccontextmanager
async def writing() -> AsyncIterator[Rooms]:
    store = CountingStore()
    writer = Writer(store, Limits())
    running = asyncio.create_task(writer.run())
    try:
        yield Rooms(store, writer)
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_many_rooms_share_a_commit() -> None:
    async with writing() as rooms:
        tables = [await rooms.add(f"room{n}") for n in range(20)]
        await rooms.until_saved(*tables)
        assert rooms.store.commits == 1
        assert all([len(await rooms.store.history(table.room.record.room, MAIN)) == 2 for table in tables])


async def test_what_could_not_be_stored_is_stored_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "RETRY_FIRST_SECONDS", 0.01)
    async with writing() as rooms:
        rooms.store.fails = True
        table = await rooms.add("room")
        for _ in range(3):
            rooms.store.asked.clear()
            await rooms.store.asked.wait()
        assert table.room.has_unsaved
        rooms.store.fails = False
        await rooms.until_saved(table)


async def test_a_deleted_room_does_not_keep_the_others_from_being_stored() -> None:
    async with writing() as rooms:
        deleted, other = await rooms.add("deleted"), await rooms.add("other")
        await rooms.store.delete(deleted.room.record.room)
        await rooms.until_saved(other)
        assert deleted.room.has_unsaved
        assert await rooms.store.history(deleted.room.record.room, MAIN) == []


async def test_a_room_that_fails_does_not_keep_the_others_from_being_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    async with writing() as rooms:
        broken, other = await rooms.add("broken"), await rooms.add("other")

        def fail() -> tuple[int, list[tuple[int, Author, bytes]]]:
            raise ValueError("the engine gave up")

        monkeypatch.setattr(broken.room, "unsaved", fail)
        await rooms.until_saved(other)
        assert broken.room.has_unsaved
