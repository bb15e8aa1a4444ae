"""A room: takes the frames of its connections and tells everyone what follows from them.

It knows no socket: connections write through a ``Link``, time comes from a ``clock`` that is passed in, and ``wake``
is called when there is something to tell or to store. No call waits, so nothing comes between a check and the
change it guards.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from caretroom import gate, metrics, notices, protocol
from caretroom.capability import Role
from caretroom.connection import RESYNC_FIRST_SECONDS, RESYNC_MOST_SECONDS, Connection, Lag, Link
from caretroom.document import Document, merge, write_state_vector
from caretroom.errors import BadFrameError
from caretroom.feed import Feed
from caretroom.limits import Limits, TokenBucket
from caretroom.members import ALLOWED, GUEST, Member, Roster, displayed_name, member_id
from caretroom.output import OutputFeed, Told
from caretroom.presence import GONE, PresenceFeed
from caretroom.protocol import (
    Batch,
    Hello,
    Members,
    Notice,
    NoticeCode,
    OutputEvent,
    Presence,
    PresenceEntry,
    QueryPresence,
    Saved,
    Step1,
    Step2,
    Text,
    Update,
    Welcome,
)
from caretroom.records import Author, MemberId, RoomRecord
from caretroom.size import Size

NOTICE_SECONDS = 1.0
CALM_SECONDS_PER_MEMBER = 0.0005
CHANGES_AT_ONCE = 1024  # overload must not starve the flush: then it happens in place


class Change(NamedTuple):
    """An update on its way to the others and to the store."""

    update: bytes
    author: Author
    origin: Connection
    at: float
    new: Mapping[int, tuple[int, int]]
    """Per client, the clocks (first, after the last) that it brought."""


@dataclass(slots=True)
class Claim:
    """Whose a client id is."""

    member: MemberId
    until: float | None = None
    """None while the member is here."""


class Room:
    def __init__(
        self,
        record: RoomRecord,
        document: Document,
        position: int,
        limits: Limits,
        clock: Callable[[], float],
        wake: Callable[[], None],
    ) -> None:
        """``position`` is the store's last for this document, ``clock`` tells seconds from any fixed point."""
        self.record = record
        self.document = document
        self.roster = Roster()
        self.connections: set[Connection] = set()
        self._limits = limits
        self._clock = clock
        self._wake = wake
        self._changes: Feed[Change] = Feed(position)
        self._presence = PresenceFeed()
        self._output = OutputFeed(limits)
        self._size = Size(document, limits.document_bytes)
        self._claims: dict[int, Claim] = {}
        self._departed: list[tuple[float, Connection]] = []
        self._told_changes = position
        self._told_output = 0
        self._newcomers: tuple[bytes, Batch] | None = None
        self._calm_until = 0.0
        self._stored = position
        self._unsaved: set[Connection] = set()

    # Coming and going

    def turned_away(self, role: Role) -> Notice | None:
        """What to tell someone for whom there is no place. A host can always come in."""
        if role is Role.HOST or len(self.connections) < self._limits.members_per_room:
            return None
        return Notice("room-full", notices.words("room-full", self._limits))

    @contextmanager
    def join(self, link: Link, role: Role) -> Iterator[Connection]:
        now = self._clock()
        limits = self._limits
        connection = Connection(
            link,
            role,
            updates=TokenBucket(limits.updates_per_second, limits.updates_burst, now),
            presence=TokenBucket(limits.presence_per_second, limits.presence_burst, now),
        )
        self.connections.add(connection)
        metrics.connections.inc()
        try:
            self._write(
                connection,
                [
                    protocol.step1(self.document.state_vector()),
                    self._welcome(connection),
                    *self._everything(after_output=0),
                ],
            )
            yield connection
        finally:
            self._leave(connection)

    def _leave(self, connection: Connection) -> None:
        self.connections.discard(connection)
        self._unsaved.discard(connection)
        metrics.connections.dec()
        now = self._clock()
        if connection.member is None or not connection.member.lasting:
            # A guest who returns has no way to prove that it is the same, so its client ids are free at once.
            self._claims = {c: claim for c, claim in self._claims.items() if claim.member != connection.identity}
        if connection.clean:
            self._depart(connection, now)
        else:
            self._departed.append((now + self._limits.presence_grace_seconds, connection))
        self._wake()

    def _depart(self, connection: Connection, now: float) -> None:
        self._presence.remove(connection.clients)
        member = connection.member
        if member is not None:
            member.clients -= {connection.own}
            self._unseat(member, now)

    def _unseat(self, member: Member, now: float) -> None:
        if not self.roster.leave(member):
            self.roster.touch(member)
            return
        self._output.leave(member.id, member.name, now)
        for claim in self._claims.values():
            if claim.member == member.id:
                claim.until = now + self._limits.ownership_seconds

    def _introduce(self, connection: Connection, hello: Hello | None) -> None:
        if hello is None:
            id, name = connection.guest, GUEST
        else:
            id, name = member_id(self.record.room, hello.key), displayed_name(hello.name)
        before = connection.member
        if before is not None and before.id == id:
            before.name = name
            self.roster.touch(before)
        else:
            member = self.roster.seat(id, name, connection.role, lasting=hello is not None)
            connection.member = member
            if connection.own is not None:
                member.clients.add(connection.own)
            if before is not None:
                before.clients -= {connection.own}
                self._unseat(before, self._clock())
            for claim in self._claims.values():
                if claim.member in (id, connection.guest):
                    claim.member, claim.until = id, None
        if hello is not None:
            self._write(connection, [self._welcome(connection)])

    # Taking frames

    def receive(self, connection: Connection, frame: bytes) -> None:
        """Raises BadFrameError when the connection has to end; the room is unharmed."""
        message = protocol.decode(frame)
        metrics.frame(message)
        if connection.member is None and not isinstance(message, Hello):
            self._introduce(connection, None)
        match message:
            case Update(update):
                self._pace(connection, connection.updates)
                self._update(connection, update, Update)
            case Step2(update):
                self._pace(connection, connection.updates)
                self._update(connection, update, Step2)
            case Step1(state_vector):
                self._send(connection, self._step2(state_vector), self._clock())
                if connection.lag is not None:
                    # Nothing was written: the answer comes with the rest, and from here on.
                    connection.lag = connection.lag._replace(state_vector=state_vector)
                return
            case Presence(entries):
                self._pace(connection, connection.presence)
                self._place(connection, entries)
            case QueryPresence():
                self._write(connection, [protocol.presence(self._presence.all())])
                return
            case Hello():
                self._introduce(connection, message)
            case protocol.Unknown():
                return
            case _:
                self._print(connection, message)
        if self._changes.last - self._told_changes >= CHANGES_AT_ONCE:
            self.flush()
        self._wake()

    def _pace(self, connection: Connection, bucket: TokenBucket) -> None:
        seconds = bucket.charge(1, self._clock())
        if seconds:
            connection.link.hold(seconds)
            self._notify(connection, "rate-limit")

    def _update(self, connection: Connection, update: bytes, kind: type[Update] | type[Step2]) -> None:
        if len(update) > self._limits.update_bytes:
            if self._may(connection, kind):
                connection.sync_frames += 1
                self._refuse(connection, "update-limit")
            else:
                self._notify(connection, "read-only")
            return
        try:
            parsed = gate.parse(update)
        except gate.RefusedError as error:
            raise BadFrameError(error.reason, str(error)) from error
        new = parsed.new_content(self.document.state)
        if not self._may(connection, kind):
            # A step 2 always repeats every deletion, so one without new content is just the automatic answer.
            if new or (kind is Update and not parsed.is_empty):
                self._notify(connection, "read-only")
            return
        connection.sync_frames += 1
        foreign = [client for client in new if self._is_foreign(client, connection)]
        if foreign:
            parsed = gate.parse(parsed.without(foreign))
            if parsed.gap(self.document.state):
                # Two people may have built on each other, back and forth, on what a crash took: each brings a piece.
                parsed = gate.parse(parsed.fitting(self.document.state))
            new = parsed.new_content(self.document.state)
        if parsed.gap(self.document.state):
            self._ask_resync(connection)
            return
        limit = self._limit_reached(parsed) if new else None
        if limit is not None:
            self._refuse(connection, limit)
            return
        told = None if parsed.is_empty else self.document.apply(parsed)
        if told is not None:
            assert connection.member is not None
            if kind is Update and connection.own is None:
                # Someone who shows no presence is known by what it types. A step 2 may carry anyone's content.
                self._claims |= {client: Claim(connection.identity) for client in new}
            self._size.add(len(told))
            self._changes.append(Change(told, connection.member.author, connection, self._clock(), new))
        if foreign:
            self._ask_resync(connection)
            if told is not None:
                self._ask_others_again(connection)
        elif kind is Step2:
            connection.resync_at = None
            connection.resync_seconds = RESYNC_FIRST_SECONDS
        if connection.resync_at is None:
            self._unsaved.add(connection)

    def _limit_reached(self, update: gate.Update) -> NoticeCode | None:
        if not self._size.has_room_for(len(update.data), self._clock()):
            return "document-limit"
        files = update.new_in_root(self.document.state)
        if files and self.document.file_count() + files > self._limits.files_per_room:
            return "files-limit"
        return None

    def _refuse(self, connection: Connection, limit: NoticeCode) -> None:
        """What goes over a limit is neither applied nor called saved. Later it may fit, so it is asked for again."""
        self._notify(connection, limit)
        connection.resync_seconds = RESYNC_MOST_SECONDS
        connection.resync_at = self._clock() + RESYNC_MOST_SECONDS

    def _place(self, connection: Connection, entries: Iterable[PresenceEntry]) -> None:
        assert connection.member is not None
        for entry in entries:
            if self._is_foreign(entry.client, connection):
                continue
            if len(entry.state) > self._limits.presence_bytes:
                self._notify(connection, "presence-limit")
                continue
            if entry.client not in connection.clients and entry.state != GONE:
                if len(connection.clients) >= self._limits.presence_ids_per_connection:
                    self._notify(connection, "presence-limit")
                    continue
                connection.clients.add(entry.client)
                if connection.own is None:
                    self._move_in(connection, connection.member, entry.client)
            self._presence.put(entry)

    def _move_in(self, connection: Connection, member: Member, client: int) -> None:
        """The client id is this connection's now, also when its presence came by another way before."""
        for other in [*self.connections, *(departed for _, departed in self._departed)]:
            if other is not connection:
                other.clients.discard(client)
        connection.own = client
        self._claims[client] = Claim(member.id)
        member.clients.add(client)
        self.roster.touch(member)

    def _print(self, connection: Connection, event: OutputEvent) -> None:
        assert connection.member is not None
        if not self._may(connection, type(event)):
            self._notify(connection, "output-denied")
        elif not self._output.put(connection.member.id, connection.member.name, event, self._clock()):
            self._notify(connection, "output-limit")

    def _may(self, connection: Connection, kind: type) -> bool:
        return kind in ALLOWED[connection.role]

    def _is_foreign(self, client: int, connection: Connection) -> bool:
        claim = self._claims.get(client)
        return (
            claim is not None
            and claim.member != connection.identity
            and (claim.until is None or claim.until > self._clock())
        )

    def _ask_resync(self, connection: Connection) -> None:
        if connection.resync_at is None:
            self._write(connection, [protocol.step1(self.document.state_vector())])
            connection.resync_at = self._clock() + connection.resync_seconds

    def _ask_others_again(self, but: Connection) -> None:
        """What some of them could not bring may fit now."""
        for connection in self.connections:
            if connection is not but and connection.resync_at is not None:
                connection.resync_at = self._clock()
                connection.resync_seconds = RESYNC_FIRST_SECONDS

    def _notify(self, connection: Connection, code: NoticeCode) -> None:
        now = self._clock()
        if now - connection.notified_at.get(code, -NOTICE_SECONDS) >= NOTICE_SECONDS:
            connection.notified_at[code] = now
            metrics.limits_reached.labels(code).inc()
            frames = [protocol.room(Notice(code, notices.words(code, self._limits)))]
            if code == "read-only":
                frames.append(protocol.denied(code))
            self._write(connection, frames)

    # Telling

    def flush(self) -> float | None:
        """Tell everyone what is new. Returns when to come again, if something is held back until then."""
        now = self._clock()
        changes = self._changes.after(self._told_changes)
        calm = now < self._calm_until
        soft = [] if calm else self._soft_frames()
        if changes or soft:
            self._tell(changes, soft, now)
            metrics.flush_changes.observe(len(changes))
        if changes:
            metrics.fanout_seconds.observe(self._clock() - changes[0].at)
        self._told_changes = self._changes.last
        if not calm:
            self._told_output = self._output.last
            if soft:
                self._calm_until = now + self._calm_seconds
        self._forget()
        return self._calm_until if calm and self._has_soft else None

    def _tell(self, changes: Sequence[Change], soft: Sequence[bytes], now: float) -> None:
        """The same bytes for everyone, but that nobody needs to hear what came from nobody else."""
        rest = Batch(soft)
        everything = rest
        sole_origin = None
        if changes:
            everything = Batch([*map(protocol.update, merge([change.update for change in changes])), *soft])
            first = changes[0].origin
            if all(change.origin is first for change in changes):
                sole_origin = first
        for connection in self.connections:
            self._send(connection, rest if connection is sole_origin else everything, now)

    @property
    def _calm_seconds(self) -> float:
        """Two people's cursors are told as they come, a hundred people's twenty times a second."""
        return min(self._limits.presence_interval_seconds, len(self.connections) * CALM_SECONDS_PER_MEMBER)

    @property
    def _has_soft(self) -> bool:
        return self._presence.changed or self.roster.changed or self._output.last > self._told_output

    def _soft_frames(self) -> list[bytes]:
        """What may wait some milliseconds, so that many events cost one frame."""
        frames: list[bytes] = []
        changes = self.roster.changes()
        if changes is not None:
            frames.append(protocol.room(Members(False, *changes)))
        entries = self._presence.changes()
        if entries:
            frames.append(protocol.presence(entries))
        if self._output.last > self._told_output:
            frames += self._output_frames(self._told_output)
        return frames

    def _output_frames(self, after: int) -> list[bytes]:
        together: list[Told] = []
        for told in self._output.after(after):
            last = together[-1] if together else None
            if (
                last is not None
                and isinstance(told.event, Text)
                and isinstance(last.event, Text)
                and (last.member, last.event.run, last.event.stream) == (told.member, told.event.run, told.event.stream)
            ):
                text = Text(told.event.run, told.event.stream, last.event.text + told.event.text)
                together[-1] = told._replace(event=text)
            else:
                together.append(told)
        return [protocol.output(told.event, told.number, told.member, told.name) for told in together]

    def _everything(self, *, after_output: int) -> list[bytes]:
        """What someone has to hear besides the document: when joining, and after falling behind."""
        frames = [protocol.room(Members(True, self.roster.all(), []))]
        entries = self._presence.all()
        if entries:
            frames.append(protocol.presence(entries))
        return frames + self._output_frames(after_output)

    def catch_up(self, connection: Connection) -> None:
        """The far end keeps up again: bring it what it missed, as one difference."""
        lag = connection.lag
        if lag is None:
            return
        connection.lag = None
        frames = [
            protocol.step2(self.document.since(lag.state_vector)),
            self._welcome(connection),
            *self._everything(after_output=lag.output),
        ]
        if connection not in self._unsaved and connection.being_saved:
            frames.append(protocol.room(Saved(connection.being_saved)))
        self._write(connection, frames)

    def _write(self, connection: Connection, frames: list[bytes]) -> None:
        self._send(connection, Batch(frames), self._clock())

    def _send(self, connection: Connection, batch: Batch, now: float) -> None:
        if connection.lag is not None or not batch.frames:
            return
        if connection.link.write(batch):
            connection.written_at = now
        else:
            metrics.slow_connections.inc()
            waiting = connection.link.waiting()
            connection.lag = Lag(now, waiting, self._told_state_vector(), self._told_output)

    def _step2(self, state_vector: bytes) -> Batch:
        """Newcomers get the same bytes, as long as nothing changes: also when many of them take long to read it."""
        update = self.document.since(state_vector)
        if self._newcomers is None or self._newcomers[0] is not update:
            self._newcomers = (update, Batch([protocol.step2(update)]))
        return self._newcomers[1]

    def _told_state_vector(self) -> bytes:
        """What everyone has who keeps up: the document without the changes that are yet to be told."""
        state = dict(self.document.state)
        for change in reversed(self._changes.after(self._told_changes)):
            state.update((client, first) for client, (first, _) in change.new.items())
        return write_state_vector(state)

    def _welcome(self, connection: Connection) -> bytes:
        record = self.record
        return protocol.room(
            Welcome(
                connection.identity,
                connection.role.value,
                record.room,
                record.kind.value,
                record.title,
                record.epoch,
            )
        )

    # Keeping

    @property
    def has_unsaved(self) -> bool:
        return self._changes.last > self._stored or bool(self._unsaved)

    def unsaved(self) -> tuple[int, list[tuple[int, Author, bytes]]]:
        """The last position, and what the store lacks: a row (position, author, update) for each author's turn."""
        for connection in self._unsaved:
            if connection.resync_at is None:
                connection.being_saved = connection.sync_frames
        rows: list[tuple[int, Author, list[bytes]]] = []
        for position, change in enumerate(self._changes.after(self._stored), self._stored + 1):
            if rows and rows[-1][1] == change.author:
                rows[-1] = (position, change.author, [*rows[-1][2], change.update])
            else:
                rows.append((position, change.author, [change.update]))
        return self._changes.last, [
            (number, author, update)
            for position, author, updates in rows
            for number, update in _numbered(position, merge(updates))
        ]

    def saved(self, position: int) -> None:
        """The store has everything up to ``position``, the last that ``unsaved`` told."""
        self._stored = position
        self._forget()
        for connection in list(self._unsaved):
            if connection.being_saved == connection.sync_frames:
                self._unsaved.discard(connection)
            self._write(connection, [protocol.room(Saved(connection.being_saved))])

    def _forget(self) -> None:
        self._changes.forget(min(self._stored, self._told_changes))

    # Time passing

    def tick(self) -> None:
        """Once a second or so: what happens because nothing else did."""
        now = self._clock()
        self._newcomers = None
        for connection in list(self.connections):
            if connection.lag is not None:
                waiting = connection.link.waiting()
                if waiting < connection.lag.waiting:
                    connection.lag = connection.lag._replace(since=now, waiting=waiting)
                elif now - connection.lag.since > self._limits.stall_seconds:
                    metrics.stalled_connections.inc()
                    connection.link.close(protocol.CLOSE_TRY_LATER, "This connection took nothing for too long.")
                continue
            if connection.resync_at is not None and now >= connection.resync_at:
                connection.resync_seconds = min(connection.resync_seconds * 2, RESYNC_MOST_SECONDS)
                connection.resync_at = now + connection.resync_seconds
                self._write(connection, [protocol.step1(self.document.state_vector())])
            if now - connection.written_at > self._limits.keepalive_seconds:
                self._write(connection, [protocol.presence([])])
        departing = [connection for at, connection in self._departed if at <= now]
        if departing:
            self._departed = [(at, connection) for at, connection in self._departed if at > now]
            for connection in departing:
                self._depart(connection, now)
            self._wake()
        self._claims = {
            client: claim for client, claim in self._claims.items() if claim.until is None or claim.until > now
        }

    def close(self, code: int, reason: str) -> None:
        for connection in self.connections:
            connection.link.close(code, reason)


def _numbered(position: int, updates: list[bytes]) -> Iterable[tuple[int, bytes]]:
    """Each with its position, of which the last is given."""
    return enumerate(updates, position - len(updates) + 1)
