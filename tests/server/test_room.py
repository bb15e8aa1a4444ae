"""The room over its real wire: a server process, WebSockets, documents that converge."""

import asyncio
import random
from pathlib import Path

import pycrdt
import pytest
from support.client import Client, output_frame, presence_frame, sync_frame
from support.server import NewRoom, Server, resident_bytes, stored_text
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus


def client(server: Server, room: NewRoom, role: str, name: str | None = None, **options: object) -> Client:
    return Client(server.url, room.id, room.token(role), name=name, **options)  # type: ignore[arg-type]


async def test_two_members_see_each_others_text(server: Server) -> None:
    room = await server.create_room(code="x = 1\n")
    async with client(server, room, "host", "Ada") as ada, client(server, room, "editor", "Bob") as bob:
        await asyncio.gather(ada.until_synced(), bob.until_synced())
        assert ada.text == "x = 1\n"
        ada.write("print(x)\n")
        await bob.until(lambda me: me.text == "x = 1\nprint(x)\n")
        bob.write("# Bob\n", 0)
        await ada.until(lambda me: me.text == "# Bob\nx = 1\nprint(x)\n")
        await ada.until(
            lambda me: {(m["name"], m["role"]) for m in me.roster().values()} == {("Ada", "host"), ("Bob", "editor")}
        )


async def test_saved_means_that_it_is_in_the_store(server: Server) -> None:
    room = await server.create_room(code="x = 1\n")
    async with client(server, room, "host", "Ada") as ada:
        await ada.until_synced()
        for number in range(20):
            ada.write(f"{number}\n")
            await ada.until_saved()
            assert stored_text(server, room) == ada.text


async def test_a_new_room_has_a_friendly_program_in_it_once(server: Server) -> None:
    room = await server.create_room()
    for _ in range(3):
        async with client(server, room, "editor", "Ada") as ada:
            await ada.until_synced()
            assert ada.text.count("print") == 1
            assert len(ada.text.splitlines()) == 2
            assert ada.files["main"]["name"] == "main.py"


async def test_two_who_join_at_the_same_instant_are_in_the_same_room(server: Server) -> None:
    rooms = [await server.create_room(code="") for _ in range(20)]
    await server.stop()
    await server.start()
    for room in rooms:  # not in memory now: both would load it
        ada, bob = client(server, room, "host", "Ada"), client(server, room, "editor", "Bob")
        await asyncio.gather(ada.__aenter__(), bob.__aenter__())
        await asyncio.gather(ada.until_synced(), bob.until_synced())
        ada.write("a")
        await bob.until(lambda me: me.text.endswith("a"))
        await asyncio.gather(ada.leave(), bob.leave())


async def test_a_restart_loses_nothing_and_doubles_nothing(server: Server) -> None:
    room = await server.create_room(code="start\n")
    async with client(server, room, "host", "Ada") as ada:
        await ada.until_synced()
        ada.write("before\n")
        await ada.until_saved()
        await server.stop()
        assert await ada.until_closed() == 1012
        ada.write("while away\n")
        await server.start()
        async with client(server, room, "host", "Ada", document=ada.doc) as again:
            await again.until_synced()
            again.write("after\n")
            await again.until_saved()
    async with client(server, room, "viewer") as reader:
        await reader.until_synced()
        assert reader.text == "start\nbefore\nwhile away\nafter\n"


async def test_a_renamed_file_is_there_under_its_new_name_after_a_restart(server: Server) -> None:
    room = await server.create_room(code="x = 1\n")
    async with client(server, room, "host", "Ada") as ada:
        await ada.until_synced()
        ada.files["main"]["name"] = "start.py"
        ada.files["extra"] = pycrdt.Map({"name": "extra.py", "text": pycrdt.Text("y = 2\n")})
        await ada.until_saved()
    await server.stop()
    await server.start()
    async with client(server, room, "viewer") as reader:
        await reader.until_synced()
        assert reader.files["main"]["name"] == "start.py"
        assert str(reader.files["extra"]["text"]) == "y = 2\n"


async def test_a_crash_while_many_type_loses_nothing_of_those_who_return(server: Server) -> None:
    random.seed(20)
    room = await server.create_room(code="\n")
    docs = [pycrdt.Doc() for _ in range(4)]  # type: ignore[var-annotated]
    typed = 0
    for _round in range(3):
        people = [client(server, room, "editor", f"P{number}", document=doc) for number, doc in enumerate(docs)]
        for person in people:
            await person.__aenter__()
        await asyncio.gather(*(person.until_synced() for person in people))
        for _ in range(30):
            for number, person in enumerate(people):
                person.write(f"{number}", random.randrange(len(person.text)))
                typed += 1
            await asyncio.sleep(0.003)
        await server.kill()
        for number, person in enumerate(people):
            await person.until_closed()
            person.write(f"{number}", 0)  # with nobody listening
            typed += 1
            await person.leave()
        await server.start()
    people = [client(server, room, "editor", f"P{number}", document=doc) for number, doc in enumerate(docs)]
    for person in people:
        await person.__aenter__()
    await asyncio.gather(*(person.until_synced() for person in people))
    await asyncio.gather(*(person.until(lambda me: len(me.text) == typed + 1) for person in people))
    assert len({person.text for person in people}) == 1
    await asyncio.gather(*(person.until_saved() for person in people))
    assert stored_text(server, room) == people[0].text
    for person in people:
        await person.leave()


async def test_a_viewer_cannot_write_in_any_way(server: Server) -> None:
    room = await server.create_room(code="x = 1\n")
    async with client(server, room, "host", "Ada") as ada, client(server, room, "viewer", "Eve") as eve:
        await asyncio.gather(ada.until_synced(), eve.until_synced())
        eve.write("evil")  # an update
        await eve.until(lambda me: [n["code"] for n in me.told("notice")] == ["read-only"])
        eve.send(sync_frame(1, eve.doc.get_update()))
        eve.send(sync_frame(2, eve.doc.get_update()))
        eve.send(output_frame({"type": "start", "run": "r", "file": "main.py"}))
        await eve.until(lambda me: "output-denied" in [n["code"] for n in me.told("notice")])
        fresh = client(server, room, "viewer", "Eve", document=eve.doc)
        async with fresh:  # comes back with what it wrote, as a stock client would
            await fresh.until(lambda me: any(n["code"] == "read-only" for n in me.told("notice")))
        ada.write("y = 2\n")
        await ada.until_saved()
        assert stored_text(server, room) == ada.text == "x = 1\ny = 2\n"
        assert ada.output == []


async def test_presence_is_seen_by_those_who_are_here_and_those_who_come(server: Server) -> None:
    room = await server.create_room()
    async with client(server, room, "host", "Ada") as ada, client(server, room, "viewer", "Eve") as eve:
        ada.send(presence_frame((7, 1, {"cursor": 5})))
        await eve.until(lambda me: me.presence.get(7) == {"cursor": 5})
        await ada.until(lambda me: me.presence.get(7) == {"cursor": 5})
        async with client(server, room, "editor", "Bob") as bob:
            await bob.until(lambda me: me.presence.get(7) == {"cursor": 5})
            await bob.until(lambda me: any(7 in m["clients"] for m in me.roster().values() if m["name"] == "Ada"))
            await ada.leave()
            await bob.until(lambda me: 7 not in me.presence)


async def test_shared_output_streams_and_is_replayed_to_a_late_joiner(server: Server) -> None:
    room = await server.create_room()
    async with client(server, room, "host", "Ada") as ada, client(server, room, "editor", "Bob") as bob:
        ada.send(output_frame({"type": "start", "run": "r1", "file": "main.py"}))
        await bob.until(lambda me: [event["type"] for event in me.output] == ["start"])
        for line in range(5):
            ada.send(output_frame({"type": "text", "run": "r1", "stream": "stdout", "text": f"{line}\n"}))
        ada.send(output_frame({"type": "end", "run": "r1", "state": "ok", "seconds": 0.1}))
        await bob.until(lambda me: me.output[-1]["type"] == "end")
        assert "".join(e["text"] for e in bob.output if e["type"] == "text") == "0\n1\n2\n3\n4\n"
        assert bob.output[0]["name"] == "Ada"
        async with client(server, room, "viewer") as late:
            await late.until(lambda me: me.output and me.output[-1]["type"] == "end")
            assert "".join(e["text"] for e in late.output if e["type"] == "text") == "0\n1\n2\n3\n4\n"
        ada.send(output_frame({"type": "clear"}))
        await bob.until(lambda me: me.output[-1]["type"] == "clear")
        async with client(server, room, "viewer") as later:
            await later.until_synced()
            assert later.output == []


@pytest.mark.parametrize(
    ("how", "status"),
    [("no token", 401), ("a forged token", 401), ("another room's token", 403), ("an unknown room", 404)],
)
async def test_a_connection_without_the_right_is_refused_in_the_upgrade(server: Server, how: str, status: int) -> None:
    room, other = await server.create_room(), await server.create_room()
    address = server.url.replace("http", "ws") + "/ws/"
    addresses = {
        "no token": address + room.id,
        "a forged token": f"{address}{room.id}?token={room.token('host')[:-3]}abc",
        "another room's token": f"{address}{other.id}?token={room.token('host')}",
        "an unknown room": f"{address}{room.id}?token={room.token('host')}",
    }
    if how == "an unknown room":
        await server.stop()
        (server.folder / "rooms.db").unlink()
        await server.start()
    with pytest.raises(InvalidStatus) as refusal:
        await connect(addresses[how])
    assert refusal.value.response.status_code == status
    assert b'"message":' in refusal.value.response.body


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(None, True), ("own", True), ("null", False), ("https://evil.example", False), ("http://127.0.0.1:1", False)],
)
async def test_pages_of_other_origins_cannot_connect(server: Server, origin: str | None, allowed: bool) -> None:
    room = await server.create_room()
    address = f"{server.url.replace('http', 'ws')}/ws/{room.id}?token={room.token('host')}"
    headers = {"Origin": server.url if origin == "own" else origin} if origin else {}
    if allowed:
        async with connect(address, additional_headers=headers):
            pass
    else:
        with pytest.raises(InvalidStatus) as refusal:
            await connect(address, additional_headers=headers)
        assert refusal.value.response.status_code == 403


async def test_a_deleted_room_closes_for_everyone_and_stays_closed(server: Server) -> None:
    room = await server.create_room(code="secret = 1\n")
    headers = {"Authorization": f"Bearer {room.token('host')}"}
    async with client(server, room, "editor", "Bob") as bob:
        await bob.until_synced()
        response = await server.http.delete(f"/api/rooms/{room.id}", headers=headers)
        assert response.status_code == 204
        assert await bob.until_closed() == 4410
    with pytest.raises(InvalidStatus) as refusal:
        async with client(server, room, "editor", "Bob"):
            pass
    assert refusal.value.response.status_code == 410
    assert (await server.http.get(f"/api/rooms/{room.id}", headers=headers)).status_code == 410


async def test_a_copy_of_another_epoch_is_turned_away(server: Server) -> None:
    room = await server.create_room()
    async with client(server, room, "editor", query="?epoch=long-ago") as stale:
        assert await stale.until_closed() == 4409


async def test_a_bad_frame_ends_its_sender_and_nobody_else(server: Server) -> None:
    room = await server.create_room(code="x = 1\n")
    hostile = [
        sync_frame(2, bytes.fromhex("010101ffffdfffffffff0fc40123012404f09f988000")),
        sync_frame(2, b"\xff" * 200_000),
        b"",
        b"\x00",
        b"\x80" * 1000,
        b"\x01\x05\x01\x01\x01\x01{",
    ]
    async with client(server, room, "host", "Ada") as ada:
        await ada.until_synced()
        for frame in hostile:
            async with client(server, room, "editor", "Mallory") as mallory:
                await mallory.until_synced()
                mallory.send(frame)
                assert await mallory.until_closed() == 4400
        async with client(server, room, "editor", "Mallory") as mallory:
            mallory.send("text")
            assert await mallory.until_closed() == 4400
        ada.write("y = 2\n")
        await ada.until_saved()
        assert ada.close_code is None
        assert stored_text(server, room) == "x = 1\ny = 2\n"


async def test_a_frame_too_large_closes_with_1009(server: Server) -> None:
    room = await server.create_room()
    async with client(server, room, "editor", "Ada") as ada:
        await ada.until_synced()
        ada.send(sync_frame(2, b"\x00" * 9_000_000))
        assert await ada.until_closed() == 1009


async def test_a_reader_that_never_reads_harms_nobody(server: Server) -> None:
    room = await server.create_room(code="\n")
    address = f"{server.url.replace('http', 'ws')}/ws/{room.id}?token={room.token('viewer')}"
    async with client(server, room, "host", "Ada") as ada, client(server, room, "editor", "Bob") as bob:
        await asyncio.gather(ada.until_synced(), bob.until_synced())
        stalled = await connect(address, max_queue=1)
        stalled.transport.pause_reading()
        before = resident_bytes(server.pid)
        for _ in range(200):
            ada.write("x" * 100_000)
            bob_has = len(ada.text)
            await bob.until(lambda me, length=bob_has: len(me.text) == length)  # type: ignore[misc]
            main = ada.files["main"]["text"]
            del main[0 : len(main) - 1]
        assert resident_bytes(server.pid) - before < 20_000_000, "20 MB went to a reader that reads nothing"
        stalled.transport.abort()


async def test_neither_tokens_nor_text_nor_output_reach_the_log(tmp_path: Path) -> None:
    async with Server(tmp_path, log_level="debug") as server:
        room = await server.create_room(code="a_very_secret_line = 1\n", title="a-secret-title")
        async with client(server, room, "host", "Ada") as ada:
            await ada.until_synced()
            ada.write("another_secret_line = 2\n")
            ada.send(output_frame({"type": "start", "run": "r", "file": "main.py"}))
            ada.send(output_frame({"type": "text", "run": "r", "stream": "stdout", "text": "secret output"}))
            await ada.until_saved()
            ada.send(b"\x00\x02\x05bad")
            await ada.until_closed()
        async with connect(f"{server.url.replace('http', 'ws')}/ws/{room.id}?token={room.token('viewer')}"):
            pass
        headers = {"Authorization": f"Bearer {room.token('host')}"}
        await server.http.get(f"/api/rooms/{room.id}/export", headers=headers)
        await server.stop()
        log = server.log.read_text()
        assert "frame refused" in log
        assert "secret" not in log.replace(str(tmp_path), "")
        for role in ("host", "editor", "viewer"):
            assert room.token(role) not in log
            assert room.token(role).split(".")[1] not in log
