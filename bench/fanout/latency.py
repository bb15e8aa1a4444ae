"""Latencies as counts in buckets of 50 microseconds: millions of them cost no memory."""

SECONDS = 5e-5
BUCKETS = 200_000
"""Up to ten seconds; what is longer counts as that."""


class Latencies:
    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.count = 0

    def add(self, seconds: float) -> None:
        bucket = min(int(seconds / SECONDS), BUCKETS)
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        self.count += 1

    def percentile_ms(self, share: float) -> float | None:
        passed = 0
        for bucket in sorted(self._counts):
            passed += self._counts[bucket]
            if passed >= share * self.count:
                return round((bucket + 0.5) * SECONDS * 1000, 3)
        return None
