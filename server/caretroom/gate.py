"""The gate: a strict walk over a Yjs update (v1) before it reaches the CRDT engine.

The engine trusts its input and may panic, corrupt itself or crash on bytes that no honest client sends. What
passes here is well-formed and of our schema (maps and texts under the root `files`), and says what it brings,
needs and deletes. The gate keeps no document: what is known comes in as a state vector, client id to clock.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from caretroom.lib0 import MalformedError, Reader, write_var_uint

ROOT = "files"
MAX_CLOCK = 2**31 - 1  # the engine calculates in 32 bits
MAX_VALUE_DEPTH = 8
MAX_VALUES_PER_STRUCT = 1_000

Reason = Literal["malformed", "range", "content", "root", "nesting", "order", "duplicate", "empty"]

# The first byte of a struct: what it holds, and what else it says.
_GC, _DELETED, _STRING, _TYPE, _ANY, _SKIP = 0, 1, 4, 7, 8, 10
_KIND, _HAS_KEY, _HAS_RIGHT_ORIGIN, _HAS_ORIGIN = 0x1F, 0x20, 0x40, 0x80
_HAS_NEIGHBOUR = _HAS_ORIGIN | _HAS_RIGHT_ORIGIN

_MAP, _TEXT = 1, 2

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


class Run(NamedTuple):
    """What an update brings of one client: clocks `start` to before `end`, bytes `first` to before `last`."""

    client: int
    start: int
    end: int
    needs: list[Need]
    """In the order of the structs that have them, without those that the run itself meets."""
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Update:
    """An update that passed the gate."""

    data: bytes
    runs: tuple[Run, ...]
    deletes: Mapping[int, int]
    """Per client, the clock after the last one that is deleted."""
    deletes_first: int
    """The byte at which the delete set begins."""

    @property
    def is_empty(self) -> bool:
        """Whether it brings nothing and deletes nothing."""
        return not self.runs and not self.deletes

    def gap(self, state: Mapping[int, int]) -> bool:
        """Whether applying it would need something that neither `state` nor the update itself has.

        Bringing again what is known is no gap.
        """
        known = {run.client: state.get(run.client, 0) for run in self.runs}
        return not self._integrates(known, state) or any(
            end > known.get(client, state.get(client, 0)) for client, end in self.deletes.items()
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

    def _integrates(self, known: dict[int, int], state: Mapping[int, int]) -> bool:
        """Whether the runs can be applied in some order; raises `known` as far as they can.

        Two people's runs may need each other back and forth. So a run goes on until it lacks something of
        another, which then goes on until it has delivered that: the engine's own walk, a step for each need.
        """
        runs = {run.client: run for run in self.runs}
        met = dict.fromkeys(runs, 0)
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
                if other in path or other not in runs or clock >= runs[other].end:
                    return False
                path[other] = clock + 1
        return True


def parse(data: bytes) -> Update:
    """Read an update v1; RefusedError when it is malformed, not of our schema, or could harm the engine.

    The caller bounds its size first.
    """
    reader = Reader(data)
    try:
        runs = tuple(_run(reader) for _ in range(reader.var_uint()))
        if len({run.client for run in runs}) < len(runs):
            raise RefusedError("duplicate", "expected one run for each client, came two of one")
        deletes_first = reader.position
        deletes = _deletes(reader)
        if not reader.done:
            raise RefusedError("malformed", f"expected the end, came {len(reader.rest())} more bytes")
    except MalformedError as error:
        raise RefusedError("malformed", str(error)) from error
    return Update(data, runs, deletes, deletes_first)


def advance(state: dict[int, int], update: Update) -> None:
    """Raise `state` to what is known once an update without a gap is applied."""
    for client, (_, end) in update.new_content(state).items():
        state[client] = end


def _run(reader: Reader) -> Run:
    first = reader.position
    structs = reader.var_uint()
    client = reader.var_uint()
    start = clock = reader.var_uint()
    if not structs:
        raise RefusedError("empty", f"expected structs of client {client}, came none")
    needs = [Need(start, client, start - 1)] if start else []
    for _ in range(structs):
        info = reader.u8()
        if info == _GC:
            length = reader.var_uint()
        elif info == _SKIP:
            length = reader.var_uint()
            needs.append(Need(clock, client, clock + length - 1))
        else:
            if info & _HAS_ORIGIN:
                _reference(reader, client, clock, needs)
            if info & _HAS_RIGHT_ORIGIN:
                _reference(reader, client, clock, needs)
            if not info & _HAS_NEIGHBOUR:
                _parent(reader, client, clock, needs)
                if info & _HAS_KEY:
                    reader.var_string()
            length = _content(reader, info & _KIND)
        clock = _advanced(clock, length)
    return Run(client, start, clock, needs, first, reader.position)


def _advanced(clock: int, length: int) -> int:
    if not length:
        raise RefusedError("empty", f"expected something at clock {clock}, came length 0")
    if clock + length > MAX_CLOCK:
        raise RefusedError("range", f"expected clocks up to {MAX_CLOCK}, came {clock} and {length} more")
    return clock + length


def _reference(reader: Reader, client: int, at: int, needs: list[Need]) -> None:
    other = reader.var_uint()
    clock = reader.var_uint()
    if other != client:
        needs.append(Need(at, other, clock))
    elif clock >= at:
        raise RefusedError("order", f"expected clock {at} to build on an earlier one, came {clock}")


def _parent(reader: Reader, client: int, at: int, needs: list[Need]) -> None:
    if reader.var_uint() != 1:
        _reference(reader, client, at, needs)
    elif (root := reader.var_string()) != ROOT:
        raise RefusedError("root", f"expected the root {ROOT!r}, came {root[:40]!r}")


def _content(reader: Reader, kind: int) -> int:
    """Walk over what a struct holds; how many clocks it takes."""
    if kind == _STRING:
        text = reader.var_string()
        return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
    if kind == _DELETED:
        return reader.var_uint()
    if kind == _TYPE:
        shared = reader.var_uint()
        if shared in (_MAP, _TEXT):
            return 1
        raise RefusedError("content", f"expected a map or a text, came the shared type {shared}")
    if kind == _ANY:
        length = reader.var_uint()
        if sum(_value(reader, 0) for _ in range(length)) > MAX_VALUES_PER_STRUCT:
            raise RefusedError("nesting", f"expected up to {MAX_VALUES_PER_STRUCT} values in a struct, came more")
        return length
    raise RefusedError("content", f"expected content of our schema, came kind {kind}")


def _value(reader: Reader, depth: int) -> int:
    """Walk over one value; how many values it is, with those inside it."""
    tag = reader.u8()
    if tag in _FIXED_VALUES:
        reader.take(_FIXED_VALUES[tag])
    elif tag == _INTEGER:
        reader.var_int()
    elif tag == _VALUE_STRING:
        reader.var_string()
    elif tag not in (_ARRAY, _OBJECT):
        raise RefusedError("content", f"expected a JSON value, came one of kind {tag}")
    elif depth == MAX_VALUE_DEPTH:
        raise RefusedError("nesting", f"expected values nested up to {MAX_VALUE_DEPTH} deep, came deeper")
    else:
        inner = 0
        for _ in range(reader.var_uint()):
            if tag == _OBJECT:
                reader.var_string()
            inner += _value(reader, depth + 1)
        return 1 + inner
    return 1


def _deletes(reader: Reader) -> dict[int, int]:
    ends: dict[int, int] = {}
    for _ in range(reader.var_uint()):
        client = reader.var_uint()
        if client in ends:
            raise RefusedError("duplicate", f"expected the deletions of client {client} once, came twice")
        ranges = reader.var_uint()
        if not ranges:
            raise RefusedError("empty", f"expected deletions of client {client}, came none")
        ends[client] = max(_advanced(reader.var_uint(), reader.var_uint()) for _ in range(ranges))
    return ends
