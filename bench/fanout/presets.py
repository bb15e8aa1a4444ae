"""The rooms that are measured: who is in them, and what they do."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Mode(StrEnum):
    TYPING = "typing"
    """At a given rate, for some seconds."""
    SATURATE = "saturate"
    """At a rising rate, until the server no longer keeps up."""
    JOIN = "join"
    """Everyone comes within a second."""
    IDLE = "idle"
    """Everyone is there and nobody does anything."""


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    mode: Mode
    rooms: int
    clients: int
    """In each room."""
    typers: float
    """In each room; one and a half means one and two in turn."""
    rate: float
    """Characters a second of each typer."""
    cursors: float
    """Cursor messages a second of each client. Typing alone sends none: relative positions stay the same."""
    characters: int
    """Of the document at the beginning, typed by 25 people in short turns."""
    seconds: float = 6.0
    warmup_seconds: float = 2.0
    steps: int = 12
    """Rates that are tried at most."""


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("pair", Mode.TYPING, rooms=1, clients=2, typers=2, rate=10, cursors=1, characters=2000),
        Preset("interview-fleet", Mode.TYPING, rooms=200, clients=3, typers=1.5, rate=5, cursors=0.5, characters=500),
        Preset("class", Mode.TYPING, rooms=1, clients=200, typers=1, rate=10, cursors=1, characters=2000),
        Preset("mob", Mode.TYPING, rooms=1, clients=100, typers=100, rate=5, cursors=0.2, characters=2000),
        Preset("join", Mode.JOIN, rooms=1, clients=200, typers=0, rate=0, cursors=0, characters=20_000),
        Preset("sat", Mode.SATURATE, rooms=1, clients=100, typers=100, rate=5, cursors=0, characters=2000),
        Preset("sat-fleet", Mode.SATURATE, rooms=100, clients=4, typers=4, rate=5, cursors=0, characters=500),
        Preset("idle", Mode.IDLE, rooms=200, clients=10, typers=0, rate=0, cursors=0, characters=500),
    )
}


def smallest(preset: Preset) -> Preset:
    """The same in small: shows that everything works, and measures nothing."""
    return replace(
        preset,
        rooms=min(preset.rooms, 2),
        clients=min(preset.clients, 4),
        typers=min(preset.typers, 2),
        characters=min(preset.characters, 300),
        seconds=0.5,
        warmup_seconds=0.2,
        steps=2,
    )
