"""A WebSocket made by hand, byte by byte, so that everything about it can be wrong."""

import asyncio
import contextlib
import os

from support.server import NewRoom, Server

TEXT, BINARY, CONTINUED, CLOSE, PING = 1, 2, 0, 8, 9


def framed(
    payload: bytes, opcode: int = BINARY, *, final: bool = True, masked: bool = True, reserved: int = 0
) -> bytes:
    first = (0x80 if final else 0) | reserved << 4 | opcode
    size = len(payload)
    mask = os.urandom(4) if masked else b""
    flag = 0x80 if masked else 0
    if size < 126:
        head = bytes((first, flag | size))
    elif size < 1 << 16:
        head = bytes((first, flag | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, flag | 127)) + size.to_bytes(8, "big")
    return head + mask + (_masked(payload, mask) if masked else payload)


def _masked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")


class RawSocket:
    """``async with RawSocket(server) as socket``: a connection on which nothing was said yet."""

    def __init__(self, server: Server) -> None:
        self._port = server.port
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> "RawSocket":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def upgrade(self, room: NewRoom, role: str) -> None:
        request = (
            f"GET /ws/{room.id}?token={room.token(role)} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        self.send(request.encode())
        answer = await self._reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101"), answer

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    async def sent(self) -> None:
        await self._writer.drain()

    def stop_reading(self) -> None:
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]

    async def ended(self, within: float = 30.0) -> int | None:
        """Reads until the server has closed the connection; the code of its close frame, if it sent one."""
        try:
            async with asyncio.timeout(within):
                code = None
                while True:
                    first, second = await self._reader.readexactly(2)
                    size = second & 0x7F
                    if size >= 126:
                        size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8), "big")
                    payload = await self._reader.readexactly(size)
                    if first & 0x0F == CLOSE:
                        code = int.from_bytes(payload[:2], "big")
                        return code
        except (asyncio.IncompleteReadError, ConnectionError):
            return code
