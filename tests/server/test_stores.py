"""The contract of a store, held against each of them."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from caretroom.errors import ConfigError, GoneError, NotFoundError, StoreError, StoreVersionError
from caretroom.records import MAIN, Addition, Author, Entry, MemberId, RoomId
from caretroom.store import Store, open_store
from support.core import RECORD

ADA = Author(MemberId("m1"), "Ada")
Opener = Callable[[], AbstractAsyncContextManager[Store]]


def entry(position: int, update: bytes = b"update") -> Entry:
    return Entry(position, 1000.0 + position, ADA, update)


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = {"memory": "memory://", "sqlite": f"sqlite:///{tmp_path}/rooms.db"}[request.param]
    async with open_store(url) as opened:
        await opened.create(RECORD, MAIN, entry(1, b"seed"))
        yield opened


async def test_a_room_is_there_once_created(store: Store) -> None:
    assert await store.room(RECORD.room) == RECORD
    assert await store.find(RECORD.join_code) == RECORD
    assert await store.rooms() == [RECORD]
    stored = await store.load(RECORD.room, MAIN)
    assert (stored.snapshot, stored.entries, stored.position) == (None, [entry(1, b"seed")], 1)


async def test_a_room_cannot_be_created_twice(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.create(RECORD, MAIN, entry(1, b"another seed"))
    with pytest.raises(StoreError):
        await store.create(replace(RECORD, room=RoomId("another")), MAIN, entry(1, b"same join code"))
    assert (await store.load(RECORD.room, MAIN)).entries == [entry(1, b"seed")]


async def test_an_unknown_room_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError):
        await store.room(RoomId("nowhere"))
    assert await store.append([Addition(RoomId("nowhere"), MAIN, [entry(1)])]) == {"nowhere"}
    assert await store.find("NOPE44") is None


async def test_entries_come_back_in_order_with_time_and_author(store: Store) -> None:
    await store.append([Addition(RECORD.room, MAIN, [entry(2, b"two"), entry(5, b"three to five")])])
    await store.append([Addition(RECORD.room, MAIN, [entry(6, b"six")])])
    stored = await store.load(RECORD.room, MAIN)
    assert stored.entries == [entry(1, b"seed"), entry(2, b"two"), entry(5, b"three to five"), entry(6, b"six")]
    assert stored.position == 6
    assert await store.history(RECORD.room, MAIN) == stored.entries


async def test_an_entry_that_comes_again_changes_nothing(store: Store) -> None:
    await store.append([Addition(RECORD.room, MAIN, [entry(2, b"two")])])
    await store.append([Addition(RECORD.room, MAIN, [entry(2, b"two"), entry(3, b"three")])])
    assert [e.update for e in await store.history(RECORD.room, MAIN)] == [b"seed", b"two", b"three"]


async def test_a_snapshot_stands_for_what_it_covers(store: Store) -> None:
    await store.append([Addition(RECORD.room, MAIN, [entry(2), entry(3)])])
    await store.snapshot(RECORD.room, MAIN, 2, b"state at 2")
    stored = await store.load(RECORD.room, MAIN)
    assert (stored.snapshot, stored.entries, stored.position) == (b"state at 2", [entry(3)], 3)
    await store.snapshot(RECORD.room, MAIN, 1, b"an older state")
    assert (await store.load(RECORD.room, MAIN)).snapshot == b"state at 2"
    assert len(await store.history(RECORD.room, MAIN)) == 3


async def test_new_links_are_a_new_generation_with_another_join_code(store: Store) -> None:
    record = await store.replace_links(RECORD.room, "NEWCDE")
    assert record == replace(RECORD, generation=RECORD.generation + 1, join_code="NEWCDE")
    assert await store.room(RECORD.room) == await store.find("NEWCDE") == record
    assert await store.find(RECORD.join_code) is None
    await store.delete(RECORD.room)
    with pytest.raises(GoneError):
        await store.replace_links(RECORD.room, "AGAIN3")


async def test_a_deleted_room_is_gone_with_all_that_was_in_it(store: Store) -> None:
    await store.snapshot(RECORD.room, MAIN, 1, b"state")
    await store.delete(RECORD.room)
    with pytest.raises(GoneError):
        await store.room(RECORD.room)
    assert await store.append([Addition(RECORD.room, MAIN, [entry(2)])]) == {RECORD.room}
    with pytest.raises(GoneError):
        await store.snapshot(RECORD.room, MAIN, 2, b"late")
    assert await store.find(RECORD.join_code) is None
    assert await store.rooms() == []
    assert await store.history(RECORD.room, MAIN) == []
    assert (await store.load(RECORD.room, MAIN)).snapshot is None


async def test_documents_of_a_room_are_apart(store: Store) -> None:
    await store.append([Addition(RECORD.room, "notes", [entry(1, b"note")])])
    assert [e.update for e in await store.history(RECORD.room, "notes")] == [b"note"]
    assert [e.update for e in await store.history(RECORD.room, MAIN)] == [b"seed"]


async def test_sqlite_keeps_rooms_over_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/rooms.db"
    async with open_store(url) as store:
        await store.create(RECORD, MAIN, entry(1, b"seed"))
        await store.append([Addition(RECORD.room, MAIN, [entry(2, b"two")])])
    async with open_store(url) as store:
        assert [e.update for e in (await store.load(RECORD.room, MAIN)).entries] == [b"seed", b"two"]


async def test_one_bad_write_does_not_spoil_those_it_is_committed_with(tmp_path: Path) -> None:
    import asyncio

    async with open_store(f"sqlite:///{tmp_path}/rooms.db") as store:
        await store.create(RECORD, MAIN, entry(1))
        results = await asyncio.gather(
            store.append([Addition(RECORD.room, MAIN, [entry(2)])]),
            store.snapshot(RoomId("nowhere"), MAIN, 2, b"state"),
            store.create(RECORD, MAIN, entry(1)),
            store.append([Addition(RECORD.room, MAIN, [entry(3)])]),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [set, NotFoundError, StoreError, set]
        assert (await store.load(RECORD.room, MAIN)).position == 3


async def test_rooms_that_are_gone_do_not_keep_the_others_entries_out(store: Store) -> None:
    another = replace(RECORD, room=RoomId("another"), join_code="ANOTHER")
    await store.create(another, MAIN, entry(1, b"seed"))
    await store.delete(RECORD.room)
    additions = [Addition(room, MAIN, [entry(2, b"two")]) for room in (RECORD.room, RoomId("nowhere"), another.room)]
    assert await store.append(additions) == {RECORD.room, "nowhere"}
    assert [e.update for e in await store.history(another.room, MAIN)] == [b"seed", b"two"]
    assert await store.history(RECORD.room, MAIN) == []


async def test_a_store_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "rooms.db"
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(StoreVersionError, match="newer Caretroom"):
        async with open_store(f"sqlite:///{path}"):
            pass


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"rooms\.db: unable to open"):
        async with open_store(f"sqlite:///{tmp_path}/nowhere/rooms.db"):
            pass


async def test_a_deleted_rooms_text_is_not_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rooms.db"
    async with open_store(f"sqlite:///{path}") as store:
        await store.create(RECORD, MAIN, entry(1, b"seed"))
        await store.append([Addition(RECORD.room, MAIN, [entry(2, b"a very secret line")])])
        await store.delete(RECORD.room)
    database = sqlite3.connect(path)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    assert b"a very secret line" not in path.read_bytes()


@pytest.mark.parametrize("url", ["", "postgres://x", "sqlite://", "sqlite:///", "memory"])
def test_a_url_that_names_no_store_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="expected memory:// or sqlite"):
        open_store(url)
