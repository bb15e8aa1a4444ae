"""The gate, against what the real Yjs and pycrdt send and against what nobody honest does."""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from caretroom.gate import RefusedError, Update, advance, parse
from caretroom.lib0 import Reader
from caretroom.pairs import Pairs
from pycrdt import Doc, Map

Files = dict[str, dict[str, str]]


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


def files_of(doc: Doc[Map]) -> Files:
    return doc.get("files", type=Map).to_py() or {}


def state_of(doc: Doc[Map]) -> dict[int, int]:
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
        self.doc: Doc[Map] = Doc()
        self.state: dict[int, int] = {}
        self.pairs = Pairs()
        for update in updates:
            self.apply(parse(update))

    def apply(self, update: Update) -> None:
        assert not update.gap(self.state)
        cut = self.pairs.cut_by(update, self.state)
        if cut:
            whole = parse(self.doc.get_update()).mended(cut)
            self.doc = Doc()
            self.doc.apply_update(whole)
        self.doc.apply_update(update.mended(cut))
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
