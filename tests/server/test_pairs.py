"""Surrogate pairs and the changes that cut them; that mending equals what Yjs does is shown with the gate's vectors."""

from caretroom.gate import Place, Update, advance, parse
from caretroom.pairs import Pairs

ANNA, BEN = 5, 6


def typed(client: int, clock: int, text: str, *neighbours: tuple[int, int]) -> Update:
    """Text between two neighbours, or the first in the map `files` when there are none."""
    first = bytes((0xC4, *neighbours[0], *neighbours[1])) if neighbours else b"\x04\x01\x05files"
    return parse(bytes((1, 1, client, clock)) + first + bytes((len(text.encode()),)) + text.encode() + b"\0")


def deleted(client: int, clock: int, length: int) -> Update:
    return parse(bytes((0, 1, client, 1, clock, length)))


def holding(*updates: Update) -> tuple[Pairs, dict[int, int]]:
    pairs, state = Pairs(), dict[int, int]()
    for update in updates:
        pairs.advance(update, state, pairs.cut_by(update, state))
        advance(state, update)
    return pairs, state


SMILES = typed(ANNA, 0, "a😀😀b")


def test_a_change_between_the_halves_cuts_the_pair() -> None:
    pairs, state = holding(SMILES)
    assert pairs.cut_by(typed(BEN, 0, "-", (ANNA, 3), (ANNA, 4)), state) == {Place(ANNA, 4)}
    assert pairs.cut_by(deleted(ANNA, 2, 3), state) == {Place(ANNA, 2)}
    assert pairs.cut_by(deleted(ANNA, 2, 2), state) == {Place(ANNA, 2), Place(ANNA, 4)}


def test_a_change_beside_a_pair_cuts_nothing() -> None:
    pairs, state = holding(SMILES)
    assert not pairs.cut_by(typed(BEN, 0, "-", (ANNA, 2), (ANNA, 3)), state)
    assert not pairs.cut_by(deleted(ANNA, 1, 4), state)


def test_a_pair_is_cut_once() -> None:
    cut = typed(BEN, 0, "-", (ANNA, 1), (ANNA, 2))
    pairs, state = holding(SMILES, cut)
    assert not pairs.cut_by(deleted(ANNA, 1, 1), state)
    assert pairs.cut_by(deleted(ANNA, 3, 1), state) == {Place(ANNA, 4)}


def test_what_is_known_already_brings_no_pairs() -> None:
    pairs, state = holding(SMILES, deleted(ANNA, 1, 1), SMILES)
    assert not pairs.cut_by(deleted(ANNA, 1, 1), state)


def test_a_run_that_goes_on_between_the_halves_cuts_its_own_pair() -> None:
    pairs, _ = holding()
    assert pairs.cut_by(SMILES, {ANNA: 2}) == {Place(ANNA, 2)}
    assert not pairs.cut_by(SMILES, {ANNA: 3})


def test_a_mended_update_takes_the_same_clocks() -> None:
    mended = parse(SMILES.mended({Place(ANNA, 2), Place(BEN, 4)}))
    assert mended.runs[0].end == SMILES.runs[0].end
    assert "a\ufffd\ufffd😀b".encode() in mended.data
    assert SMILES.mended(()) == SMILES.data
