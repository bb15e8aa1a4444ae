"""Everything that can go wrong, each with the words for the one it concerns.

Raised where the fact is known, translated once: requests in ``app``, frames in ``websocket``.

::

    CaretroomError
    ├── ConfigError              the operator's settings
    ├── PackageError             a package that can't be had
    │   └── DownloadError        what should be fetched did not arrive
    │       └── UnreachableError nobody answers there
    ├── StoreError               the store can't do its work now
    │   └── StoreVersionError    the store was written by a newer Caretroom
    ├── EngineError              the CRDT engine failed inside itself
    ├── RequestError             an HTTP request or an upgrade that is refused
    │   ├── BadRequestError      400
    │   ├── UnauthorizedError    401
    │   ├── ForbiddenError       403
    │   ├── NotFoundError        404
    │   ├── GoneError            410
    │   ├── TooLargeError        413
    │   ├── UnprocessableError   422
    │   ├── TooManyError         429
    │   └── UnavailableError     503
    └── BadFrameError            ends the connection that sent it (4400)
"""

from typing import ClassVar


class CaretroomError(Exception):
    pass


class ConfigError(CaretroomError):
    pass


class PackageError(CaretroomError):
    pass


class DownloadError(PackageError):
    pass


class UnreachableError(DownloadError):
    pass


class StoreError(CaretroomError):
    pass


class StoreVersionError(StoreError):
    pass


class EngineError(CaretroomError):
    pass


class RequestError(CaretroomError):
    status: ClassVar[int]
    code: ClassVar[str]


class BadRequestError(RequestError):
    status = 400
    code = "bad-request"


class UnauthorizedError(RequestError):
    status = 401
    code = "unauthorized"


class ForbiddenError(RequestError):
    status = 403
    code = "forbidden"


class NotFoundError(RequestError):
    status = 404
    code = "not-found"


class GoneError(RequestError):
    status = 410
    code = "gone"


class TooLargeError(RequestError):
    status = 413
    code = "too-large"


class UnprocessableError(RequestError):
    status = 422
    code = "unprocessable"


class TooManyError(RequestError):
    status = 429
    code = "too-many"


class UnavailableError(RequestError):
    status = 503
    code = "unavailable"


class BadFrameError(CaretroomError):
    """A frame outside the protocol. ``reason`` is one of a closed set of words, for counting."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
