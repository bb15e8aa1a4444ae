"""What the operator can count: Prometheus metrics, served by ``/metrics``."""

from typing import Protocol

from prometheus_client import Counter, Gauge, Histogram

rooms = Gauge("caretroom_rooms", "Rooms in memory")
connections = Gauge("caretroom_connections", "Open connections")
flushes = Counter("caretroom_flushes", "Times that a room told its connections what is new")
refused_frames = Counter("caretroom_refused_frames", "Frames that ended their connection", ["reason"])
refused_upgrades = Counter("caretroom_refused_upgrades", "Connections refused in the HTTP upgrade", ["status"])
loop_lag_seconds = Histogram(
    "caretroom_loop_lag_seconds",
    "Seconds by which the event loop was late, asked twice a second",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
)
store_seconds = Histogram("caretroom_store_commit_seconds", "Seconds from handing updates to the store to its commit")
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
