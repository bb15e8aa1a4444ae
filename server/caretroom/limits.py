"""Every number that bounds what a member or a room may cost, with its unit in its name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    message_bytes: int = 4 * 1024 * 1024
    title_characters: int = 80
    code_bytes: int = 256 * 1024
    request_bytes: int = 1024 * 1024

    presence_bytes: int = 4096
    """One client's presence state."""
    presence_ids_per_connection: int = 32
    presence_interval_seconds: float = 0.05
    presence_grace_seconds: float = 3.0
    """How long someone whose connection broke stays on screen."""

    output_bytes_per_second: int = 64 * 1024
    output_burst_bytes: int = 256 * 1024
    output_bytes_per_run: int = 1024 * 1024
    output_kept_bytes_per_member: int = 256 * 1024
    """What late joiners get of a member's last run."""
    output_kept_members: int = 64

    ownership_seconds: float = 300.0
    """How long a client id stays with the member that left."""
    keepalive_seconds: float = 15.0
    """Stock clients close a connection that was silent for 30 s."""
    stall_seconds: float = 30.0
    """How long a reader may take nothing before it is closed with 1013."""
    unload_seconds: float = 20.0
    """How long an empty room stays in memory."""
    commit_seconds: float = 0.05
    """How long updates gather before they are stored together."""
    join_failures_per_minute: int = 30
    """Wrong join codes from one address."""


class TokenBucket:
    """Lets ``burst`` through at once and ``per_second`` after that."""

    __slots__ = ("_burst", "_left", "_per_second", "_seen")

    def __init__(self, per_second: float, burst: float, now: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._left = burst
        self._seen = now

    def take(self, amount: float, now: float) -> bool:
        self._left = min(self._burst, self._left + (now - self._seen) * self._per_second)
        self._seen = now
        if amount > self._left:
            return False
        self._left -= amount
        return True

    def full(self, now: float) -> bool:
        return self._left + (now - self._seen) * self._per_second >= self._burst
