"""What the operator can count: Prometheus metrics, served by ``/metrics``."""

from typing import Protocol

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

rooms = Gauge("caretroom_rooms", "Rooms in memory")
connections = Gauge("caretroom_connections", "Open connections")
members = Gauge("caretroom_members", "People in all rooms, each once a room")
fanout_seconds = Histogram(
    "caretroom_fanout_seconds",
    "Seconds from a change's arrival to its being written to the others, for the oldest change of each flush",
    buckets=_SECONDS,
)
flush_changes = Histogram(
    "caretroom_flush_changes", "Changes told in one flush", buckets=(0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
)
slow_connections = Counter("caretroom_slow_connections", "Times that a connection did not keep up and was passed over")
stalled_connections = Counter("caretroom_stalled_connections", "Connections closed because they took nothing at all")
limits_reached = Counter("caretroom_limits_reached", "Notices of a limit reached or a right that lacks", ["limit"])
refused_frames = Counter("caretroom_refused_frames", "Frames that ended their connection", ["reason"])
refused_upgrades = Counter("caretroom_refused_upgrades", "Connections refused in the HTTP upgrade", ["status"])
loop_lag_seconds = Histogram(
    "caretroom_loop_lag_seconds",
    "Seconds by which the event loop was late, asked twice a second",
    buckets=_SECONDS,
)
store_seconds = Histogram("caretroom_store_commit_seconds", "Seconds from handing updates to the store to its commit")
stored_entries = Counter("caretroom_stored_entries", "Entries that were added to update logs")
log_entries = Histogram(
    "caretroom_log_entries",
    "Entries that no snapshot covered when a room was loaded",
    buckets=(1, 5, 10, 50, 100, 250, 500, 1000, 10000),
)
store_failures = Counter("caretroom_store_failures", "Commits that failed and are tried again")
_frames = Counter("caretroom_frames", "Frames received", ["kind"])


class _Counter(Protocol):
    def inc(self) -> None: ...


_by_type: dict[type, _Counter] = {}


def frame(message: object) -> None:
    kind = type(message)
    counter = _by_type.get(kind)
    if counter is None:
        counter = _by_type[kind] = _frames.labels(kind.__name__.lower())
    counter.inc()
