"""Output: what members' programs put out, as numbered events with the last run of each kept for late joiners."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from caretroom.limits import Limits, TokenBucket
from caretroom.protocol import Clear, Display, Dropped, End, OutputEvent, Start, Text
from caretroom.records import MemberId

EVENT_BYTES = 64
"""What an event costs besides its text, so that many tiny ones are bounded too."""


class Told(NamedTuple):
    """An event as the others hear of it."""

    number: int
    member: MemberId
    name: str
    event: OutputEvent


@dataclass(slots=True)
class _Run:
    start: Told
    taken_bytes: int = 0
    kept_bytes: int = 0
    kept: deque[Told] = field(default_factory=deque)
    given_up: int = 0
    """Characters that had to leave ``kept``."""
    given_up_displays: int = 0
    given_up_number: int = 0
    ended: bool = False

    def after(self, number: int) -> Iterator[Told]:
        if number < self.start.number or number < self.given_up_number:
            yield self.start
            if self.given_up or self.given_up_displays:
                yield self.start._replace(event=Dropped(self._id, self.given_up, self.given_up_displays))
            yield from self.kept
        else:
            yield from (told for told in self.kept if told.number > number)

    def keep(self, told: Told, most_bytes: int) -> None:
        index = self._place(told.event)
        if index is None:
            self.kept.append(told)
        else:
            self.kept_bytes -= _size(self.kept[index].event)
            self.kept[index] = told
        self.kept_bytes += _size(told.event)
        while self.kept_bytes > most_bytes and len(self.kept) > 1:
            oldest = self.kept.popleft()
            self.kept_bytes -= _size(oldest.event)
            self.given_up_number = max(self.given_up_number, oldest.number)
            if isinstance(oldest.event, Text):
                self.given_up += len(oldest.event.text)
            elif isinstance(oldest.event, Display):
                self.given_up_displays += 1
            elif isinstance(oldest.event, Dropped):
                self.given_up += oldest.event.characters
                self.given_up_displays += oldest.event.displays

    def _place(self, event: OutputEvent) -> int | None:
        """Where what this event takes the place of is kept."""
        if not isinstance(event, Display):
            return None
        return next(
            (
                index
                for index, told in enumerate(self.kept)
                if isinstance(told.event, Display) and told.event.id == event.id
            ),
            None,
        )

    @property
    def _id(self) -> str:
        assert isinstance(self.start.event, Start)
        return self.start.event.run

    def is_of(self, run: str) -> bool:
        return self._id == run


class OutputFeed:
    def __init__(self, limits: Limits) -> None:
        self.last = 0
        self._limits = limits
        self._runs: dict[MemberId, _Run] = {}
        self._cleared: dict[MemberId, Told] = {}
        self._buckets: dict[MemberId, TokenBucket] = {}

    def put(self, member: MemberId, name: str, event: OutputEvent, now: float) -> bool:
        """Take an event; false when its text went over a limit and a ``Dropped`` stands in its place.

        Events of a run that is not the member's current one are ignored: they were on their way when it ended.
        """
        match event:
            case Start():
                self._runs.pop(member, None)
                self._cleared.pop(member, None)
                if len(self._runs) >= self._limits.output_kept_members:
                    del self._runs[next(iter(self._runs))]
                self._runs[member] = _Run(self._told(member, name, event))
                return True
            case Clear():
                if self._runs.pop(member, None):
                    self._cleared[member] = self._told(member, name, event)
                return True
        run = self._runs.get(member)
        if run is None or not run.is_of(event.run):
            return True
        within = True
        if isinstance(event, Text | Display):
            size = _size(event)
            within = run.taken_bytes + size <= self._limits.output_bytes_per_run and self._bucket(member, now).take(
                size, now
            )
            if within:
                run.taken_bytes += size
            else:
                event = Dropped(event.run, len(event.text)) if isinstance(event, Text) else Dropped(event.run, 0, 1)
        elif isinstance(event, End):
            if run.ended:
                return True
            run.ended = True
        run.keep(self._told(member, name, event), self._limits.output_kept_bytes_per_member)
        return within

    def leave(self, member: MemberId, name: str, now: float) -> None:
        """A member who goes in the middle of a run ends it; what it printed stays for late joiners."""
        run = self._runs.get(member)
        if run is not None and not run.ended:
            assert isinstance(run.start.event, Start)
            self.put(member, name, End(run.start.event.run, "left", 0.0), now)
        self._buckets.pop(member, None)

    def after(self, number: int) -> list[Told]:
        """What a reader who has seen ``number`` has to hear, member by member; 0 replays the last run of each."""
        cleared = [told for told in self._cleared.values() if told.number > number > 0]
        return cleared + [told for run in self._runs.values() for told in run.after(number)]

    def _told(self, member: MemberId, name: str, event: OutputEvent) -> Told:
        self.last += 1
        return Told(self.last, member, name, event)

    def _bucket(self, member: MemberId, now: float) -> TokenBucket:
        bucket = self._buckets.get(member)
        if bucket is None:
            bucket = self._buckets[member] = TokenBucket(
                self._limits.output_bytes_per_second, self._limits.output_burst_bytes, now
            )
        return bucket


def _size(event: OutputEvent) -> int:
    match event:
        case Text():
            return EVENT_BYTES + len(event.text.encode("utf-8", "replace"))
        case Display():
            # In base64, as it travels.
            return EVENT_BYTES + len(event.data) * 4 // 3
        case _:
            return EVENT_BYTES
