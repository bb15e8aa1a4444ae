"""What stands where in a document; that what Yjs sends is always in place is shown with the gate's vectors."""

import pytest
from caretroom.gate import RefusedError, Update, advance, parse
from caretroom.lib0 import write_var_uint
from caretroom.lists import Lists

ANNA, BEN = 5, 6


def brought(client: int, clock: int, *structs: bytes) -> Update:
    return parse(b"".join((bytes((1, len(structs), client)), write_var_uint(clock), *structs, b"\0")))


def place(client: int, clock: int) -> bytes:
    return write_var_uint(client) + write_var_uint(clock)


FILE = b"\x27\x01\x05files\x02id\x01"
NAME = b"\x28\x00" + place(ANNA, 0) + b"\x04name\x01\x77\x01n"
TEXT = b"\x27\x00" + place(ANNA, 0) + b"\x04text\x02"
LINE = b"\x04\x00" + place(ANNA, 2) + b"\x03abc"
# Clocks of Anna: 0 the file, 1 its name, 2 its text, 3 to 5 the letters, 6 garbage.
A_FILE = brought(ANNA, 0, FILE, NAME, TEXT, LINE, b"\x00\x01")


def put(update: Update, *before: Update) -> None:
    """Let the update follow after a file and what else there is; RefusedError when it is out of place."""
    lists, state = Lists(), dict[int, int]()
    for known in (A_FILE, *before, update):
        assert not known.gap(state)
        lists.advance(lists.place(known, state))
        advance(state, known)


IN_PLACE = {
    "text between two letters": b"\xc4" + place(ANNA, 3) + place(ANNA, 4) + b"\x01x",
    "text before the first letter": b"\x44" + place(ANNA, 3) + b"\x01x",
    "text in the text": b"\x04\x00" + place(ANNA, 2) + b"\x01x",
    "another name": b"\xa8" + place(ANNA, 1) + b"\x01\x77\x01m",
    "another file in place of the file": b"\xa7" + place(ANNA, 0) + b"\x01",
    "another text in place of the text": b"\xa7" + place(ANNA, 2) + b"\x02",
    "what was deleted in the text": b"\x81" + place(ANNA, 5) + b"\x02",
    "anything beside garbage": b"\x88" + place(ANNA, 6) + b"\x01\x7e",
}

OUT_OF_PLACE = {
    "a value among letters": b"\x88" + place(ANNA, 3) + b"\x01\x7e",
    "a map among letters": b"\x87" + place(ANNA, 3) + b"\x01",
    "a value in the text": b"\x08\x00" + place(ANNA, 2) + b"\x01\x7e",
    "a key in the text": b"\x24\x00" + place(ANNA, 2) + b"\x01k\x01x",
    "text in the file": b"\x04\x00" + place(ANNA, 0) + b"\x01x",
    "text under a key": b"\x24\x00" + place(ANNA, 0) + b"\x01k\x01x",
    "text in place of the name": b"\x84" + place(ANNA, 1) + b"\x01x",
    "text in a letter": b"\x04\x00" + place(ANNA, 3) + b"\x01x",
    "a map in the file": b"\x27\x00" + place(ANNA, 0) + b"\x01k\x01",
    "a value in place of the file": b"\xa8" + place(ANNA, 0) + b"\x01\x7e",
    "a text under the root": b"\x27\x01\x05files\x02t2\x02",
    "text under the root": b"\x04\x01\x05files\x01x",
    "text between the name and a letter": b"\xc4" + place(ANNA, 1) + place(ANNA, 3) + b"\x01x",
    "text between a letter and garbage": b"\xc4" + place(ANNA, 3) + place(ANNA, 6) + b"\x01x",
    "a text in the name": b"\x27\x00" + place(ANNA, 1) + b"\x01k\x02",
    "a name before the name": b"\x68" + place(ANNA, 1) + b"\x01\x77\x01m",
}


@pytest.mark.parametrize("struct", IN_PLACE.values(), ids=IN_PLACE)
def test_what_is_in_place_passes(struct: bytes) -> None:
    put(brought(BEN, 0, struct))


@pytest.mark.parametrize("struct", OUT_OF_PLACE.values(), ids=OUT_OF_PLACE)
def test_what_is_out_of_place_is_refused(struct: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        put(brought(BEN, 0, struct))
    assert refused.value.reason == "place"


def test_what_builds_on_something_out_of_place_is_as_well() -> None:
    letter = b"\x84" + place(ANNA, 5) + b"\x01x"
    value = b"\x88" + place(BEN, 0) + b"\x01\x7e"
    with pytest.raises(RefusedError, match="VALUES"):
        put(brought(BEN, 0, letter, value))
    with pytest.raises(RefusedError, match="VALUES"):
        put(brought(BEN, 1, value), brought(BEN, 0, letter))


def test_a_known_clock_stands_where_it_was_whatever_comes_later() -> None:
    # Ben says again that what he typed was a text, and then puts letters into it.
    letter = brought(BEN, 0, b"\x84" + place(ANNA, 5) + b"\x01x")
    lie = brought(BEN, 0, b"\x27\x00" + place(ANNA, 0) + b"\x01k\x02", b"\x04\x00" + place(BEN, 0) + b"\x01x")
    with pytest.raises(RefusedError) as refused:
        put(lie, letter)
    assert refused.value.reason == "place"


def test_what_is_known_in_part_goes_on_where_it_was() -> None:
    begun = brought(BEN, 0, b"\x84" + place(ANNA, 5) + b"\x02xy")
    put(brought(BEN, 0, b"\x84" + place(ANNA, 5) + b"\x04xyz!"), begun)
    with pytest.raises(RefusedError, match="go on where it was"):
        put(brought(BEN, 0, b"\xa1" + place(ANNA, 1) + b"\x04"), begun)


def test_nothing_stands_in_a_value_of_the_same_update() -> None:
    # yrs takes it while the value is deleted, and refuses the same document when it is loaded in another order.
    name = b"\xa8" + place(ANNA, 1) + b"\x01\x77\x01m"
    with pytest.raises(RefusedError, match="in a value"):
        put(brought(BEN, 0, name, b"\x27\x00" + place(BEN, 0) + b"\x01k\x02"))


def test_maps_in_maps_are_refused_before_they_are_too_deep_to_delete() -> None:
    # 100,000 of them, and yrs overflows its stack when the first one is deleted: the process dies.
    nested = (b"\x27\x00" + place(1, clock) + b"\x01a\x01" for clock in range(2_000))
    structs = [FILE, *nested]
    update = parse(b"".join((b"\x01", write_var_uint(len(structs)), b"\x01\x00", *structs, b"\0")))
    with pytest.raises(RefusedError, match="MAP"):
        Lists().place(update, {})
