"""The WebSocket transport: uvicorn's, with a short way in and a short way out.

In: a message that came in one piece goes straight to the room; whatever else comes is the parser's, frame by frame.
Out: a batch is framed once, and the same bytes are written for everyone; flow control is honoured.
"""

import random
from asyncio import BaseTransport
from collections.abc import Callable
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import State

from caretroom.protocol import CLOSE_BAD_MESSAGE, CLOSE_TOO_LARGE, Batch

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

EXTENSION = "caretroom.transport"
KERNEL_BUFFER_BYTES = 256 * 1024
"""Of what is on its way to one reader; above that, and uvloop's 64 KiB, the room passes it over."""
MOST_PIECES = 4096  # of one message

HOLD_MOST_SECONDS = 10.0
SHUTDOWN_FIRST_SECONDS = 0.2  # several commits of the store
SHUTDOWN_SECONDS_PER_CONNECTION, SHUTDOWN_MOST_SECONDS = 0.02, 3.0

# A frame's first two bytes, RFC 6455 section 5.2.
_FINAL_BINARY, _MASKED = 0x82, 0x80


class Transport(WebSocketsSansIOProtocol):
    """Is the room's ``Link`` once ``attach`` was called, after the upgrade."""

    _receive: Callable[[bytes], None] | None = None
    _drained: Callable[[], None]
    _held_until: float | None = None
    _aligned = False
    """The request ended where a piece of the stream did, so it is known where the frames begin."""
    _head = b""
    """The beginning of a frame's header."""
    _parsers_share = 0
    """How many of the next bytes belong to a frame whose beginning the parser has."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        # Left alone, the kernel grows this to several megabytes for each reader that does not read.
        transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_SNDBUF, KERNEL_BUFFER_BYTES)

    async def run_asgi(self) -> None:
        cast(dict[str, Any], self.scope)["extensions"][EXTENSION] = self
        await super().run_asgi()

    def data_received(self, data: bytes) -> None:
        if not self._aligned:
            aligned = not self.handshake_initiated and data.endswith(b"\r\n\r\n")
            super().data_received(data)
            self._aligned = aligned and self.handshake_initiated
            return
        data = self._head + data
        self._head = b""
        position = min(self._parsers_share, len(data))
        if position:
            self._parsers_share -= position
            super().data_received(data[:position])
        while position < len(data) and not self.transport.is_closing():
            found = _find_payload(data, position)
            if found is None:
                self._head = data[position:]
                return
            payload, end = found
            if end <= len(data) and self._receive is not None and self._passes(data, position, end - payload):
                self._receive(apply_mask(data[payload:end], data[payload - 4 : payload]))
            else:
                self._parsers_share = max(0, end - len(data))
                super().data_received(data[position:end])
            position = end

    def _passes(self, data: bytes, position: int, size: int) -> bool:
        """Whether a frame is a whole message, and nothing that came before has a say in it."""
        return (
            data[position] == _FINAL_BINARY
            and data[position + 1] >= _MASKED
            and size <= self.config.ws_max_size
            and self.conn.state is State.OPEN
            and self.conn.current_size is None
            and not self.close_sent
        )

    def attach(self, receive: Callable[[bytes], None], drained: Callable[[], None]) -> None:
        """From now on messages go to ``receive``; ``drained`` is called when a full buffer has emptied."""
        self._receive = receive
        self._drained = drained
        waiting = []
        while not self.queue.empty():
            waiting.append(self.queue.get_nowait())
        for event in waiting:
            if event["type"] == "websocket.receive" and not self.close_sent:
                self._take(event.get("bytes"))
            elif event["type"] == "websocket.disconnect":
                self.queue.put_nowait(event)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def write(self, batch: Batch) -> bool:
        if not self.writable.is_set():
            return False
        if not self.close_sent and not self.disconnected:
            if batch.wire is None:
                batch.wire = b"".join(map(_framed, batch.frames))
            self.transport.write(batch.wire)
        return True

    def waiting(self) -> int:
        return self.transport.get_write_buffer_size()

    def close(self, code: int, reason: str) -> None:
        if self.close_sent or self.transport.is_closing():
            return
        self.close_sent = True
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        if self.writable.is_set():
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)
        else:
            self.transport.abort()

    def hold(self, seconds: float) -> None:
        # Not longer: a peer that hears nothing from us for 20 s takes the connection for dead.
        until = self.loop.time() + min(seconds, HOLD_MOST_SECONDS)
        if self._held_until is None:
            self.transport.pause_reading()
            self.loop.call_at(until, self._go_on)
        self._held_until = max(until, self._held_until or 0.0)

    def _go_on(self) -> None:
        assert self._held_until is not None
        if self.loop.time() < self._held_until:
            self.loop.call_at(self._held_until, self._go_on)
            return
        self._held_until = None
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def shutdown(self) -> None:
        """The server stops: what came is stored first, and then not everyone comes back in the same instant."""
        if self._receive is None:
            super().shutdown()
            return
        spread = min(SHUTDOWN_MOST_SECONDS, SHUTDOWN_SECONDS_PER_CONNECTION * len(self.connections))
        self.loop.call_later(SHUTDOWN_FIRST_SECONDS + random.uniform(0, spread), self._go_away)

    def _go_away(self) -> None:
        if not self.close_sent and not self.disconnected:
            super().shutdown()

    def send_receive_event_to_app(self) -> None:
        if self._receive is None:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if not self.close_sent:
            self._take(bytes(data) if self.curr_msg_data_type == "bytes" else None)

    def handle_cont(self, event: Frame) -> None:
        # Pieces without a byte count for nothing in the size of a message, and yet each is kept.
        if len(self.frames) >= MOST_PIECES:
            self.close(CLOSE_TOO_LARGE, "Expected a message in fewer pieces.")
        if self.close_sent:
            self.frames = []
        else:
            super().handle_cont(event)

    def handle_ping(self) -> None:
        if self.writable.is_set():
            super().handle_ping()
        else:
            # Whoever sends pings and reads nothing gets no answers, or they would gather here without end.
            self.conn.data_to_send()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._receive is not None:
            self._drained()

    def _take(self, data: bytes | None) -> None:
        if data is None:
            self.close(CLOSE_BAD_MESSAGE, "Expected binary frames, got text.")
        else:
            assert self._receive is not None
            self._receive(data)


def transport_of(scope: Scope) -> Transport:
    transport = scope.get("extensions", {}).get(EXTENSION)
    if not isinstance(transport, Transport):
        raise RuntimeError("Caretroom's WebSockets need its own transport: start it with `caretroom serve`.")
    return transport


def _find_payload(data: bytes, position: int) -> tuple[int, int] | None:
    """Where the payload of the frame at this position begins and ends; None while its header is not all there."""
    if len(data) < position + 2:
        return None
    second = data[position + 1]
    size = second & 0x7F
    payload = position + 2
    if size >= 126:
        payload += 2 if size == 126 else 8
        size = int.from_bytes(data[position + 2 : payload], "big")
    if second >= _MASKED:
        payload += 4
    return None if len(data) < payload else (payload, payload + size)


def _framed(message: bytes) -> bytes:
    """An unmasked final binary frame."""
    size = len(message)
    if size < 126:
        return bytes((_FINAL_BINARY, size)) + message
    if size < 1 << 16:
        return bytes((_FINAL_BINARY, 126)) + size.to_bytes(2, "big") + message
    return bytes((_FINAL_BINARY, 127)) + size.to_bytes(8, "big") + message
