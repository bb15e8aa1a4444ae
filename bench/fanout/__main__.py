"""`make bench`: measure Caretroom beside its peers, print the table, write the figures and draw them."""

import argparse
import asyncio
import dataclasses
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.fanout import floor, growth
from bench.fanout.presets import PRESETS, Preset, smallest
from bench.fanout.process import allow_many_files, machine_busy_seconds
from bench.fanout.tables import page
from bench.fanout.targets import CARETROOM, Target, install_peers, running

REPOSITORY = Path(__file__).parent.parent.parent
RUN_SECONDS = 300
QUIET_SHARE, QUIET_WITHIN_SECONDS = 0.15, 10.0
NOISY_SHARE = 0.3
"""A run during which others used more of the machine counts only when there are no two calmer ones."""

Run = dict[str, Any]


def measure(target: Target, preset: Preset, seed: int, cores: tuple[int | None, int | None]) -> Run:
    """A fresh server and a fresh generator, each on its core."""
    server_core, load_core = cores
    with running(target, server_core) as server:
        command = [sys.executable, "-m", "bench.fanout.load", json.dumps(dataclasses.asdict(preset))]
        command += ["--url", server.url, "--rooms-api", server.rooms_api, "--dialect", target.dialect]
        command += ["--server", str(server.pid), "--seed", str(seed)]
        command += [] if load_core is None else ["--core", str(load_core)]
        ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=RUN_SECONDS)
    run: Run = {"target": target.name, "preset": preset.name}
    if ended.returncode:
        return run | {"failed": (ended.stderr.strip().splitlines() or ["it ended"])[-1]}
    measured: Run = json.loads(ended.stdout)
    return run | measured


def interleaved(
    targets: Sequence[Target], presets: Iterable[Preset], repetitions: int, cores: tuple[int | None, int | None]
) -> list[Run]:
    """A B C, then C B A, and so on, so that whatever the machine does meanwhile hits all alike."""
    runs = []
    for preset in presets:
        for repetition in range(repetitions):
            for target in targets[:: -1 if repetition % 2 else 1]:
                if repetitions > 1:
                    _await_quiet()
                run = measure(target, preset, 100 + repetition, cores)
                print(f"  {preset.name}, {target.name}: {run.get('failed', 'measured')}", file=sys.stderr, flush=True)
                runs.append(run)
    return runs


def medians(runs: Sequence[Run]) -> list[Run]:
    """Of each preset and target; of what must not happen, the most."""
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        if "failed" not in run:
            groups.setdefault((run["preset"], run["target"]), []).append(run)
    return [_median(group) for group in groups.values()]


def _median(group: Sequence[Run]) -> Run:
    calm = [run for run in group if run.get("others_share", 0) <= NOISY_SHARE]
    kept = calm if len(calm) > 1 else group
    summary: Run = {"runs": len(group), "runs_kept": len(kept)}
    for key, value in kept[0].items():
        numbers = [run[key] for run in kept if isinstance(run.get(key), int | float)]
        if key in ("lost", "wrong", "closed", "unreadable", "missing"):
            summary[key] = max(run.get(key, 0) for run in group)
        elif numbers:
            summary[key] = statistics.median(numbers)
        else:
            summary[key] = value
    return summary


def grow(cores: tuple[int | None, int | None], *, quick: bool) -> dict[str, list[Run]]:
    def steps(all_steps: Sequence[int]) -> Sequence[int]:
        return all_steps[:2] if quick else all_steps

    def presets(make: Callable[[int], Preset], sizes: Sequence[int]) -> list[Run]:
        made = [make(size) for size in steps(sizes)]
        found = []
        for size, preset in zip(steps(sizes), made, strict=True):
            run = measure(CARETROOM, smallest(preset) if quick else preset, 1, cores)
            print(f"  {preset.name} {size}: {run.get('failed', 'measured')}", file=sys.stderr, flush=True)
            found.append(run | {"size": size})
        return found

    with running(CARETROOM, cores[0]) as server:
        documents = asyncio.run(growth.documents(server, steps(growth.DOCUMENT_KB)))
    print("  documents: measured", file=sys.stderr, flush=True)
    return {
        "members": presets(growth.rooms_of, growth.MEMBERS),
        "rooms": presets(growth.many_rooms, growth.ROOMS),
        "documents": [dict(point) for point in documents],
        "logs": [dict(point) for point in growth.logs(steps(growth.LOG_ENTRIES))],
    }


def _await_quiet() -> None:
    """Others may use the machine: wait for them a little."""
    give_up = time.monotonic() + QUIET_WITHIN_SECONDS
    while time.monotonic() < give_up:
        before, begin = machine_busy_seconds(), time.monotonic()
        time.sleep(0.4)
        if (machine_busy_seconds() - before) / (time.monotonic() - begin) < QUIET_SHARE:
            return


def _machine() -> dict[str, str | int | None]:
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "processor": models[0].partition(":")[2].strip() if models else platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__)
    parser.add_argument("--presets", default=",".join(PRESETS), help="which to measure, separated by commas")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="the smallest of everything: shows that the bench works")
    parser.add_argument("--alone", action="store_true", help="Caretroom without its peers, which need npm")
    parser.add_argument("--python-peer", action="store_true", help="pycrdt-websocket as well")
    parser.add_argument("--no-growth", action="store_true", help="leave out how cost grows")
    parser.add_argument("--peers", type=Path, help="folder in which the peers are kept for the next time")
    parser.add_argument("--results", type=Path, default=REPOSITORY / "docs" / "performance")
    arguments = parser.parse_args()

    allow_many_files()
    cores: tuple[int | None, int | None] = (0, 1) if len(os.sched_getaffinity(0)) > 1 else (None, None)
    presets = [PRESETS[name] for name in arguments.presets.split(",") if name]
    if arguments.quick:
        presets = [smallest(preset) for preset in presets]
    with TemporaryDirectory(prefix="caretroom-peers-") as temporary:
        targets = [CARETROOM]
        if not arguments.alone:
            print("Installing the peers…", file=sys.stderr)
            targets += install_peers(arguments.peers or Path(temporary), python_peer=arguments.python_peer)
        runs = interleaved(targets, presets, 1 if arguments.quick else arguments.repetitions, cores)
    results: Run = {
        "at": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": _machine(),
        "floor_us_per_write": round(floor.microseconds_per_write(*cores, rounds=50 if arguments.quick else 2000), 2),
        "presets": medians(runs),
        "growth": {} if arguments.no_growth else grow(cores, quick=arguments.quick),
        "runs": runs,
    }
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    tables = page(results)
    (arguments.results / "tables.md").write_text(tables)
    print(tables)
    if not arguments.quick:
        from bench.fanout.plot import draw  # takes a second to import

        draw(results, arguments.results)
    failed = [run for run in runs if "failed" in run and run["target"] == CARETROOM.name]
    lost = [run for run in runs if run.get("lost") and run["target"] == CARETROOM.name]
    if failed or lost:
        sys.exit(f"{len(failed)} runs of Caretroom failed, {len(lost)} lost something.")


if __name__ == "__main__":
    main()
