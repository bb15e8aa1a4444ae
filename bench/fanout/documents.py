"""Documents and the people who type into them, made with pycrdt: every update is a real one."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

import pycrdt
from caretroom.document import MAIN_FILE

ALPHABET = "etaoin shrdlu cmfwyp vbgkjq xz"
WRITERS = 25
TURN_CHARACTERS = 7
"""The longest turn of a writer before another goes on elsewhere."""

SharedDoc = pycrdt.Doc[Any]


def text_of(doc: SharedDoc) -> pycrdt.Text:
    """The room's first file: the document of every server has the shape of ours."""
    text = doc.get("files", type=pycrdt.Map[Any])[MAIN_FILE]["text"]
    assert isinstance(text, pycrdt.Text)
    return text


class Typer:
    """Someone with a document of their own: one update for each character."""

    def __init__(self, client: int, base: bytes, chance: random.Random) -> None:
        self.client = client
        self.sent_at: list[float] = []
        """By clock: a client that only types gives each character one."""
        self.updates: list[bytes] = []
        self._chance = chance
        self._doc: SharedDoc = pycrdt.Doc(client_id=client)
        self._doc.apply_update(base)
        self._text = text_of(self._doc)
        self._position = chance.randrange(len(self._text) + 1)
        self._made: list[bytes] = []
        self._watch = self._doc.observe(lambda event: self._made.append(event.update))

    def type(self, characters: int) -> Sequence[bytes]:
        for _ in range(characters):
            self._text.insert(self._position, self._chance.choice(ALPHABET))
            self._position += 1
        made, self._made = self._made, []
        self.updates += made
        return made


def written_by_many(base: bytes, characters: int, chance: random.Random) -> bytes:
    """The base and so many characters more, typed in short turns all over the text."""
    shared: SharedDoc = pycrdt.Doc()
    shared.apply_update(base)
    writers: list[SharedDoc] = [pycrdt.Doc(client_id=chance.randrange(1 << 20, 1 << 32)) for _ in range(WRITERS)]
    for writer in writers:
        writer.apply_update(base)
    left = characters
    while left > 0:
        writer = chance.choice(writers)
        writer.apply_update(shared.get_update(writer.get_state()))
        text = text_of(writer)
        turn = "".join(chance.choice(ALPHABET) for _ in range(min(left, chance.randint(1, TURN_CHARACTERS))))
        text.insert(chance.randrange(len(text) + 1), turn)
        shared.apply_update(writer.get_update(shared.get_state()))
        left -= len(turn)
    return bytes(shared.get_update())


def text_from(updates: Iterable[bytes]) -> str:
    doc: SharedDoc = pycrdt.Doc()
    for update in updates:
        doc.apply_update(update)
    return str(text_of(doc))
