"""The writer: stores what is new in all rooms together, so that a process full of rooms costs one commit at a time."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Collection, Set

from caretroom import metrics
from caretroom.carriers import Carriers
from caretroom.errors import GoneError, NotFoundError, StoreError
from caretroom.limits import Limits
from caretroom.records import MAIN, Addition, Entry, RoomId
from caretroom.store import Store

logger = logging.getLogger(__name__)

SNAPSHOT_ENTRIES = 500
RETRY_FIRST_SECONDS, RETRY_MOST_SECONDS = 0.5, 15.0


class Writer:
    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._waiting: set[Carriers] = set()
        self._changed = asyncio.Event()

    def changed(self, carriers: Carriers) -> None:
        """Something in this room may be new to the store."""
        self._waiting.add(carriers)
        self._changed.set()

    def leave(self, carriers: Carriers) -> None:
        self._waiting.discard(carriers)

    async def run(self) -> None:
        """Store what is new, again and again, until cancelled."""
        retry_seconds = RETRY_FIRST_SECONDS
        while True:
            await self._changed.wait()
            await asyncio.sleep(self._limits.commit_seconds)
            self._changed.clear()
            waiting, self._waiting = self._waiting, set()
            try:
                await self.store(waiting)
            except Exception as error:
                # Whatever it is, people's text is at stake: keep it and keep trying.
                metrics.store_failures.inc()
                logger.error(
                    "not stored, trying again",
                    extra={"rooms": len(waiting), "reason": str(error)},
                    exc_info=not isinstance(error, StoreError),
                )
                self._waiting |= {
                    carriers for carriers in waiting if carriers.room.has_unsaved and not carriers.stopped
                }
                self._changed.set()
                await asyncio.sleep(retry_seconds)
                retry_seconds = min(retry_seconds * 2, RETRY_MOST_SECONDS)
            else:
                retry_seconds = RETRY_FIRST_SECONDS

    async def store(self, all_carriers: Collection[Carriers]) -> None:
        """Raises what kept something from being stored; it stays where it is, and the others are none the worse."""
        now = time.time()
        taken: list[tuple[Carriers, int, int]] = []
        additions: list[Addition] = []
        failure: Exception | None = None
        for carriers in all_carriers:
            room = carriers.room
            try:
                position, rows = room.unsaved()
            except Exception as error:
                failure = error
                continue
            taken.append((carriers, position, len(rows)))
            if rows:
                entries = [Entry(at, now, author, update) for at, author, update in rows]
                additions.append(Addition(room.record.room, MAIN, entries))
        gone: Set[RoomId] = frozenset()
        if additions:
            with metrics.store_seconds.time():
                gone = await self._store.append(additions)
            metrics.stored_entries.inc(sum(len(addition.entries) for addition in additions))
        for carriers, position, rows_stored in taken:
            if carriers.room.record.room not in gone:
                carriers.room.saved(position)
                carriers.entries += rows_stored
                if carriers.entries >= SNAPSHOT_ENTRIES:
                    await self._snapshot(carriers, position)
        if failure is not None:
            raise failure

    async def _snapshot(self, carriers: Carriers, position: int) -> None:
        # The live document may be ahead of the log by now: then the snapshot covers more than it says.
        carriers.entries = 0
        room = carriers.room
        with contextlib.suppress(NotFoundError, GoneError):  # deleted
            await self._store.snapshot(room.record.room, MAIN, position, room.document.full())
