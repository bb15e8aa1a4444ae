"""The server is stopped while people are in its rooms."""

import asyncio
from contextlib import AsyncExitStack

from support.client import Client
from support.server import Server

PEOPLE = 50


async def test_a_stop_stores_everything_and_sends_people_away_one_after_another(server: Server) -> None:
    room = await server.create_room(code="")
    async with AsyncExitStack() as stack:
        people = [
            await stack.enter_async_context(Client(server.url, room.id, room.token("editor"), name=f"P{number}"))
            for number in range(PEOPLE)
        ]
        await asyncio.gather(*(person.until_synced() for person in people))
        for number, person in enumerate(people):
            person.write(f"{number} ")
        # What arrived is the server's to keep, whether or not it was told as saved yet.
        await people[0].until(lambda me: len(me.text.split()) == PEOPLE)
        codes = [asyncio.create_task(person.until_closed()) for person in people]
        moments: list[float] = []
        for code in codes:
            code.add_done_callback(lambda _: moments.append(asyncio.get_running_loop().time()))
        await server.stop()
        assert set(await asyncio.gather(*codes)) == {1012}
    assert len({round(moment, 2) for moment in moments}) > PEOPLE / 5, "all were sent away at once"
    await server.start()
    async with Client(server.url, room.id, room.token("viewer")) as reader:
        await reader.until_synced()
        assert sorted(map(int, reader.text.split())) == list(range(PEOPLE))


async def test_an_empty_server_stops_at_once_and_leaves_no_task_behind(server: Server) -> None:
    await server.stop()
    assert "Task" not in server.log.read_text()
