"""The carriers of a room: they read its feeds at their own pace, one for the connections and one for the store."""

import asyncio
from collections.abc import Callable

from caretroom.pace import Pace
from caretroom.room import Room


class Carriers:
    room: Room
    entries: int
    """How many entries its log holds that no snapshot covers."""

    def __init__(self, store: Callable[["Carriers"], None], pace: Pace) -> None:
        """``store`` is called when the room may have something that the store lacks."""
        self._store = store
        self._pace = pace
        self._loop = asyncio.get_running_loop()
        self._soon: asyncio.Handle | None = None
        self._later: asyncio.TimerHandle | None = None
        self._flushed_at = 0.0
        self.stopped = False

    def carry(self, room: Room, entries: int) -> None:
        self.room = room
        self.entries = entries

    def wake(self) -> None:
        """Something is new: tell it as soon as the pace allows, together with what else comes until then."""
        if self._soon is not None:
            return
        wait = self._pace.between_flushes(len(self.room.connections))
        if wait:
            wait -= self._loop.time() - self._flushed_at
        self._soon = self._loop.call_later(wait, self._relay) if wait > 0 else self._loop.call_soon(self._relay)

    def stop(self) -> None:
        self.stopped = True
        for handle in (self._soon, self._later):
            if handle is not None:
                handle.cancel()

    def _relay(self) -> None:
        self._soon = None
        self._flushed_at = self._loop.time()
        due = self.room.flush()
        if due is not None and self._later is None:
            self._later = self._loop.call_at(due, self._wake_later)
        if self.room.has_unsaved:
            self._store(self)

    def _wake_later(self) -> None:
        self._later = None
        self.wake()
