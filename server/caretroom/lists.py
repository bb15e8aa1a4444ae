"""In which list everything in a document stands: the entries of a map under one key, or the units of a text.

Nobody who uses Yjs through our schema puts a value into a text, or something between neighbours from two lists. yrs
takes it, but may panic then, or read its own document otherwise than it wrote it; an editor loses count of the text.
"""

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from caretroom.gate import Kind, Place, RefusedError, Run, Struct, Update


class List(NamedTuple):
    """A text has no key; the parent of the files themselves is the root, None."""

    parent: Place | None
    key: str | None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What may stand in it: files under the root, their text and values in a file, strings in a text."""
        return _IN_ROOT if self.parent is None else _IN_TEXT if self.key is None else _IN_FILE


# Tuples: looking a kind up in a set costs a call of Enum's hash.
_TYPES = (Kind.MAP, Kind.TEXT)
_IN_ROOT = (Kind.MAP, Kind.DELETED)
_IN_FILE = (Kind.TEXT, Kind.VALUES, Kind.DELETED)
_IN_TEXT = (Kind.STRING, Kind.DELETED)


class Standing(NamedTuple):
    """What an update adds: per client from which clock on what stands in which list, and the new maps and texts."""

    lists: Mapping[int, Sequence[tuple[int, List | None]]]
    types: Mapping[Place, Kind]
    values: Mapping[int, Sequence[tuple[int, int]]]
    """Per client, the clocks that are values: first, after the last."""


class Lists:
    """The lists of one document. What was collected as garbage stands in none, nor does what is added to it."""

    def __init__(self) -> None:
        # Per client where another list begins, and which: one entry for all that someone types into one text.
        self._starts: dict[int, array[int]] = {}
        self._lists: dict[int, list[List | None]] = {}
        self._types: dict[Place, Kind] = {}
        # Per client, the clocks at which values begin and end, in turn.
        self._values: dict[int, array[int]] = {}

    def place(self, update: Update, state: Mapping[int, int]) -> Standing:
        """Where an update without a gap puts what it brings; RefusedError when that is out of place.

        `state` is the document's before the update.
        """
        return _Placing(self, update, state).standing()

    def advance(self, standing: Standing) -> None:
        """Take in what an applied update placed."""
        self._types.update(standing.types)
        for client, placed in standing.lists.items():
            starts = self._starts.setdefault(client, array("I"))
            lists = self._lists.setdefault(client, [])
            for clock, there in placed:
                if not lists or lists[-1] != there:
                    starts.append(clock)
                    lists.append(there)
        for client, ranges in standing.values.items():
            self._values.setdefault(client, array("I")).extend(chain.from_iterable(ranges))

    def list_at(self, place: Place) -> List | None:
        """The list of a known clock."""
        return self._lists[place.client][bisect_right(self._starts[place.client], place.clock) - 1]

    def type_at(self, place: Place) -> Kind | None:
        """MAP or TEXT when a known clock is one."""
        return self._types.get(place)

    def is_value(self, place: Place) -> bool:
        """Whether a known clock came as a value."""
        return bisect_right(self._values.get(place.client, ()), place.clock) % 2 == 1


class _Placing:
    """The placing of one update: what it brings may build on whatever else it brings."""

    def __init__(self, known: Lists, update: Update, state: Mapping[int, int]) -> None:
        self._known = known
        self._state = state
        self._runs = {run.client: run for run in update.runs}
        self._clocks: dict[int, list[int]] = {}
        # As far as they are found, the lists of the structs of each run.
        self._found: dict[int, dict[int, List | None]] = {run.client: {} for run in update.runs}
        self._types: dict[Place, Kind] = {}
        self._values: dict[int, list[tuple[int, int]]] = {}
        for run in update.runs:
            known_end = state.get(run.client, 0)
            for index, struct in enumerate(run.structs):
                if struct.kind in _TYPES and struct.clock >= known_end:
                    self._types[Place(run.client, struct.clock)] = struct.kind
                elif struct.kind is Kind.VALUES:
                    end = run.structs[index + 1].clock if index + 1 < len(run.structs) else run.end
                    if end > known_end:
                        self._values.setdefault(run.client, []).append((max(struct.clock, known_end), end))

    def standing(self) -> Standing:
        lists = {client: self._placed(run) for client, run in self._runs.items()}
        return Standing(lists, self._types, self._values)

    def _placed(self, run: Run) -> list[tuple[int, List | None]]:
        placed: list[tuple[int, List | None]] = []
        known = self._state.get(run.client, 0)
        if run.end <= known:
            return placed
        first_new = 0 if run.start >= known else self._index(Place(run.client, known))
        for index in range(first_new, len(run.structs)):
            struct = run.structs[index]
            there = self._list_of(run.client, index)
            self._check(struct, there)
            if struct.clock < known and self._known.list_at(Place(run.client, known - 1)) != there:
                raise RefusedError("place", f"expected clock {known} to go on where it was, came another list")
            placed.append((max(struct.clock, known), there))
        return placed

    def _list_at(self, place: Place) -> List | None:
        """The list of a clock, known or new."""
        if place.clock < self._state.get(place.client, 0):
            return self._known.list_at(place)
        return self._list_of(place.client, self._index(place))

    def _index(self, place: Place) -> int:
        """Which struct of its run has a clock that the update brings."""
        clocks = self._clocks.get(place.client)
        if clocks is None:
            clocks = self._clocks[place.client] = [struct.clock for struct in self._runs[place.client].structs]
        return bisect_right(clocks, place.clock) - 1

    def _list_of(self, client: int, index: int) -> List | None:
        """The list of a struct, which is that of its neighbour, and so on; a loop, as that can go far."""
        passed = []
        while True:
            found = self._found[client]
            if index in found:
                there = found[index]
                break
            passed.append((found, index))
            struct = self._runs[client].structs[index]
            neighbour = struct.origin or struct.right
            if neighbour is None:
                there = self._named(struct)
                break
            client, clock = neighbour
            if clock < self._state.get(client, 0):
                there = self._known.list_at(neighbour)
                break
            index = self._index(neighbour)
        for found, index in passed:
            found[index] = there
        return there

    def _named(self, struct: Struct) -> List | None:
        """The list that a struct without neighbours names."""
        if struct.kind is Kind.GC:
            return None
        parent = None if struct.parent is None else self._types.get(struct.parent) or self._known.type_at(struct.parent)
        if struct.parent is not None and parent is None:
            # Deleted since; or a value, in which yrs lets something stand only as long as it is deleted.
            if self._is_value(struct.parent):
                raise RefusedError("place", f"expected clock {struct.clock} in a map or a text, came one in a value")
            return None
        if (struct.key is None) != (parent is Kind.TEXT):
            raise RefusedError("place", f"expected a key in a map and none in a text, came {struct.key!r:.40}")
        return List(struct.parent, struct.key)

    def _is_value(self, place: Place) -> bool:
        if place.clock < self._state.get(place.client, 0):
            return self._known.is_value(place)
        return self._runs[place.client].structs[self._index(place)].kind is Kind.VALUES

    def _check(self, struct: Struct, there: List | None) -> None:
        if struct.right is not None and struct.origin is not None and self._list_at(struct.right) != there:
            raise RefusedError("place", f"expected neighbours of clock {struct.clock} in one list, came two")
        if struct.parent is not None and there is None:
            below = self._list_at(struct.parent)
            if below is not None and below.key is None:
                raise RefusedError("place", f"expected clock {struct.clock} in a map or a text, came one in text")
        if there is None:
            return
        if struct.kind not in there.kinds:
            raise RefusedError("place", f"expected what belongs into {there}, came {struct.kind.name}")
        if there.key is not None and struct.right is not None:
            raise RefusedError("place", f"expected the last under a key at clock {struct.clock}, came one before it")
