"""The command line. Flags and variables come from the fields of Config."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import click
import uvicorn

from caretroom import __version__
from caretroom.additions import add
from caretroom.app import create_app
from caretroom.config import Config, settings
from caretroom.distribution import Distribution, open_distribution
from caretroom.document import Document
from caretroom.errors import CaretroomError, PackageError
from caretroom.export import FORMATS, export
from caretroom.limits import Limits
from caretroom.logs import configure
from caretroom.records import MAIN, RoomId
from caretroom.requests import Requests
from caretroom.store import open_store
from caretroom.transport import Transport
from caretroom.wheels import find_wheels

SHUTDOWN_SECONDS = 5


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Caretroom: the room where people write Python together."""


Command = Callable[..., None]


def _configured(*names: str) -> Callable[[Command], Command]:
    """Options for the settings named, or for all."""

    def decorate(command: Command) -> Command:
        for setting in reversed(settings()):
            if not names or setting.name in names:
                command = click.option(
                    setting.flag,
                    type=click.Choice(setting.choices) if setting.choices else setting.type,
                    default=setting.default,
                    envvar=setting.variable,
                    show_default=True,
                    show_envvar=True,
                    help=setting.help,
                )(command)
        return command

    return decorate


@main.command()
@_configured()
def serve(**values: Any) -> None:
    """Serve rooms until stopped."""
    try:
        config = Config(**{**values, "limits": Limits.parse(values["limits"])})
        configure(config.log_level, config.log_format)
        app = create_app(config)
    except CaretroomError as error:
        raise click.ClickException(str(error)) from error
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=config.host,
            port=config.port,
            http=Requests.within(config.limits),
            ws=Transport,
            ws_max_size=config.limits.message_bytes,
            ws_per_message_deflate=False,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
    )
    click.echo(f"Caretroom is starting at http://{config.host}:{config.port}", err=True)
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises it once more after a clean end
        server.run()
    if not server.started:
        sys.exit(1)


@main.group()
def rooms() -> None:
    """Look after the rooms of a store."""


@rooms.command("list")
@_configured("store")
def list_rooms(store: str) -> None:
    """The rooms, newest first."""

    async def run() -> None:
        async with open_store(store) as opened:
            for record in await opened.rooms():
                click.echo(f"{record.room}  {record.kind:9}  {record.created_at:.0f}  {record.title}")

    _run(run())


@rooms.command("export")
@click.argument("room")
@click.option("--format", type=click.Choice(list(FORMATS)), default="zip", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="File to write; ROOM.FORMAT when not given.")
@_configured("store")
def export_room(room: str, format: str, output: Path | None, store: str) -> None:
    """Write a room's files."""
    target = output or Path(f"{room}.{format}")

    async def run() -> None:
        async with open_store(store) as opened:
            record = await opened.room(RoomId(room))
            stored = await opened.load(record.room, MAIN)
            updates = [stored.snapshot] if stored.snapshot else []
            document = Document([*updates, *(entry.update for entry in stored.entries)])
            target.write_bytes(export(format, record, document))

    _run(run())
    click.echo(target)


@rooms.command("delete")
@click.argument("room")
@click.confirmation_option(prompt="Delete the room and all that was written in it?")
@_configured("store")
def delete_room(room: str, store: str) -> None:
    """Delete a room for good."""

    async def run() -> None:
        async with open_store(store) as opened:
            await opened.room(RoomId(room))
            await opened.delete(RoomId(room))

    _run(run())


@main.group()
def packages() -> None:
    """Look after the packages that every room may import."""


@packages.command("add")
@click.argument("names", nargs=-1, required=True)
@_configured("pyodide_dir", "packages_dir", "packages_source")
def add_packages(names: tuple[str, ...], pyodide_dir: str, packages_dir: Path, packages_source: str) -> None:
    """Fetch packages, with all that they need, into the packages folder: NAME or NAME==VERSION.

    A server that runs offers them at once; pages that are open, after a reload.
    """
    distribution = _distribution(pyodide_dir)
    source = distribution.source(packages_source)
    failed = False
    for name in names:
        try:
            added = add(name, distribution, packages_dir, source, Limits(), lambda words: click.echo(words, err=True))
        except PackageError as error:
            click.echo(f"Error: {error}. Nothing was added for {name}.", err=True)
            failed = True
        else:
            for addition in added:
                click.echo(f"{addition.name} {addition.version}")
    sys.exit(1 if failed else 0)


@packages.command("list")
@_configured("pyodide_dir", "packages_dir")
def list_packages(pyodide_dir: str, packages_dir: Path) -> None:
    """The packages in the folder that the browser's Python can import."""
    configure("warning", "text")
    for wheel in find_wheels(packages_dir, _distribution(pyodide_dir).target).values():
        entry = wheel.entry
        click.echo(f"{entry.name:24} {entry.version:12} import {', '.join(entry.imports)}")


def _distribution(folder: str) -> Distribution:
    try:
        distribution = open_distribution(folder)
    except CaretroomError as error:
        raise click.ClickException(str(error)) from error
    if distribution is None:
        raise click.ClickException("The browser client has not been built, so there is no Python to add packages to.")
    return distribution


def _run(work: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(work)
    except CaretroomError as error:
        raise click.ClickException(str(error)) from error
