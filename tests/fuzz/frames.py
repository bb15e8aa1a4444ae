"""Everything that a stranger can put into a binary frame, by kind: the whole wire, not only its updates."""

import json
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from caretroom.lib0 import var_bytes, var_string, write_var_uint
from support.client import output_frame, room_frame, sync_frame

from fuzz.updates import ODD_NUMBERS, Forger, with_byte_mistakes


class Input(NamedTuple):
    kind: str
    frame: bytes


BOMBS = (
    b"[" * 5_000,
    b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
    b"[" + b"[]," * 3_000 + b"[]]",
    b'"' + b"\\u0000" * 3_000 + b'"',
    b"1e999999",
    b"-" + b"9" * 3_000,
    b'{"type":' * 800,
    b"\xff\xfe{}",
    b'{"a":"\xed\xa0\xbd"}',
)
SOME_JSON: tuple[object, ...] = (None, True, 0, -1, 2**53, 2**64, 1e308, "", "x", "\0", "\ud800", [], {}, {"type": []})


class Frames:
    """Draws inputs for one attacker; ``forger`` is told what the room knows."""

    def __init__(self, random: Random, forger: Forger) -> None:
        self._random = random
        self._forger = forger
        self.honest: list[bytes] = [b"\0\0"]
        """Updates that honest members sent, for taking apart and for sending again."""
        self.clients: list[int] = [1]
        """Ids under which others show presence."""
        self._earlier: list[bytes] = []

    def draw(self) -> Input:
        kind, make, _ = self._random.choices(_KINDS, _WEIGHTS)[0]
        frame = make(self)
        if len(frame) < 4_096 and self._random.random() < 0.1:
            self._earlier = [*self._earlier[-20:], frame]
        return Input(kind, frame)

    def forged(self) -> bytes:
        return self._sync(self._forger.forged(self._random.choice(self.honest)))

    def made(self) -> bytes:
        return self._sync(self._forger.made())

    def mistaken(self) -> bytes:
        return self._sync(with_byte_mistakes(self._random, self._random.choice(self.honest)))

    def again(self) -> bytes:
        """An honest update a second time, late, or under a role or an id that is not its author's."""
        return self._sync(self._random.choice(self.honest))

    def earlier(self) -> bytes:
        """What was sent before, once more or out of order."""
        return self._random.choice(self._earlier or [b""])

    def noise(self) -> bytes:
        draw = self._random.random()
        length = self._random.randrange(64) if draw < 0.9 else 5_000
        if draw < 0.5:
            return self._random.randbytes(length)
        return bytes(self._random.choices((0, 1, 2, 3, 4, 64, 65, 127, 128, 255), k=length))

    def cut(self) -> bytes:
        frame = self._random.choice((self.forged, self.presence, self.output, self.introduction))()
        return frame[: self._random.randrange(len(frame) + 1)]

    def too_long(self) -> bytes:
        """Numbers of more bytes than they need, lengths beyond the end, and more after the end."""
        frame = self._random.choice((self.again, self.presence, self.output, self.step1))()
        if self._random.random() < 0.5:
            return with_byte_mistakes(self._random, frame)
        head = b"\x80" * self._random.choice((1, 8, 9, 10, 300)) + b"\0"
        return self._random.choice((frame + b"\0", head + frame[1:], b"\0\2" + write_var_uint(2**53 - 1) + frame))

    def step1(self) -> bytes:
        known = list(self._forger.state.items())
        entries = [self._random.choice(known) for _ in range(self._random.randrange(4)) if known]
        entries += [(self._odd(), self._odd()) for _ in range(self._random.randrange(3))]
        vector = write_var_uint(len(entries)) + b"".join(write_var_uint(n) for entry in entries for n in entry)
        if self._random.random() < 0.3:
            vector = with_byte_mistakes(self._random, vector)
        return sync_frame(0, vector)

    def presence(self) -> bytes:
        entries = []
        for _ in range(self._random.choice((0, 1, 1, 1, 2, 5, 40))):
            draw = self._random.random()
            foreign = self._random.choice(self.clients)
            client = self._forger.own if draw < 0.4 else foreign if draw < 0.8 else self._odd()
            state = json.dumps(self._random.choice(({"user": {"name": "x"}}, {}, None, *SOME_JSON))).encode()
            if self._random.random() < 0.05:
                state = self._random.choice((b'{"x":"' + b"y" * 5_000 + b'"}', b"nul", b""))
            entries.append(write_var_uint(client) + write_var_uint(self._odd()) + var_bytes(state))
        return b"\x01" + var_bytes(write_var_uint(len(entries)) + b"".join(entries))

    def output(self) -> bytes:
        run = self._random.choice(("r", "r", "s", "", "r" * 65))
        some = self._random.choice(SOME_JSON)
        text = self._random.choice(("x", "\udcff", "x" * 20_000))
        return output_frame(
            self._random.choice(
                (
                    {"type": "start", "run": run, "file": self._random.choice(("main.py", "\ud83d"))},
                    {"type": "text", "run": run, "stream": "stdout", "text": text},
                    {"type": "dropped", "run": run, "characters": self._odd()},
                    {"type": "end", "run": run, "state": "ok", "seconds": 0.1},
                    {"type": "clear"},
                    {"type": "text", "run": some, "stream": some, "text": some},
                    {"type": some},
                )
            )
        )

    def introduction(self) -> bytes:
        name = self._random.choice(("Eve", "Ada", "", "x" * 300, "\u202eevE", "\n\t", "\udc0d", 5, None))
        key = self._random.choice(("key-of-Eve-for-tests", "key-of-Eve-for-tests", "short", "k" * 65, None))
        return room_frame({"type": self._random.choice(("hello", "hello", "welcome", "")), "name": name, "key": key})

    def bomb(self) -> bytes:
        bomb = self._random.choice(BOMBS)
        number = self._random.choice((1, 64, 65))
        return bytes((number,)) + var_bytes(b"\1\1\1" + var_bytes(bomb) if number == 1 else bomb)

    def nest(self) -> bytes:
        """Values in values in values, in the place of an honest one."""
        depth = self._random.choice((7, 8, 9, 100, 5_000))
        head = (
            b"\x01\x01" + write_var_uint(self._forger.own) + write_var_uint(self._forger.state.get(self._forger.own, 0))
        )
        opened = self._random.choice((b"\x75\x01", b"\x76\x01\x01k"))
        return self._sync(head + b"\x28\x01\x05files\x01k\x01" + opened * depth + b"\x7e\x00")

    def long_numbers(self) -> bytes:
        return self._sync(self._random.choice((b"\xff", b"\x80", b"\x81\x80")) * self._random.choice((9, 11, 4_000)))

    def unknown(self) -> bytes:
        number = self._random.choice((4, 5, 63, 66, 127, 128, 2**31, *ODD_NUMBERS))
        return write_var_uint(number) + self._random.randbytes(self._random.randrange(20))

    def to_clients_only(self) -> bytes:
        return self._random.choice((b"\x02\x00" + var_string("no"), b"\x03", b"\x03\x00", sync_frame(3, b""), b""))

    def _sync(self, update: bytes) -> bytes:
        return sync_frame(self._random.choice((1, 2, 2, 2)), update)

    def _odd(self) -> int:
        return self._random.choice((0, 1, 2, 3, self._random.getrandbits(10), self._random.choice(ODD_NUMBERS)))


_KINDS: tuple[tuple[str, Callable[[Frames], bytes], int], ...] = (
    ("forged update", Frames.forged, 28),
    ("made update", Frames.made, 28),
    ("update with wrong bytes", Frames.mistaken, 9),
    ("honest update again", Frames.again, 4),
    ("frame again or out of order", Frames.earlier, 3),
    ("noise", Frames.noise, 4),
    ("frame cut short", Frames.cut, 4),
    ("over-long numbers and frames", Frames.too_long, 4),
    ("hostile state vector", Frames.step1, 3),
    ("presence", Frames.presence, 4),
    ("output", Frames.output, 3),
    ("introduction", Frames.introduction, 2),
    ("JSON bomb", Frames.bomb, 1),
    ("deep nesting", Frames.nest, 1),
    ("endless number", Frames.long_numbers, 1),
    ("unknown message", Frames.unknown, 1),
    ("wrong direction", Frames.to_clients_only, 1),
)
_WEIGHTS = [weight for _, _, weight in _KINDS]
