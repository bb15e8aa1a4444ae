"""Every number that bounds what a member or a room may cost, with its unit in its name."""

from dataclasses import dataclass, fields, replace

from caretroom.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Limits:
    message_bytes: int = 8 * 1024 * 1024
    """One WebSocket message; the largest that is worth a sentence, so more than an update may have."""
    update_bytes: int = 4 * 1024 * 1024
    updates_per_second: int = 2_000
    updates_burst: int = 10_000
    document_bytes: int = 16 * 1024 * 1024
    """What the document amounts to as one update."""
    files_per_room: int = 500
    members_per_room: int = 1_000
    rooms_open: int = 5_000
    """Rooms in memory at the same time."""
    rooms_per_second: int = 10
    """New rooms, from all addresses together."""
    rooms_burst: int = 5_000
    title_characters: int = 80
    code_bytes: int = 256 * 1024
    request_bytes: int = 1024 * 1024
    request_head_bytes: int = 64 * 1024
    request_seconds: float = 30.0
    """How long an HTTP request, or the request for a WebSocket, may take to arrive."""

    presence_bytes: int = 4096
    """One client's presence state."""
    presence_per_second: int = 200
    presence_burst: int = 1_000
    presence_ids_per_connection: int = 32
    presence_interval_seconds: float = 0.05
    presence_grace_seconds: float = 3.0
    """How long someone whose connection broke stays on screen."""

    output_bytes_per_second: int = 64 * 1024
    output_burst_bytes: int = 512 * 1024
    output_bytes_per_run: int = 2 * 1024 * 1024
    output_kept_bytes_per_member: int = 512 * 1024
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

    package_stall_seconds: float = 10.0
    """How long a package that is fetched may bring nothing."""
    package_total_seconds: float = 600.0
    package_retry_seconds: float = 60.0
    """How long a package that could not be fetched is not tried again."""

    @classmethod
    def parse(cls, text: str) -> "Limits":
        """Read ``NAME=VALUE`` pairs separated by spaces; the others stay as they are. Raises ConfigError."""
        types = {field.name: int if field.type in ("int", int) else float for field in fields(cls)}
        values: dict[str, float] = {}
        for pair in text.split():
            name, _, value = pair.partition("=")
            if name not in types:
                raise ConfigError(f"--limits {pair}: expected one of {', '.join(types)}")
            try:
                values[name] = types[name](value)
            except ValueError as error:
                raise ConfigError(f"--limits {pair}: expected a number") from error
            if values[name] <= 0:
                raise ConfigError(f"--limits {pair}: expected more than 0")
        return replace(cls(), **values)  # type: ignore[arg-type]


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

    def charge(self, amount: float, now: float) -> float:
        """Take it in any case. Returns for how many seconds nothing more should be taken."""
        self.take(0.0, now)
        self._left -= amount
        return max(0.0, -self._left / self._per_second)

    def full(self, now: float) -> bool:
        return self._left + (now - self._seen) * self._per_second >= self._burst
