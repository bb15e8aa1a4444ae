"""The bench still runs: the smallest room of it, against the real server."""

import json
import sys
from asyncio import create_subprocess_exec, subprocess, timeout
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
ENDS_WITHIN = 120.0


@pytest.mark.parametrize("preset", ["mob", "join"])
async def test_the_bench_measures_a_small_room_and_loses_nothing(tmp_path: Path, preset: str) -> None:
    command = (
        "-m",
        "bench.fanout",
        "--quick",
        "--alone",
        "--no-growth",
        "--presets",
        preset,
        "--results",
        str(tmp_path),
    )
    bench = await create_subprocess_exec(sys.executable, *command, cwd=REPOSITORY, stdout=subprocess.PIPE)
    async with timeout(ENDS_WITHIN):
        printed, _ = await bench.communicate()
    assert bench.returncode == 0
    assert f"| `{preset}` |" in printed.decode()
    (run,) = json.loads((tmp_path / "results.json").read_text())["presets"]
    assert run["lost"] == 0
    assert run["p50_ms"] > 0
