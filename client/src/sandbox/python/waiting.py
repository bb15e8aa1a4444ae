"""What a program waits for: its input, and time."""

import asyncio
import io
import os
import sys
import time
from typing import Any

import caretroom_host as host
from _caretroom.loop import idle, suspend
from _caretroom.streams import flush


class Input(io.RawIOBase):
    """Standard input; prints what was left in a half-filled line before it waits."""

    name = "<stdin>"
    mode = "r"

    def __init__(self) -> None:
        self._unread = b""

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0

    def readinto(self, buffer: Any) -> int:
        flush()
        data = os.read(0, len(buffer)) if host.blocking else self._ask(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _ask(self, size: int) -> bytes:
        if not self._unread:
            self._unread = suspend(_ask(), idle)
        data, self._unread = self._unread[:size], self._unread[size:]
        return data


async def _ask() -> bytes:
    return (await host.ask()).to_bytes()


def open_input() -> None:
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(Input()), encoding="utf-8")


def sleep(seconds: float, /) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if host.blocking:
        flush()
        end = host.now() + seconds
        # False when a signal is to be seen first: this loop gives Python the occasion.
        while not host.sleep(end):
            pass
    else:
        suspend(asyncio.sleep(seconds), idle)


sleep.__doc__ = time.sleep.__doc__
