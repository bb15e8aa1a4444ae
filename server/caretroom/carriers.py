"""The carriers of a room: they read its feeds at their own pace, one for the connections and one for the store."""

import asyncio
import logging
import time

from caretroom import metrics
from caretroom.errors import GoneError, NotFoundError, StoreError
from caretroom.limits import Limits
from caretroom.records import MAIN, Entry
from caretroom.room import Room
from caretroom.store import Store

logger = logging.getLogger(__name__)

SNAPSHOT_ENTRIES = 500
RETRY_FIRST_SECONDS, RETRY_MOST_SECONDS = 0.5, 15.0


class Carriers:
    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._soon: asyncio.Handle | None = None
        self._later: asyncio.TimerHandle | None = None
        self._entries = 0
        self.room: Room

    def carry(self, room: Room, entries: int) -> None:
        """Take the room on, whose log holds so many entries that no snapshot covers."""
        self.room = room
        self._entries = entries

    def wake(self) -> None:
        """Something is new: tell it at the loop's next turn, together with what else comes until then."""
        if self._soon is None:
            self._soon = self._loop.call_soon(self._relay)
        self._changed.set()

    def stop(self) -> None:
        for handle in (self._soon, self._later):
            if handle is not None:
                handle.cancel()

    def _relay(self) -> None:
        self._soon = None
        due = self.room.flush()
        if due is not None and self._later is None:
            self._later = self._loop.call_at(due, self._wake_later)

    def _wake_later(self) -> None:
        self._later = None
        self.wake()

    async def persist(self) -> None:
        """Store what is new, again and again, until cancelled or the room is deleted."""
        retry_seconds = RETRY_FIRST_SECONDS
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self.room.has_unsaved:
                await asyncio.sleep(self._limits.commit_seconds)
                try:
                    await self.store_now()
                except (NotFoundError, GoneError):
                    return
                except Exception as error:
                    # Whatever it is, people's text is at stake: keep it and keep trying.
                    metrics.store_failures.inc()
                    logger.error(
                        "not stored, trying again",
                        extra={"room": self.room.record.room, "reason": str(error)},
                        exc_info=not isinstance(error, StoreError),
                    )
                    await asyncio.sleep(retry_seconds)
                    retry_seconds = min(retry_seconds * 2, RETRY_MOST_SECONDS)
                else:
                    retry_seconds = RETRY_FIRST_SECONDS

    async def store_now(self) -> None:
        """Raises StoreError; what was not stored stays where it is."""
        room = self.room.record.room
        position, rows = self.room.unsaved()
        now = time.time()
        if rows:
            with metrics.store_seconds.time():
                await self._store.append(room, MAIN, [Entry(at, now, author, update) for at, author, update in rows])
        self.room.saved(position)
        self._entries += len(rows)
        if self._entries >= SNAPSHOT_ENTRIES:
            # The live document may be ahead of the log by now: then the snapshot covers more than it says.
            self._entries = 0
            await self._store.snapshot(room, MAIN, position, self.room.document.full())
