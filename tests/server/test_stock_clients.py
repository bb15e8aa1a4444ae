"""The stock y-websocket provider from npm, in its three majors, unchanged, against the real server."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from support.client import Client
from support.server import NewRoom, Server

DRIVER = Path(__file__).parents[1] / "node" / "stock-client.mjs"
VERSIONS = ["1", "2", "3"]


class StockClient:
    def __init__(self, version: str, server: Server, room: NewRoom, role: str) -> None:
        address = server.url.replace("http", "ws") + "/ws"
        self._arguments = [str(DRIVER), version, address, room.id, room.token(role)]
        self.events: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self._process: asyncio.subprocess.Process

    async def __aenter__(self) -> "StockClient":
        self._process = await asyncio.create_subprocess_exec(
            "node",
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.do("exit")
        async with asyncio.timeout(10):
            await self._process.wait()
            await self._reading

    def do(self, command: str, **arguments: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": command, **arguments}).encode() + b"\n")

    def told(self, event: str) -> list[dict[str, Any]]:
        return [told for told in self.events if told["event"] == event]

    @property
    def text(self) -> str | None:
        told = self.told("text")
        return told[-1]["text"] if told else None

    async def until(self, true: Callable[["StockClient"], object], within: float = 20.0) -> None:
        async with asyncio.timeout(within):
            while not true(self):
                self._news.clear()
                await self._news.wait()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.events.append(json.loads(line))
            self._news.set()


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
