"""Presence: where everyone's cursor is. Latest wins, nothing is kept.

Entries stay the raw JSON that came; who may speak for a client id is decided in ``room``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from caretroom.protocol import PresenceEntry

GONE = b"null"


@dataclass(slots=True)
class _Held:
    clock: int
    state: bytes


class PresenceFeed:
    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}
        self._dirty: dict[int, PresenceEntry] = {}

    @property
    def changed(self) -> bool:
        return bool(self._dirty)

    def __contains__(self, client: int) -> bool:
        return client in self._held

    def put(self, entry: PresenceEntry) -> None:
        """Take the entry if it is news, by the rule of y-protocols' ``applyAwarenessUpdate``."""
        held = self._held.get(entry.client)
        if held is not None and (entry.clock < held.clock or (entry.clock == held.clock and entry.state != GONE)):
            return
        if entry.state == GONE:
            if held is None:
                return
            del self._held[entry.client]
        else:
            self._held[entry.client] = _Held(entry.clock, entry.state)
        self._dirty[entry.client] = entry

    def remove(self, clients: Iterable[int]) -> None:
        """At the same clock: a client that returns would else be unseen until it has counted past the removal."""
        for client in clients:
            held = self._held.get(client)
            if held is not None:
                self.put(PresenceEntry(client, held.clock, GONE))

    def changes(self) -> list[PresenceEntry]:
        """What came since the last call, the latest of each client."""
        entries = list(self._dirty.values())
        self._dirty.clear()
        return entries

    def all(self) -> list[PresenceEntry]:
        return [PresenceEntry(client, held.clock, held.state) for client, held in self._held.items()]
