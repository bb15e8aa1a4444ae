"""What people start: a checkout by `make run`, or a wheel that holds the built client, from an empty folder."""

import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = "caretroom/static/"


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", folder, ROOT], check=True)
    return folder


@pytest.fixture(scope="module")
def wheel(distributions: Path) -> Path:
    return next(distributions.glob("*.whl"))


@pytest.fixture(scope="module")
def wheel_files(wheel: Path) -> dict[str, int]:
    """Every file in the wheel with its size."""
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.file_size for entry in archive.infolist()}


@pytest.fixture(scope="module")
def caretroom(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, installed from the wheel into an environment that knows nothing of this checkout."""
    environment = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    subprocess.run([environment / "bin/pip", "install", "--quiet", wheel], check=True)
    return environment / "bin/caretroom"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(command: Sequence[str], port: int, folder: Path, **environment: str) -> Iterator[httpx.Client]:
    log = folder / "server.log"
    # Under `make test`, a `make run` started here must not take part in the outer one.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with log.open("ab") as output:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=inherited | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            wait_until_ready(client, server, log)
            yield client
    finally:
        if server.poll() is None:
            # Make and the server below it, as Ctrl+C would.
            os.killpg(server.pid, signal.SIGINT)
            server.wait(timeout=15)


def wait_until_ready(client: httpx.Client, server: "subprocess.Popen[bytes]", log: Path) -> None:
    # Long enough for a `make run` that has everything to build.
    deadline = time.monotonic() + 180
    while server.poll() is None and time.monotonic() < deadline:
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.ConnectError:
            time.sleep(0.02)
    pytest.fail(f"the server did not become ready:\n{log.read_text()}")


def test_the_sdist_holds_the_sources_of_the_client_and_nothing_that_was_fetched_or_built(
    distributions: Path,
) -> None:
    with tarfile.open(next(distributions.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"client/build.py", "client/package-lock.json", "client/room.html", "LICENSE"} <= names
    assert not [name for name in names if "node_modules" in name or "/static/" in name or ".cache" in name]


def test_the_wheel_holds_the_pages_and_python_for_the_browser(wheel_files: dict[str, int]) -> None:
    pages = ["index.html", "room.html", "about.html", "sandbox.html"]
    assert [page for page in pages if STATIC + page not in wheel_files] == []
    python = {Path(name).name for name in wheel_files if name.startswith(STATIC + "pyodide/")}
    core = {
        "pyodide.mjs",
        "pyodide.asm.mjs",
        "pyodide.asm.wasm",
        "python_stdlib.zip",
        "pyodide-lock.json",
    }
    assert core <= python


def test_everything_large_that_compresses_has_smaller_twins(wheel_files: dict[str, int]) -> None:
    large = [
        name
        for name, size in wheel_files.items()
        if name.startswith(STATIC)
        and size > 1000
        and Path(name).suffix in {".js", ".mjs", ".css", ".wasm", ".bin", ".json"}
    ]
    assert large
    unhelped = [
        name + twin
        for name in large
        for twin in (".br", ".gz")
        if not 0 < wheel_files.get(name + twin, 0) < wheel_files[name]
    ]
    assert unhelped == []


def test_the_wheel_names_the_license_of_everything_it_bundles(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        notices = json.loads(archive.read(STATIC + "notices.json"))
        page = archive.read(STATIC + "THIRD-PARTY-NOTICES.txt").decode()
    assert {"Pyodide", "CPython", "Emscripten", "yjs", "@codemirror/view"} <= {n["name"] for n in notices}
    for notice in notices:
        assert notice["license"], notice["name"]
        assert notice["url"].startswith("https://"), notice["name"]
        assert notice["text"].strip() in page, notice["name"]


def test_the_wheel_serves_its_client_from_an_empty_folder_and_keeps_rooms_across_restarts(
    caretroom: Path, tmp_path: Path
) -> None:
    port = free_port()
    serve = [str(caretroom), "serve", "--port", str(port)]
    with serving(serve, port, tmp_path) as client:
        page = client.get("/")
        assert page.status_code == 200
        assert "/assets/" in page.text
        made = client.post("/api/rooms", json={"kind": "pair", "code": "print('kept')\n"})
        assert made.status_code == 201

    assert (tmp_path / "caretroom.db").exists()
    room = made.json()["room"]
    token = urlsplit(made.json()["links"]["editor"]).fragment
    with serving(serve, port, tmp_path) as client:
        kept = client.get(f"/api/rooms/{room}/export?format=py", headers={"Authorization": f"Bearer {token}"})
    assert kept.status_code == 200
    assert "print('kept')" in kept.text


def test_a_second_make_run_starts_within_three_seconds(tmp_path: Path) -> None:
    port = free_port()
    make = ["make", "--directory", str(ROOT), "run", f"PORT={port}"]
    elsewhere = {"CARETROOM_STORE": "memory://", "CARETROOM_SECRET_FILE": str(tmp_path / "secret")}
    with serving(make, port, tmp_path, **elsewhere):
        pass
    started = time.monotonic()
    with serving(make, port, tmp_path, **elsewhere):
        assert time.monotonic() - started < 3
