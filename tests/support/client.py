"""A small client of the wire in Python: a pycrdt document over a WebSocket, and every frame that came."""

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any

import pycrdt
from caretroom.lib0 import Reader, var_bytes, var_string, write_var_uint
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

SOON = 10.0


def sync_frame(kind: int, payload: bytes) -> bytes:
    return bytes((0, kind)) + var_bytes(payload)


def presence_frame(*entries: tuple[int, int, Any]) -> bytes:
    body = write_var_uint(len(entries)) + b"".join(
        write_var_uint(client) + write_var_uint(clock) + var_string(json.dumps(state))
        for client, clock, state in entries
    )
    return b"\x01" + var_bytes(body)


def room_frame(message: dict[str, Any]) -> bytes:
    return b"\x41" + var_string(json.dumps(message))


def output_frame(event: dict[str, Any]) -> bytes:
    return b"\x40" + var_string(json.dumps(event))


class Client:
    """``async with Client(server, room, "editor") as ada``. With a name, it introduces itself."""

    def __init__(
        self,
        url: str,
        room: str,
        token: str,
        *,
        name: str | None = None,
        key: str | None = None,
        document: pycrdt.Doc[Any] | None = None,
        query: str = "",
    ) -> None:
        self._address = f"{url.replace('http', 'ws', 1)}/ws/{room}{query}"
        self._token = token
        self._name = name
        self._key = key or f"key-of-{name}-for-tests"
        self.doc: pycrdt.Doc[Any] = document or pycrdt.Doc()
        self.files: pycrdt.Map[Any] = self.doc.get("files", type=pycrdt.Map)
        self.frames: list[bytes] = []
        self.messages: list[dict[str, Any]] = []
        self.output: list[dict[str, Any]] = []
        self.presence: dict[int, Any] = {}
        self.synced = False
        self.close_code: int | None = None
        self.sent_sync_frames = 0
        self._applying = False
        self._news = asyncio.Event()
        self._outbox: asyncio.Queue[bytes | str | None] = asyncio.Queue()
        self._socket: ClientConnection

    async def __aenter__(self) -> "Client":
        self._socket = await connect(
            self._address,
            subprotocols=[f"caretroom.token.{self._token}"],  # type: ignore[list-item]
            max_size=None,
        )
        self._watch = self.doc.observe(self._changed)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
        if self._name is not None:
            self.say({"type": "hello", "name": self._name, "key": self._key})
        self.send(sync_frame(0, self.doc.get_state()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.leave()

    async def leave(self) -> None:
        if self._watch is not None:
            self.doc.unobserve(self._watch)
            self._watch = None  # type: ignore[assignment]
        await self._socket.close()
        self._outbox.put_nowait(None)
        await asyncio.gather(*self._tasks)

    def drop(self) -> None:
        """As a lost network does: no goodbye."""
        self._socket.transport.abort()

    def send(self, frame: bytes | str) -> None:
        if frame[:2] in (b"\x00\x01", b"\x00\x02"):
            self.sent_sync_frames += 1
        self._outbox.put_nowait(frame)

    def say(self, message: dict[str, Any]) -> None:
        self.send(room_frame(message))

    @property
    def text(self) -> str:
        return str(self._main()) if self.files.get("main") is not None else ""

    def write(self, text: str, index: int | None = None) -> None:
        """Insert into main.py, at the end or at an index in UTF-8 bytes; the update is sent by itself."""
        main = self._main()
        main.insert(len(main) if index is None else index, text)

    async def until(self, true: Callable[["Client"], object], within: float = SOON) -> None:
        async with asyncio.timeout(within):
            while not true(self):
                self._news.clear()
                await self._news.wait()

    async def until_synced(self) -> None:
        await self.until(lambda me: me.synced)

    async def until_saved(self, within: float = SOON) -> None:
        """Everything sent until now is in the store."""
        sent = self.sent_sync_frames
        await self.until(lambda me: any(m["count"] >= sent for m in me.told("saved")), within)

    async def until_closed(self) -> int:
        await self.until(lambda me: me.close_code is not None)
        assert self.close_code is not None
        return self.close_code

    def told(self, type: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == type]

    def roster(self) -> dict[str, dict[str, Any]]:
        roster: dict[str, dict[str, Any]] = {}
        for message in self.told("members"):
            if message["reset"]:
                roster = {}
            roster |= {member["id"]: member for member in message["present"]}
            for gone in message["gone"]:
                roster.pop(gone, None)
        return roster

    def _main(self) -> pycrdt.Text:
        text = self.files["main"]["text"]
        assert isinstance(text, pycrdt.Text)
        return text

    def _changed(self, event: pycrdt.TransactionEvent) -> None:
        if not self._applying:
            self.send(sync_frame(2, event.update))

    async def _write(self) -> None:
        try:
            while (frame := await self._outbox.get()) is not None:
                await self._socket.send(frame)
        except ConnectionClosed:
            pass

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                assert isinstance(frame, bytes)
                self.frames.append(frame)
                self._take(Reader(frame))
                self._news.set()
        except ConnectionClosed:
            pass
        self.close_code = self._socket.close_code
        self._news.set()

    def _take(self, reader: Reader) -> None:
        number = reader.var_uint()
        if number == 0:
            kind, payload = reader.var_uint(), reader.var_bytes()
            if kind == 0:
                self.send(sync_frame(1, self.doc.get_update(payload)))
            else:
                self._applying = True
                self.doc.apply_update(payload)
                self._applying = False
                self.synced |= kind == 1
        elif number == 1:
            entries = Reader(reader.var_bytes())
            for _ in range(entries.var_uint()):
                client, _clock, state = entries.var_uint(), entries.var_uint(), json.loads(entries.var_string())
                if state is None:
                    self.presence.pop(client, None)
                else:
                    self.presence[client] = state
        elif number == 64:
            self.output.append(json.loads(reader.var_string()))
        elif number == 65:
            self.messages.append(json.loads(reader.var_string()))
