"""The HTTP interface, as programs and pages use it."""

import io
import json
import zipfile
from typing import Any

import pytest
from support.client import Client
from support.server import NewRoom, Server
from websockets.exceptions import InvalidStatus


def bearer(room: NewRoom, role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {room.token(role)}"}


@pytest.mark.parametrize("kind", ["pair", "interview", "class"])
async def test_a_room_is_created_with_three_links_and_a_join_code(server: Server, kind: str) -> None:
    room = await server.create_room(kind=kind, title="  Loops  and lists ")
    assert room.body["kind"] == kind
    assert set(room.links) == {"host", "editor", "viewer"}
    assert all(link.startswith(f"{server.url}/r/{room.id}#") for link in room.links.values())
    assert len(room.join_code) == 6
    for role in room.links:
        described = (await server.http.get(f"/api/rooms/{room.id}", headers=bearer(room, role))).json()
        assert described["role"] == role
        assert described["title"] == "Loops and lists"
        assert described["state"] == "live"
        assert described["files"] == [{"id": "main", "name": "main.py"}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{}", 201),
        (b"", 400),
        (b"nope", 400),
        (b'{"kind": "party"}', 422),
        (b'{"title": 5}', 422),
        (b'{"title": "' + b"x" * 81 + b'"}', 422),
        (b'{"code": "' + b"x" * 300_000 + b'"}', 413),
        (b'{"code": "' + b"x" * 2_000_000 + b'"}', 413),
        (b'{"x":' * 100_000, 400),
    ],
)
async def test_a_request_that_makes_no_sense_is_told_so(server: Server, body: bytes, status: int) -> None:
    response = await server.http.post("/api/rooms", content=body)
    assert response.status_code == status
    if status != 201:
        assert set(response.json()["error"]) == {"code", "message"}


async def test_the_first_code_is_what_was_asked_for(server: Server) -> None:
    code = "print('Grüße 🐍')\n"
    room = await server.create_room(code=code)
    response = await server.http.get(f"/api/rooms/{room.id}/export?format=py", headers=bearer(room, "viewer"))
    assert response.text == code
    assert f'filename="{room.id}.py"' in response.headers["content-disposition"]


async def test_a_join_code_gives_a_viewers_link_and_no_more(server: Server) -> None:
    room = await server.create_room()
    for written in (room.join_code, room.join_code.lower(), f" {room.join_code[:3]}-{room.join_code[3:]} "):
        response = await server.http.post("/api/join", json={"join_code": written})
        assert response.json() == {"url": room.links["viewer"]}
    assert (await server.http.post("/api/join", json={"join_code": "ACDEF"})).status_code == 404


async def test_join_codes_cannot_be_tried_out(server: Server) -> None:
    room = await server.create_room()
    statuses = [(await server.http.post("/api/join", json={"join_code": f"ACDE{n:02}"})).status_code for n in range(40)]
    assert set(statuses) == {404, 429}
    assert (await server.http.post("/api/join", json={"join_code": room.join_code})).status_code == 200


@pytest.mark.parametrize(
    ("role", "handed"),
    [("host", {"host", "editor", "viewer"}), ("editor", {"editor", "viewer"}), ("viewer", {"viewer"})],
)
async def test_nobody_can_pass_on_more_than_they_hold(server: Server, role: str, handed: set[str]) -> None:
    room = await server.create_room()
    response = await server.http.get(f"/api/rooms/{room.id}/links", headers=bearer(room, role))
    assert response.json() == {
        "links": {name: room.links[name] for name in handed},
        "join_code": room.join_code,
    }


async def test_new_links_end_the_old_ones_at_once_for_everyone(server: Server) -> None:
    room = await server.create_room(code="")
    async with (
        Client(server.url, room.id, room.token("host"), name="Ada") as ada,
        Client(server.url, room.id, room.token("viewer"), name="Eve") as eve,
    ):
        await ada.until_synced()
        ada.write("kept = True\n")
        await ada.until_saved()
        response = await server.http.post(f"/api/rooms/{room.id}/links", headers=bearer(room, "host"))
        assert await ada.until_closed() == 4401
        assert await eve.until_closed() == 4401
    new = NewRoom({**room.body, **response.json()})
    assert set(new.links) == {"host", "editor", "viewer"}
    for role in room.links:
        refused = await server.http.get(f"/api/rooms/{room.id}", headers=bearer(room, role))
        assert refused.status_code == 401
        assert "replaced" in refused.json()["error"]["message"]
        assert (await server.http.get(f"/api/rooms/{room.id}", headers=bearer(new, role))).status_code == 200
    with pytest.raises(InvalidStatus) as upgrade:
        await Client(server.url, room.id, room.token("editor")).__aenter__()
    assert upgrade.value.response.status_code == 401
    assert (await server.http.post("/api/join", json={"join_code": room.join_code})).status_code == 404
    url = (await server.http.post("/api/join", json={"join_code": new.join_code})).json()["url"]
    assert url == new.links["viewer"]
    async with Client(server.url, room.id, new.token("host"), name="Ada") as ada:
        await ada.until_synced()
        assert ada.text == "kept = True\n"


@pytest.mark.parametrize("role", ["editor", "viewer"])
async def test_only_a_host_can_make_new_links(server: Server, role: str) -> None:
    room = await server.create_room()
    response = await server.http.post(f"/api/rooms/{room.id}/links", headers=bearer(room, role))
    assert response.status_code == 403
    assert (await server.http.get(f"/api/rooms/{room.id}", headers=bearer(room, "viewer"))).status_code == 200


async def test_the_description_tells_who_is_here(server: Server) -> None:
    room = await server.create_room()
    async with Client(server.url, room.id, room.token("editor"), name="Ada") as ada:
        await ada.until_synced()
        described = (await server.http.get(f"/api/rooms/{room.id}", headers=bearer(room, "host"))).json()
        assert [(m["name"], m["role"]) for m in described["members"]] == [("Ada", "editor")]


@pytest.mark.parametrize(
    ("format", "media_type"),
    [
        ("zip", "application/zip"),
        ("py", "text/x-python; charset=utf-8"),
        ("ipynb", "application/x-ipynb+json"),
        ("room", "application/json"),
    ],
)
async def test_a_room_can_be_taken_away(server: Server, format: str, media_type: str) -> None:
    room = await server.create_room(code="x = 1\n")
    response = await server.http.get(
        f"/api/rooms/{room.id}/export", params={"format": format}, headers=bearer(room, "viewer")
    )
    assert response.headers["content-type"] == media_type
    if format == "zip":
        assert zipfile.ZipFile(io.BytesIO(response.content)).read("main.py") == b"x = 1\n"
    else:
        assert "x = 1" in response.text


async def test_a_format_that_is_none_is_told_so(server: Server) -> None:
    room = await server.create_room()
    response = await server.http.get(f"/api/rooms/{room.id}/export?format=docx", headers=bearer(room, "host"))
    assert response.status_code == 400
    assert "zip, py, ipynb, room" in response.json()["error"]["message"]


async def test_the_history_tells_a_host_what_was_written_when_and_by_whom(server: Server) -> None:
    room = await server.create_room()
    async with Client(server.url, room.id, room.token("editor"), name="Ada") as ada:
        await ada.until_synced()
        ada.write("x")
        await ada.until_saved()
    entries = (await server.http.get(f"/api/rooms/{room.id}/history", headers=bearer(room, "host"))).json()["entries"]
    assert [(entry["position"], entry["author"]["name"]) for entry in entries] == [(1, "Caretroom"), (2, "Ada")]
    assert entries[0]["at"] <= entries[1]["at"]


@pytest.mark.parametrize(
    ("method", "path", "role", "status"),
    [
        ("GET", "", None, 401),
        ("GET", "", "other", 403),
        ("GET", "/export", None, 401),
        ("GET", "/history", "editor", 403),
        ("GET", "/history", "viewer", 403),
        ("DELETE", "", "editor", 403),
        ("DELETE", "", "viewer", 403),
        ("DELETE", "", None, 401),
        ("GET", "/links", None, 401),
    ],
)
async def test_what_a_token_does_not_allow_is_refused(
    server: Server, method: str, path: str, role: str | None, status: int
) -> None:
    room, other = await server.create_room(), await server.create_room()
    headers = {} if role is None else bearer(other if role == "other" else room, "host" if role == "other" else role)
    response = await server.http.request(method, f"/api/rooms/{room.id}{path}", headers=headers)
    assert response.status_code == status
    assert response.json()["error"]["message"]


async def test_the_server_says_how_it_is(server: Server) -> None:
    assert (await server.http.get("/healthz")).text == "ok\n"
    assert (await server.http.get("/readyz")).text == "ready\n"
    room = await server.create_room()
    async with Client(server.url, room.id, room.token("editor"), name="Ada") as ada:
        await ada.until_synced()
        metrics = (await server.http.get("/metrics")).text
    assert "caretroom_connections 1.0" in metrics
    assert "caretroom_rooms 1.0" in metrics
    assert 'caretroom_frames_total{kind="step1"} 1.0' in metrics


async def test_an_address_that_is_none_gets_an_error_in_words(server: Server) -> None:
    response = await server.http.get("/api/nothing")
    assert response.status_code == 404
    error: dict[str, Any] = json.loads(response.text)["error"]
    assert error["message"] == "There is nothing at this address."
