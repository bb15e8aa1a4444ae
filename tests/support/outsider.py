"""Somebody else's server: what reaches it got out of where it belongs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Outsider:
    """A server on a port of its own that remembers who knocked."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.url = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Outsider"]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        # Browsers open connections before they have anything to ask.
        if line:
            self.seen.append(line)
        writer.write(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n")
        writer.close()
