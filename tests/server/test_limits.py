"""Every limit is told to whoever reaches it, and costs nobody else anything."""

import asyncio
from typing import Any

import pycrdt
import pytest
from caretroom.capability import Role
from caretroom.limits import Limits
from support.client import Client, presence_frame, sync_frame
from support.core import FakeLink, Table, step2_frame, typed, update_frame
from support.server import Server


def codes(link: FakeLink) -> list[str]:
    return [notice["code"] for notice in link.messages("notice")]


def text(table: Table) -> str:
    return table.document.files()[0].text


def writer(table: Table, client: int = 7) -> "pycrdt.Doc[Any]":
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client)
    doc.apply_update(table.document.full())
    return doc


def change(doc: "pycrdt.Doc[Any]", text: str) -> bytes:
    before = doc.get_state()
    main = doc.get("files", type=pycrdt.Map)["main"]["text"]
    main.insert(len(main), text)
    return bytes(doc.get_update(before))


def test_a_change_that_is_too_large_is_refused_and_the_next_small_one_is_not() -> None:
    table = Table(limits=Limits(update_bytes=1000))
    link, ada = table.sit()
    table.room.receive(ada, update_frame(typed(table.document, "x" * 2000)))
    assert codes(link) == ["update-limit"]
    assert link.closed is None
    table.room.receive(ada, update_frame(typed(table.document, "ok")))
    assert text(table) == "ok"


def test_a_full_room_takes_no_more_text_until_something_is_deleted() -> None:
    table = Table("x" * 900, limits=Limits(document_bytes=1500))
    link, ada = table.sit()
    doc = writer(table)
    table.room.receive(ada, update_frame(change(doc, "y" * 900)))
    assert codes(link) == ["document-limit"]
    assert text(table) == "x" * 900
    main = doc.get("files", type=pycrdt.Map)["main"]["text"]
    del main[0:1800]  # what was refused, too
    table.pass_time(5)
    table.room.receive(ada, step2_frame(bytes(doc.get_update())))
    assert text(table) == ""
    table.room.receive(ada, update_frame(change(doc, "fits now")))
    assert text(table) == "fits now"


def test_what_was_refused_is_not_called_saved_and_is_asked_for_again() -> None:
    table = Table(limits=Limits(document_bytes=500))
    link, ada = table.sit()
    table.room.receive(ada, update_frame(typed(table.document, "x" * 900)))
    position, rows = table.room.unsaved()
    table.room.saved(position)
    assert rows == []
    assert link.messages("saved") == []
    link.take()
    table.pass_time(17)
    table.room.tick()
    assert any(frame[:2] == b"\x00\x00" for frame in link.take()), "no step 1 came"


def test_a_room_holds_only_so_many_files() -> None:
    table = Table(limits=Limits(files_per_room=3))
    link, ada = table.sit()
    doc = writer(table)
    files = doc.get("files", type=pycrdt.Map)
    for number in range(4):
        before = doc.get_state()
        files[f"f{number}"] = pycrdt.Map({"name": f"f{number}.py", "text": pycrdt.Text("")})
        table.room.receive(ada, update_frame(bytes(doc.get_update(before))))
        if number == 1:
            assert codes(link) == []
    assert "files-limit" in codes(link)
    assert [file.name for file in table.document.files()] == ["main.py", "f0.py", "f1.py"]
    before = doc.get_state()
    files["f0"]["name"] = "renamed.py"
    assert link.closed is None


@pytest.mark.parametrize("frame", ["update", "presence"])
def test_whoever_sends_too_fast_is_read_more_slowly_and_loses_nothing(frame: str) -> None:
    limits = Limits(updates_per_second=10, updates_burst=20, presence_per_second=10, presence_burst=20)
    table = Table(limits=limits)
    link, ada = table.sit()
    doc = writer(table)
    for number in range(25):
        if frame == "update":
            table.room.receive(ada, update_frame(change(doc, "x")))
        else:
            table.room.receive(ada, presence_frame((7, number + 1, {"n": number})))
        assert bool(link.held) == (number >= 20)
    assert codes(link) == ["rate-limit"]
    assert 0.4 < link.held[-1] <= 0.5
    if frame == "update":
        assert text(table) == "x" * 25


def test_presence_that_is_too_much_is_told_and_keeps_the_connection() -> None:
    table = Table(limits=Limits(presence_bytes=50, presence_ids_per_connection=2))
    link, ada = table.sit()
    table.room.receive(ada, presence_frame((7, 1, {"x": "y" * 100})))
    assert codes(link) == ["presence-limit"]
    table.pass_time(2)
    table.room.receive(ada, presence_frame(*((client, 1, {}) for client in (7, 8, 9))))
    assert codes(link) == ["presence-limit"] * 2
    assert link.closed is None


def test_a_host_comes_in_even_when_the_room_is_full() -> None:
    table = Table(limits=Limits(members_per_room=1))
    table.sit()
    turned_away = table.room.turned_away(Role.EDITOR)
    assert turned_away is not None
    assert "1 people are here" in turned_away.message
    assert table.room.turned_away(Role.HOST) is None


async def test_a_full_room_says_so_before_it_asks_to_come_later(tmp_path: Any) -> None:
    async with Server(tmp_path, limits="members_per_room=1") as server:
        room = await server.create_room()
        async with Client(server.url, room.id, room.token("editor"), name="Ada") as ada:
            await ada.until_synced()
            async with Client(server.url, room.id, room.token("viewer"), name="Eve") as eve:
                assert await eve.until_closed() == 1013
                assert [notice["code"] for notice in eve.told("notice")] == ["room-full"]


async def test_a_server_opens_and_makes_only_so_many_rooms(tmp_path: Any) -> None:
    async with Server(tmp_path, limits="rooms_open=1 rooms_burst=3 rooms_per_second=1") as server:
        rooms = [await server.create_room() for _ in range(2)]
        async with Client(server.url, rooms[0].id, rooms[0].token("editor")) as ada:
            await ada.until_synced()
            headers = {"Authorization": f"Bearer {rooms[1].token('host')}"}
            assert (await server.http.get(f"/api/rooms/{rooms[1].id}", headers=headers)).status_code == 503
        statuses = [(await server.http.post("/api/rooms", json={})).status_code for _ in range(5)]
        assert statuses[0] == 201
        assert statuses[-1] == 429


async def test_a_flood_of_changes_arrives_whole_and_disturbs_nobody(tmp_path: Any) -> None:
    async with Server(tmp_path, limits="updates_per_second=200 updates_burst=100") as server:
        room = await server.create_room(code="")
        async with (
            Client(server.url, room.id, room.token("editor"), name="Ada") as ada,
            Client(server.url, room.id, room.token("editor"), name="Bob") as bob,
        ):
            await asyncio.gather(ada.until_synced(), bob.until_synced())
            for _ in range(300):
                ada.write("x")
            bob.write("y")
            await ada.until(lambda me: "y" in me.text, within=5)
            await bob.until(lambda me: me.text.count("x") == 300)
            assert [notice["code"] for notice in ada.told("notice")] == ["rate-limit"]
            assert bob.told("notice") == []
            await ada.until_saved()


async def test_a_paste_that_is_too_large_does_not_end_the_connection(server: Server) -> None:
    room = await server.create_room(code="")
    async with Client(server.url, room.id, room.token("editor"), name="Ada") as ada:
        await ada.until_synced()
        ada.send(sync_frame(2, b"\x00" * 5_000_000))
        await ada.until(lambda me: me.told("notice"))
        assert [notice["code"] for notice in ada.told("notice")] == ["update-limit"]
        ada.write("still here")
        ada.send(sync_frame(1, bytes(ada.doc.get_update())))  # as the server will ask for
        await ada.until_saved()
