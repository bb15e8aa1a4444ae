"""The shared document: files as text in a CRDT. The only module that knows pycrdt.

It takes only updates that the gate has let through. Should yrs panic all the same, the document, which may be half
changed by then, is thrown away and built anew without the update that did it.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

import pycrdt

from caretroom import gate
from caretroom.errors import BadFrameError, EngineError
from caretroom.lib0 import MalformedError, Reader, write_var_uint
from caretroom.lists import Lists
from caretroom.pairs import Pairs

logger = logging.getLogger(__name__)

SEED_CLIENT = 2**32
"""The client id of every room's first content: one above the 32 bits from which Yjs draws its own."""
MAIN_FILE = "main"
WELCOME_CODE = 'name = input("What is your name? ")\nprint(f"Hello, {name}!")\n'

MERGE_AT_ONCE = 64  # merge_updates is quadratic in their number
CHECKPOINT_UPDATES = 500

SharedDoc: TypeAlias = "pycrdt.Doc[Any]"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class File:
    id: str
    name: str
    text: str


def seed(code: str | None) -> bytes:
    """The first update of a room's document: ``main.py`` with the code, or a friendly two-line program."""
    doc: SharedDoc = pycrdt.Doc(client_id=SEED_CLIENT)
    files = doc.get("files", type=pycrdt.Map)
    with doc.transaction():
        files[MAIN_FILE] = pycrdt.Map({"name": "main.py", "text": pycrdt.Text(WELCOME_CODE if code is None else code)})
    return bytes(doc.get_update())


class _Contained:
    """Where the engine works: its panic derives from BaseException, can't be imported and would pass every handler."""

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None and kind.__name__ == "PanicException":
            raise EngineError(f"the CRDT engine panicked: {error}") from error


_contained = _Contained()


def merge(updates: Sequence[bytes]) -> list[bytes]:
    """The updates as one; as they are, should the engine fail over them."""
    merged = list(updates)
    try:
        with _contained:
            while len(merged) > 1:
                merged = [
                    bytes(pycrdt.merge_updates(*merged[at : at + MERGE_AT_ONCE]))
                    for at in range(0, len(merged), MERGE_AT_ONCE)
                ]
    except (EngineError, ValueError, RuntimeError):
        logger.exception("updates not merged")
        return list(updates)
    return merged


class Document:
    def __init__(self, updates: Iterable[bytes] = ()) -> None:
        """Raises gate.RefusedError when an update is not one that this document could have taken."""
        self.state: dict[int, int] = {}
        """How many structs of each client are known: the state vector."""
        self._lists = Lists()
        self._pairs = Pairs()
        self._base: list[bytes] = []
        self._since: list[bytes] = []
        self._full: bytes | None = None
        self._doc = self._fresh()
        for update in updates:
            self.load(update)
        self._checkpoint()

    def load(self, update: bytes) -> None:
        parsed = gate.parse(update)
        if parsed.gap(self.state):
            raise gate.RefusedError("order", "expected an update whose predecessors are here")
        self.apply(parsed)

    def apply(self, parsed: gate.Update) -> bytes | None:
        """Take an update without gaps. Returns what others have to hear: what was new in it, or None.

        Raises BadFrameError, with the document as before, when it is out of place or yrs can't take it.
        """
        if not parsed.is_tidy(self.state):
            parsed = gate.parse(parsed.tidied(self.state))
        try:
            standing = self._lists.place(parsed, self.state)
        except gate.RefusedError as error:
            raise BadFrameError(error.reason, str(error)) from error
        cut = self._pairs.cut_by(parsed, self.state)
        seen: list[object] = []
        try:
            with _contained:
                if cut:
                    mended = gate.parse(self.full()).mended(cut)
                    self._doc = self._fresh()
                    self._doc.apply_update(mended)
                # New content is plain from the update. Whether a deletion is news only yrs can tell, by firing or not.
                watch = None if parsed.new_content(self.state) else self._doc.observe(seen.append)
                self._doc.apply_update(parsed.mended(cut))
        except (EngineError, ValueError, RuntimeError) as error:
            self._rebuild()
            raise BadFrameError("unappliable", "expected an update that fits the document") from error
        if watch is not None:
            self._doc.unobserve(watch)
            if not seen:
                return None
        self._full = None
        self._lists.advance(standing)
        self._pairs.advance(parsed, self.state, cut)
        gate.advance(self.state, parsed)
        self._since.append(parsed.data)
        # What is mended can't be had again by applying the updates one by one.
        if cut or len(self._since) >= CHECKPOINT_UPDATES:
            self._checkpoint()
        return parsed.data

    def full(self) -> bytes:
        if self._full is None:
            self._full = self._read(lambda doc: bytes(doc.get_update()))
        return self._full

    def state_vector(self) -> bytes:
        return self._read(lambda doc: bytes(doc.get_state()))

    def since(self, state_vector: bytes) -> bytes:
        """What someone with this state vector lacks. Raises BadFrameError when it isn't one."""
        known = _known(state_vector, self.state)
        if not known:
            return self.full()
        return self._read(lambda doc: bytes(doc.get_update(write_state_vector(known))))

    def file_count(self) -> int:
        return self._read(lambda doc: len(doc.get("files", type=pycrdt.Map)))

    def files(self) -> list[File]:
        return self._read(_files)

    def _read(self, read: Callable[[SharedDoc], Result]) -> Result:
        """Ask the engine. Should it fail, what is built anew is asked once more; raises EngineError."""
        try:
            with _contained:
                return read(self._doc)
        except EngineError:
            logger.exception("document built anew")
            self._rebuild()
            with _contained:
                return read(self._doc)

    def _checkpoint(self) -> None:
        self._base = [self.full()]
        self._since.clear()

    def _rebuild(self) -> None:
        self._doc = self._fresh()
        with _contained:
            for update in self._base + self._since:
                self._doc.apply_update(update)
        self._full = None

    @staticmethod
    def _fresh() -> SharedDoc:
        doc: SharedDoc = pycrdt.Doc()
        doc.get("files", type=pycrdt.Map)
        return doc


def write_state_vector(state: Mapping[int, int]) -> bytes:
    clocks = [write_var_uint(number) for entry in state.items() for number in entry]
    return b"".join((write_var_uint(len(state)), *clocks))


def _files(doc: SharedDoc) -> list[File]:
    found = []
    for id, file in doc.get("files", type=pycrdt.Map).items():
        name, text = (file.get("name"), file.get("text")) if isinstance(file, pycrdt.Map) else (None, None)
        if isinstance(name, str) and isinstance(text, pycrdt.Text):
            found.append(File(id, name, str(text)))
    return sorted(found, key=lambda file: (file.id != MAIN_FILE, file.name, file.id))


def _known(state_vector: bytes, state: dict[int, int]) -> dict[int, int]:
    """The part of a stranger's state vector that concerns us: yrs spends seconds on senseless ones."""
    reader = Reader(state_vector)
    known = {}
    try:
        for _ in range(reader.var_uint()):
            client, clock = reader.var_uint(), reader.var_uint()
            if client in state:
                known[client] = min(clock, state[client])
        if not reader.done:
            raise MalformedError(f"expected the state vector to end after {reader.position} bytes")
    except MalformedError as error:
        raise BadFrameError("state-vector", str(error)) from error
    return known
