"""The room's rules, without a network: time is moved by hand."""

import json
from typing import Any

import pycrdt
import pytest
from caretroom.capability import Role
from caretroom.document import SEED_CLIENT, Document
from caretroom.errors import BadFrameError
from caretroom.lib0 import Reader, write_var_uint
from caretroom.limits import Limits
from caretroom.protocol import Batch
from support.client import output_frame, presence_frame, room_frame, sync_frame
from support.core import FakeLink, Table, step2_frame, typed, update_frame


def text(table: Table) -> str:
    return table.document.files()[0].text


def gc_in_range_of(client: int, clock: int) -> bytes:
    """The smallest attack: one garbage struct under somebody else's id."""
    return b"\x01\x01" + write_var_uint(client) + write_var_uint(clock) + b"\x00\x01\x00"


def test_an_update_reaches_everyone_but_its_sender() -> None:
    table = Table("a\n")
    ada, ada_connection = table.sit(name="Ada")
    bob, _ = table.sit(name="Bob")
    ada.take(), bob.take()
    update = typed(table.document, "b\n")
    table.room.receive(ada_connection, update_frame(update))
    table.room.flush()
    assert bob.take() == [update_frame(update)]
    assert ada.take() == []
    assert text(table) == "a\nb\n"


def test_updates_of_one_turn_become_one_frame_for_everyone() -> None:
    table = Table("a\n")
    _, ada = table.sit(name="Ada")
    _, bob = table.sit(name="Bob")
    eve_link, _ = table.sit(Role.VIEWER, name="Eve")
    eve_link.take()
    table.room.receive(ada, update_frame(typed(table.document, "b", client=7)))
    table.room.receive(bob, update_frame(typed(table.document, "c", client=8)))
    table.room.flush()
    frames = eve_link.take()
    assert len(frames) == 1
    assert frames[0][:2] == b"\x00\x02"


def test_a_joiner_is_told_step_1_then_who_it_is_then_who_is_here() -> None:
    table = Table()
    table.sit(name="Ada")
    link = FakeLink()
    with table.room.join(link, Role.VIEWER):
        assert link.frames[0][:2] == b"\x00\x00"
        assert json.loads(link.frames[1][link.frames[1].index(b"{") :])["type"] == "welcome"
        assert [m["name"] for m in link.messages("members")[0]["present"]] == ["Ada"]


@pytest.mark.parametrize("frame", [update_frame, step2_frame])
def test_a_viewers_change_is_dropped_and_answered_with_a_notice(frame: Any) -> None:
    table = Table("a\n")
    link, viewer = table.sit(Role.VIEWER, name="Eve")
    link.take()
    table.room.receive(viewer, frame(typed(table.document, "b\n")))
    assert text(table) == "a\n"
    assert [notice["code"] for notice in link.messages("notice")] == ["read-only"]
    assert b"\x02\x00\x09read-only" in link.frames


def test_a_viewers_deletion_is_dropped() -> None:
    table = Table("abc\n")
    link, viewer = table.sit(Role.VIEWER, name="Eve")
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(table.document.full())
    before = doc.get_state()
    del doc.get("files", type=pycrdt.Map)["main"]["text"][0:2]
    table.room.receive(viewer, update_frame(doc.get_update(before)))
    assert text(table) == "abc\n"
    assert link.messages("notice")


def test_a_viewers_automatic_answer_is_ignored_silently() -> None:
    table = Table("a\n")
    link, viewer = table.sit(Role.VIEWER, name="Eve")
    link.take()
    table.room.receive(viewer, sync_frame(1, b"\x00\x00"))
    table.room.receive(viewer, sync_frame(1, table.document.full()))
    table.flush()
    assert link.take() == []


def test_notices_do_not_flood() -> None:
    table = Table("a\n")
    link, viewer = table.sit(Role.VIEWER, name="Eve")
    update = typed(table.document, "b\n")
    for _ in range(50):
        table.room.receive(viewer, update_frame(update))
    assert len(link.messages("notice")) == 1
    table.pass_time(1.5)
    table.room.receive(viewer, update_frame(update))
    assert len(link.messages("notice")) == 2


def test_a_viewers_output_stays_with_the_viewer() -> None:
    table = Table()
    ada, _ = table.sit(name="Ada")
    link, viewer = table.sit(Role.VIEWER, name="Eve")
    table.room.receive(viewer, output_frame({"type": "start", "run": "r", "file": "main.py"}))
    table.flush()
    assert ada.messages("start") == []
    assert [notice["code"] for notice in link.messages("notice")] == ["output-denied"]


def test_an_update_with_a_gap_is_not_applied_and_asked_for_again() -> None:
    table = Table("a\n")
    link, ada = table.sit(name="Ada")
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=7)
    doc.apply_update(table.document.full())
    main = doc.get("files", type=pycrdt.Map)["main"]["text"]
    main.insert(2, "b")
    before = doc.get_state()
    main.insert(3, "c")
    link.take()
    table.room.receive(ada, update_frame(doc.get_update(before)))
    assert text(table) == "a\n"
    assert [frame[:2] for frame in link.take()] == [b"\x00\x00"]
    table.room.receive(ada, step2_frame(doc.get_update(table.document.state_vector())))
    assert text(table) == "a\nbc"


def test_what_could_not_be_applied_is_not_called_saved() -> None:
    table = Table("a\n")
    link, ada = table.sit(name="Ada")
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=7)
    doc.apply_update(table.document.full())
    main = doc.get("files", type=pycrdt.Map)["main"]["text"]
    main.insert(2, "b")
    before = doc.get_state()
    main.insert(3, "c")
    table.room.receive(ada, update_frame(doc.get_update(before)))
    position, _ = table.room.unsaved()
    table.room.saved(position)
    assert link.messages("saved") == []
    table.room.receive(ada, step2_frame(doc.get_update(table.document.state_vector())))
    position, _ = table.room.unsaved()
    table.room.saved(position)
    assert [saved["count"] for saved in link.messages("saved")] == [2]


def test_a_gap_is_asked_for_again_and_again_but_ever_slower() -> None:
    table = Table("a\n")
    link, ada = table.sit(name="Ada")
    gap = b"\x01\x01\x63\x05\x00\x01\x00"  # client 99 starting at clock 5
    link.take()
    asked = []
    for second in range(40):
        table.room.receive(ada, update_frame(gap))
        table.room.tick()
        if any(frame[:2] == b"\x00\x00" for frame in link.take()):
            asked.append(second)
        table.pass_time(1.0)
    assert asked == [0, 1, 3, 7, 15, 31]


def test_nobody_can_use_up_the_clocks_of_another() -> None:
    table = Table("a\n")
    _, ada = table.sit(name="Ada")
    _, mallory = table.sit(name="Mallory")
    first = typed(table.document, "b", client=7)
    table.room.receive(ada, update_frame(first))
    known = table.document.state[7]
    table.room.receive(mallory, update_frame(gc_in_range_of(7, known)))
    assert table.document.state[7] == known
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=7)
    doc.apply_update(table.document.full())
    before = doc.get_state()
    doc.get("files", type=pycrdt.Map)["main"]["text"].insert(0, "c")
    table.room.receive(ada, update_frame(doc.get_update(before)))
    assert text(table) == "ca\nb"


def test_a_members_ids_stay_its_own_for_minutes_after_it_left() -> None:
    table = Table("a\n")
    _, ada = table.sit(name="Ada")
    _, mallory = table.sit(name="Mallory")
    table.room.receive(ada, update_frame(typed(table.document, "b", client=7)))
    known = table.document.state[7]
    table.leave(ada, clean=True)
    table.room.receive(mallory, update_frame(gc_in_range_of(7, known)))
    assert table.document.state[7] == known
    _, ada_again = table.sit(name="Ada")
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=7)
    doc.apply_update(table.document.full())
    before = doc.get_state()
    doc.get("files", type=pycrdt.Map)["main"]["text"].insert(0, "c")
    table.room.receive(ada_again, update_frame(doc.get_update(before)))
    assert text(table) == "ca\nb"


def test_a_guest_who_lost_its_connection_writes_on_under_the_same_id() -> None:
    table = Table("a\n")
    _, guest = table.sit()
    table.room.receive(guest, update_frame(typed(table.document, "b", client=7)))
    table.leave(guest, clean=False)
    _, again = table.sit()
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=7)
    doc.apply_update(table.document.full())
    before = doc.get_state()
    doc.get("files", type=pycrdt.Map)["main"]["text"].insert(0, "c")
    table.room.receive(again, update_frame(doc.get_update(before)))
    assert text(table) == "ca\nb"


def test_a_neighbours_tab_does_not_take_over_the_id_that_it_passes_on() -> None:
    """Stock clients in tabs of one browser pass on each other's presence and content."""
    table = Table("a\n")
    _, neighbour = table.sit()
    table.room.receive(neighbour, presence_frame((8, 1, {})))
    table.room.receive(neighbour, presence_frame((7, 1, {"cursor": 1})))
    table.room.receive(neighbour, step2_frame(typed(table.document, "b", client=7)))
    _, tab = table.sit()
    table.room.receive(tab, presence_frame((7, 2, {"cursor": 2})))
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=7)
    doc.apply_update(table.document.full())
    before = doc.get_state()
    doc.get("files", type=pycrdt.Map)["main"]["text"].insert(0, "c")
    table.room.receive(tab, update_frame(doc.get_update(before)))
    assert text(table) == "ca\nb"
    table.leave(neighbour, clean=True)
    link, connection = table.sit()
    table.room.receive(connection, b"\x03")
    assert link.take()[-1] == presence_frame((7, 2, {"cursor": 2}))


def test_two_who_built_on_each_other_before_a_crash_bring_it_back_piece_by_piece() -> None:
    table = Table("a\n")
    docs = {client: pycrdt.Doc[Any](client_id=client) for client in (7, 8)}
    for turn in range(6):
        # Each writes behind what the other wrote, and deletes a letter of it.
        client, other = (7, 8) if turn % 2 else (8, 7)
        docs[client].apply_update(table.document.full() if not turn else docs[other].get_update())
        main = docs[client].get("files", type=pycrdt.Map)["main"]["text"]
        del main[len(main) - 1 : len(main)]
        main.insert(len(main), f"<{turn}>")
    docs[8].apply_update(docs[7].get_update())
    people = {}
    for client, name in ((7, "Ada"), (8, "Bob")):
        people[client] = table.sit(name=name)
        table.room.receive(people[client][1], presence_frame((client, 1, {})))
    for turn in range(8):
        for client, (link, connection) in people.items():
            if any(frame[:2] == b"\0\0" for frame in link.take()) or turn == 0:
                table.room.receive(connection, step2_frame(docs[client].get_update(table.document.state_vector())))
        table.pass_time(1.0)
        table.room.tick()
    assert text(table) == str(docs[7].get("files", type=pycrdt.Map)["main"]["text"])
    assert table.document.state_vector() == docs[7].get_state()


def test_what_an_update_says_of_known_text_is_believed_by_nobody() -> None:
    table = Table("a\n")
    before = table.document.full()
    _, mallory = table.sit(name="Mallory")
    bob, _ = table.sit(name="Bob")
    table.room.receive(mallory, update_frame(typed(table.document, "true", client=7)))
    table.room.saved(table.room.unsaved()[0])
    # In one row with what is told too late, a merge would take what claims to be older for the truth.
    table.room.receive(mallory, update_frame(typed(table.document, "too", client=7)))
    end_of_line = write_var_uint(SEED_CLIENT) + write_var_uint(4)
    table.room.receive(mallory, update_frame(b"\x01\x01\x07\x00\x84" + end_of_line + b"\x09falsely!!\x00"))
    table.room.flush()
    assert text(table) == "a\ntruetoo!!"
    assert b"false" not in b"".join(bob.take())
    _, rows = table.room.unsaved()
    stored = Document([before, typed(Document([before]), "true", client=7), *(update for _, _, update in rows)])
    assert stored.files() == table.document.files()


def test_a_step_2_with_foreign_content_brings_at_least_its_own() -> None:
    table = Table("a\n")
    _, ada = table.sit(name="Ada")
    link, bob = table.sit(name="Bob")
    table.room.receive(ada, update_frame(typed(table.document, "b", client=7)))
    doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=8)
    doc.apply_update(table.document.full())
    doc.get("files", type=pycrdt.Map)["main"]["text"].insert(0, "bob")
    ada_doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=7)
    ada_doc.apply_update(table.document.full())
    ada_doc.get("files", type=pycrdt.Map)["main"]["text"].insert(0, "not Bob's to bring")
    doc.apply_update(ada_doc.get_update())
    link.take()
    table.room.receive(bob, step2_frame(doc.get_update(table.document.state_vector())))
    assert text(table) == "boba\nb"
    assert [frame[:2] for frame in link.take()] == [b"\x00\x00"]


@pytest.mark.parametrize(
    "update",
    [
        bytes.fromhex("010101ffffdfffffffff0fc40123012404f09f988000"),
        b"\x01\x01\x07\x00\x28\x01\x05files\x01k" + b"\x01" + b"\x75\x01" * 26_000 + b"\x7e\x00",
        b"\xff" * 200_000,
        b"\x01\x01\x07\x00\x04\x01\x05other\x01a\x00",
    ],
    ids=["the panic of 22 bytes", "a nest of 52 KB", "200 KB of 0xFF", "a root of another name"],
)
def test_a_hostile_update_ends_its_sender_and_nothing_else(update: bytes) -> None:
    table = Table("a\n")
    _, mallory = table.sit(name="Mallory")
    with pytest.raises(BadFrameError):
        table.room.receive(mallory, update_frame(update))
    assert text(table) == "a\n"
    _, ada = table.sit(name="Ada")
    table.room.receive(ada, update_frame(typed(table.document, "b")))
    assert text(table) == "a\nb"


def test_a_panic_inside_the_engine_leaves_the_document_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    class Exploding:
        def __init__(self, doc: Any) -> None:
            self._doc = doc

        def apply_update(self, update: bytes) -> None:
            self._doc.apply_update(update)
            raise PanicException("called `Option::unwrap()` on a `None` value")

    table = Table("a\n")
    _, ada = table.sit(name="Ada")
    table.room.receive(ada, update_frame(typed(table.document, "b")))
    poison = typed(table.document, "boom", client=9)
    monkeypatch.setattr(table.document, "_doc", Exploding(table.document._doc))
    with pytest.raises(BadFrameError):
        table.room.receive(ada, update_frame(poison))
    assert text(table) == "a\nb"
    table.room.receive(ada, update_frame(typed(table.document, "c", client=10)))
    assert text(table) == "a\nbc"


def test_presence_is_echoed_and_coalesced() -> None:
    table = Table()
    link, ada = table.sit(name="Ada")
    link.take()
    for clock in range(1, 11):
        table.room.receive(ada, presence_frame((7, clock, {"cursor": clock})))
    table.pass_time(1.0)
    table.room.flush()
    assert [frame for frame in link.take() if frame[0] == 1] == [presence_frame((7, 10, {"cursor": 10}))]


def test_presence_under_anothers_id_is_ignored() -> None:
    table = Table()
    _, ada = table.sit(name="Ada")
    _, mallory = table.sit(name="Mallory")
    table.room.receive(ada, presence_frame((7, 1, {"cursor": 1})))
    table.room.receive(mallory, presence_frame((7, 2, {"cursor": 666})))
    table.room.receive(mallory, presence_frame((7, 3, None)))
    link, _ = table.sit(name="Bob")
    table.room.receive(_, b"\x03")
    assert b'{"cursor": 1}' in link.take()[-1]


def test_someone_who_says_goodbye_is_gone_at_once() -> None:
    table = Table()
    _, ada = table.sit(name="Ada")
    link, _ = table.sit(name="Bob")
    table.room.receive(ada, presence_frame((7, 4, {"cursor": 1})))
    table.flush()
    link.take()
    table.leave(ada, clean=True)
    table.flush()
    assert presence_frame((7, 4, None)) in link.frames
    assert len(link.messages("members")[0]["gone"]) == 1


def test_someone_whose_connection_broke_stays_for_a_moment() -> None:
    table = Table()
    _, ada = table.sit(name="Ada")
    link, _ = table.sit(name="Bob")
    table.room.receive(ada, presence_frame((7, 4, {"cursor": 1})))
    table.flush()
    link.take()
    table.leave(ada, clean=False)
    table.room.tick()
    table.flush()
    assert link.take() == []
    table.pass_time(3.0)
    table.room.tick()
    table.flush()
    assert presence_frame((7, 4, None)) in link.frames
    assert link.messages("members")


def test_someone_who_is_back_in_a_moment_was_never_gone() -> None:
    table = Table()
    _, ada = table.sit(name="Ada")
    link, _ = table.sit(name="Bob")
    table.room.receive(ada, presence_frame((7, 4, {"cursor": 1})))
    table.flush()
    table.leave(ada, clean=False)
    _, again = table.sit(name="Ada")
    table.room.receive(again, presence_frame((7, 4, {"cursor": 1})))
    link.take()
    table.pass_time(5.0)
    table.room.tick()
    table.flush()
    assert [m["gone"] for m in link.messages("members") if m["gone"]] == []
    assert [frame for frame in link.frames if frame[0] == 1] == []
    assert len(table.room.roster) == 2


def test_two_connections_with_one_key_are_one_member() -> None:
    table = Table()
    table.sit(name="Ada")
    table.sit(name="Ada")
    assert [member.name for member in table.room.roster] == ["Ada"]


def test_a_member_may_change_its_name() -> None:
    table = Table()
    link, ada = table.sit(name="Ada")
    table.room.receive(ada, room_frame({"type": "hello", "name": "  Ada\n Lovelace ", "key": "key-of-Ada-for-tests"}))
    table.flush()
    assert [m["name"] for m in link.messages("members")[-1]["present"]] == ["Ada Lovelace"]


def test_a_silent_room_still_says_something_every_now_and_then() -> None:
    table = Table()
    link, _ = table.sit(name="Ada")
    link.take()
    for _ in range(20):
        table.pass_time(1.0)
        table.room.tick()
    assert link.take() == [b"\x01\x01\x00"]


def test_a_stalled_reader_costs_nothing_and_gets_one_difference_when_it_resumes() -> None:
    table = Table("a\n")
    _, ada = table.sit(name="Ada")
    link, connection = table.sit(name="Bob")
    reader: pycrdt.Doc[Any] = pycrdt.Doc()
    reader.apply_update(table.document.full())
    link.take()
    link.writable = False
    for letter in "bcdefgh":
        table.room.receive(ada, update_frame(typed(table.document, letter)))
        table.room.flush()
    assert link.take() == []
    link.writable = True
    table.room.catch_up(connection)
    step2 = [frame for frame in link.frames if frame[:2] == b"\x00\x01"]
    assert len(step2) == 1
    reader.apply_update(Reader(step2[0][2:]).var_bytes())
    assert str(reader.get("files", type=pycrdt.Map)["main"]["text"]) == "a\nbcdefgh"
    table.room.receive(ada, update_frame(typed(table.document, "i")))
    table.room.flush()
    assert link.frames[-1][:2] == b"\x00\x02"


def test_a_joiner_that_does_not_keep_up_from_the_start_gets_the_whole_document() -> None:
    table = Table("a\n")
    _, ada = table.sit(name="Ada")
    link, bob = table.sit()
    link.writable = False
    table.room.receive(bob, room_frame({"type": "hello", "name": "Bob", "key": "key-of-Bob-for-tests"}))
    table.room.receive(ada, update_frame(typed(table.document, "b")))
    table.room.flush()
    table.room.receive(bob, sync_frame(0, b"\0"))
    assert link.take() == []
    link.writable = True
    table.room.catch_up(bob)
    assert [welcome["member"] for welcome in link.messages("welcome")] == [bob.identity]
    (step2,) = (frame for frame in link.take() if frame[:2] == b"\0\1")
    assert Document([Reader(step2[2:]).var_bytes()]).files() == table.document.files()


def test_a_reader_that_takes_nothing_for_too_long_is_sent_away() -> None:
    table = Table("a\n")
    _, ada = table.sit(name="Ada")
    link, _ = table.sit(name="Bob")
    link.writable = False
    table.room.receive(ada, update_frame(typed(table.document, "b")))
    table.room.flush()
    table.pass_time(29.0)
    table.room.tick()
    assert link.closed is None
    table.pass_time(2.0)
    table.room.tick()
    assert link.closed is not None
    assert link.closed[0] == 1013


def test_a_reader_that_takes_a_little_now_and_then_may_stay() -> None:
    table = Table("a\n")
    _, ada = table.sit(name="Ada")
    link, _ = table.sit(name="Bob")
    link.writable, link.untaken = False, 1000
    table.room.receive(ada, update_frame(typed(table.document, "b")))
    table.room.flush()
    for _ in range(5):
        link.untaken -= 1
        table.pass_time(20.0)
        table.room.tick()
    assert link.closed is None
    table.pass_time(31.0)
    table.room.tick()
    assert link.closed is not None


def test_newcomers_are_given_the_same_bytes_until_something_changes() -> None:
    table = Table("a\n")
    batches = []

    class Keeping(FakeLink):
        def write(self, batch: Batch) -> bool:
            batches.append(batch)
            return super().write(batch)

    for _ in range(2):
        with table.room.join(Keeping(), Role.VIEWER) as newcomer:
            table.room.receive(newcomer, sync_frame(0, b"\x00"))
    _, ada = table.sit(name="Ada")
    table.room.receive(ada, update_frame(typed(table.document, "b")))
    with table.room.join(Keeping(), Role.VIEWER) as newcomer:
        table.room.receive(newcomer, sync_frame(0, b"\x00"))
    first, second, third = (batch for batch in batches if batch.frames[0][:2] == b"\x00\x01")
    assert first is second
    assert third is not second


def test_a_late_joiner_hears_the_last_run_of_each_member() -> None:
    table = Table()
    _, ada = table.sit(name="Ada")
    for run in ("r1", "r2"):
        table.room.receive(ada, output_frame({"type": "start", "run": run, "file": "main.py"}))
        table.room.receive(ada, output_frame({"type": "text", "run": run, "stream": "stdout", "text": f"{run}\n"}))
        table.room.receive(ada, output_frame({"type": "end", "run": run, "state": "ok", "seconds": 0.5}))
    link = FakeLink()
    with table.room.join(link, Role.VIEWER):
        assert [(m["run"], m["name"]) for m in link.messages("start")] == [("r2", "Ada")]
        assert [m["text"] for m in link.messages("text")] == ["r2\n"]
        assert [m["state"] for m in link.messages("end")] == ["ok"]


def test_a_run_that_has_ended_goes_on_at_the_prompt() -> None:
    table = Table()
    _, ada = table.sit(name="Ada")
    link, _ = table.sit(name="Mei")
    for event in (
        {"type": "start", "run": "r", "file": "main.py"},
        {"type": "end", "run": "r", "state": "ok", "seconds": 0.5},
        {"type": "text", "run": "r", "stream": "stdout", "text": ">>> x\n"},
        {"type": "end", "run": "r", "state": "error", "seconds": 9.0},
    ):
        table.room.receive(ada, output_frame(event))
    table.flush()
    assert [m["text"] for m in link.messages("text")] == [">>> x\n"]
    assert [m["state"] for m in link.messages("end")] == ["ok"]


def test_a_member_who_goes_in_the_middle_of_a_run_ends_it() -> None:
    table = Table()
    _, ada = table.sit(name="Ada")
    link, _ = table.sit(name="Bob")
    table.room.receive(ada, output_frame({"type": "start", "run": "r", "file": "main.py"}))
    table.leave(ada, clean=True)
    table.flush()
    assert [m["state"] for m in link.messages("end")] == ["left"]


def test_a_flood_of_output_is_cut_and_both_sides_see_it() -> None:
    table = Table(limits=Limits(output_burst_bytes=1000, output_bytes_per_second=100))
    ada_link, ada = table.sit(name="Ada")
    bob, _ = table.sit(name="Bob")
    table.room.receive(ada, output_frame({"type": "start", "run": "r", "file": "main.py"}))
    for _ in range(20):
        table.room.receive(ada, output_frame({"type": "text", "run": "r", "stream": "stdout", "text": "x" * 100}))
    table.flush()
    heard = sum(len(m["text"]) for m in bob.messages("text"))
    missing = sum(m["characters"] for m in bob.messages("dropped"))
    assert heard < 1000
    assert heard + missing == 2000
    assert [notice["code"] for notice in ada_link.messages("notice")] == ["output-limit"]


def test_rows_for_the_store_say_who_wrote_them() -> None:
    table = Table("a\n")
    _, ada = table.sit(name="Ada")
    _, bob = table.sit(name="Bob")
    table.room.receive(ada, update_frame(typed(table.document, "b", client=7)))
    table.room.receive(ada, update_frame(typed(table.document, "c", client=17)))
    table.room.receive(bob, update_frame(typed(table.document, "d", client=8)))
    position, rows = table.room.unsaved()
    assert position == 4
    assert [(at, author.name) for at, author, _ in rows] == [(3, "Ada"), (4, "Bob")]
    table.room.saved(position)
    assert not table.room.has_unsaved
    assert table.room.unsaved() == (4, [])


def test_what_everyone_knows_already_is_not_stored_again() -> None:
    table = Table("abc\n")
    _, ada = table.sit(name="Ada")
    table.room.receive(ada, step2_frame(table.document.full()))
    position, rows = table.room.unsaved()
    assert (position, rows) == (1, [])


def test_the_seed_is_written_under_its_own_id() -> None:
    assert list(Table("a\n").document.state) == [SEED_CLIENT]


def display(run: str, id: str, data: str, **fields: Any) -> bytes:
    event = {"type": "display", "run": run, "id": id, "mime": "image/png", "alt": id, "width": None, "data": data}
    return output_frame({**event, **fields})


def test_a_late_joiner_gets_the_newest_of_what_was_shown_anew_where_it_first_stood() -> None:
    table = Table()
    _, ada = table.sit(name="Ada")
    bob, _ = table.sit(name="Bob")
    table.room.receive(ada, output_frame({"type": "start", "run": "r", "file": "main.py"}))
    table.room.receive(ada, display("r", "plot", "AAAA"))
    table.room.receive(ada, output_frame({"type": "text", "run": "r", "stream": "stdout", "text": "after\n"}))
    table.flush()
    for data in ("BBBB", "CCCC"):
        table.room.receive(ada, display("r", "plot", data))
        table.flush()
    assert [m["data"] for m in bob.messages("display")] == ["AAAA", "BBBB", "CCCC"]
    assert len(bob.messages("start")) == 1
    link = FakeLink()
    with table.room.join(link, Role.VIEWER):
        assert [m["type"] for m in link.messages("start", "display", "text")] == ["start", "display", "text"]
        assert [m["data"] for m in link.messages("display")] == ["CCCC"]


def test_displays_count_in_base64_and_are_cut_with_a_mark() -> None:
    table = Table(limits=Limits(output_burst_bytes=3000, output_bytes_per_second=1, output_kept_bytes_per_member=2000))
    ada_link, ada = table.sit(name="Ada")
    bob, _ = table.sit(name="Bob")
    table.room.receive(ada, output_frame({"type": "start", "run": "r", "file": "main.py"}))
    for number in range(4):
        table.room.receive(ada, display("r", str(number), "A" * 1200))
    table.flush()
    assert [notice["code"] for notice in ada_link.messages("notice")] == ["output-limit"]
    # Two went through, of which one is still kept, and two did not.
    link = FakeLink()
    with table.room.join(link, Role.VIEWER):
        assert [m["id"] for m in link.messages("display")] == ["1"]
        assert sum(m["displays"] for m in link.messages("dropped")) == 3
    assert sum(m["displays"] for m in bob.messages("dropped")) >= 2


def test_a_viewers_pictures_stay_with_the_viewer() -> None:
    table = Table()
    link, viewer = table.sit(name="Eve", role=Role.VIEWER)
    bob, _ = table.sit(name="Bob")
    table.room.receive(viewer, display("r", "plot", "AAAA"))
    table.flush()
    assert bob.messages("display") == []
    assert [notice["code"] for notice in link.messages("notice")] == ["output-denied"]
