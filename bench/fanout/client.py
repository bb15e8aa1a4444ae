"""The clients of one measurement: what they send, and an account of every character that reaches them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.fanout import wire
from bench.fanout.documents import Typer
from bench.fanout.latency import Latencies
from bench.fanout.wire import Cursors, Dialect, Heard, Span, Text

HEARD_KEPT = 4000
CONNECTS_WITHIN = 60.0
FRAME_BYTES = 1 << 28


@dataclass(slots=True)
class Audience:
    """What the clients of a measurement have in common."""

    dialect: Dialect
    typers: dict[int, Typer] = field(default_factory=dict)
    cursors_sent_at: dict[tuple[int, int], float] = field(default_factory=dict)
    frames: int = 0
    unreadable: int = 0
    closed: int = 0
    _heard: dict[bytes, Heard] = field(default_factory=dict)

    def read(self, data: bytes) -> Heard:
        """A broadcast is read once, however many get it."""
        heard = self._heard.get(data)
        if heard is None:
            try:
                heard = wire.read(self.dialect, data)
            except ValueError:
                self.unreadable += 1
                heard = wire.Other()
            if len(self._heard) >= HEARD_KEPT:
                self._heard.clear()
            self._heard[data] = heard
        return heard


class Client(WSListener):
    def __init__(self, audience: Audience, room: str, id: int, *, keeps_updates: bool = False) -> None:
        self.audience = audience
        self.room = room
        self.id = id
        self.typer: Typer | None = None
        self.started_at = 0.0
        self.synced: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.state = b""
        """What step 2 brought."""
        self.updates: list[bytes] | None = [] if keeps_updates else None
        self.leaving = False
        self._prefix = wire.prefix(audience.dialect, room)
        self._transport: WSTransport | None = None
        self._cursor_clock = 0
        self._pieces: list[bytes] = []
        self._arrived: list[tuple[float, Heard]] = []
        self._next: dict[int, int] = {}
        self._missing: set[tuple[int, int]] = set()

    async def connect(self, url: str) -> None:
        self.started_at = perf_counter()
        await ws_connect(lambda: self, url, websocket_handshake_timeout=CONNECTS_WITHIN, max_frame_size=FRAME_BYTES)
        async with asyncio.timeout(CONNECTS_WITHIN):
            await asyncio.shield(self.synced)

    def leave(self) -> None:
        self.leaving = True
        if self._transport is not None:
            self._transport.send_close()
            self._transport.disconnect()

    # Out

    def send(self, message: bytes) -> None:
        assert self._transport is not None
        self._transport.send(WSMsgType.BINARY, self._prefix + message)

    def type(self, update: bytes) -> None:
        assert self.typer is not None
        self.typer.sent_at.append(perf_counter())
        self.send(wire.update(update))

    def move_cursor(self) -> None:
        self._cursor_clock += 1
        self.audience.cursors_sent_at[self.id, self._cursor_clock] = perf_counter()
        self.send(wire.cursor(self.id, self._cursor_clock))

    # In

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self.send(wire.token() if self.audience.dialect is Dialect.HOCUSPOCUS else wire.step1())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.leaving:
            self.audience.closed += 1
        if not self.synced.done():
            self.synced.set_exception(ConnectionError("closed before it was synced"))
            self.synced.exception()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type in (WSMsgType.BINARY, WSMsgType.CONTINUATION):
            data = frame.get_payload_as_bytes()
            if self._pieces or not frame.fin:
                self._pieces.append(data)
                if not frame.fin:
                    return
                data, self._pieces = b"".join(self._pieces), []
            self._take(data, perf_counter())

    def _take(self, data: bytes, now: float) -> None:
        self.audience.frames += 1
        heard = self.audience.read(data)
        match heard:
            case Text(is_step2, update, _):
                # Accounted for in `settle`, when nothing is measured.
                self._arrived.append((now, heard))
                if self.updates is not None:
                    self.updates.append(update)
                if is_step2 and not self.synced.done():
                    self.state = update
                    self.synced.set_result(now)
            case Cursors():
                self._arrived.append((now, heard))
            case wire.Step1():
                self.send(wire.empty_step2())
            case wire.Authenticated():
                self.send(wire.step1())
            case wire.Other():
                pass

    def settle(self, since: float, until: float, text: Latencies, cursors: Latencies) -> int:
        """Account for what has arrived; how many characters of others did so in the window.

        Latency is that of the characters sent in the window, whenever they came: a backlog is not hidden.
        """
        arrived, self._arrived = self._arrived, []
        delivered = 0
        for at, heard in arrived:
            if isinstance(heard, Cursors):
                for entry in heard.entries:
                    sent_at = self.audience.cursors_sent_at.get(entry)
                    if sent_at is not None and entry[0] != self.id and since <= sent_at < until:
                        cursors.add(at - sent_at)
            elif isinstance(heard, Text):
                for span in heard.spans:
                    typer = self.audience.typers.get(span.client)
                    if typer is None or span.client == self.id:
                        continue
                    for clock in self._new(span):
                        sent_at = typer.sent_at[clock]
                        delivered += since <= at < until
                        if since <= sent_at < until:
                            text.add(at - sent_at)
        return delivered

    def _new(self, span: Span) -> Sequence[int]:
        """Which clocks of the span this client sees for the first time."""
        client, first, end = span
        expected = self._next.get(client, 0)
        late: list[int] = []
        if first > expected:
            self._missing.update((client, clock) for clock in range(expected, first))
        elif self._missing:
            late = [clock for clock in range(first, min(end, expected)) if (client, clock) in self._missing]
            self._missing.difference_update((client, clock) for clock in late)
        first = max(first, expected)
        self._next[client] = max(end, expected)
        return [*late, *range(first, end)] if late else range(first, end)

    def lacks(self, typers: Sequence[Typer]) -> int:
        """How many characters of these never reached it."""
        never = sum(len(typer.sent_at) - self._next.get(typer.client, 0) for typer in typers if typer.client != self.id)
        return never + len(self._missing)
