"""The WebSocket transport: uvicorn's, with a short way in and a short way out.

In: a message goes from the frame parser straight to the room, without a queue and a task switch between.
Out: a batch is framed once, and the same bytes are written for everyone; flow control is honoured.
"""

import random
from collections.abc import Callable
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from caretroom.protocol import CLOSE_BAD_MESSAGE, Batch

EXTENSION = "caretroom.transport"

SHUTDOWN_FIRST_SECONDS = 0.2  # several commits of the store
SHUTDOWN_SECONDS_PER_CONNECTION, SHUTDOWN_MOST_SECONDS = 0.02, 3.0


class Transport(WebSocketsSansIOProtocol):
    """Is the room's ``Link`` once ``attach`` was called, after the upgrade."""

    _receive: Callable[[bytes], None] | None = None
    _drained: Callable[[], None]

    async def run_asgi(self) -> None:
        cast(dict[str, Any], self.scope)["extensions"][EXTENSION] = self
        await super().run_asgi()

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


def _framed(message: bytes) -> bytes:
    """An unmasked final binary frame, RFC 6455 section 5.2."""
    size = len(message)
    if size < 126:
        return bytes((0x82, size)) + message
    if size < 1 << 16:
        return b"\x82\x7e" + size.to_bytes(2, "big") + message
    return b"\x82\x7f" + size.to_bytes(8, "big") + message
