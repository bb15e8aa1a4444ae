"""What an earlier release left behind opens in this one: tests/fixtures holds real files of each."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.client import Client
from support.server import Server

FIXTURES = Path(__file__).parent.parent / "fixtures"
TEXT = "print('first')\nprint('Grüße 🐍 0')\nprint('Grüße 🐍 1')\nprint('Grüße 🐍 2')\n"


@pytest.fixture(params=["release-0.1"])
def left_behind(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    for name in ("rooms.db", "secret"):
        shutil.copy(FIXTURES / request.param / name, tmp_path / name)
    known: dict[str, Any] = json.loads((FIXTURES / request.param / "room.json").read_text())
    return known


async def test_rooms_and_links_of_an_earlier_release_still_open(left_behind: dict[str, Any], tmp_path: Path) -> None:
    room, tokens = left_behind["room"], left_behind["tokens"]
    async with Server(tmp_path) as server:
        async with Client(server.url, room, tokens["editor"], name="Ada") as ada:
            await ada.until_synced()
            assert ada.text == TEXT
            ada.write("# still here\n")
            await ada.until_saved()
        for role, token in tokens.items():
            headers = {"Authorization": f"Bearer {token}"}
            described = (await server.http.get(f"/api/rooms/{room}", headers=headers)).json()
            assert (described["role"], described["title"], described["kind"]) == (role, "Loops", "class")
        headers = {"Authorization": f"Bearer {tokens['host']}"}
        history = (await server.http.get(f"/api/rooms/{room}/history", headers=headers)).json()["entries"]
        assert [entry["author"]["name"] for entry in history] == ["Caretroom", "Ada", "Ada", "Ada", "Ada"]
        url = (await server.http.post("/api/join", json={"join_code": left_behind["join_code"]})).json()["url"]
        assert url.startswith(f"{server.url}/r/{room}#")
        headers = {"Authorization": f"Bearer {left_behind['deleted_token']}"}
        assert (await server.http.get(f"/api/rooms/{left_behind['deleted']}", headers=headers)).status_code == 410
    async with Server(tmp_path) as server, Client(server.url, room, tokens["viewer"]) as eve:
        await eve.until_synced()
        assert eve.text == TEXT + "# still here\n"
