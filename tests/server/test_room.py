"""The room over its real wire: a server process, WebSockets, documents that converge."""

import asyncio

from support.client import Client
from support.server import Server


async def test_two_members_see_each_others_text(server: Server) -> None:
    room = await server.create_room(code="x = 1\n")
    async with (
        Client(server.url, room.id, room.token("host"), name="Ada") as ada,
        Client(server.url, room.id, room.token("editor"), name="Bob") as bob,
    ):
        await asyncio.gather(ada.until_synced(), bob.until_synced())
        assert ada.text == "x = 1\n"
        ada.write("print(x)\n")
        await bob.until(lambda me: me.text == "x = 1\nprint(x)\n")
        bob.write("# Bob\n", 0)
        await ada.until(lambda me: me.text == "# Bob\nx = 1\nprint(x)\n")
        await ada.until_saved()
        await bob.until_saved()
        assert {member["name"]: member["role"] for member in ada.roster().values()} == {
            "Ada": "host",
            "Bob": "editor",
        }
