"""Who may do what: roles, and the signed tokens that carry them in a link's fragment.

A token is nothing but the room, the role and the generation of the room's links, signed. Of all that the room's record
holds the generation, so that a host can make all links new.
"""

import os
import secrets
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer

from caretroom.errors import ConfigError, UnauthorizedError
from caretroom.records import RoomId, RoomRecord


class Role(StrEnum):
    HOST = "host"
    EDITOR = "editor"
    VIEWER = "viewer"


HANDS_OUT: dict[Role, tuple[Role, ...]] = {
    Role.HOST: (Role.HOST, Role.EDITOR, Role.VIEWER),
    Role.EDITOR: (Role.EDITOR, Role.VIEWER),
    Role.VIEWER: (Role.VIEWER,),
}
"""The links that someone with a role may pass on: never more than they hold."""


@dataclass(frozen=True, slots=True)
class Capability:
    room: RoomId
    role: Role
    generation: int = 0

    def check(self, record: RoomRecord) -> None:
        """Raises UnauthorizedError when the room's links were replaced since this one was made."""
        if self.generation != record.generation:
            raise UnauthorizedError("This link was replaced by a new one. Ask a host of the room for it.")


class Signer:
    def __init__(self, secret: bytes) -> None:
        self._serializer = URLSafeSerializer(
            secret,
            salt="caretroom.capability",
            signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"},
        )

    def token(self, capability: Capability) -> str:
        """The characters are those of a URL fragment and of an HTTP token: ``A-Za-z0-9_-.``."""
        return str(self._serializer.dumps([capability.room, capability.role.value, capability.generation]))

    def read(self, token: str) -> Capability:
        """Raises UnauthorizedError for anything this server did not sign."""
        try:
            # Links of the first release bear no generation: theirs is the first.
            room, role, generation = [*self._serializer.loads(token), 0][:3]
            return Capability(RoomId(room), Role(role), int(generation))
        except (BadSignature, ValueError, TypeError) as error:
            raise UnauthorizedError(
                "This link is not complete or was not made by this server. Ask for the link again."
            ) from error


def load_secret(path: Path) -> bytes:
    """Read the signing key, making it on the first start, readable by its owner alone."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigError(f"--secret-file {path}: can't be created: {error.strerror}") from error
    else:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
    try:
        secret = path.read_text().strip().encode()
    except OSError as error:
        raise ConfigError(f"--secret-file {path}: can't be read: {error.strerror}") from error
    if len(secret) < 32:
        raise ConfigError(f"--secret-file {path}: expected at least 32 characters, found {len(secret)}")
    return secret
