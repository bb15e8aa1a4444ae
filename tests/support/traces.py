"""Editing traces: what authors typed, each change on top of the state that they saw.

The format is that of josephg/editing-traces: ``startContent``, ``endContent``, ``numAgents``, ``txns`` of
``parents``, ``agent`` and ``patches``. A patch is a position, how many characters go, and the text that comes.
``CARETROOM_TRACES`` names a folder of recorded ones.
"""

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path
from random import Random

Patch = tuple[int, int, str]
FOLDER = os.environ.get("CARETROOM_TRACES")


@dataclass(frozen=True, slots=True)
class Change:
    author: int
    seen: tuple[int, ...]
    """Of each author, how many changes this one builds on."""
    patches: list[Patch]


@dataclass(frozen=True, slots=True)
class Trace:
    start: str
    end: str
    authors: int
    changes: list[Change]


def sources() -> list[Path | None]:
    """The recorded ones, when there is a folder of them; None is one from a seed."""
    return [None, *(sorted(Path(FOLDER).glob("*.json.gz")) if FOLDER else ())]


def trace_from(source: Path | None) -> Trace:
    return recorded(source) if source else invented(Random(42), authors=3, changes=1_500)


def recorded(path: Path) -> Trace:
    with gzip.open(path, "rt") as file:
        trace = json.load(file)
    authors = trace.get("numAgents", 1)
    seen: list[tuple[int, ...]] = []  # after each change
    changes = []
    for number, told in enumerate(trace["txns"]):
        author = told.get("agent", 0)
        parents = told.get("parents", [number - 1] if number else [])
        before = tuple(max((seen[parent][a] for parent in parents), default=0) for a in range(authors))
        seen.append(tuple(count + (a == author) for a, count in enumerate(before)))
        changes.append(Change(author, before, [(at, gone, come) for at, gone, come, *_ in told["patches"]]))
    return Trace(trace.get("startContent", ""), trace["endContent"], authors, changes)


def invented(random: Random, *, authors: int, changes: int) -> Trace:
    """Everyone writes between brackets of their own, so that plain strings say what the end is."""
    sections = [[f"<{author}>\n"] for author in range(authors)]  # after each of its author's changes
    seen = [[0] * authors for _ in range(authors)]
    made = []
    for _ in range(changes):
        author = random.randrange(authors)
        if random.random() < 0.1:
            other = random.randrange(authors)
            seen[author] = [max(mine, theirs) for mine, theirs in zip(seen[author], seen[other], strict=True)]
        mine = sections[author][-1]
        at = random.randrange(1, len(mine) - 1)
        gone = random.randint(0, min(3, len(mine) - 2 - at)) if len(mine) > 30 else 0
        come = random.choice(("x", "é", "🐍", "word ", ""))
        before = sum(len(sections[a][seen[author][a]]) for a in range(author))
        made.append(Change(author, tuple(seen[author]), [(before + at, gone, come)]))
        sections[author].append(mine[:at] + come + mine[at + gone :])
        seen[author][author] += 1
    first, last = ("".join(section[at] for section in sections) for at in (0, -1))
    return Trace(first, last, authors, made)
