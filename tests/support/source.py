"""A place from which packages are fetched, that answers as a test wants it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

Manner = Literal["well", "wrong", "truncated", "stalled", "missing"]


class Source:
    """Serves the files of a folder by their names, and counts what it was asked for."""

    def __init__(self, folder: Path, manner: Manner = "well") -> None:
        self.asked: Counter[str] = Counter()
        self.url = ""
        self.manner = manner
        self._folder = folder

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Source"]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readline()).decode().split()[1]
        while (await reader.readline()).strip():
            pass
        name = path.rsplit("/", 1)[-1]
        self.asked[name] += 1
        if self.manner == "missing":
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        else:
            content = (self._folder / name).read_bytes()
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode())
            match self.manner:
                case "well":
                    writer.write(content)
                case "wrong":
                    writer.write(bytes(len(content)))
                case "truncated" | "stalled":
                    writer.write(content[: len(content) // 2])
        await writer.drain()
        if self.manner == "stalled":
            await reader.read()  # until the other side gives up
        writer.close()
