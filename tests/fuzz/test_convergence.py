"""Everybody ends with the same, whatever the network and the process did meanwhile."""

import asyncio
from contextlib import AsyncExitStack
from random import Random

import pycrdt
import pytest
from support.returning import Returning, supervise
from support.server import Server, stored_text

from fuzz.network import failures


@pytest.mark.parametrize("seed", range(3))
def test_everybody_ends_with_the_same_whatever_the_network_did(seed: int) -> None:
    assert failures(seed, range(150)) == []


async def test_dozens_of_rooms_converge_over_lost_connections_and_crashes_of_a_real_server(server: Server) -> None:
    supervising = asyncio.create_task(supervise(server))
    rooms = [await server.create_room(code="") for _ in range(24)]
    async with AsyncExitStack() as stack:
        people = [
            [await stack.enter_async_context(Returning(server, room, f"P{number}")) for number in range(3)]
            for room in rooms
        ]
        stack.callback(supervising.cancel)
        living = [asyncio.create_task(live(Random(number), three)) for number, three in enumerate(people)]
        for _ in range(2):
            await asyncio.sleep(0.7)  # of life, with crashes between
            await server.until_it_answers()  # one that is just starting has nobody to disturb
            await server.kill()
        typed = await asyncio.gather(*living)
        for room, three, marks in zip(rooms, people, typed, strict=True):
            for person in three:
                await person.until(lambda me, marks=marks: all(mark in me.text for mark in marks))  # type: ignore[misc]
            here = [await person.is_here() for person in three]
            await asyncio.gather(*(client.until_saved(within=30) for client in here))
            assert {client.text for client in here} == {stored_text(server, room)}
            assert sorted(here[0].text) == sorted("".join(marks)), "something is there twice, or not at all"


async def live(random: Random, people: list[Returning]) -> list[str]:
    """Type, lose connections, type without one; what was typed."""
    typed = []
    for number in range(40):
        person = random.choice(people)
        if random.random() < 0.1:
            (await person.is_here()).drop()
        elif person.doc.get("files", type=pycrdt.Map).get("main") is not None:
            typed.append(f"<{number}>")
            person.client.write(typed[-1], random.choice((0, None)))
        await asyncio.sleep(random.random() * 0.08)
    return typed
