"""What people once typed, typed again over the wire by as many clients: the end must be the recorded one."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from caretroom.lib0 import Reader
from support.client import Client
from support.server import Server, stored_text
from support.traces import Change, Trace, sources, trace_from

TOGETHER = 200
"""Changes of a lone author that go as one update."""


class Author:
    """Makes an author's updates, each on top of exactly what the author had seen."""

    def __init__(self, number: int, first: bytes, *, ascii: bool) -> None:
        self.made: list[tuple[dict[int, int], bytes]] = []
        """What has to be known before each update, and the update."""
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=number + 1)
        self._doc.apply_update(first)
        self._text = self._doc.get("files", type=pycrdt.Map)["main"]["text"]
        self._heard: dict[int, int] = {}
        self._ascii = ascii

    def change(self, changes: list[Change], authors: "list[Author]") -> None:
        for other, count in enumerate(changes[0].seen):
            if authors[other] is not self:
                for _, update in authors[other].made[self._heard.get(other, 0) : count]:
                    self._doc.apply_update(update)
                self._heard[other] = max(count, self._heard.get(other, 0))
        before = self._doc.get_state()
        with self._doc.transaction():
            for change in changes:
                for at, gone, come in change.patches:
                    self._patch(at, gone, come)
        self.made.append((clocks(before), bytes(self._doc.get_update(before))))

    def _patch(self, at: int, gone: int, come: str) -> None:
        first, last = at, at + gone
        if not self._ascii:
            text = str(self._text)
            first, last = len(text[:at].encode()), len(text[: at + gone].encode())
        if gone:
            del self._text[first:last]
        if come:
            self._text.insert(first, come)


def clocks(state_vector: bytes) -> dict[int, int]:
    reader = Reader(state_vector)
    return {reader.var_uint(): reader.var_uint() for _ in range(reader.var_uint())}


def authors_of(trace: Trace, first: bytes) -> list[Author]:
    ascii = trace.start.isascii() and all(come.isascii() for change in trace.changes for _, _, come in change.patches)
    authors = [Author(number, first, ascii=ascii) for number in range(trace.authors)]
    together = TOGETHER if trace.authors == 1 else 1
    for at in range(0, len(trace.changes), together):
        changes = trace.changes[at : at + together]
        authors[changes[0].author].change(changes, authors)
    return authors


async def type_again(author: Author, client: Client) -> None:
    """Each update as soon as the client has heard what it builds on."""
    for needed, update in author.made:
        if not knows(client, needed):
            await client.until(lambda me, needed=needed: knows(me, needed), within=60)  # type: ignore[misc]
        client.doc.apply_update(update)


def knows(client: Client, needed: dict[int, int]) -> bool:
    known = clocks(client.doc.get_state())
    return all(known.get(who, 0) >= clock for who, clock in needed.items())


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.name if source else "from a seed")
async def test_a_trace_typed_again_by_its_authors_ends_as_it_ended(server: Server, source: Path | None) -> None:
    trace = trace_from(source)
    room = await server.create_room(code=trace.start)
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(Client(server.url, room.id, room.token("editor"), name=f"Author {number}"))
            for number in range(trace.authors)
        ]
        await asyncio.gather(*(client.until_synced() for client in clients))
        authors = authors_of(trace, clients[0].doc.get_update())
        await asyncio.gather(*map(type_again, authors, clients))
        for client in clients:
            await client.until(lambda me: me.text == trace.end, within=60)
        await asyncio.gather(*(client.until_saved(within=120) for client in clients))
        assert stored_text(server, room) == trace.end
