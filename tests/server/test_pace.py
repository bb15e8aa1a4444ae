"""The pace of telling: at once with time to spare, seldomer the busier the process is."""

import pytest
from caretroom.pace import Pace


def busy(share: float) -> Pace:
    pace = Pace()
    pace.sample(100.0, 10.0)
    pace.sample(100.1, 10.0 + share / 10)
    return pace


def test_a_process_with_time_to_spare_tells_at_once() -> None:
    assert busy(0.1).between_flushes(1000) == 0


@pytest.mark.parametrize(("share", "busier"), [(0.25, 0.45), (0.45, 0.55), (0.55, 0.7), (0.7, 0.9)])
def test_the_busier_it_is_the_longer_a_room_gathers(share: float, busier: float) -> None:
    assert 0 < busy(share).between_flushes(100) < busy(busier).between_flushes(100)


def test_a_large_room_gathers_longer_than_a_small_one() -> None:
    assert busy(0.9).between_flushes(4) < 0.002 < busy(0.9).between_flushes(100) < 0.05


def test_the_load_rises_at_once_and_sinks_slowly() -> None:
    pace = busy(0.9)
    at_most = pace.between_flushes(100)
    pace.sample(100.2, 10.09)
    assert 0 < pace.between_flushes(100) < at_most
    for tick in range(3, 10):
        pace.sample(100.0 + tick / 10, 10.09)
    assert pace.between_flushes(100) == 0
