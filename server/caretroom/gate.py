"""The gate: a strict walk over a Yjs update (v1) before it reaches the CRDT engine.

The engine trusts its input and may panic, corrupt itself or crash on bytes that no honest client sends. What
passes here is well-formed and of our schema (maps and texts under the root `files`), and says what it brings,
needs and deletes. The gate keeps no document: what is known comes in as a state vector, client id to clock.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import Enum, auto
from itertools import pairwise
from typing import Literal, NamedTuple

from caretroom.lib0 import MalformedError, Reader, var_string, write_var_uint

ROOT = "files"
MAX_CLOCK = 2**31 - 1  # the engine calculates in 32 bits
MAX_VALUE_DEPTH = 8
MAX_VALUES_PER_STRUCT = 1_000

Reason = Literal["malformed", "range", "content", "root", "nesting", "order", "duplicate", "empty", "place"]

# The first byte of a struct: what it holds, and what else it says.
_GC, _DELETED, _STRING, _TYPE, _VALUES, _SKIP = 0, 1, 4, 7, 8, 10
_KIND, _HAS_KEY, _HAS_RIGHT_ORIGIN, _HAS_ORIGIN = 0x1F, 0x20, 0x40, 0x80

_PAIRS = re.compile("[\U00010000-\U0010ffff]")

# Values inside a struct: their first byte. Of fixed size are true, false, double, float, null and undefined.
_OBJECT, _ARRAY, _VALUE_STRING, _INTEGER = 118, 117, 119, 125
_FIXED_VALUES = {120: 0, 121: 0, 123: 8, 124: 4, 126: 0, 127: 0}


class RefusedError(ValueError):
    """An update that no honest client of ours sends."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason


class Need(NamedTuple):
    """From clock `at` on, a run builds on `clock` of `client`."""

    at: int
    client: int
    clock: int


class Place(NamedTuple):
    """Just before `clock` of `client`."""

    client: int
    clock: int


class PairedText(NamedTuple):
    """Text from `clock` of `client` on, in the bytes `first` to before `last`, that has surrogate pairs.

    Yjs counts in UTF-16, where whatever is outside the basic plane is two halves: `seconds` are the clocks of the
    second ones.
    """

    client: int
    clock: int
    first: int
    last: int
    seconds: list[int]


class Kind(Enum):
    """What a struct holds."""

    GC = auto()
    DELETED = auto()
    STRING = auto()
    VALUES = auto()
    MAP = auto()
    TEXT = auto()
    SKIP = auto()


class Struct(NamedTuple):
    """What stands from `clock` on.

    A place names the clock of a neighbour or of the parent. Only a struct without neighbours says its parent and key;
    its parent is the root when it says none.
    """

    clock: int
    kind: Kind
    origin: Place | None = None
    right: Place | None = None
    parent: Place | None = None
    key: str | None = None


_SHARED = {1: Kind.MAP, 2: Kind.TEXT}


class Run(NamedTuple):
    """What an update brings of one client: clocks `start` to before `end`, bytes `first` to before `last`."""

    client: int
    start: int
    end: int
    structs: list[Struct]
    needs: list[Need]
    """In the order of the structs that have them, without those that the run itself meets."""
    first: int
    last: int


class Update(NamedTuple):
    """An update that passed the gate."""

    data: bytes
    runs: tuple[Run, ...]
    deletes: Mapping[int, Sequence[tuple[int, int]]]
    """Per client, the ranges of clocks in order, apart from each other: first, after the last."""
    deletes_first: int
    """The byte at which the delete set begins."""
    deletes_mixed: bool
    """Whether its ranges are not as above in `data`."""
    texts: Sequence[PairedText]

    @property
    def is_empty(self) -> bool:
        """Whether it brings nothing and deletes nothing."""
        return not self.runs and not self.deletes

    def gap(self, state: Mapping[int, int]) -> bool:
        """Whether applying it would need something that neither `state` nor the update itself has.

        Bringing again what is known is no gap.
        """
        known: dict[int, int] = {}
        for run in self.runs:
            known[run.client] = state.get(run.client, 0)
            if run.start > known[run.client]:
                return True
        if not _integrate({run.client: run for run in self.runs}, known, state):
            return True
        for client, ranges in self.deletes.items():
            reach = known[client] if client in known else state.get(client, 0)
            if any(end > reach for _, end in ranges):
                return True
        return False

    def new_in_root(self, state: Mapping[int, int]) -> int:
        """How many keys of the root it brings that `state` lacks. One that is set anew has a neighbour: it is none."""
        return sum(
            struct.key is not None and struct.parent is None and struct.clock >= state.get(run.client, 0)
            for run in self.runs
            for struct in run.structs
        )

    def new_content(self, state: Mapping[int, int]) -> dict[int, tuple[int, int]]:
        """Per client, the clocks (first, after the last) that the update brings and `state` lacks."""
        return {
            run.client: (max(run.start, known), run.end)
            for run in self.runs
            if run.end > (known := state.get(run.client, 0))
        }

    def without(self, clients: Collection[int]) -> bytes:
        """The update less what it brings of these clients; its deletions stay.

        What stays may need what was taken out: parse it again and ask for its gap.
        """
        kept = [self.data[run.first : run.last] for run in self.runs if run.client not in clients]
        return b"".join((write_var_uint(len(kept)), *kept, self.data[self.deletes_first :]))

    def fitting(self, state: Mapping[int, int]) -> bytes:
        """As much of each run, from its start, as can be applied to `state`; deletions of what is known then."""
        runs = {run.client: run for run in self.runs if run.start <= state.get(run.client, 0)}
        known = {client: state.get(client, 0) for client in runs}
        _integrate(runs, known, state)
        kept = [self._beginning(run, known[client]) for client, run in runs.items() if run.start < known[client]]
        deletes = {
            client: [(start, min(end, reach)) for start, end in ranges if start < reach]
            for client, ranges in self.deletes.items()
            if ranges[0][0] < (reach := known.get(client, state.get(client, 0)))
        }
        return b"".join((write_var_uint(len(kept)), *kept, _written_deletes(deletes)))

    def is_tidy(self, state: Mapping[int, int]) -> bool:
        """Whether all it brings is unknown to `state` and its deletions are in order: what a member just typed is."""
        return not self.deletes_mixed and all(run.start >= state.get(run.client, 0) for run in self.runs)

    def tidied(self, state: Mapping[int, int]) -> bytes:
        """The update less what `state` has, whatever the update says of it, and its deletions in order.

        Whoever knows something skips what an update says of it; someone who does not know it yet would believe the
        update. And yrs loses deletions when it merges ranges that overlap.
        """
        kept = [
            self.data[run.first : run.last] if run.start >= known else self._rest(run, known)
            for run in self.runs
            if run.end > (known := state.get(run.client, 0))
        ]
        deletes = _written_deletes(self.deletes) if self.deletes_mixed else self.data[self.deletes_first :]
        return b"".join((write_var_uint(len(kept)), *kept, deletes))

    def cuts(self) -> Iterator[Place]:
        """Before which clocks a struct ends that may have gone on."""
        for run in self.runs:
            for struct in run.structs:
                if struct.origin is not None:
                    yield Place(struct.origin.client, struct.origin.clock + 1)
                if struct.right is not None:
                    yield struct.right
        for client, ranges in self.deletes.items():
            for start, end in ranges:
                yield Place(client, start)
                yield Place(client, end)

    def mended(self, cut: Collection[Place]) -> bytes:
        """The update with both halves of these pairs, named by their second, as U+FFFD: what Yjs makes of them."""
        pieces: list[bytes] = []
        done = 0
        for text in self.texts:
            seconds = [second for second in text.seconds if (text.client, second) in cut]
            if seconds:
                pieces += self.data[done : text.first], self._mended_text(text, seconds)
                done = text.last
        return b"".join((*pieces, self.data[done:]))

    def _beginning(self, run: Run, reach: int) -> bytes:
        """What a run brings before the clock `reach`, at which one of its structs begins or it ends."""
        walk = _Walk(self.data, run.first)
        walk.head()
        first = walk.position
        before = [struct for struct in run.structs if struct.clock < reach]
        for struct in before:
            walk.struct(run.client, struct.clock, [])
        head = b"".join(map(write_var_uint, (len(before), run.client, run.start)))
        return head + self.data[first : walk.position]

    def _rest(self, run: Run, known: int) -> bytes:
        """What a run brings from the clock `known` on, which is after its start and before its end."""
        walk = _Walk(self.data, run.first)
        structs, _, _ = walk.head()
        index = bisect_right(run.structs, known, key=lambda struct: struct.clock) - 1
        for struct in run.structs[:index]:
            walk.struct(run.client, struct.clock, [])
        first = walk.later_part(run.client, run.structs[index], known)
        head = b"".join(map(write_var_uint, (structs - index, run.client, known)))
        return head + first + self.data[walk.position : run.last]

    def _mended_text(self, text: PairedText, seconds: Sequence[int]) -> bytes:
        units = bytearray(Reader(self.data[text.first : text.last]).var_string().encode("utf-16-le"))
        for second in seconds:
            end = 2 * (second - text.clock + 1)
            units[end - 4 : end] = 2 * "\ufffd".encode("utf-16-le")
        return var_string(units.decode("utf-16-le"))


def _integrate(runs: Mapping[int, Run], known: dict[int, int], state: Mapping[int, int]) -> bool:
    """Raise `known` as far as the runs can be applied in some order; whether that is to their ends.

    Two people's runs may need each other back and forth. So a run goes on until it lacks something of
    another, which then goes on until it has delivered that: the engine's own walk, a step for each need.
    """
    if all(need.clock < state.get(need.client, 0) for run in runs.values() for need in run.needs):
        # As nearly always: nobody needs anything of the others but what is here.
        for run in runs.values():
            known[run.client] = max(known[run.client], run.end)
        return True
    met = dict.fromkeys(runs, 0)
    stuck: set[int] = set()  # lacks what nobody has, or what waits for itself
    for client in runs:
        path = {client: MAX_CLOCK + 1}  # a stack: who has to go on, and up to which clock
        while path:
            client, goal = path.popitem()
            run = runs[client]
            for index in range(met[client], len(run.needs)):
                at, other, clock = run.needs[index]
                if clock >= known.get(other, state.get(other, 0)):
                    break
            else:
                met[client] = len(run.needs)
                known[client] = max(known[client], run.end)
                continue
            met[client] = index
            known[client] = max(known[client], at)
            if known[client] >= goal:
                continue
            path[client] = goal
            if other in stuck or other in path or other not in runs or clock >= runs[other].end:
                stuck |= path.keys()
                break
            path[other] = clock + 1
    return not stuck


def parse(data: bytes) -> Update:
    """Read an update v1; RefusedError when it is malformed, not of our schema, or could harm the engine.

    The caller bounds its size first.
    """
    walk = _Walk(data)
    try:
        runs = tuple([walk.run() for _ in range(walk.var_uint())])
        if len(runs) > 1 and len({run.client for run in runs}) < len(runs):
            raise RefusedError("duplicate", "expected one run for each client, came two of one")
        deletes_first = walk.position
        deletes = walk.deletes()
        in_order = {client: _in_order(ranges) for client, ranges in deletes.items()}
        if not walk.done:
            raise RefusedError("malformed", f"expected the end, came {len(walk.rest())} more bytes")
    except MalformedError as error:
        raise RefusedError("malformed", str(error)) from error
    return Update(data, runs, in_order, deletes_first, in_order != deletes, walk.texts)


def advance(state: dict[int, int], update: Update) -> None:
    """Raise `state` to what is known once an update without a gap is applied."""
    for client, (_, end) in update.new_content(state).items():
        state[client] = end


class _Walk(Reader):
    """Reads an update from its first byte to its last, and notes what it passes."""

    __slots__ = ("_own", "texts")

    def __init__(self, data: bytes, position: int = 0) -> None:
        super().__init__(data)
        self.position = position
        self.texts: list[PairedText] = []
        self._own = b""
        """The bytes of the client id whose run this is: most that it builds on is its own."""

    def run(self) -> Run:
        first = self.position
        structs, client, start = self.head()
        clock = start
        needs: list[Need] = []
        found: list[Struct] = []
        for _ in range(structs):
            struct, length = self.struct(client, clock, needs)
            found.append(struct)
            clock = _end(clock, length)
        return Run(client, start, clock, found, needs, first, self.position)

    def head(self) -> tuple[int, int, int]:
        """What a run begins with: how many structs there are, whose, and from which clock on."""
        structs = self.var_uint()
        own_first = self.position
        client = self.var_uint()
        self._own = self._data[own_first : self.position]
        clock = self.var_uint()
        if not structs:
            raise RefusedError("empty", f"expected structs of client {client}, came none")
        return structs, client, clock

    def struct(self, client: int, clock: int, needs: list[Need]) -> tuple[Struct, int]:
        """One struct, and how many clocks it takes; what it needs of others is added to `needs`."""
        info = self.u8()
        if info == _GC:
            return Struct(clock, Kind.GC), self.var_uint()
        if info == _SKIP:
            length = self.var_uint()
            needs.append(Need(clock, client, clock + length - 1))
            return Struct(clock, Kind.SKIP), length
        origin = self._reference(client, clock, needs) if info & _HAS_ORIGIN else None
        right = self._reference(client, clock, needs) if info & _HAS_RIGHT_ORIGIN else None
        parent = key = None
        if origin is None and right is None:
            parent = self._parent(client, clock, needs)
            key = self.var_string() if info & _HAS_KEY else None
        elif origin == right:
            raise RefusedError("order", f"expected two neighbours of clock {clock}, came one twice")
        kind, length = self._content(info & _KIND, client, clock)
        return Struct(clock, kind, origin, right, parent, key), length

    def later_part(self, client: int, struct: Struct, known: int) -> bytes:
        """Of the struct that comes next, what is from the clock `known` on: it stands after what is before that."""
        start = self.position
        passed = known - struct.clock
        if not passed:
            self.struct(client, known, [])
            return self._data[start : self.position]
        info = self.u8()
        if info in (_GC, _SKIP):
            return bytes((info,)) + write_var_uint(self.var_uint() - passed)
        if struct.origin is not None:
            self.var_uint(), self.var_uint()
        if struct.right is not None:
            self.var_uint(), self.var_uint()
        if struct.origin is None and struct.right is None:
            self._parent(client, struct.clock, [])
            if info & _HAS_KEY:
                self.var_string()
        kind = info & _KIND
        if kind == _STRING:
            # Half a pair becomes U+FFFD, as in Yjs.
            units = self.var_string().encode("utf-16-le")[2 * passed :]
            content = var_string(units.decode("utf-16-le", "replace"))
        elif kind == _VALUES:
            length = self.var_uint()
            for _ in range(passed):
                self._value(0)
            rest = self.position
            for _ in range(length - passed):
                self._value(0)
            content = write_var_uint(length - passed) + self._data[rest : self.position]
        else:
            content = write_var_uint(self.var_uint() - passed)
        origin = write_var_uint(client) + write_var_uint(known - 1)
        if struct.right is None:
            return bytes((_HAS_ORIGIN | kind,)) + origin + content
        right = write_var_uint(struct.right.client) + write_var_uint(struct.right.clock)
        return bytes((_HAS_ORIGIN | _HAS_RIGHT_ORIGIN | kind,)) + origin + right + content

    def deletes(self) -> dict[int, list[tuple[int, int]]]:
        found: dict[int, list[tuple[int, int]]] = {}
        for _ in range(self.var_uint()):
            client = self.var_uint()
            if client in found:
                raise RefusedError("duplicate", f"expected the deletions of client {client} once, came twice")
            ranges = self.var_uint()
            if not ranges:
                raise RefusedError("empty", f"expected deletions of client {client}, came none")
            found[client] = []
            for _ in range(ranges):
                start = self.var_uint()
                found[client].append((start, _end(start, self.var_uint())))
        return found

    def _reference(self, client: int, at: int, needs: list[Need]) -> Place:
        if self._data.startswith(self._own, self.position):
            self.position += len(self._own)
            other = client
        else:
            other = self.var_uint()
        clock = self.var_uint()
        if other != client:
            needs.append(Need(at, other, clock))
        elif clock >= at:
            raise RefusedError("order", f"expected clock {at} to build on an earlier one, came {clock}")
        return Place(other, clock)

    def _parent(self, client: int, at: int, needs: list[Need]) -> Place | None:
        if self.var_uint() != 1:
            return self._reference(client, at, needs)
        root = self.var_string()
        if root != ROOT:
            raise RefusedError("root", f"expected the root {ROOT!r}, came {root[:40]!r}")
        return None

    def _content(self, kind: int, client: int, clock: int) -> tuple[Kind, int]:
        """What a struct holds, and how many clocks it takes."""
        if kind == _STRING:
            return Kind.STRING, self._text(client, clock)
        if kind == _DELETED:
            return Kind.DELETED, self.var_uint()
        if kind == _TYPE:
            shared = self.var_uint()
            if shared not in _SHARED:
                raise RefusedError("content", f"expected a map or a text, came the shared type {shared}")
            return _SHARED[shared], 1
        if kind == _VALUES:
            length = self.var_uint()
            if sum(self._value(0) for _ in range(length)) > MAX_VALUES_PER_STRUCT:
                raise RefusedError("nesting", f"expected up to {MAX_VALUES_PER_STRUCT} values in a struct, came more")
            return Kind.VALUES, length
        raise RefusedError("content", f"expected content of our schema, came kind {kind}")

    def _text(self, client: int, clock: int) -> int:
        first = self.position
        text = self.var_string()
        if text.isascii():
            return len(text)
        seconds = [clock + pair.start() + before + 1 for before, pair in enumerate(_PAIRS.finditer(text))]
        if seconds:
            self.texts.append(PairedText(client, clock, first, self.position, seconds))
        return len(text) + len(seconds)

    def _value(self, depth: int) -> int:
        """Walk over one value; how many values it is, with those inside it."""
        tag = self.u8()
        if tag in _FIXED_VALUES:
            self.take(_FIXED_VALUES[tag])
        elif tag == _INTEGER:
            self.var_int()
        elif tag == _VALUE_STRING:
            self.var_string()
        elif tag not in (_ARRAY, _OBJECT):
            raise RefusedError("content", f"expected a JSON value, came one of kind {tag}")
        elif depth == MAX_VALUE_DEPTH:
            raise RefusedError("nesting", f"expected values nested up to {MAX_VALUE_DEPTH} deep, came deeper")
        else:
            inner = 0
            for _ in range(self.var_uint()):
                if tag == _OBJECT:
                    self.var_string()
                inner += self._value(depth + 1)
            return 1 + inner
        return 1


def _written_deletes(deletes: Mapping[int, Sequence[tuple[int, int]]]) -> bytes:
    numbers = [len(deletes)]
    for client, ranges in deletes.items():
        numbers += client, len(ranges)
        for start, end in ranges:
            numbers += start, end - start
    return b"".join(map(write_var_uint, numbers))


def _in_order(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same clocks as sorted ranges that neither overlap nor touch."""
    if all(before[1] < after[0] for before, after in pairwise(ranges)):
        return ranges
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _end(clock: int, length: int) -> int:
    if not length:
        raise RefusedError("empty", f"expected something at clock {clock}, came length 0")
    if clock + length > MAX_CLOCK:
        raise RefusedError("range", f"expected clocks up to {MAX_CLOCK}, came {clock} and {length} more")
    return clock + length
