"""A room in which one member writes programs and another one runs them in a browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pycrdt
from playwright.async_api import Browser, expect

from support.browser import Person
from support.client import Client
from support.server import Server


@dataclass
class Stage:
    author: Client
    runner: Person
    name: str = ""
    written: int = 0

    @classmethod
    @asynccontextmanager
    async def opened(cls, server: Server, browser: Browser, host: str = "127.0.0.1") -> AsyncIterator["Stage"]:
        """`host` is the name by which the one who runs them knows the server."""
        room = await server.create_room(kind="pair")
        link = room.links["editor"].replace("127.0.0.1", host)
        async with (
            Client(server.url, room.id, room.token("editor"), name="Author") as author,
            Person.entering(browser, link, "Runner") as runner,
        ):
            await author.until_synced()
            await runner.until_python_is_ready()
            yield cls(author, runner)

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
