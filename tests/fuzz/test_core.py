"""A short attack on a room without sockets. ``make fuzz`` is the long one."""

from fuzz.__main__ import attack

SEED, INPUTS = 20_261_124, 15_000


def test_a_room_stands_hostile_input_of_every_kind() -> None:
    report = attack(SEED, INPUTS, batch_inputs=1_500)
    assert report.failures == []
    assert report.inputs == INPUTS
    assert len({kind for kind, _ in report.outcomes}) == 17
    outcomes = {outcome for _, outcome in report.outcomes}
    assert outcomes > {"applied", "ignored", "malformed", "json", "range", "place", "order", "duplicate", "nesting"}
    assert max(report.resident) - min(report.resident) < 32 * 2**20


def test_an_input_that_ends_the_process_is_told_with_its_seed_and_the_attack_goes_on() -> None:
    report = attack(7, 4_000, batch_inputs=2_000, module="fuzz.crashing")
    assert len(report.failures) == 2
    for number, failure in enumerate(report.failures):
        assert f"ended with -6; seed 7, batch {number}, input " in failure
        assert failure.endswith(": 0300")


def test_one_seed_is_one_attack() -> None:
    assert attack(5, 500, batch_inputs=250).outcomes == attack(5, 500, batch_inputs=250).outcomes
