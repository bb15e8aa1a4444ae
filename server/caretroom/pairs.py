"""Where a document's surrogate pairs are, and which of them a change cuts.

Yjs counts text in UTF-16, so a change may fall between the two halves of an emoji. Yjs then turns both halves into
U+FFFD. yrs instead puts the change elsewhere and loses count, so a cut pair has to be mended before yrs sees the cut.
"""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from itertools import chain

from caretroom.gate import Place, Update


class Pairs:
    """The pairs in a document's text, each named by the place of its second half."""

    def __init__(self) -> None:
        # The clocks of a client only ever grow, so these stay sorted; four bytes for each pair.
        self._seconds: dict[int, array[int]] = {}

    def cut_by(self, update: Update, state: Mapping[int, int]) -> frozenset[Place]:
        """The pairs that an update without a gap cuts, the document's and its own: mend both before applying it.

        `state` is the document's before the update.
        """
        if not self._seconds and not update.texts:
            return frozenset()
        own = _brought(update, state)
        # A run whose beginning is known goes on in the middle of a struct.
        middles = (Place(client, start) for client, (start, _) in update.new_content(state).items())
        return frozenset(
            place
            for place in chain(update.cuts(), middles)
            if _has(self._seconds.get(place.client, ()), place.clock) or _has(own.get(place.client, ()), place.clock)
        )

    def advance(self, update: Update, state: Mapping[int, int], cut: Collection[Place]) -> None:
        """Take in what an applied update brought, and forget the pairs that it cut; `state` as for `cut_by`."""
        for client, seconds in _brought(update, state).items():
            self._seconds.setdefault(client, array("I")).extend(seconds)
        for client in {place.client for place in cut} & self._seconds.keys():
            whole = array("I", (second for second in self._seconds[client] if Place(client, second) not in cut))
            self._seconds[client] = whole


def _brought(update: Update, state: Mapping[int, int]) -> dict[int, list[int]]:
    brought: dict[int, list[int]] = {}
    for text in update.texts:
        first_new = bisect_left(text.seconds, state.get(text.client, 0))
        brought.setdefault(text.client, []).extend(text.seconds[first_new:])
    return brought


def _has(seconds: Sequence[int], clock: int) -> bool:
    index = bisect_left(seconds, clock)
    return index < len(seconds) and seconds[index] == clock
