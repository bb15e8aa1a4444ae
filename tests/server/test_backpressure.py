"""Readers that stop reading: they cost a bounded buffer and nobody else anything, and come back with one difference."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pycrdt
import pytest
from caretroom.document import MAIN_FILE
from caretroom.lib0 import Reader
from support.client import Client, sync_frame
from support.server import NewRoom, Server, resident_bytes
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

STALLED = 50
PASTES, PASTE_BYTES = 24, 100_000
BUFFER_BYTES = 1024 * 1024
SOON = 60.0


@asynccontextmanager
async def reader(server: Server, room: NewRoom) -> AsyncIterator[ClientConnection]:
    """A viewer whose kernel keeps little for it, and who has the document."""
    receiver = socket.socket()
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    receiver.setblocking(False)
    await asyncio.get_running_loop().sock_connect(receiver, ("127.0.0.1", server.port))
    address = f"ws://127.0.0.1:{server.port}/ws/{room.id}?token={room.token('viewer')}"
    async with connect(address, sock=receiver, max_size=None, max_queue=1, ping_interval=None) as opened:
        await opened.send(sync_frame(0, b"\x00"))
        try:
            yield opened
        finally:
            opened.transport.abort()  # a goodbye would wait for an answer behind all that was not read


async def read_until(connection: ClientConnection, length: int) -> list[bytes]:
    """The updates that came until the text is so long."""
    doc: pycrdt.Doc[pycrdt.Map[pycrdt.Map[pycrdt.Text]]] = pycrdt.Doc()
    files = doc.get("files", type=pycrdt.Map[pycrdt.Map[pycrdt.Text]])
    updates = []
    async with asyncio.timeout(SOON):
        while MAIN_FILE not in files or len(files[MAIN_FILE]["text"]) != length:
            frame = await connection.recv()
            assert isinstance(frame, bytes)
            if frame[0] == 0 and frame[1] != 0:
                updates.append(Reader(frame[2:]).var_bytes())
                doc.apply_update(updates[-1])
    return updates


async def paste(writer: Client) -> int:
    """Paste again and again over what was pasted before; how long the text is in the end."""
    text = writer.files[MAIN_FILE]["text"]
    for number in range(PASTES):
        del text[0 : len(text)]
        writer.write("x" * PASTE_BYTES + "\n" * number)
        await writer.until_saved()
    return len(text)


async def test_fifty_who_stop_reading_cost_a_bounded_buffer_and_come_back_with_one_difference(server: Server) -> None:
    room = await server.create_room(code="\n")
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(Client(server.url, room.id, room.token("host"), name="Ada"))
        await writer.until_synced()
        stalled = [await stack.enter_async_context(reader(server, room)) for _ in range(STALLED)]
        before = resident_bytes(server.pid)
        length = await paste(writer)
        growth = resident_bytes(server.pid) - before
        assert growth < STALLED * BUFFER_BYTES, f"{growth / 1e6:.0f} MB for {STALLED} who read nothing"
        for each in stalled:
            updates = await read_until(each, length)
            # What was on its way comes as it was: the rest, of which each paste is an update or two, as one.
            assert len(updates) < PASTES, "it came one by one, not as one difference"


async def test_who_takes_nothing_for_too_long_is_told_to_try_later(tmp_path: Path) -> None:
    async with Server(tmp_path, limits="stall_seconds=2") as server:
        room = await server.create_room(code="\n")
        async with Client(server.url, room.id, room.token("host"), name="Ada") as ada, reader(server, room) as stalled:
            await ada.until_synced()
            await paste(ada)
            async with asyncio.timeout(SOON):
                # The server's metrics are all there is to ask.
                while "caretroom_stalled_connections_total 1.0" not in (await server.http.get("/metrics")).text:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            with pytest.raises(ConnectionClosed):
                await read_until(stalled, -1)
            ada.write("y")
            await ada.until_saved()
