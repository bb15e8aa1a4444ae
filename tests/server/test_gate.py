"""The gate, against what the real Yjs and pycrdt send and against what nobody honest does."""

import base64
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
from caretroom.gate import Reason, RefusedError, Update, advance, parse
from caretroom.lib0 import Reader, var_string, write_var_uint
from caretroom.lists import Lists
from caretroom.pairs import Pairs
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Map, Text, merge_updates

Files = dict[str, dict[str, str]]
SharedDoc = Doc[Map[Any]]


@dataclass(frozen=True, slots=True)
class Step:
    update: bytes
    needs: frozenset[int]
    files: Files


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    steps: tuple[Step, ...]

    def leading_to(self, needs: frozenset[int]) -> frozenset[int]:
        """These steps and all that they need in turn."""
        return needs.union(*(self.leading_to(self.steps[need].needs) for need in needs))


VECTORS = Path(__file__).parent.parent / "vectors" / "updates.json"
STORIES = [
    Story(
        story["name"],
        tuple(
            Step(base64.b64decode(step["update"]), frozenset(step["needs"]), step["files"]) for step in story["steps"]
        ),
    )
    for story in json.loads(VECTORS.read_text())
]
every_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)


def story_called(name: str) -> Story:
    return next(story for story in STORIES if story.name == name)


def files_of(doc: SharedDoc) -> Files:
    return doc.get("files", type=Map).to_py() or {}


def state_of(doc: SharedDoc) -> dict[int, int]:
    reader = Reader(doc.get_state())
    return {reader.var_uint(): reader.var_uint() for _ in range(reader.var_uint())}


def state_after(updates: list[bytes]) -> dict[int, int]:
    state: dict[int, int] = {}
    for update in updates:
        advance(state, parse(update))
    return state


class Known:
    """A document and what the gate has to know of it, as the server keeps them."""

    def __init__(self, updates: Iterable[bytes] = ()) -> None:
        self.doc: SharedDoc = Doc()
        self.state: dict[int, int] = {}
        self.lists = Lists()
        self.pairs = Pairs()
        for update in updates:
            self.apply(parse(update))

    def apply(self, update: Update) -> None:
        assert not update.gap(self.state)
        update = update if update.is_tidy(self.state) else parse(update.tidied(self.state))
        standing = self.lists.place(update, self.state)
        cut = self.pairs.cut_by(update, self.state)
        if cut:
            whole = parse(self.doc.get_update()).mended(cut)
            self.doc = Doc()
            self.doc.apply_update(whole)
        self.doc.apply_update(update.mended(cut))
        self.lists.advance(standing)
        self.pairs.advance(update, self.state, cut)
        advance(self.state, update)


@every_story
def test_what_yjs_sends_in_order_has_no_gap_and_leaves_the_same_files(story: Story) -> None:
    known = Known()
    for step in story.steps:
        known.apply(parse(step.update))
        assert known.state == state_of(known.doc)
        assert files_of(known.doc) == step.files
        assert files_of(Known([known.doc.get_update()]).doc) == step.files


@every_story
def test_what_yjs_sends_needs_just_what_it_builds_on(story: Story) -> None:
    for step in story.steps:
        for need in step.needs:
            without = story.leading_to(step.needs - {need})
            assert need not in without
            assert parse(step.update).gap(state_after([story.steps[n].update for n in sorted(without)]))
        known = story.leading_to(step.needs)
        assert not parse(step.update).gap(state_after([story.steps[n].update for n in sorted(known)]))


def test_what_pycrdt_sends_passes_as_well() -> None:
    sent: list[bytes] = []
    doc: SharedDoc = Doc(client_id=2**53 - 1)
    files = doc.get("files", type=Map)
    doc.observe(lambda event: sent.append(event.update))
    files["main"] = Map({"name": "main.py", "text": Text("print('hello')\n")})
    files["other"] = Map({"name": "other.py", "text": Text()})
    text = files["main"]["text"]
    text += "# 🐍" * 5_000
    text.insert(3, "é")
    text.insert(3, "")
    del text[2:9]
    files["main"]["name"] = "renamed.py"
    files["main"]["kept"] = {"json": [1, -2.5, "x", None, True, {"deep": []}]}
    del files["other"]
    sent += doc.get_update(), doc.get_update(doc.get_state()), merge_updates(*sent), Doc().get_update()
    known = Known()
    for update in sent:
        known.apply(parse(update))
    assert known.state == state_of(doc) == state_of(known.doc)
    assert files_of(known.doc) == files_of(doc)


def test_an_update_says_what_it_brings_and_nothing_that_is_known() -> None:
    seeded, first, *_ = (step.update for step in story_called("typing in small steps").steps)
    update = parse(first)
    state = state_after([seeded])
    (client,) = update.new_content(state)
    assert client not in state
    assert update.new_content(state) == {client: (0, 1)}
    assert update.new_content(state_after([seeded, first])) == {}
    assert not update.is_empty
    assert parse(b"\0\0").is_empty


def test_what_one_client_brings_can_be_left_out() -> None:
    seeded, *offline = (step.update for step in story_called("three people merge what they did offline").steps[:4])
    everything = parse(merge_updates(seeded, *offline))
    (anna,) = parse(offline[0]).new_content(state_after([seeded]))
    without_anna = parse(everything.without({anna}))
    # Her deletions stay, and they are of what was there before.
    assert not without_anna.gap({})
    known = Known([everything.without({anna})])
    assert anna not in known.state
    assert f"of-{anna}" not in files_of(known.doc)
    known.apply(parse(offline[0]))
    assert files_of(known.doc) == files_of(Known([seeded, *offline]).doc)
    assert everything.without(()) == everything.data


def test_what_needs_the_client_left_out_is_a_gap() -> None:
    seeded, first, second, *_ = (step.update for step in story_called("renaming, also by two people").steps)
    both = parse(merge_updates(first, second))
    (anna,) = parse(first).new_content(state_after([seeded]))
    state = state_after([seeded])
    assert not both.gap(state)
    assert parse(both.without({anna})).gap(state)


# What follows is made by hand: an update is runs and deletions, a run is structs, a struct is a first byte and more.


def an_update(*runs: bytes, deletes: bytes = b"\0") -> bytes:
    return write_var_uint(len(runs)) + b"".join(runs) + deletes


def a_run(client: int, clock: int, *structs: bytes) -> bytes:
    return b"".join((write_var_uint(len(structs)), write_var_uint(client), write_var_uint(clock), *structs))


def some_deletes(client: int, *ranges: tuple[int, int]) -> bytes:
    numbers = (1, client, len(ranges), *chain(*ranges))
    return b"".join(write_var_uint(number) for number in numbers)


def after(client: int, clock: int, content: bytes = b"\x01a") -> bytes:
    """A text, of one letter unless said otherwise, that builds on a clock of someone."""
    return b"\x84" + write_var_uint(client) + write_var_uint(clock) + content


def in_files(kind: int, content: bytes, root: str = "files") -> bytes:
    return bytes((0x20 | kind, 1)) + var_string(root) + var_string("id") + content


GC = b"\x00\x01"
A_MAP = in_files(7, b"\x01")
NEST = in_files(8, b"\x01" + b"\x75\x01" * 26_000 + b"\x7e")


def test_what_is_known_is_cut_off_whatever_an_update_says_of_it() -> None:
    places = b"\x84" + write_var_uint(2) + write_var_uint(0)
    lie = an_update(a_run(1, 4, places + b"\x04lies", b"\x84\x01\x07\x04more"), a_run(3, 0, GC))
    assert parse(lie).is_tidy({1: 4})
    assert not parse(lie).is_tidy({1: 5})
    for known, rest in {
        4: a_run(1, 4, places + b"\x04lies", b"\x84\x01\x07\x04more"),
        6: a_run(1, 6, b"\x84\x01\x05\x02es", b"\x84\x01\x07\x04more"),
        8: a_run(1, 8, b"\x84\x01\x07\x04more"),
        9: a_run(1, 9, b"\x84\x01\x08\x03ore"),
    }.items():
        assert parse(lie).tidied({1: known}) == an_update(rest, a_run(3, 0, GC))
    assert parse(lie).tidied({1: 12}) == an_update(a_run(3, 0, GC))
    assert parse(lie).tidied({1: 12, 3: 1}) == an_update()


@pytest.mark.parametrize(
    ("struct", "rest"),
    [
        (b"\x00\x05", b"\x00\x03"),
        (b"\x81\x02\x00\x05", b"\x81\x01\x01\x03"),
        (b"\xc1\x02\x00\x03\x00\x05", b"\xc1\x01\x01\x03\x00\x03"),
        (b"\x04\x00\x02\x00" + var_string("éabc"), b"\x84\x01\x01\x02bc"),
        (b"\x44\x02\x00" + var_string("a🐍b"), b"\xc4\x01\x01\x02\x00" + var_string("\ufffdb")),
        (in_files(8, b"\x03\x7d\x05\x77\x01n\x75\x02\x7e\x7f"), b"\x88\x01\x01\x01\x75\x02\x7e\x7f"),
    ],
    ids=["garbage", "deleted", "deleted between two", "text in a text", "half a pair", "values"],
)
def test_what_is_half_known_goes_on_after_its_known_half(struct: bytes, rest: bytes) -> None:
    assert parse(an_update(a_run(1, 0, struct))).tidied({1: 2}) == an_update(a_run(1, 2, rest))


def test_deletions_are_put_in_order() -> None:
    # yrs loses the last of these when it merges the update with others.
    mixed = parse(an_update(deletes=some_deletes(1, (11, 2), (10, 2), (5, 1))))
    assert mixed.deletes == {1: [(5, 6), (10, 13)]}
    assert not mixed.is_tidy({})
    assert mixed.tidied({}) == an_update(deletes=some_deletes(1, (5, 1), (10, 3)))
    assert parse(mixed.tidied({})).is_tidy({})


HOSTILE: list[tuple[str, Reason, bytes]] = [
    ("22 bytes that make yrs panic", "range", bytes.fromhex("010101ffffdfffffffff0fc40123012404f09f988000")),
    ("52 kB of lists in lists that crash yrs", "nesting", an_update(a_run(1, 0, NEST))),
    ("200 kB of FF", "malformed", b"\xff" * 200_000),
    ("nothing", "malformed", b""),
    ("more after the end", "malformed", b"\0\0\0"),
    ("a number of eleven bytes", "malformed", b"\x80" * 10 + b"\0\0"),
    ("a number above 2^53", "malformed", b"\xff" * 7 + b"\x1f\0"),
    ("2^53 runs", "malformed", write_var_uint(2**53 - 1) + b"\0"),
    ("2^53 structs", "malformed", b"\x01" + write_var_uint(2**53 - 1) + b"\x01\x00" + GC),
    ("2^53 deletions", "malformed", b"\0" + b"\x01\x01" + write_var_uint(2**53 - 1)),
    ("text longer than what is left", "malformed", an_update(a_run(1, 0, after(2, 0, write_var_uint(2**31))))),
    ("text that is not UTF-8", "malformed", an_update(a_run(1, 0, after(2, 0, b"\x03\xed\xa0\xbd")))),
    ("2^53 values", "malformed", an_update(a_run(1, 0, in_files(8, write_var_uint(2**53 - 1))), deletes=b"\x7e")),
    ("a clock of 2^31", "range", an_update(a_run(1, 2**31, GC))),
    ("a length of 2^31", "range", an_update(a_run(1, 0, b"\0" + write_var_uint(2**31)))),
    ("lengths of 2^31 together", "range", an_update(a_run(1, 0, *[b"\0" + write_var_uint(2**30)] * 2))),
    ("a deletion up to 2^31", "range", an_update(deletes=some_deletes(1, (2**31 - 1, 1)))),
    ("another root", "root", an_update(a_run(1, 0, in_files(7, b"\x01", root="else")))),
    ("a list", "content", an_update(a_run(1, 0, in_files(7, b"\x00")))),
    ("an XML element", "content", an_update(a_run(1, 0, in_files(7, b"\x03\x01a")))),
    ("a document in the document", "content", an_update(a_run(1, 0, in_files(9, b"\x01a\x76\x00")))),
    ("bytes", "content", an_update(a_run(1, 0, in_files(3, b"\x01a")))),
    ("old JSON", "content", an_update(a_run(1, 0, in_files(2, b"\x01\x01\x31")))),
    ("an embed", "content", an_update(a_run(1, 0, b"\x85\x02\x00\x01\x31"))),
    ("a format", "content", an_update(a_run(1, 0, b"\x86\x02\x00\x01b\x01\x31"))),
    ("a move", "content", an_update(a_run(1, 0, b"\x8b\x02\x00\x00\x01\x01"))),
    ("content that Yjs does not know", "content", an_update(a_run(1, 0, b"\x94\x02\x00\x01a"))),
    ("a GC struct with an origin", "content", an_update(a_run(1, 0, b"\x80\x02\x00\x01"))),
    ("bytes as a value", "content", an_update(a_run(1, 0, in_files(8, b"\x01\x74\x01a")))),
    ("a big integer as a value", "content", an_update(a_run(1, 0, in_files(8, b"\x01\x7a" + b"\0" * 8)))),
    ("nine lists in each other", "nesting", an_update(a_run(1, 0, in_files(8, b"\x01" + b"\x75\x01" * 9 + b"\x7e")))),
    ("1,001 values", "nesting", an_update(a_run(1, 0, in_files(8, write_var_uint(1_001) + b"\x7e" * 1_001)))),
    ("text after itself", "order", an_update(a_run(1, 5, after(1, 5)))),
    ("text between a neighbour and itself", "order", an_update(a_run(1, 0, b"\xc4\x02\x04\x02\x04\x01a"))),
    ("text after what its sender does later", "order", an_update(a_run(1, 0, after(1, 1), GC))),
    ("two runs of one client", "duplicate", an_update(a_run(1, 0, GC), a_run(1, 1, GC))),
    ("the deletions of one client twice", "duplicate", b"\0\x02" + b"\x01\x01\x00\x01" * 2),
    ("a run of nothing", "empty", an_update(a_run(1, 0))),
    ("text of no length", "empty", an_update(a_run(1, 0, after(2, 0, b"\0")))),
    ("a GC struct of no length", "empty", an_update(a_run(1, 0, b"\0\0"))),
    ("a skip of no length", "empty", an_update(a_run(1, 0, b"\x0a\0"))),
    ("no values", "empty", an_update(a_run(1, 0, in_files(8, b"\0")))),
    ("a deletion of no length", "empty", an_update(deletes=some_deletes(1, (0, 0)))),
    ("no deletions of someone", "empty", an_update(deletes=b"\x01\x01\x00")),
]


@pytest.mark.parametrize(("reason", "update"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_what_nobody_honest_sends_is_refused(reason: Reason, update: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        parse(update)
    assert refused.value.reason == reason


def test_an_update_that_was_cut_short_is_refused_wherever_the_cut_is() -> None:
    for story in STORIES:
        for step in story.steps:
            length = len(step.update)
            for cut in range(0, length, 1 + length // 1_000):
                with pytest.raises(RefusedError):
                    parse(step.update[:cut])


def test_values_up_to_the_limits_pass() -> None:
    nested = b"\x75\x01" * 8 + b"\x7e"
    many = write_var_uint(1_000) + b"\x7e" * 1_000
    for values in (b"\x01" + nested, many):
        assert not parse(an_update(a_run(1, 0, in_files(8, values)))).gap({})


@pytest.mark.parametrize(
    ("update", "state"),
    [
        (an_update(a_run(1, 3, GC)), {1: 2}),
        (an_update(a_run(2, 0, after(1, 2)), a_run(1, 3, GC)), {1: 2}),
        (an_update(a_run(1, 0, GC, b"\x0a\x02", GC)), {1: 2}),
        (an_update(a_run(1, 0, after(2, 4))), {2: 4}),
        (an_update(a_run(1, 0, b"\x44\x02\x04\x01a")), {2: 4}),
        (an_update(a_run(1, 0, b"\x04\x00\x02\x04\x01a")), {2: 4}),
        (an_update(deletes=some_deletes(1, (0, 1), (1, 2))), {1: 2}),
        (an_update(a_run(1, 0, A_MAP), deletes=some_deletes(1, (0, 2))), {}),
    ],
    ids=[
        "run",
        "run that another needs",
        "skip",
        "origin",
        "right origin",
        "parent",
        "deletion",
        "deletion of more than it brings",
    ],
)
def test_what_is_not_known_is_a_gap_until_it_is(update: bytes, state: dict[int, int]) -> None:
    assert parse(update).gap(state)
    assert not parse(update).gap({client: clock + 1 for client, clock in state.items()} or {1: 2})


def test_people_who_need_each_other_back_and_forth_leave_no_gap() -> None:
    anna = a_run(1, 0, A_MAP, *(after(2, clock) for clock in range(5_000)))
    ben = a_run(2, 0, *(after(1, clock) for clock in range(5_000)))
    assert not parse(an_update(anna, ben)).gap({})
    assert not parse(an_update(ben, anna)).gap({})


def test_people_who_wait_for_each_other_leave_a_gap() -> None:
    anna = a_run(1, 0, A_MAP, after(2, 1))
    ben = a_run(2, 0, after(1, 0), after(3, 0))
    caro = a_run(3, 0, after(1, 1))
    assert parse(an_update(anna, ben, caro)).gap({})
    assert parse(an_update(caro, ben, anna)).gap({})


def test_waiting_for_each_other_takes_time_in_proportion() -> None:
    # Everyone needs the one before, step by step: a walk that starts over at each need would take minutes.
    people = 300
    runs = [a_run(1, 0, A_MAP, *[GC] * 40)]
    runs += [a_run(who, 0, *(after(who - 1, clock) for clock in range(40))) for who in range(2, people)]
    update = parse(an_update(*runs))
    started = time.process_time()
    assert not update.gap({})
    assert parse(an_update(*reversed(runs[1:]))).gap({})
    assert time.process_time() - started < 1


NEXT = [(story, held) for story in STORIES for held, step in enumerate(story.steps) if len(step.update) < 2_000]
Mistake = tuple[Literal["set", "nudge", "add", "remove", "repeat"], int, int]


def with_mistakes(update: bytes, mistakes: list[Mistake]) -> bytes:
    written = bytearray(update)
    for kind, at, number in mistakes:
        at %= len(written) + 1
        match kind:
            case "set":
                written[at : at + 1] = bytes((number,))
            case "nudge":
                written[at : at + 1] = bytes((byte + 1 - number % 2 * 2) & 0xFF for byte in written[at : at + 1])
            case "add":
                written.insert(at, number)
            case "remove":
                del written[at : at + 1 + number % 4]
            case "repeat":
                written[at:at] = written[at : at + 1 + number % 12]
    return bytes(written)


@settings(max_examples=3_000, derandomize=True, deadline=None, database=None)
@given(
    st.sampled_from(NEXT),
    st.lists(
        st.tuples(st.sampled_from(get_args(get_args(Mistake)[0])), st.integers(0, 2_000), st.integers(0, 255)),
        min_size=1,
        max_size=4,
    ),
)
def test_whatever_passes_leaves_a_document_that_can_be_kept(
    next_step: tuple[Story, int], mistakes: list[Mistake]
) -> None:
    """Only the order of letters may differ after a reload: what claims to stand before its left neighbour and after
    its right one lands by order of arrival, in every Yjs.
    """
    story, held = next_step
    try:
        update = parse(with_mistakes(story.steps[held].update, mistakes))
    except RefusedError:
        return
    known = Known(step.update for step in story.steps[:held])
    if update.gap(known.state):
        return
    try:
        known.apply(update)
    except (RefusedError, RuntimeError):
        # Of something inside a value yrs says plainly that it does not fit. A panic is only a BaseException.
        return
    again = Known([known.doc.get_update()])
    assert known.state == state_of(known.doc) == again.state == state_of(again.doc)
    assert sorted(json.dumps(files_of(known.doc))) == sorted(json.dumps(files_of(again.doc)))
