"""A real server in a process of its own, on a free port, with a folder of its own."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
from caretroom.document import Document

STARTS_WITHIN = 30.0
TESTS = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """``async with Server(folder) as server``. It may be killed and started again: port and folder stay."""

    def __init__(self, folder: Path, *, store: str | None = None, module: str = "caretroom", **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "server.log"
        self._arguments = [
            "-m",
            module,
            "serve",
            "--port",
            str(self.port),
            "--store",
            store or f"sqlite:///{folder}/rooms.db",
        ]
        self._arguments += ["--secret-file", str(folder / "secret")]
        # Nothing is fetched from anywhere, unless a test says from where.
        for name, value in {"packages_source": "", **settings}.items():
            self._arguments += ["--" + name.replace("_", "-"), value]
        self._process: asyncio.subprocess.Process | None = None
        self.http = httpx.AsyncClient(base_url=self.url, timeout=20)

    async def __aenter__(self) -> "Server":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()
        await self.http.aclose()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._arguments,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, "PYTHONDEVMODE": "1", "PYTHONPATH": str(TESTS)},
            )
        async with asyncio.timeout(STARTS_WITHIN):
            while not await self._answers():
                assert self._process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.02)

    async def until_it_answers(self) -> None:
        """Also while it ends and is started again."""
        async with asyncio.timeout(STARTS_WITHIN):
            while True:
                if await self._answers():
                    return
                await asyncio.sleep(0.02)

    async def _answers(self) -> bool:
        try:
            return (await self.http.get("/healthz")).status_code == 200
        except httpx.TransportError:
            return False

    async def stop(self) -> None:
        """As an operator stops it: SIGTERM, and it ends by itself."""
        await self._end(signal.SIGTERM)

    async def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """As a crash ends it."""
        await self._end(how)

    async def ended(self) -> None:
        assert self._process is not None
        await self._process.wait()

    async def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
            async with asyncio.timeout(20):
                await self._process.wait()

    async def create_room(self, **body: Any) -> "NewRoom":
        response = await self.http.post("/api/rooms", json=body)
        assert response.status_code == 201, response.text
        return NewRoom(response.json())


def resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096


class NewRoom:
    def __init__(self, body: dict[str, Any]) -> None:
        self.id: str = body["room"]
        self.links: dict[str, str] = body["links"]
        self.join_code: str = body["join_code"]
        self.body = body

    def token(self, role: str) -> str:
        return self.links[role].split("#")[1]


def stored_text(server: Server, room: NewRoom) -> str:
    """What is in the store's file, read past the server."""
    database = sqlite3.connect(server.folder / "rooms.db")
    rows = database.execute("SELECT data FROM entries WHERE room = ? ORDER BY position", (room.id,)).fetchall()
    database.close()
    return Document(row[0] for row in rows).files()[0].text
