"""A room in which one member writes programs and another one runs them in a browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pycrdt
from playwright.async_api import expect

from support.browser import Person, open_chromium, open_firefox
from support.client import Client
from support.server import Server

# Browsers isolate no page that came over plain http from another machine, and by its name this is one.
CLASSROOM = "classroom.test"


@dataclass
class Stage:
    author: Client
    runner: Person
    name: str
    written: int = 0

    @classmethod
    @asynccontextmanager
    async def opened(cls, name: str, folder: Path, script: str = "") -> AsyncIterator["Stage"]:
        """`isolated` and `reduced` say how the page is, in Chromium; `firefox` isolates it.

        `script` runs in the page before its own.
        """
        host = CLASSROOM if name == "reduced" else "127.0.0.1"
        opened = (
            open_firefox() if name == "firefox" else open_chromium(f"--host-resolver-rules=MAP {CLASSROOM} 127.0.0.1")
        )
        async with Server(folder) as server, opened as browser:
            room = await server.create_room(kind="pair")
            link = room.links["editor"].replace("127.0.0.1", host)
            async with (
                Client(server.url, room.id, room.token("editor"), name="Author") as author,
                Person.entering(browser, link, "Runner", script) as runner,
            ):
                await author.until_synced()
                await runner.until_python_is_ready()
                assert await runner.page.evaluate("crossOriginIsolated") == (name != "reduced")
                yield cls(author, runner, name)

    async def write(self, files: dict[str, str]) -> None:
        self.written += 1
        # The runner has the files when they see the one that came last.
        last = f"written-{self.written}.txt"
        shared = self.author.files
        with self.author.doc.transaction():
            for file in set(shared.keys()) - {"main"}:
                del shared[file]
            text = shared["main"]["text"]
            del text[:]
            text += files["main.py"]
            for name, content in [*files.items(), (last, "")]:
                if name != "main.py":
                    shared[name] = pycrdt.Map({"name": name, "text": pycrdt.Text(content)})
        await expect(self.runner.page.get_by_role("tab", name=last)).to_be_visible()
