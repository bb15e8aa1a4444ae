"""The embedded store: one SQLite file in WAL mode, written by one thread that commits in groups.

``synchronous=NORMAL``: a commit survives the death of the process, and a power cut may take the last moments
but never the file.
"""

import asyncio
import json
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence, Set
from concurrent.futures import Future
from types import TracebackType
from typing import TypeVar

from caretroom.errors import GoneError, NotFoundError, StoreError, StoreVersionError
from caretroom.records import Addition, Author, Entry, Kind, MemberId, RoomId, RoomRecord, StoredDocument

FIRST_SCHEMA = """
CREATE TABLE rooms (
    room TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    join_code TEXT UNIQUE,
    epoch TEXT NOT NULL,
    created_at REAL NOT NULL,
    deleted_at REAL
) WITHOUT ROWID;
CREATE TABLE entries (
    room TEXT NOT NULL,
    document TEXT NOT NULL,
    position INTEGER NOT NULL,
    at REAL NOT NULL,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (room, document, position)
) WITHOUT ROWID;
CREATE TABLE snapshots (
    room TEXT NOT NULL,
    document TEXT NOT NULL,
    position INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (room, document)
) WITHOUT ROWID;
"""
MIGRATIONS = (
    FIRST_SCHEMA,
    "ALTER TABLE rooms ADD COLUMN generation INTEGER NOT NULL DEFAULT 0",
)
"""Each leads from the version that is its index to the next."""
SCHEMA_VERSION = len(MIGRATIONS)
BUSY_SECONDS = 5.0
RECORD = "room, kind, title, join_code, epoch, created_at, generation"

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]


class SQLiteStore:
    def __init__(self, path: str) -> None:
        self._path = path
        self._jobs: queue.SimpleQueue[tuple[Work[object], Future[object]] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_jobs, name="caretroom-store")

    async def __aenter__(self) -> "SQLiteStore":
        await asyncio.to_thread(self._prepare)
        self._writer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._jobs.put(None)
        await asyncio.to_thread(self._writer.join)

    async def create(self, record: RoomRecord, document: str, seed: Entry) -> None:
        def work(database: sqlite3.Connection) -> None:
            database.execute(
                f"INSERT INTO rooms ({RECORD}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    record.room,
                    record.kind.value,
                    record.title,
                    record.join_code,
                    record.epoch,
                    record.created_at,
                    record.generation,
                ),
            )
            _insert(database, [Addition(record.room, document, [seed])])

        await self._write(work)

    async def room(self, room: RoomId) -> RoomRecord:
        def work(database: sqlite3.Connection) -> RoomRecord:
            row = database.execute(f"SELECT {RECORD}, deleted_at FROM rooms WHERE room = ?", (room,)).fetchone()
            if row is None:
                raise NotFoundError("There is no such room.")
            if row[-1] is not None:
                raise GoneError("This room was deleted.")
            return _record(row[:-1])

        return await self._read(work)

    async def find(self, join_code: str) -> RoomRecord | None:
        def work(database: sqlite3.Connection) -> RoomRecord | None:
            row = database.execute(f"SELECT {RECORD} FROM rooms WHERE join_code = ?", (join_code,)).fetchone()
            return _record(row) if row else None

        return await self._read(work)

    async def rooms(self) -> list[RoomRecord]:
        def work(database: sqlite3.Connection) -> list[RoomRecord]:
            rows = database.execute(f"SELECT {RECORD} FROM rooms WHERE deleted_at IS NULL ORDER BY created_at DESC")
            return [_record(row) for row in rows]

        return await self._read(work)

    async def load(self, room: RoomId, document: str) -> StoredDocument:
        def work(database: sqlite3.Connection) -> StoredDocument:
            row = database.execute(
                "SELECT position, data FROM snapshots WHERE room = ? AND document = ?", (room, document)
            ).fetchone()
            covered, snapshot = row or (0, None)
            entries = _entries(database, room, document, covered)
            return StoredDocument(snapshot, entries, entries[-1].position if entries else covered)

        return await self._read(work)

    async def append(self, additions: Sequence[Addition]) -> Set[RoomId]:
        def work(database: sqlite3.Connection) -> Set[RoomId]:
            asked = {addition.room for addition in additions}
            rows = database.execute(
                "SELECT room FROM rooms WHERE deleted_at IS NULL AND room IN (SELECT value FROM json_each(?))",
                (json.dumps(list(asked)),),
            )
            there = {RoomId(room) for (room,) in rows}
            _insert(database, [addition for addition in additions if addition.room in there])
            return asked - there

        return await self._write(work)

    async def snapshot(self, room: RoomId, document: str, position: int, state: bytes) -> None:
        def work(database: sqlite3.Connection) -> None:
            _require(database, room)
            database.execute(
                "INSERT INTO snapshots VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
                "SET position = excluded.position, data = excluded.data WHERE excluded.position >= position",
                (room, document, position, state),
            )

        await self._write(work)

    async def history(self, room: RoomId, document: str) -> list[Entry]:
        return await self._read(lambda database: _entries(database, room, document, 0))

    async def replace_links(self, room: RoomId, join_code: str) -> RoomRecord:
        def work(database: sqlite3.Connection) -> RoomRecord:
            _require(database, room)
            database.execute(
                "UPDATE rooms SET generation = generation + 1, join_code = ? WHERE room = ?", (join_code, room)
            )
            return _record(database.execute(f"SELECT {RECORD} FROM rooms WHERE room = ?", (room,)).fetchone())

        return await self._write(work)

    async def delete(self, room: RoomId) -> None:
        def work(database: sqlite3.Connection) -> None:
            database.execute(
                "UPDATE rooms SET title = '', join_code = NULL, deleted_at = ? WHERE room = ?",
                (time.time(), room),
            )
            database.execute("DELETE FROM entries WHERE room = ?", (room,))
            database.execute("DELETE FROM snapshots WHERE room = ?", (room,))

        await self._write(work)

    async def check(self) -> None:
        await self._write(lambda database: database.execute("SELECT 1 FROM rooms LIMIT 1").fetchone())

    async def _write(self, work: Work[Result]) -> Result:
        future: Future[Result] = Future()
        self._jobs.put((work, future))  # type: ignore[arg-type]
        return await asyncio.wrap_future(future)

    async def _read(self, work: Work[Result]) -> Result:
        def read() -> Result:
            try:
                database = self._connect()
                try:
                    return work(database)
                finally:
                    database.close()
            except sqlite3.Error as error:
                raise StoreError(f"{self._path}: {error}") from error

        return await asyncio.to_thread(read)

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA secure_delete = ON")  # what a host deletes is gone from the file, too
        return database

    def _prepare(self) -> None:
        try:
            database = self._connect()
            try:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("BEGIN IMMEDIATE")
                (version,) = database.execute("PRAGMA user_version").fetchone()
                if version > SCHEMA_VERSION:
                    raise StoreVersionError(
                        f"{self._path} was written by a newer Caretroom (schema {version}, this one knows "
                        f"{SCHEMA_VERSION}). Start the newer one, or name another --store."
                    )
                for migration in MIGRATIONS[version:]:
                    for statement in migration.split(";"):
                        database.execute(statement)
                database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                database.execute("COMMIT")
            finally:
                database.close()
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error

    def _write_jobs(self) -> None:
        """The writer thread: all that waits goes into one transaction, so that many rooms share one commit."""
        database = self._connect()
        try:
            while True:
                jobs = [self._jobs.get()]
                while not self._jobs.empty():
                    jobs.append(self._jobs.get())
                self._commit(database, [job for job in jobs if job and job[1].set_running_or_notify_cancel()])
                if None in jobs:
                    return
        finally:
            database.close()

    def _commit(self, database: sqlite3.Connection, jobs: list[tuple[Work[object], Future[object]]]) -> None:
        done: list[tuple[Future[object], object]] = []
        failed: list[tuple[Future[object], Exception]] = []
        try:
            database.execute("BEGIN IMMEDIATE")
            for work, future in jobs:
                database.execute("SAVEPOINT job")
                try:
                    done.append((future, work(database)))
                    database.execute("RELEASE job")
                except (sqlite3.IntegrityError, NotFoundError, GoneError) as error:
                    # This job's own fault: the others are none the worse.
                    database.execute("ROLLBACK TO job")
                    failed.append((future, error))
            database.execute("COMMIT")
        except sqlite3.Error as error:
            if database.in_transaction:
                database.execute("ROLLBACK")
            done = []
            failed = [(future, error) for _, future in jobs]
        for future, result in done:
            future.set_result(result)
        for future, problem in failed:
            if isinstance(problem, sqlite3.Error):
                wrapped: Exception = StoreError(f"{self._path}: {problem}")
                wrapped.__cause__ = problem
                problem = wrapped
            future.set_exception(problem)


def _require(database: sqlite3.Connection, room: RoomId) -> None:
    """A deleted room takes nothing more, also not what was on its way."""
    row = database.execute("SELECT deleted_at FROM rooms WHERE room = ?", (room,)).fetchone()
    if row is None:
        raise NotFoundError("There is no such room.")
    if row[0] is not None:
        raise GoneError("This room was deleted.")


def _insert(database: sqlite3.Connection, additions: Sequence[Addition]) -> None:
    database.executemany(
        "INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (room, document, entry.position, entry.at, entry.author.member, entry.author.name, entry.update)
            for room, document, entries in additions
            for entry in entries
        ],
    )


def _entries(database: sqlite3.Connection, room: RoomId, document: str, after: int) -> list[Entry]:
    rows = database.execute(
        "SELECT position, at, author, author_name, data FROM entries "
        "WHERE room = ? AND document = ? AND position > ? ORDER BY position",
        (room, document, after),
    )
    return [Entry(position, at, Author(MemberId(id), name), data) for position, at, id, name, data in rows]


def _record(row: tuple[str, str, str, str, str, float, int]) -> RoomRecord:
    room, kind, title, join_code, epoch, created_at, generation = row
    return RoomRecord(RoomId(room), Kind(kind), title, join_code, epoch, created_at, generation)
