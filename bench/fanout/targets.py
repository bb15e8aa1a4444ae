"""The servers that are measured: how each is installed, started and spoken to."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.fanout.wire import Dialect

HERE = Path(__file__).parent
PYCRDT_WEBSOCKET = ("pycrdt-websocket==0.16.5", "uvicorn==0.54.0", "uvloop==0.23.0", "websockets==17.4")
STARTS_WITHIN, ENDS_WITHIN = 30.0, 10.0


@dataclass(frozen=True, slots=True)
class Target:
    name: str
    command: tuple[str, ...]
    """With {port} and {folder}, a new one for each start."""
    dialect: Dialect
    path: str = "/{room}"
    rooms_api: str = ""
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    target: Target
    pid: int
    port: int

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}{self.target.path}"

    @property
    def rooms_api(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.target.rooms_api}" if self.target.rooms_api else ""


CARETROOM = Target(
    "Caretroom",
    (
        *(sys.executable, "-m", "caretroom", "serve", "--port", "{port}", "--log-level", "error"),
        *("--store", "sqlite:///{folder}/rooms.db", "--secret-file", "{folder}/secret"),
    ),
    Dialect.CARETROOM,
    "/ws/{room}?token={token}",
    "/api/rooms",
)


def install_peers(folder: Path, *, python_peer: bool) -> list[Target]:
    """Install the pinned peers into a folder, from npm and PyPI, unless they are there already."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "hocuspocus.mjs"):
        shutil.copy(HERE / "peers" / file, folder)
    node = folder / "node_modules" / "node" / "bin" / "node"
    if not node.exists():
        subprocess.run(("npm", "install", "--no-audit", "--no-fund", "--loglevel=error"), cwd=folder, check=True)
    peers = [
        Target(
            "y-websocket-server",
            (str(node), str(folder / "node_modules/@y/websocket-server/src/server.js")),
            Dialect.YJS,
        ),
        Target("Hocuspocus", (str(node), str(folder / "hocuspocus.mjs")), Dialect.HOCUSPOCUS, "/"),
    ]
    if python_peer:
        python = folder / "venv" / "bin" / "python"
        if not python.exists():
            venv.create(folder / "venv", with_pip=True)
            subprocess.run((python, "-m", "pip", "install", "--quiet", *PYCRDT_WEBSOCKET), check=True)
        command = (str(python), str(HERE / "peers" / "pycrdt_websocket.py"))
        peers.append(Target("pycrdt-websocket", command, Dialect.YJS))
    return peers


@contextmanager
def running(target: Target, core: int | None) -> Iterator[Running]:
    """A fresh server on a free port, pinned to a core."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with TemporaryDirectory(prefix="caretroom-bench-") as folder:
        pin = () if core is None else ("taskset", "--cpu-list", str(core))
        process = subprocess.Popen(
            (*pin, *(part.format(port=port, folder=folder) for part in target.command)),
            cwd=folder,
            env={**os.environ, "PORT": str(port), "HOST": "127.0.0.1", **target.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _await_port(process, port)
            yield Running(target, process.pid, port)
        finally:
            _end(process)


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended by itself")
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(0.5)
            return
    raise RuntimeError(f"{process.args!r} does not listen on port {port}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the session that we started, and nothing else."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, how)
            try:
                process.wait(ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                continue
