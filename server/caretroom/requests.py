"""The HTTP side of a connection: uvicorn's, with an end to requests that never end.

uvicorn waits for a request as long as it takes and keeps its header however much it is. A few addresses could hold all
connections, or all memory, that way before anybody has asked them who they are.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from caretroom.limits import Limits


class Requests(HttpToolsProtocol):
    limits: Limits

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes: int | None = 0
    """What came of a header that is not complete yet; None when it is."""

    @classmethod
    def within(cls, limits: Limits) -> type["Requests"]:
        """The class for these limits: uvicorn makes the instances."""
        return type(cls.__name__, (cls,), {"limits": limits})

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._head_bytes is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        too_large = self._head_bytes is not None and self._head_bytes > self.limits.request_head_bytes
        if too_large and not self.transport.is_closing():
            self.send_400_response("The header of the request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0
        self._wait_for_request()

    def on_headers_complete(self) -> None:
        self._head_bytes = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._stop_waiting()
        super().handle_websocket_upgrade()

    def _wait_for_request(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(self.limits.request_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
