"""Fetching files that are known by their sha256: whatever else arrives is thrown away."""

import hashlib
import http.client
import os
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

from caretroom.errors import DownloadError, UnreachableError

CHUNK_BYTES = 256 * 1024


def download(address: str, target: Path, sha256: str, *, stall_seconds: float, total_seconds: float) -> None:
    """Write what is at `address` to `target`: wholly and checked, or not at all.

    Raises DownloadError, and UnreachableError (one of them) when nobody answers there.
    """
    ends = time.monotonic() + total_seconds
    digest = hashlib.sha256()
    part: str | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(dir=target.parent, prefix=".part-")
        with os.fdopen(descriptor, "wb") as file, closing(_chunks(address, target.name, stall_seconds)) as chunks:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
                if time.monotonic() > ends:
                    raise DownloadError(f"{target.name} took longer than {total_seconds:g} seconds to arrive")
        if digest.hexdigest() != sha256:
            raise DownloadError(f"{target.name} arrived with another content than the list of packages says")
        os.chmod(part, 0o644)
        os.replace(part, target)
    except OSError as error:
        raise DownloadError(f"{target.name} can't be kept in {target.parent}: {error.strerror}") from error
    finally:
        if part is not None:
            Path(part).unlink(missing_ok=True)


def _chunks(address: str, name: str, stall_seconds: float) -> Generator[bytes, None, None]:
    try:
        with urllib.request.urlopen(address, timeout=stall_seconds) as answer:
            length = int(answer.headers.get("Content-Length", 0))
            arrived = 0
            while chunk := answer.read1(CHUNK_BYTES):
                arrived += len(chunk)
                yield chunk
        if arrived < length:
            raise DownloadError(f"{name} broke off after {arrived} of {length} bytes")
    except urllib.error.HTTPError as error:
        error.close()
        raise DownloadError(f"{name} is not at {address} ({error.code} {error.reason})") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreachableError(f"{name} can't be fetched: {getattr(error, 'reason', error)}") from error
