"""A connection as its room sees it: the way to its far end, who it is, and what it has been told."""

import secrets
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from caretroom.capability import Role
from caretroom.limits import TokenBucket
from caretroom.members import Member
from caretroom.protocol import Batch, NoticeCode
from caretroom.records import MemberId

RESYNC_FIRST_SECONDS, RESYNC_MOST_SECONDS = 1.0, 16.0


class Link(Protocol):
    """The way to a connection's far end."""

    def write(self, batch: Batch) -> bool:
        """Send the frames; false, with nothing sent, while the far end does not keep up."""

    def waiting(self) -> int:
        """How many bytes of what was written the far end has yet to take."""

    def close(self, code: int, reason: str) -> None: ...

    def hold(self, seconds: float) -> None:
        """Take nothing more from the far end for so long: what it sends waits on its side."""


class Lag(NamedTuple):
    """What a connection had when it stopped keeping up, and when it last took something."""

    since: float
    waiting: int
    state_vector: bytes
    output: int


@dataclass(slots=True, eq=False)
class Connection:
    link: Link
    role: Role
    updates: TokenBucket
    presence: TokenBucket
    guest: MemberId = field(default_factory=lambda: MemberId(secrets.token_hex(9)))
    """Its id as long as it does not introduce itself."""
    member: Member | None = None
    """None until the first frame, which may be its introduction."""
    clean: bool = False
    """Said goodbye; otherwise it may be back in a moment."""

    own: int | None = None
    """The client id it announced first, its document's. Others that come through it are its neighbours'."""
    clients: set[int] = field(default_factory=set)
    """The client ids whose presence comes through here."""
    lag: Lag | None = None
    written_at: float = 0.0
    notified_at: dict[NoticeCode, float] = field(default_factory=dict)

    sync_frames: int = 0
    """Step 2 and update frames that came; ``saved`` counts these."""
    being_saved: int = 0
    resync_at: float | None = None
    """When to ask for a step 2 again: something of it could not be applied."""
    resync_seconds: float = RESYNC_FIRST_SECONDS

    @property
    def identity(self) -> MemberId:
        return self.guest if self.member is None else self.member.id
