"""The pace of telling: at once while the process has time to spare, and seldomer the busier it is.

A flush costs a write for each connection, however much it tells. So a busy process gains more by letting changes
gather for some milliseconds than by anything else. It knows no clock: times come in.
"""

SAMPLE_SECONDS = 0.1
CALMING = 0.7
"""What is left of the load after a sample that was lower."""

# From which share of a core on, how long a room waits between two flushes for each of its connections.
SECONDS_PER_CONNECTION = ((0.8, 250e-6), (0.65, 120e-6), (0.5, 60e-6), (0.4, 40e-6), (0.2, 30e-6))


class Pace:
    """One for the process: its load is what all rooms have in common."""

    def __init__(self) -> None:
        self._sampled_at = 0.0
        self._cpu_seconds = 0.0
        self.load = 0.0
        """The share of a core that the process used of late: rises at once, sinks slowly."""

    def sample(self, now: float, cpu_seconds: float) -> None:
        passed = now - self._sampled_at
        if passed > 0:
            used = (cpu_seconds - self._cpu_seconds) / passed
            self.load = max(used, self.load * CALMING)
        self._sampled_at = now
        self._cpu_seconds = cpu_seconds

    def between_flushes(self, connections: int) -> float:
        """Seconds for a room with so many connections."""
        for load, seconds in SECONDS_PER_CONNECTION:
            if self.load >= load:
                return connections * seconds
        return 0.0
