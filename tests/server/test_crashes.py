"""When the engine panics, and when the whole process dies: nothing that was saved is lost, and everybody is back."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from caretroom import gate
from caretroom.document import Document, merge, seed
from caretroom.errors import BadFrameError, EngineError
from support.client import Client
from support.core import Table, typed, update_frame
from support.panicking import PANIC, PanicException, PanickingDoc
from support.returning import Returning, supervise
from support.server import Server, stored_text
from support.stock import VERSIONS, StockClient


class FailingDoc:
    """A document whose engine panics over one kind of call until it is thrown away."""

    def __init__(self, doc: pycrdt.Doc[Any], call: str) -> None:
        self._doc = doc
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return self._panic if name == self._call else getattr(self._doc, name)

    def _panic(self, *_: object, **__: object) -> None:
        raise PanicException("attempt to divide by zero")


@pytest.mark.parametrize("call", ["get_update", "get_state", "get"])
def test_a_document_that_cannot_be_read_is_built_anew(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document([seed("a")])
    document.apply(gate.parse(typed(document, "b")))
    files, state = document.files(), document.state_vector()
    read: dict[str, Callable[[], object]] = {
        "get_update": document.full,
        "get_state": document.state_vector,
        "get": document.files,
    }
    expected = read[call]()
    document.apply(gate.parse(typed(document, "c", client=8)))
    monkeypatch.setattr(document, "_doc", FailingDoc(document._doc, call))
    assert read[call]() != expected
    assert document.files()[0].text == files[0].text + "c"
    assert document.state_vector() != state


def test_a_document_that_cannot_be_read_even_then_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document([seed("a")])
    failing = FailingDoc(document._doc, "get_state")
    monkeypatch.setattr(document, "_doc", failing)
    monkeypatch.setattr(Document, "_fresh", staticmethod(lambda: failing))
    with pytest.raises(EngineError, match="divide by zero"):
        document.state_vector()


def test_updates_that_cannot_be_merged_are_told_and_stored_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(*_: bytes) -> bytes:
        raise PanicException("index out of bounds")

    table = Table("a")
    _, ada = table.sit(name="Ada")
    bob, _ = table.sit(name="Bob")
    before = table.room.unsaved()[0]
    sent = []
    for letter in "bcd":
        sent.append(typed(table.document, letter))
        table.room.receive(ada, update_frame(sent[-1]))
    monkeypatch.setattr(pycrdt, "merge_updates", panic)
    assert merge(sent) == sent
    table.room.flush()
    assert [frame for frame in bob.take() if frame[0] == 0] == [update_frame(update) for update in sent]
    _, rows = table.room.unsaved()
    assert [(position, update) for position, _, update in rows] == list(enumerate(sent, before + 1))


def test_a_panic_while_an_emoji_is_mended_leaves_the_document_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pycrdt, "Doc", PanickingDoc)
    document = Document([seed("🐍")])
    files = document.files()
    between = b"\xc4" + b"\x80\x80\x80\x80\x10\x03" + b"\x80\x80\x80\x80\x10\x04"
    cutting = gate.parse(b"\x01\x01\x07\x00" + between + b"\x05" + PANIC.encode() + b"\x00")
    with pytest.raises(BadFrameError):
        document.apply(cutting)
    assert document.files() == files
    assert document.apply(gate.parse(typed(document, "b"))) is not None
    assert document.files()[0].text == "🐍b"


async def test_a_panic_costs_its_sender_the_connection_and_nobody_anything_else(tmp_path: Path) -> None:
    async with Server(tmp_path, module="support.panicking") as server:
        room, other = await server.create_room(code="x = 1\n"), await server.create_room(code="")
        ada, bob, eve, far = (
            Client(server.url, at.id, at.token("editor"), name=name)
            for at, name in ((room, "Ada"), (room, "Bob"), (room, "Eve"), (other, "Far"))
        )
        async with ada, bob, eve, far:
            await asyncio.gather(*(someone.until_synced() for someone in (ada, bob, eve, far)))
            for number in range(3):
                ada.write(f"{number}\n")
                bob.write("#", 0)
            eve.write(PANIC)
            assert await eve.until_closed() == 4400
            for number in range(3, 6):
                ada.write(f"{number}\n")
                bob.write("#", 0)
            far.write("untouched")
            text = "######x = 1\n0\n1\n2\n3\n4\n5\n"
            for someone in (ada, bob):
                await someone.until(lambda me: me.text == text)
            await asyncio.gather(ada.until_saved(), bob.until_saved(), far.until_saved())
            assert [someone.close_code for someone in (ada, bob, far)] == [None] * 3
            async with Client(server.url, room.id, room.token("editor"), name="Eve") as again:
                await again.until_synced()
                assert again.text == text
                again.write("back\n")
                await ada.until(lambda me: me.text == text + "back\n")
                await again.until_saved()
        await server.stop()
        await server.start()
        async with Client(server.url, room.id, room.token("viewer")) as late:
            await late.until_synced()
            assert late.text == text + "back\n"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV], ids=lambda how: how.name)
async def test_after_a_crash_everybody_is_back_and_nothing_saved_is_lost(server: Server, how: signal.Signals) -> None:
    room = await server.create_room(code="")
    async with AsyncExitStack() as everybody:
        stock = [await everybody.enter_async_context(StockClient(v, server, room, "editor")) for v in VERSIONS]
        people = [await everybody.enter_async_context(Returning(server, room, name)) for name in ("Ada", "Bob")]
        supervising = asyncio.create_task(supervise(server))
        everybody.callback(supervising.cancel)
        typed: list[str] = []
        for crash in range(3):
            for number, person in enumerate(people):
                client = await person.is_here()
                typed.append(f"<{crash}-{number}>")
                client.write(typed[-1])
                await client.until_saved()
            saved = len(typed)
            for number, provider in enumerate(stock):
                await provider.until(lambda me: me.text is not None)
                typed.append(f"<{crash}-stock-{number}>")
                provider.do("insert", index=0, text=typed[-1])
            await server.kill(how)
            assert all(mark in stored_text(server, room) for mark in typed[:saved])
            for person in people:
                await person.until(lambda me: all(mark in me.text for mark in typed))
            for provider in stock:
                await provider.until(lambda me: all(mark in (me.text or "") for mark in typed), within=30)
        texts = {provider.text for provider in stock} | {(await person.is_here()).text for person in people}
        assert len(texts) == 1
        assert len(texts.pop() or "") == sum(map(len, typed)), "something is there twice"
