"""The carriers of a room: they read its feeds at their own pace, one for the connections and one for the store."""

import asyncio
from collections.abc import Callable

from caretroom.room import Room


class Carriers:
    room: Room
    entries: int
    """How many entries its log holds that no snapshot covers."""

    def __init__(self, store: Callable[["Carriers"], None]) -> None:
        """``store`` is called when the room may have something that the store lacks."""
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._soon: asyncio.Handle | None = None
        self._later: asyncio.TimerHandle | None = None
        self.stopped = False

    def carry(self, room: Room, entries: int) -> None:
        self.room = room
        self.entries = entries

    def wake(self) -> None:
        """Something is new: tell it at the loop's next turn, together with what else comes until then."""
        if self._soon is None:
            self._soon = self._loop.call_soon(self._relay)

    def stop(self) -> None:
        self.stopped = True
        for handle in (self._soon, self._later):
            if handle is not None:
                handle.cancel()

    def _relay(self) -> None:
        self._soon = None
        due = self.room.flush()
        if due is not None and self._later is None:
            self._later = self._loop.call_at(due, self._wake_later)
        if self.room.has_unsaved:
            self._store(self)

    def _wake_later(self) -> None:
        self._later = None
        self.wake()
