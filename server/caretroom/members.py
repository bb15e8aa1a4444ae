"""Who is in the room: the roster that everyone is shown, and what each role may do."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from caretroom import metrics
from caretroom.capability import Role
from caretroom.protocol import Clear, Display, Dropped, End, MemberInfo, Start, Step2, Text, Update
from caretroom.records import Author, MemberId, RoomId

COLOURS = 12
GUEST = "Guest"
NAME_CHARACTERS = 40

WRITING = frozenset({Step2, Update})
SHARING = frozenset({Start, Text, Display, Dropped, End, Clear})
ALLOWED: dict[Role, frozenset[type]] = {
    Role.HOST: WRITING | SHARING,
    Role.EDITOR: WRITING | SHARING,
    Role.VIEWER: frozenset(),
}
"""The messages that not everyone may send, by role. Those named nowhere here are for all."""


def member_id(room: RoomId, key: str) -> MemberId:
    """The id that others see; the key behind it stays between a device and the server."""
    return MemberId(blake2b(key.encode(), digest_size=9, key=room.encode()).hexdigest())


def displayed_name(name: str) -> str:
    """A name fit to be shown: one line, no control characters, at most 40 characters."""
    words = "".join(c if c.isprintable() else " " for c in name).split()
    return " ".join(words)[:NAME_CHARACTERS].strip() or GUEST


@dataclass(slots=True, eq=False)
class Member:
    id: MemberId
    name: str
    role: Role
    colour: int
    lasting: bool
    """Introduced itself with a key, so that another connection can be the same member."""
    connections: int = 0
    clients: set[int] = field(default_factory=set)
    """The client ids under which this member's presence is known."""

    @property
    def author(self) -> Author:
        return Author(self.id, self.name)

    @property
    def info(self) -> MemberInfo:
        return MemberInfo(self.id, self.name, self.role.value, self.colour, sorted(self.clients))


class Roster:
    """The members that are here, and what has changed since the last ``changes()``."""

    def __init__(self) -> None:
        self._members: dict[MemberId, Member] = {}
        self._changed: set[MemberId] = set()
        self._gone: set[MemberId] = set()

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def __len__(self) -> int:
        return len(self._members)

    def seat(self, id: MemberId, name: str, role: Role, *, lasting: bool) -> Member:
        """Add a connection to the member, who may be here already with another."""
        member = self._members.get(id)
        if member is None:
            member = self._members[id] = Member(id, name, role, self._free_colour(), lasting)
            metrics.members.inc()
        member.name = name
        if list(Role).index(role) < list(Role).index(member.role):
            member.role = role
        member.connections += 1
        self._gone.discard(id)
        self._changed.add(id)
        return member

    def leave(self, member: Member) -> bool:
        """Take one connection away; true when it was the last."""
        member.connections -= 1
        if member.connections:
            return False
        del self._members[member.id]
        metrics.members.dec()
        self._changed.discard(member.id)
        self._gone.add(member.id)
        return True

    def touch(self, member: Member) -> None:
        self._changed.add(member.id)

    @property
    def changed(self) -> bool:
        return bool(self._changed or self._gone)

    def changes(self) -> tuple[list[MemberInfo], list[str]] | None:
        """New or changed members and the ids of those gone, once."""
        if not self.changed:
            return None
        changed = [self._members[id].info for id in self._changed if id in self._members]
        gone = list(map(str, self._gone))
        self._changed.clear()
        self._gone.clear()
        return changed, gone

    def all(self) -> list[MemberInfo]:
        return [member.info for member in self._members.values()]

    def _free_colour(self) -> int:
        taken = [0] * COLOURS
        for member in self._members.values():
            taken[member.colour] += 1
        return taken.index(min(taken))
