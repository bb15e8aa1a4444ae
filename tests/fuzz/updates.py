"""Hostile updates that know the grammar: honest ones taken apart and put together wrongly, and ones made from nothing.

Whatever is drawn comes from the ``Random`` that is passed in, so that a seed always makes the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from caretroom.document import SEED_CLIENT
from caretroom.lib0 import MAX_UINT, Reader, var_bytes, var_string, write_var_uint

GC, DELETED, STRING, TYPE, VALUES, SKIP = 0, 1, 4, 7, 8, 10
KINDS = (GC, DELETED, 2, 3, STRING, 5, 6, TYPE, VALUES, 9, SKIP, 11, 20)
HAS_KEY, HAS_RIGHT, HAS_ORIGIN = 0x20, 0x40, 0x80

ODD_NUMBERS = (0, 1, 2, 63, 127, 128, 16_384, 2**31 - 2, 2**31 - 1, 2**31, 2**32, 2**52, MAX_UINT)
TEXTS = ("a", "bc", "print(1)\n", "é", "🐍", "x🐍y", "🐍🐍", "e\u0301", "\ufffd", "\0", "👩‍👧")
VALUE_BYTES = (
    b"\x7e",
    b"\x7f",
    b"\x78",
    b"\x7d\x05",
    b"\x77\x01n",
    b"\x75\x01\x7e",
    b"\x76\x01\x01k\x7e",
    b"\x77\x02\xc3\xa9",
)
KEYS = ("name", "text", "main", "extra", "", "🐍")

Place = tuple[int, int]


@dataclass(slots=True)
class Struct:
    """One struct; ``parent`` is a root's name or a place. Nothing keeps its parts from contradicting each other."""

    kind: int
    content: bytes
    origin: Place | None = None
    right: Place | None = None
    parent: str | Place | None = None
    key: str | None = None

    def written(self) -> bytes:
        if self.kind in (GC, SKIP):
            return bytes((self.kind,)) + self.content
        first = self.kind
        parts = []
        if self.origin is not None:
            first |= HAS_ORIGIN
            parts.append(_place(self.origin))
        if self.right is not None:
            first |= HAS_RIGHT
            parts.append(_place(self.right))
        if self.origin is None and self.right is None:
            if self.key is not None:
                first |= HAS_KEY
            if isinstance(self.parent, tuple):
                parts.append(b"\0" + _place(self.parent))
            else:
                parts.append(b"\1" + var_string(self.parent or "files"))
            if self.key is not None:
                parts.append(var_string(self.key))
        return bytes((first,)) + b"".join(parts) + self.content


@dataclass(slots=True)
class Run:
    client: int
    clock: int
    structs: list[Struct]


@dataclass(slots=True)
class Shape:
    """An update as its grammar sees it."""

    runs: list[Run] = field(default_factory=list)
    deletes: list[tuple[int, list[Place]]] = field(default_factory=list)
    """Per client, clocks with lengths."""

    def written(self) -> bytes:
        parts = [write_var_uint(len(self.runs))]
        for run in self.runs:
            parts += map(write_var_uint, (len(run.structs), run.client, run.clock))
            parts += [struct.written() for struct in run.structs]
        parts.append(write_var_uint(len(self.deletes)))
        for client, ranges in self.deletes:
            parts += map(write_var_uint, (client, len(ranges)))
            parts += map(_place, ranges)
        return b"".join(parts)


def _place(place: Place) -> bytes:
    return write_var_uint(place[0]) + write_var_uint(place[1])


def taken_apart(update: bytes) -> Shape:
    """The shape of an honest update."""
    reader = Reader(update)
    shape = Shape()
    for _ in range(reader.var_uint()):
        count = reader.var_uint()
        run = Run(reader.var_uint(), reader.var_uint(), [])
        run.structs = [_struct(reader) for _ in range(count)]
        shape.runs.append(run)
    for _ in range(reader.var_uint()):
        client = reader.var_uint()
        shape.deletes.append((client, [_read_place(reader) for _ in range(reader.var_uint())]))
    return shape


def _read_place(reader: Reader) -> Place:
    return reader.var_uint(), reader.var_uint()


def _struct(reader: Reader) -> Struct:
    first = reader.u8()
    struct = Struct(first & 0x1F, b"")
    if struct.kind in (GC, SKIP):
        struct.content = write_var_uint(reader.var_uint())
        return struct
    if first & HAS_ORIGIN:
        struct.origin = _read_place(reader)
    if first & HAS_RIGHT:
        struct.right = _read_place(reader)
    if not first & (HAS_ORIGIN | HAS_RIGHT):
        struct.parent = reader.var_string() if reader.var_uint() == 1 else _read_place(reader)
        if first & HAS_KEY:
            struct.key = reader.var_string()
    if struct.kind == STRING:
        struct.content = var_bytes(reader.var_bytes())
    elif struct.kind in (DELETED, TYPE):
        struct.content = write_var_uint(reader.var_uint())
    else:
        count = reader.var_uint()
        struct.content = write_var_uint(count) + b"".join(_value(reader) for _ in range(count))
    return struct


def _value(reader: Reader) -> bytes:
    """One value as it stands; an honest one holds no lists or objects in our files."""
    tag = reader.u8()
    if tag == 119:
        return b"\x77" + var_bytes(reader.var_bytes())
    if tag == 125:
        number = reader.var_int()
        return b"\x7d" + bytes((number & 0x3F,))
    return bytes((tag,)) + reader.take({123: 8, 124: 4}.get(tag, 0))


class Forger:
    """Makes hostile updates for a room of which it knows what any member can know: ids, clocks, honest updates."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.state: dict[int, int] = {}
        self.own = 1
        """The client id that is the attacker's by right."""

    def forged(self, honest: bytes) -> bytes:
        """An honest update with some mistakes in its structure."""
        shape = taken_apart(honest)
        if self.random.random() < 0.7:
            for run in shape.runs:
                run.client, run.clock = self.own, self.state.get(self.own, 0)
        for _ in range(self.random.choice((1, 1, 2, 3))):
            self.random.choice(_MISTAKES)(self, shape)
        return shape.written()

    def made(self) -> bytes:
        """An update from nothing that mostly fits what is known, so that much of it gets past the gate."""
        shape = Shape([self._run() for _ in range(self.random.choice((1, 1, 1, 2, 3)))])
        if self.random.random() < 0.4:
            self._delete(shape)
        return shape.written()

    def client(self) -> int:
        draw = self.random.random()
        if draw < 0.5 or not self.state:
            return self.own
        if draw < 0.9:
            return self.random.choice(list(self.state))
        return self.random.choice((self.random.getrandbits(32), 2**32, *ODD_NUMBERS))

    def clock(self, client: int) -> int:
        known = self.state.get(client, 0)
        draw = self.random.random()
        if draw < 0.9:
            return self.random.randrange(known) if known else 0
        if draw < 0.97:
            return max(0, known + self.random.randint(-1, 2))
        return self.random.choice(ODD_NUMBERS)

    def place(self) -> Place:
        client = self.random.choice(list(self.state)) if self.state and self.random.random() < 0.9 else self.client()
        return client, self.clock(client)

    def struct(self) -> Struct:
        draw = self.random.random()
        kind = STRING if draw < 0.7 else self.random.choice((DELETED, TYPE, VALUES)) if draw < 0.98 else self._kind()
        struct = Struct(kind, self.content(kind))
        draw = self.random.random()
        if draw < 0.4:
            struct.origin = self.place()
        elif draw < 0.5:
            struct.right = self.place()
        elif draw < 0.7:
            struct.origin = self.place()
            client, clock = struct.origin
            struct.right = (client, min(clock + 1, MAX_UINT)) if self.random.random() < 0.7 else self.place()
        else:
            struct.parent, struct.key = self._parent(kind)
        return struct

    def _parent(self, kind: int) -> tuple[str | Place, str | None]:
        """Where the schema has a place for this kind, or anywhere."""
        draw = self.random.random()
        if draw < 0.4 and kind in (STRING, DELETED):
            return (SEED_CLIENT, 2), None
        if draw < 0.6:
            return (SEED_CLIENT, 0), self.random.choice(KEYS)
        if draw < 0.75:
            return "files", self.random.choice(KEYS)
        key = self.random.choice(KEYS) if self.random.random() < 0.5 else None
        return self.random.choice((self.place(), self.place(), self.place(), "x")), key

    def content(self, kind: int) -> bytes:
        random = self.random
        if kind == STRING:
            return var_string("".join(random.choices(TEXTS, k=random.randint(1, 4))))
        if kind == VALUES:
            count = random.choice((0, 1, 1, 1, 1, 1, 3))
            return write_var_uint(count) + b"".join(random.choices(VALUE_BYTES, k=count))
        if kind == TYPE:
            return write_var_uint(random.choice((1, 1, 1, 2, 2, 2, 2, 2, 0, 6)))
        if kind in (DELETED, GC, SKIP):
            return write_var_uint(random.choice((1, 1, 2, 5, *ODD_NUMBERS)) if random.random() < 0.3 else 1)
        return random.randbytes(random.randint(0, 12))

    def _kind(self) -> int:
        return self.random.choice(KINDS)

    def _run(self) -> Run:
        client = self.client()
        clock = self.state.get(client, 0) if self.random.random() < 0.85 else self.clock(client)
        return Run(client, clock, [self.struct() for _ in range(self.random.choice((1, 1, 1, 2, 5)))])

    # Mistakes: each changes a shape a little

    def _delete(self, shape: Shape) -> None:
        ranges = []
        client = self.client()
        for _ in range(self.random.randint(1, 3)):
            start = self.clock(client)
            ranges.append((start, self.random.choice((1, 1, 2, 3, 10)) if self.random.random() < 0.9 else 2**31))
        shape.deletes.append((client, ranges))

    def _nudge_run(self, shape: Shape) -> None:
        if shape.runs:
            run = self.random.choice(shape.runs)
            if self.random.random() < 0.4:
                run.client = self.client()
            else:
                run.clock = self.random.choice(
                    (max(0, run.clock - 1), min(run.clock + 1, MAX_UINT), self.clock(run.client))
                )

    def _nudge_delete(self, shape: Shape) -> None:
        if shape.deletes:
            client, ranges = shape.deletes[0]
            ranges.append((self.clock(client), self.random.choice((0, 1, 2, *ODD_NUMBERS))))

    def _repeat_or_drop(self, shape: Shape) -> None:
        if shape.runs:
            run = self.random.choice(shape.runs)
            draw = self.random.random()
            if draw < 0.2:
                shape.runs.append(run)
            elif draw < 0.4:
                self.random.shuffle(run.structs)
            elif draw < 0.7:
                run.structs.insert(self.random.randrange(len(run.structs) + 1), self.struct())
            elif run.structs:
                del run.structs[self.random.randrange(len(run.structs))]

    def _change_struct(self, shape: Shape) -> None:
        if shape.runs and shape.runs[0].structs:
            struct = self.random.choice(self.random.choice(shape.runs).structs or shape.runs[0].structs)
            draw = self.random.random()
            if draw < 0.25:
                struct.origin = self.random.choice((None, self.place()))
            elif draw < 0.5:
                struct.right = self.random.choice((None, self.place()))
            elif draw < 0.6:
                struct.parent = self.random.choice((self.place(), "files", "else"))
            elif draw < 0.7:
                struct.key = self.random.choice((None, *KEYS))
            elif draw < 0.85:
                struct.content = self.content(struct.kind)
            else:
                struct.kind = self._kind()


_MISTAKES: tuple[Callable[[Forger, Shape], None], ...] = (
    Forger._delete,
    Forger._nudge_run,
    Forger._nudge_delete,
    Forger._repeat_or_drop,
    Forger._change_struct,
    Forger._change_struct,
)


def with_byte_mistakes(random: Random, data: bytes) -> bytes:
    """Below the grammar: flipped, lost, added and repeated bytes, numbers written too long, the end cut off."""
    written = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4))):
        at = random.randrange(len(written) + 1)
        match random.randrange(6):
            case 0:
                written[at : at + 1] = bytes((random.randrange(256),))
            case 1:
                del written[at : at + random.randint(1, 4)]
            case 2:
                written[at:at] = random.randbytes(random.randint(1, 4))
            case 3:
                written[at:at] = written[at : at + random.randint(1, 12)]
            case 4 if at < len(written) and written[at] < 0x80:
                padding = random.choice((1, 1, 4, 8, 9, 10, 40))
                written[at : at + 1] = bytes((written[at] | 0x80,)) + b"\x80" * (padding - 1) + b"\0"
            case _:
                del written[at:]
    return bytes(written)
