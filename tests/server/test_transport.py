"""The way in: however the network cuts a client's bytes, the room gets each message once and in order."""

import asyncio
import base64
import os
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest
from caretroom.lib0 import Reader
from support.client import presence_frame
from support.server import Server

SOON = 30.0
BINARY, TEXT, CONTINUATION, CLOSE, PING, PONG = 2, 1, 0, 8, 9, 10


def frame(opcode: int, payload: bytes, *, final: bool = True, masked: bool = True) -> bytes:
    """As a browser sends it, RFC 6455 section 5.2."""
    mask = os.urandom(4) if masked else b""
    size = len(payload)
    if size < 126:
        length = bytes((0x80 * masked | size,))
    elif size < 1 << 16:
        length = bytes((0x80 * masked | 126,)) + size.to_bytes(2, "big")
    else:
        length = bytes((0x80 * masked | 127,)) + size.to_bytes(8, "big")
    body = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload)) if masked else payload
    return bytes((0x80 * final | opcode,)) + length + mask + body


class Wire:
    """A client that is nothing but bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def read(self) -> tuple[int, bytes]:
        first, second = await self.reader.readexactly(2)
        size = second & 0x7F
        if size >= 126:
            size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
        return first & 0x0F, await self.reader.readexactly(size)

    async def read_cursors(self, until: int) -> list[int]:
        """Where this client's cursor has been, by what the server tells."""
        seen = [0]
        async with asyncio.timeout(SOON):
            while seen[-1] != until:
                opcode, payload = await self.read()
                if opcode == BINARY and payload[0] == 1:
                    entries = Reader(Reader(payload[1:]).var_bytes())
                    for _ in range(entries.var_uint()):
                        _client, clock, _state = entries.var_uint(), entries.var_uint(), entries.var_string()
                        seen.append(clock)
        return seen[1:]

    async def read_close(self) -> int:
        async with asyncio.timeout(SOON):
            while True:
                opcode, payload = await self.read()
                if opcode == CLOSE:
                    return int.from_bytes(payload[:2], "big")


@asynccontextmanager
async def wire(server: Server, *, early: bytes = b"") -> AsyncIterator[Wire]:
    """``early`` goes in one piece with the request, before the server has answered."""
    room = await server.create_room()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    key = base64.b64encode(os.urandom(16)).decode()
    request = (
        f"GET /ws/{room.id}?token={room.token('editor')} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    writer.write(request.encode() + early)
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101")
        yield Wire(reader, writer)
    finally:
        writer.close()


def cursor(clock: int, padding: int = 0) -> bytes:
    return presence_frame((7, clock, {"at": clock, "padding": "x" * padding}))


def mixed_stream(random: random.Random, count: int) -> bytes:
    """Messages short, medium and long, whole or in fragments, with pings among them."""
    stream = b""
    for clock in range(1, count + 1):
        message = cursor(clock, random.choice([0, 0, 0, 200, 4000]))
        pieces = random.choice([1, 1, 1, 2, 5])
        size = -(-len(message) // pieces)
        for piece in range(pieces):
            opcode = CONTINUATION if piece else BINARY
            stream += frame(opcode, message[piece * size : (piece + 1) * size], final=piece == pieces - 1)
            if random.random() < 0.2:
                stream += frame(PING, b"are you there?")
    return stream


def cut(random: random.Random, data: bytes, sizes: Iterable[int]) -> list[bytes]:
    choices, pieces = list(sizes), []
    while data:
        size = random.choice(choices)
        pieces.append(data[:size])
        data = data[size:]
    return pieces


@pytest.mark.parametrize("sizes", [[1], [1, 2, 3, 7], [5, 100, 1000], [10**9]], ids=["one", "few", "many", "all"])
async def test_messages_arrive_however_the_network_cuts_them(server: Server, sizes: list[int]) -> None:
    seeded = random.Random(f"cuts {sizes}")
    count = 20 if sizes == [1] else 100
    async with wire(server) as client:
        for piece in cut(seeded, mixed_stream(seeded, count), sizes):
            await client.write(piece)
        seen = await client.read_cursors(until=count)
        assert seen == sorted(seen)


async def test_a_message_sent_before_the_answer_arrives(server: Server) -> None:
    async with wire(server, early=frame(BINARY, cursor(1))) as client:
        await client.write(frame(BINARY, cursor(2)) + frame(BINARY, cursor(3)))
        assert (await client.read_cursors(until=3))[-1] == 3


@pytest.mark.parametrize(
    ("bytes_", "code"),
    [
        (frame(BINARY, cursor(1), masked=False), 1002),
        (frame(3, b"no such kind of frame"), 1002),
        (frame(CONTINUATION, b"of nothing"), 1002),
        (frame(BINARY, b"half", final=False) + frame(BINARY, cursor(1)), 1002),
        (bytes((0x82, 0xFF)) + (1 << 40).to_bytes(8, "big") + b"mask", 1009),
        (frame(TEXT, b"words"), 4400),
    ],
    ids=["unmasked", "reserved", "continuation of nothing", "message in a message", "huge", "text"],
)
async def test_frames_against_the_rules_end_the_connection(server: Server, bytes_: bytes, code: int) -> None:
    async with wire(server) as client:
        await client.write(frame(BINARY, cursor(1)) + bytes_ + frame(BINARY, cursor(2)) * 3)
        assert await client.read_close() == code


async def test_a_goodbye_among_messages_is_answered(server: Server) -> None:
    async with wire(server) as client:
        await client.write(
            frame(BINARY, cursor(1)) + frame(CLOSE, (1000).to_bytes(2, "big")) + frame(BINARY, cursor(2))
        )
        assert await client.read_close() == 1000
