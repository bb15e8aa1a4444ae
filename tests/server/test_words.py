"""The small things that everything stands on: feeds, buckets, tokens, names, exports."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from caretroom.capability import Capability, Role, Signer, load_secret
from caretroom.document import Document, merge, seed
from caretroom.errors import BadFrameError, ConfigError, TooManyError, UnauthorizedError
from caretroom.export import export
from caretroom.feed import Feed
from caretroom.limits import TokenBucket
from caretroom.members import displayed_name, member_id
from caretroom.presence import GONE, PresenceFeed
from caretroom.protocol import PresenceEntry
from caretroom.records import RoomId
from caretroom.services import JOIN_CODE_LETTERS, JoinFailures, new_join_code, new_room_id
from support.core import RECORD, typed


def test_a_reader_of_a_feed_gets_what_is_after_its_number() -> None:
    feed: Feed[str] = Feed(10)
    assert [feed.append(item) for item in "abc"] == [11, 12, 13]
    assert feed.after(10) == ["a", "b", "c"]
    assert feed.after(12) == ["c"]
    assert feed.after(13) == []
    feed.forget(12)
    assert feed.after(12) == ["c"]
    with pytest.raises(AssertionError):
        feed.after(11)


def test_a_bucket_lets_a_burst_through_and_then_a_rate() -> None:
    bucket = TokenBucket(per_second=1, burst=3, now=0)
    assert [bucket.take(1, 0) for _ in range(4)] == [True, True, True, False]
    assert bucket.take(1, 1.0)
    assert not bucket.take(1, 1.5)
    assert bucket.full(100)


@pytest.mark.parametrize("role", list(Role))
def test_a_token_carries_the_room_and_the_role(role: Role) -> None:
    signer = Signer(b"s" * 32)
    capability = Capability(RoomId("abcdefghijkm"), role)
    token = signer.token(capability)
    assert signer.read(token) == capability
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_a_token_that_was_tampered_with_is_refused() -> None:
    token = Signer(b"s" * 32).token(Capability(RoomId("abcdefghijkm"), Role.VIEWER))
    for forged in (
        "",
        "x",
        token[:-1],
        token + "x",
        token.swapcase(),
        Signer(b"t" * 32).token(Capability(RoomId("r"), Role.HOST)),
    ):
        with pytest.raises(UnauthorizedError):
            Signer(b"s" * 32).read(forged)


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    secret = load_secret(path)
    assert load_secret(path) == secret
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("found", ["", "short"])
def test_a_secret_that_is_too_short_is_refused(tmp_path: Path, found: str) -> None:
    path = tmp_path / "secret"
    path.write_text(found)
    with pytest.raises(ConfigError, match="32 characters"):
        load_secret(path)


def test_a_name_fits_on_one_line() -> None:
    assert displayed_name("  Ada \n\t Lovelace\x00 ") == "Ada Lovelace"
    assert displayed_name("\u202e\u200b") == "Guest"
    assert len(displayed_name("x" * 100)) == 40
    assert displayed_name("Zoë 🐍") == "Zoë 🐍"


def test_a_members_id_does_not_tell_its_key_nor_its_other_rooms() -> None:
    here, there = member_id(RoomId("room-one"), "k" * 22), member_id(RoomId("room-two"), "k" * 22)
    assert here != there
    assert here == member_id(RoomId("room-one"), "k" * 22)


def test_join_codes_have_no_look_alikes() -> None:
    assert not set("0O1IL2Z5S8B") & set(JOIN_CODE_LETTERS)
    assert all(len(new_join_code()) == 6 and set(new_join_code()) <= set(JOIN_CODE_LETTERS) for _ in range(100))
    assert len({new_room_id() for _ in range(1000)}) == 1000


def test_only_wrong_join_codes_are_counted_and_only_for_their_address() -> None:
    failures = JoinFailures(per_minute=3)
    for _ in range(3):
        failures.count("here", 0.0)
    with pytest.raises(TooManyError):
        failures.count("here", 0.0)
    failures.count("there", 0.0)
    failures.count("here", 61.0)


def test_the_latest_presence_wins() -> None:
    feed = PresenceFeed()
    feed.put(PresenceEntry(1, 5, b'{"a":1}'))
    feed.put(PresenceEntry(1, 4, b'{"a":2}'))
    feed.put(PresenceEntry(1, 5, b'{"a":3}'))
    assert feed.all() == [PresenceEntry(1, 5, b'{"a":1}')]
    assert feed.changes() == [PresenceEntry(1, 5, b'{"a":1}')]
    feed.put(PresenceEntry(1, 5, GONE))
    assert feed.all() == []
    assert feed.changes() == [PresenceEntry(1, 5, GONE)]
    feed.put(PresenceEntry(1, 5, b'{"a":4}'))
    assert feed.all() == [PresenceEntry(1, 5, b'{"a":4}')]


def test_a_document_merges_many_updates_into_one_that_says_the_same() -> None:
    document = Document([seed("a")])
    updates: list[bytes] = []
    for _ in range(200):
        update = typed(document, "b", client=7 + len(updates))
        document.load(update)
        updates.append(update)
    again = Document([seed("a"), *merge(updates)])
    assert again.files() == document.files()


def test_an_update_that_only_repeats_is_no_change() -> None:
    document = Document([seed("a")])
    from caretroom import gate

    assert document.apply(gate.parse(document.full())) is None


@pytest.mark.parametrize("vector", [b"", b"\x05", b"\xff" * 20, b"\x01\x01", b"\x00\x00"])
def test_a_state_vector_that_is_none_is_refused(vector: bytes) -> None:
    with pytest.raises(BadFrameError):
        Document([seed("a")]).since(vector)


def test_a_state_vector_from_elsewhere_brings_everything() -> None:
    document = Document([seed("a")])
    stranger = b"\x01\x63\xff\xff\xff\xff\x07"
    assert document.since(stranger) == document.since(b"\x00") == document.full()


def names_in_zip(*names: str) -> list[str]:
    document = document_with({name: f"text {number}" for number, name in enumerate(names)})
    return zipfile.ZipFile(io.BytesIO(export("zip", RECORD, document))).namelist()


def test_a_zip_holds_every_file_in_its_folder() -> None:
    document = document_with({"main.py": "print(1)\n", "data/a.csv": "1\n", "pkg/__init__.py": "", "Größe.txt": "ä"})
    archive = zipfile.ZipFile(io.BytesIO(export("zip", RECORD, document)))
    assert {name: archive.read(name).decode() for name in archive.namelist()} == {
        file.name: file.text for file in document.files()
    }


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("..\\..\\windows\\x", "windows/x"),
        ("C:\\x", "C_/x"),
        ("a//./../b", "a/b"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b\n", "a_b_"),
        ("x" * 100_000 + ".py", "x" * 197 + ".py"),
    ],
)
def test_no_name_leads_out_of_the_folder_that_a_zip_is_unpacked_in(name: str, path: str) -> None:
    assert names_in_zip("main.py", name) == ["main.py", path]


def test_no_two_files_of_a_zip_take_one_path() -> None:
    names = names_in_zip("main.py", "..", "../main.py", "data", "data/a", "data_2")
    assert names == ["main.py", "file", "main_2.py", "data_3", "data/a", "data_2"]


def test_ids_that_anyone_chose_are_no_paths() -> None:
    import pycrdt

    document = pycrdt.Doc(client_id=1)  # type: ignore[var-annotated]
    files = document.get("files", type=pycrdt.Map)
    with document.transaction():
        for id in ("../../a", "../../b"):
            files[id] = pycrdt.Map({"name": "same.py", "text": pycrdt.Text("")})
    archive = zipfile.ZipFile(io.BytesIO(export("zip", RECORD, Document([bytes(document.get_update())]))))
    assert archive.namelist() == ["same.py", "same_2.py"]


def test_a_notebook_has_a_cell_for_each_python_file() -> None:
    document = document_with({"main.py": "a = 1\nb = 2\n", "util.py": "c = 3", "data.csv": "1\n"})
    notebook = json.loads(export("ipynb", RECORD, document))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert [cell["source"] for cell in notebook["cells"]] == [["a = 1\n", "b = 2\n"], ["c = 3"]]


def test_a_room_file_brings_the_whole_document_back() -> None:
    from base64 import b64decode

    document = document_with({"main.py": "print(1)\n", "util.py": "x = 1\n"})
    room = json.loads(export("room", RECORD, document))
    assert Document([b64decode(room["document"])]).files() == document.files()


def document_with(files: dict[str, str]) -> Document:
    import pycrdt

    document = Document([seed(files["main.py"])])
    doc: pycrdt.Doc = pycrdt.Doc(client_id=7)  # type: ignore[type-arg]
    doc.apply_update(document.full())
    before = doc.get_state()
    shared = doc.get("files", type=pycrdt.Map)
    for number, (name, text) in enumerate(files.items()):
        if name != "main.py":
            shared[f"f{number}"] = pycrdt.Map({"name": name, "text": pycrdt.Text(text)})
    document.load(doc.get_update(before))
    return document
