"""The long attack: ``make fuzz``, or ``python -m fuzz --inputs 1000000 --seed 7`` with ``tests`` on the path.

The room under attack lives in a process of its own, so that its death is a finding like any other.
"""

import argparse
import multiprocessing
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from fuzz.besieged import Batch, last_of
from fuzz.network import failures

BATCH_INPUTS = 3_000
INPUTS_PER_WORLD = 100
BATCHES_PER_PROCESS = 40
WORLDS_PER_PROCESS = 500
WITHIN_SECONDS = 1_800


@dataclass(slots=True)
class Report:
    """What an attack came to."""

    seed: int
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    """For each process that ended before its time: how, and the last input it had."""
    other_order: int = 0
    slowest: tuple[float, str] = (0.0, "")
    worlds: int = 0
    """How many rooms with a bad network came to rest."""
    resident: list[int] = field(default_factory=list)
    """Bytes in memory after each batch."""

    @property
    def inputs(self) -> int:
        return self.outcomes.total()

    def lines(self) -> list[str]:
        """The report as a table in Markdown, and what else there is to say."""
        kinds = sorted({kind for kind, _ in self.outcomes})
        table = ["| input | count | applied | ignored | refused | refused for |", "|---|---|---|---|---|---|"]
        for kind in kinds:
            counts = {outcome: count for (of, outcome), count in self.outcomes.items() if of == kind}
            total, applied, ignored = sum(counts.values()), counts.pop("applied", 0), counts.pop("ignored", 0)
            reasons = ", ".join(sorted(counts, key=lambda reason: -counts[reason])[:4])
            table.append(f"| {kind} | {total} | {applied} | {ignored} | {sum(counts.values())} | {reasons} |")
        seconds, kind = self.slowest
        return [
            *table,
            "",
            f"seed {self.seed}: {self.inputs} inputs, {len(self.failures)} failures",
            f"slowest input: {seconds * 1000:.1f} ms of processor time ({kind})",
            f"memory after a batch: {min(self.resident) // 2**20} to {max(self.resident) // 2**20} MiB",
            f"letters in another order, where attackers may put them so: {self.other_order} times",
            f"rooms with a network drawn from the seed: {self.worlds}",
            *self.failures,
        ]


def attack(
    seed: int, inputs: int, batch_inputs: int = BATCH_INPUTS, *, module: str = "fuzz.besieged", loud: bool = False
) -> Report:
    report = Report(seed)
    batches = -(-inputs // batch_inputs)
    first = 0
    with tempfile.TemporaryDirectory(prefix="caretroom-fuzz-") as folder:
        while first < batches:
            upto = min(first + BATCHES_PER_PROCESS, batches)
            done = _besiege(report, Path(folder), module, first, upto, batch_inputs)
            first = upto if done else _batch_of(report.failures[-1]) + 1
            if loud:
                print(f"{report.inputs} inputs, {len(report.failures)} failures", file=sys.stderr, flush=True)
    return report


def let_live(report: Report, worlds: int) -> None:
    """Bring so many rooms with a bad network to rest, in processes of their own."""
    context = multiprocessing.get_context("spawn")
    for first in range(0, worlds, WORLDS_PER_PROCESS):
        numbers = range(first, min(first + WORLDS_PER_PROCESS, worlds))
        try:
            with ProcessPoolExecutor(1, mp_context=context) as pool:
                report.failures += pool.submit(failures, report.seed, numbers).result()
        except BrokenProcessPool:
            report.failures.append(f"the process ended in one of the worlds {numbers} of seed {report.seed}")
        report.worlds += len(numbers)


def _batch_of(failure: str) -> int:
    """The batch in which a process ended, from the journal's words."""
    return int(failure.rpartition("batch ")[2].partition(",")[0])


def _besiege(report: Report, folder: Path, module: str, first: int, upto: int, inputs: int) -> bool:
    """Run these batches in a process; false when it did not live to the end."""
    journal, errors = folder / "journal", folder / "errors"
    arguments = map(str, (report.seed, first, upto - first, inputs, journal))
    with errors.open("w") as said, tempfile.TemporaryFile("w+") as told:
        command = [sys.executable, "-X", "faulthandler", "-m", module, *arguments]
        started = time.monotonic()
        try:
            code = subprocess.run(
                command, stdout=told, stderr=said, cwd=Path(__file__).parents[1], timeout=WITHIN_SECONDS
            ).returncode
        except subprocess.TimeoutExpired:
            code = None
        told.seek(0)
        for line in told:
            _add(report, msgspec.json.decode(line, type=Batch))
    if code == 0:
        return True
    ended = f"hung for {time.monotonic() - started:.0f} s" if code is None else f"ended with {code}"
    report.failures.append(f"{errors.read_text()[-2_000:]}\n{ended}; seed {report.seed}, {last_of(journal)}")
    return False


def _add(report: Report, batch: Batch) -> None:
    report.outcomes.update({(kind, outcome): count for kind, outcome, count in batch.outcomes})
    report.other_order += batch.other_order
    report.slowest = max(report.slowest, batch.slowest)
    report.resident.append(batch.resident)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    options = parser.parse_args()
    print(f"seed {options.seed}", file=sys.stderr, flush=True)
    result = attack(options.seed, options.inputs, loud=True)
    let_live(result, options.inputs // INPUTS_PER_WORLD)
    print("\n".join(result.lines()))
    sys.exit(bool(result.failures))
