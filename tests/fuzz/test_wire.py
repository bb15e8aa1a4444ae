"""Hostile connections to a real server process: whatever they do, everybody else works on, and memory stays bounded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from random import Random

import pytest
from caretroom.limits import Limits
from support.client import Client, presence_frame, sync_frame
from support.raw import CLOSE, CONTINUED, PING, TEXT, RawSocket, framed
from support.server import NewRoom, Server, resident_bytes, stored_text

from fuzz.frames import Frames
from fuzz.updates import Forger

MEMORY_BYTES = 32 * 2**20


class Town:
    """A room that is attacked, with somebody at work in it, and two people in a room nearby."""

    def __init__(self, server: Server, attacked: NewRoom, clients: tuple[Client, Client, Client]) -> None:
        self.server = server
        self.attacked = attacked
        self._ada, self._near, self._far = clients
        self._pid = server.pid
        self._resident = resident_bytes(server.pid)

    async def works(self) -> None:
        """A letter goes around nearby, and the attacked room keeps what is typed in it; the process is the same."""
        self._near.write("x")
        await self._far.until(lambda me: me.text == self._near.text)
        self._ada.write("y")
        await asyncio.gather(self._near.until_saved(), self._ada.until_saved())
        assert self.server.pid == self._pid
        assert stored_text(self.server, self.attacked) == self._ada.text
        assert set(self._ada.text) == {"y"}, "an attacker, who may only watch, has written"
        async with Client(self.server.url, self.attacked.id, self.attacked.token("viewer")) as late:
            await late.until_synced()
            assert late.text == self._ada.text
        assert resident_bytes(self.server.pid) - self._resident < MEMORY_BYTES


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with Server(tmp_path_factory.mktemp("town"), limits="request_seconds=1") as server:
        attacked, nearby = await server.create_room(code="y"), await server.create_room(code="")
        clients = (
            Client(server.url, attacked.id, attacked.token("host"), name="Ada"),
            Client(server.url, nearby.id, nearby.token("host"), name="Near"),
            Client(server.url, nearby.id, nearby.token("editor"), name="Far"),
        )
        for client in clients:
            await client.__aenter__()
            await client.until_synced()
        yield Town(server, attacked, clients)
        for client in clients:
            await client.leave()


BEGUN = framed(b"\x03", final=False)
BROKEN: dict[str, tuple[bytes, int | None]] = {
    "a text frame": (framed(b"hello", TEXT), 4400),
    "a text frame in pieces": (framed(b"he", TEXT, final=False) + framed(b"llo", CONTINUED), 4400),
    "text that is not UTF-8": (framed(b"\xff\xfe", TEXT), 4400),
    "an empty message": (framed(b""), 4400),
    "a frame without a mask": (framed(b"\x03", masked=False), 1002),
    "reserved bits": (framed(b"\x03", reserved=7), 1002),
    "an unknown kind of frame": (framed(b"\x03", 5), 1002),
    "a ping in pieces": (framed(b"x", PING, final=False), 1002),
    "a ping of 126 bytes": (framed(b"x" * 126, PING), 1002),
    "a piece of nothing": (framed(b"x", CONTINUED), 1002),
    "a message within a message": (BEGUN + framed(b"\x03"), 1002),
    "a close frame that is none": (framed(b"\x00", CLOSE), 1002),
    "a close code that is none": (framed(b"\x00\x01", CLOSE), 1002),
    "a goodbye in no language": (framed(b"\x03\xe8\xff\xfe", CLOSE), 1007),
    "a message of 2^62 bytes": (b"\x82\xff" + (2**62).to_bytes(8, "big") + b"mask", 1009),
    "a message of 2^63 bytes": (b"\x82\xff" + (2**63).to_bytes(8, "big") + b"mask", 1009),
    "a message too large, in pieces": (BEGUN + framed(bytes(Limits().message_bytes), CONTINUED), 1009),
    "a message of 100,000 empty pieces": (
        framed(b"", final=False) + framed(b"", CONTINUED, final=False) * 100_000,
        1009,
    ),
    "frames after goodbye": (framed(b"\x03\xe8", CLOSE) + framed(b"\x03") * 1_000, 1000),
    "not WebSocket at all": (b"GET / HTTP/1.1\r\n\r\n" * 100, 1002),
}


@pytest.mark.parametrize(("data", "code"), BROKEN.values(), ids=BROKEN)
async def test_what_breaks_the_rules_of_websockets_ends_its_connection(town: Town, data: bytes, code: int) -> None:
    async with RawSocket(town.server) as socket:
        await socket.upgrade(town.attacked, "viewer")
        socket.send(data)
        assert await socket.ended() == code
    await town.works()


async def test_a_message_in_many_pieces_is_one_message(town: Town) -> None:
    message = presence_frame((77, 1, {"cursor": "x" * 200}))
    pieces = [framed(message[:1], final=False)]
    pieces += [framed(message[at : at + 1], CONTINUED, final=False) for at in range(1, len(message) - 1)]
    pieces.insert(5, framed(b"in between", PING))
    async with RawSocket(town.server) as socket:
        await socket.upgrade(town.attacked, "viewer")
        data = b"".join(pieces) + framed(message[-1:], CONTINUED)
        for at in range(0, len(data), 7):
            socket.send(data[at : at + 7])
            await socket.sent()
        async with Client(town.server.url, town.attacked.id, town.attacked.token("viewer")) as late:
            await late.until(lambda me: me.presence.get(77) == {"cursor": "x" * 200})
    await town.works()


async def test_ten_thousand_frames_in_one_write_are_taken_one_by_one(town: Town) -> None:
    async with RawSocket(town.server) as socket:
        await socket.upgrade(town.attacked, "viewer")
        frames = [framed(b"\x7f")] * 5_000 + [framed(sync_frame(1, b"\0\0"))] * 4_999
        socket.send(b"".join(frames) + framed(presence_frame((88, 1, {"at": "the end"}))))
        async with Client(town.server.url, town.attacked.id, town.attacked.token("viewer")) as late:
            await late.until(lambda me: me.presence.get(88) == {"at": "the end"}, within=60)
    await town.works()


@pytest.mark.parametrize(
    ("frame", "thousands"),
    [(framed(sync_frame(0, b"\0")), 200), (framed(b"\x03"), 200), (framed(b"x" * 125, PING), 400)],
    ids=["asking for everything", "asking who is here", "pings"],
)
async def test_a_flood_of_questions_whose_answers_are_not_read_costs_no_memory(
    town: Town, frame: bytes, thousands: int
) -> None:
    async with RawSocket(town.server) as socket:
        await socket.upgrade(town.attacked, "viewer")
        socket.stop_reading()
        block = frame * 1_000
        for _ in range(thousands):
            socket.send(block)
            await socket.sent()
            await asyncio.sleep(0)  # the others' turn
        await town.works()


UNFINISHED = [
    b"",
    b"GET /ws/",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    b"POST /api/rooms HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
]


async def test_connections_that_never_finish_their_request_are_ended(town: Town) -> None:
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(RawSocket(town.server)) for _ in range(100)]
        for number, socket in enumerate(sockets):
            socket.send(UNFINISHED[number % len(UNFINISHED)])
        await town.works()
        await asyncio.gather(*(socket.ended() for socket in sockets))
    await town.works()


async def test_a_request_whose_header_does_not_end_is_ended(town: Town) -> None:
    async with RawSocket(town.server) as socket:
        socket.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
        ending = asyncio.create_task(socket.ended())
        for number in range(2_000):
            if ending.done():
                break
            socket.send(b"X-%d: %s\r\n" % (number, b"x" * 10_000))
            try:
                await socket.sent()
            except ConnectionError:
                break
        await ending
        assert number < 1_900, "20 MB of header were taken"
    await town.works()


async def test_connections_that_break_in_the_middle_of_a_frame_are_forgotten(town: Town) -> None:
    frame = framed(presence_frame((99, 1, {})))
    for cut in range(1, len(frame)):
        async with RawSocket(town.server) as socket:
            await socket.upgrade(town.attacked, "viewer")
            socket.send(frame[:cut])
            await socket.sent()
    await town.works()


@pytest.mark.parametrize("seed", range(4))
async def test_hostile_frames_in_any_pieces_leave_everybody_else_in_peace(town: Town, seed: int) -> None:
    random = Random(seed)
    frames = Frames(random, Forger(random))
    for _ in range(60):
        async with RawSocket(town.server) as socket:
            await socket.upgrade(town.attacked, "viewer")
            data = b""
            for _ in range(40):
                frame = frames.draw().frame
                at = random.randrange(len(frame) + 1) if random.random() < 0.2 else None
                data += framed(frame) if at is None else framed(frame[:at], final=False) + framed(frame[at:], CONTINUED)
            while data:
                size = random.choice((1, 5, 100, 5_000, 10**6))
                socket.send(data[:size])
                data = data[size:]
                if random.random() < 0.1:
                    await asyncio.sleep(0)
    await town.works()
