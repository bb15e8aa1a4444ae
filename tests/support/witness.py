"""The real Yjs in a process of Node, fed with what a room tells everyone: what people's editors would show."""

import json
import subprocess
from pathlib import Path
from types import TracebackType

PROGRAM = Path(__file__).parents[1] / "node" / "witness.mjs"

Shown = dict[str, tuple[str, str]]
"""Name and text of each file, by its id."""


class Witness:
    def __enter__(self) -> "Witness":
        self._process = subprocess.Popen(["node", str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()

    def begin(self) -> None:
        self._do(0)

    def apply(self, update: bytes) -> None:
        self._do(1, update)

    def shown(self) -> Shown:
        """The files that have a name and a text."""
        self._do(2)
        assert self._process.stdout is not None
        return {id: (name, text) for id, (name, text) in json.loads(self._process.stdout.readline()).items()}

    def _do(self, command: int, argument: bytes = b"") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write((len(argument) + 1).to_bytes(4, "big") + bytes((command,)) + argument)
        if command == 2:
            self._process.stdin.flush()
