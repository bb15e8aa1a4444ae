"""The stock y-websocket provider from npm, in its three majors, unchanged, against the real server."""

import asyncio

import pytest
from support.client import Client
from support.server import Server
from support.stock import VERSIONS, StockClient


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_stock_client_syncs_with_a_member(server: Server, version: str) -> None:
    room = await server.create_room(code="x = 1\n")
    async with (
        StockClient(version, server, room, "editor") as stock,
        Client(server.url, room.id, room.token("host"), name="Ada") as ada,
    ):
        await asyncio.gather(ada.until_synced(), stock.until(lambda me: me.text == "x = 1\n"))
        stock.do("insert", index=6, text="Grüße 🐍\n")
        await ada.until(lambda me: me.text == "x = 1\nGrüße 🐍\n")
        ada.write("# Ada\n", 0)
        await stock.until(lambda me: me.text == "# Ada\nx = 1\nGrüße 🐍\n")
        assert stock.told("sync")


@pytest.mark.parametrize("version", VERSIONS)
async def test_two_stock_clients_see_each_others_presence(server: Server, version: str) -> None:
    room = await server.create_room()
    async with StockClient(version, server, room, "editor") as one, StockClient(version, server, room, "viewer") as two:
        one.do("awareness", state={"user": {"name": "One"}})
        await two.until(
            lambda me: any(
                s["state"].get("user") == {"name": "One"} for e in me.told("awareness")[-1:] for s in e["states"]
            )
        )
        one.do("disconnect")
        await two.until(lambda me: len(me.told("awareness")[-1]["states"]) == 1)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_stock_client_comes_back_after_a_restart_with_what_was_typed_meanwhile(
    server: Server, version: str
) -> None:
    room = await server.create_room(code="x\n")
    async with StockClient(version, server, room, "editor") as stock:
        await stock.until(lambda me: me.text == "x\n")
        await server.kill()
        await stock.until(lambda me: me.told("connection-close"))
        stock.do("insert", index=0, text="meanwhile ")
        await server.start()
        async with Client(server.url, room.id, room.token("host"), name="Ada") as ada:
            await ada.until(lambda me: me.text == "meanwhile x\n", within=20)
            ada.write("!", 0)
            await stock.until(lambda me: me.text == "!meanwhile x\n")


async def test_stock_clients_stay_connected_alone_for_80_seconds(server: Server) -> None:
    """The provider takes 30 seconds of silence for a dead connection. All majors wait at once."""
    rooms = [await server.create_room() for _ in VERSIONS]
    clients = [StockClient(v, server, room, "editor") for v, room in zip(VERSIONS, rooms, strict=True)]
    for client in clients:
        await client.__aenter__()
    await asyncio.gather(*(client.until(lambda me: me.told("sync")) for client in clients))
    closed = [asyncio.create_task(c.until(lambda me: me.told("connection-close"), within=80)) for c in clients]
    results = await asyncio.gather(*closed, return_exceptions=True)
    assert [type(result) for result in results] == [TimeoutError] * len(VERSIONS)
    for client in clients:
        await client.__aexit__(None, None, None)
