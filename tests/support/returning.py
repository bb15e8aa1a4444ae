"""A process that is started again whenever it ends, and people who come back to it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pycrdt
from websockets.exceptions import InvalidHandshake

from support.client import Client
from support.server import NewRoom, Server


class Returning:
    """Someone with our Python client who comes back by themselves, with the copy they have."""

    def __init__(self, server: Server, room: NewRoom, name: str) -> None:
        self._options = (server.url, room.id, room.token("editor"))
        self._name = name
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self._here = asyncio.Event()
        self.client: Client

    async def __aenter__(self) -> "Returning":
        self._staying = asyncio.create_task(self._stay())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._staying.cancel()
        await asyncio.gather(self._staying, return_exceptions=True)

    async def is_here(self) -> Client:
        async with asyncio.timeout(30):
            await self._here.wait()
        return self.client

    async def until(self, true: Callable[[Client], object]) -> None:
        """However often the connection is lost meanwhile."""
        async with asyncio.timeout(30):
            while not true(client := await self.is_here()):
                if client.close_code is not None:
                    self._here.clear()
                    continue
                await client.until(lambda me: true(me) or me.close_code is not None, within=30)

    async def _stay(self) -> None:
        while True:
            try:
                async with Client(*self._options, name=self._name, document=self.doc) as self.client:
                    await self.client.until_synced()
                    self._here.set()
                    await self.client.until(lambda me: me.close_code is not None, within=600)
            except (OSError, TimeoutError, InvalidHandshake):
                await asyncio.sleep(0.05)  # as any client does: the server is not back yet
            finally:
                self._here.clear()


async def supervise(server: Server) -> None:
    """What systemd or a container's restart policy does."""
    while True:
        await server.ended()
        await server.start()
