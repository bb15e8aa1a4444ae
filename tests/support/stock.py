"""The stock y-websocket provider from npm, in a process of Node, driven from a test."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

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
