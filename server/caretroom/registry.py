"""The registry: each room in use is in memory once, from the first who opens it until some time after the last."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType

from caretroom import metrics
from caretroom.carriers import Carriers
from caretroom.document import Document
from caretroom.errors import RequestError, StoreError, UnavailableError
from caretroom.limits import Limits
from caretroom.pace import SAMPLE_SECONDS, Pace
from caretroom.protocol import CLOSE_ROOM_CLOSED, CLOSE_UNAUTHORIZED
from caretroom.records import MAIN, RoomId, RoomRecord
from caretroom.room import Room
from caretroom.store import Store
from caretroom.writer import Writer

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0


class _Held:
    """A room in memory, and those who hold it there."""

    def __init__(self) -> None:
        self.room: asyncio.Future[Room] = asyncio.get_running_loop().create_future()
        self.users = 0
        self.stopping = asyncio.Event()


class Registry:
    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._held: dict[RoomId, _Held] = {}
        self._tasks = asyncio.TaskGroup()
        self._writer = Writer(store, limits)
        self._pace = Pace()
        self._watching: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Registry":
        await self._tasks.__aenter__()
        self._watching = [self._tasks.create_task(self._writer.run()), self._tasks.create_task(self._sample_load())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for held in self._held.values():
            held.stopping.set()
        for task in self._watching:
            task.cancel()
        await self._tasks.__aexit__(kind, error, traceback)

    async def _sample_load(self) -> None:
        while True:
            self._pace.sample(time.monotonic(), time.process_time())
            await asyncio.sleep(SAMPLE_SECONDS)

    @asynccontextmanager
    async def open(self, room: RoomId) -> AsyncIterator[Room]:
        """Hold the room in memory. However many come at once, it is loaded once.

        Raises NotFoundError, GoneError, UnavailableError.
        """
        held = self._held.get(room)
        if held is None:
            if len(self._held) >= self._limits.rooms_open:
                raise UnavailableError("As many rooms are open here as this server can serve. Try again later.")
            held = self._held[room] = _Held()
            self._tasks.create_task(self._live(room, held))
        held.users += 1
        try:
            yield await asyncio.shield(held.room)
        finally:
            held.users -= 1

    async def record(self, room: RoomId) -> RoomRecord:
        held = self._held.get(room)
        if held is not None and held.room.done() and held.room.exception() is None:
            return held.room.result().record
        return await self._store.room(room)

    async def replace_links(self, room: RoomId, join_code: str) -> RoomRecord:
        """Make every link and the join code worthless at once, also for those who are in the room by them."""
        async with self.open(room) as live:
            record = live.record = await self._store.replace_links(room, join_code)
            live.close(CLOSE_UNAUTHORIZED, "The links of this room were replaced.")
        return record

    async def delete(self, room: RoomId) -> None:
        await self._store.delete(room)
        held = self._held.pop(room, None)
        if held is not None:
            held.stopping.set()
            if held.room.done() and held.room.exception() is None:
                held.room.result().close(CLOSE_ROOM_CLOSED, "The room was deleted.")

    async def _live(self, id: RoomId, held: _Held) -> None:
        carriers = Carriers(self._writer.changed, self._pace)
        try:
            await self._load(id, carriers)
        except Exception as error:
            if not isinstance(error, RequestError):
                logger.error("room not loaded", extra={"room": id, "reason": str(error)})
                unavailable = UnavailableError(
                    "What is stored of this room can't be read now. It is kept as it is; try again later."
                )
                unavailable.__cause__ = error
                error = unavailable
            del self._held[id]
            held.room.set_exception(error)
            held.room.exception()  # those who waited may be gone
            return
        metrics.rooms.inc()
        held.room.set_result(carriers.room)
        try:
            await self._until_idle(held, carriers.room)
        finally:
            # From here on the room is not found here, and its whole document in the store.
            if self._held.get(id) is held:
                del self._held[id]
            metrics.rooms.dec()
            carriers.stop()
            self._writer.leave(carriers)
        try:
            await self._writer.store([carriers])
        except StoreError as error:
            logger.error("the last changes are not stored", extra={"room": id, "reason": str(error)})

    async def _load(self, id: RoomId, carriers: Carriers) -> None:
        record = await self._store.room(id)
        stored = await self._store.load(id, MAIN)
        metrics.log_entries.observe(len(stored.entries))
        updates = [entry.update for entry in stored.entries]
        if stored.snapshot is not None:
            updates.insert(0, stored.snapshot)
        clock = asyncio.get_running_loop().time
        # Of a long history this takes a second: not on the loop, where all other rooms live.
        document = await asyncio.to_thread(Document, updates)
        room = Room(record, document, stored.position, self._limits, clock, carriers.wake)
        carriers.carry(room, len(stored.entries))

    async def _until_idle(self, held: _Held, room: Room) -> None:
        idle_seconds = 0.0
        while not held.stopping.is_set():
            try:
                async with asyncio.timeout(TICK_SECONDS):
                    await held.stopping.wait()
            except TimeoutError:
                room.tick()
                idle = not held.users and not room.has_unsaved
                idle_seconds = idle_seconds + TICK_SECONDS if idle else 0.0
                if idle_seconds >= self._limits.unload_seconds:
                    return
