"""How much of its allowance a room's document has used."""

from caretroom.document import Document

MEASURED_AGAIN_SECONDS = 1.0


class Size:
    """Counts what comes. That is more than it amounts to, so before a no it is measured, at most once a second."""

    def __init__(self, document: Document, most_bytes: int) -> None:
        self._document = document
        self._most = most_bytes
        self._bytes = len(document.full())
        self._measured_at = 0.0

    def add(self, bytes: int) -> None:
        self._bytes += bytes

    def has_room_for(self, bytes: int, now: float) -> bool:
        if self._bytes + bytes > self._most and now - self._measured_at >= MEASURED_AGAIN_SECONDS:
            self._measured_at = now
            self._bytes = len(self._document.full())
        return self._bytes + bytes <= self._most
