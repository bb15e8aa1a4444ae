"""What every request may use, and the questions that come before every answer: who asks, and from where?"""

import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from caretroom.capability import HANDS_OUT, Capability, Role, Signer
from caretroom.config import Config
from caretroom.errors import ForbiddenError, TooManyError, UnauthorizedError
from caretroom.limits import TokenBucket
from caretroom.packages import Packages
from caretroom.records import RoomId, RoomRecord
from caretroom.registry import Registry
from caretroom.store import Store

JOIN_CODE_LETTERS = "ACDEFGHJKMNPQRTUVWXY34679"  # none that is taken for another: 0/O, 1/I/L, 2/Z, 5/S, 8/B
JOIN_CODE_LENGTH = 6
ROOM_LETTERS = "abcdefghijkmnopqrstuvwxyz23456789"
ROOM_LENGTH = 12


def new_room_id() -> RoomId:
    return RoomId("".join(secrets.choice(ROOM_LETTERS) for _ in range(ROOM_LENGTH)))


def new_join_code() -> str:
    return "".join(secrets.choice(JOIN_CODE_LETTERS) for _ in range(JOIN_CODE_LENGTH))


@dataclass(slots=True)
class JoinFailures:
    """Wrong join codes by address, so that nobody tries them all. Right ones cost nothing: a class is one address."""

    per_minute: int
    _buckets: dict[str, TokenBucket] = field(default_factory=dict)

    def count(self, address: str, now: float) -> None:
        """Raises TooManyError when the address has failed too often."""
        self._buckets = {a: b for a, b in self._buckets.items() if not b.full(now)}
        bucket = self._buckets.setdefault(address, TokenBucket(self.per_minute / 60, self.per_minute, now))
        if not bucket.take(1, now):
            raise TooManyError("Too many wrong join codes. Wait a minute, then try again.")


@dataclass(frozen=True, slots=True)
class Services:
    config: Config
    signer: Signer
    store: Store
    registry: Registry
    join_failures: JoinFailures
    new_rooms: TokenBucket
    packages: Packages | None
    """None without a Pyodide to import them."""

    def read(self, room: RoomId, token: str | None) -> Capability:
        """Raises UnauthorizedError without a valid token, ForbiddenError for another room's.

        Whether the link was replaced is known to the room's record alone: ``Capability.check``.
        """
        if not token:
            raise UnauthorizedError("This needs the token of a link to the room.")
        capability = self.signer.read(token)
        if capability.room != room:
            raise ForbiddenError("This link is for another room.")
        return capability

    async def authorize(self, request: HTTPConnection) -> tuple[RoomRecord, Capability]:
        """What a request may do with the room in its path. Raises RequestError."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        room = RoomId(request.path_params["room"])
        capability = self.read(room, token.strip() if scheme.lower() == "bearer" else None)
        record = await self.registry.record(room)
        capability.check(record)
        return record, capability

    def origin(self, request: HTTPConnection) -> str:
        """Our own address as browsers see it, without a slash at the end."""
        if self.config.public_url:
            return self.config.public_url.rstrip("/")
        scheme = {"ws": "http", "wss": "https"}.get(request.url.scheme, request.url.scheme)
        return f"{scheme}://{request.url.netloc}"

    def check_origin(self, request: HTTPConnection) -> None:
        """Browsers say which page connects; a page of somebody else's must not. Raises ForbiddenError."""
        origin = request.headers.get("origin")
        if origin is None or origin in self.config.allowed_origins.split():
            return
        own = {request.headers.get("host", ""), urlsplit(self.config.public_url).netloc}
        if origin == "null" or urlsplit(origin).netloc not in own - {""}:
            raise ForbiddenError("Pages of another origin can't connect to this room.")

    def links(self, request: HTTPConnection, record: RoomRecord, role: Role) -> dict[str, str]:
        """The links that someone with this role may pass on."""
        base = f"{self.origin(request)}/r/{record.room}#"
        return {
            handed.value: base + self.signer.token(Capability(record.room, handed, record.generation))
            for handed in HANDS_OUT[role]
        }


def services_of(request: HTTPConnection) -> Services:
    services = request.state.services
    assert isinstance(services, Services)
    return services
