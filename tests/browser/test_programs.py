"""Small programs and what a learner must see of them, each run in a real browser through a real room.

What needs packages waits for them: those cases are left out by what they need, not by their names.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from support.browser import Transcript
from support.stage import Stage

PACKAGES = ("matplotlib", "pandas", "numpy")
CASES = [
    case
    for case in json.loads((Path(__file__).parents[1] / "cases" / "python-programs.json").read_text())
    if not any(package in case.get("needs", "") for package in PACKAGES)
]
# Memory that was taken is not given back: the greedy one comes last.
CASES.sort(key=lambda case: case["name"] == "memory_growth")
# Nothing on the screen tells how far a silent program got: before it is stopped, it gets this time.
RUNS_FOR_S = 0.4


async def run(stage: Stage, case: dict[str, Any]) -> tuple[Transcript, str]:
    """What is on the screen at the end, and what the author was shown of stdout since the beginning."""
    await stage.write(case["files"])
    told = len(stage.author.output)
    await stage.runner.starts_the_program()
    if case["expect"].get("timeout_then_stop"):
        await expect(stage.runner.output).to_contain_text(case["expect"].get("stdout", ""))
        await asyncio.sleep(RUNS_FOR_S)
        await stage.runner.stop_button.click()
    elif "input(" in case["files"]["main.py"] or "sys.stdin" in case["files"]["main.py"]:
        for line in [*case["stdin"], None]:
            await stage.runner.types(line)
    seen = await stage.runner.until_the_run_ends()
    return seen, await text_shared(stage, told)


async def text_shared(stage: Stage, told: int) -> str:
    """What stdout was shared of the run that began after so many events."""
    events = stage.author.output

    def of_the_run(type: str) -> list[dict[str, Any]]:
        runs = [event["run"] for event in events[told:] if event["type"] == "start"]
        return [event for event in events[told:] if event["type"] == type and event["run"] in runs]

    await stage.author.until(lambda _: of_the_run("end"))
    return "".join(event["text"] for event in of_the_run("text") if event["stream"] == "stdout")


@pytest.fixture(scope="module", params=["isolated", "firefox"])
async def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with Stage.opened(request.param, tmp_path_factory.mktemp("programs")) as stage:
        await stage.runner.page.get_by_role("switch", name="Share my output").click()
        yield stage


def check(expected: dict[str, Any], seen: Transcript, shared: str) -> None:
    if "any_of" in expected:
        check_any(expected["any_of"], seen, shared)
        return
    if "visible" in expected:
        assert seen.stdout.rstrip("\n") == expected["visible"]
    elif "stdout" in expected:
        assert seen.stdout == expected["stdout"]
    if "stderr" in expected:
        assert seen.stderr == expected["stderr"]
    for part in expected.get("stdout_contains", []):
        # The pane keeps so many lines, from the last one back; who it is shared with gets it from the first one on.
        assert part in seen.stdout or part in shared
    for part in expected.get("stderr_contains", []):
        assert part in seen.stderr
    for part in expected.get("stderr_excludes", []):
        assert part not in seen.stderr
    if "error_type" in expected:
        assert expected["error_type"] in seen.stderr
    restarted = expected.get("must_kill") or expected.get("fatal_then_respawn")
    assert ("Python was restarted" in seen.remark) == bool(restarted)


def check_any(alternatives: list[dict[str, Any]], seen: Transcript, shared: str) -> None:
    failures = []
    for alternative in alternatives:
        try:
            check(alternative, seen, shared)
        except AssertionError as failure:
            failures.append(failure)
    assert len(failures) < len(alternatives), failures


def state_after(expected: dict[str, Any]) -> str:
    if expected.get("timeout_then_stop"):
        return "stopped"
    failed = expected.get("exit_code") or "error_type" in expected or expected.get("fatal_then_respawn")
    return "error" if failed or "any_of" in expected else "ok"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
async def test_a_program_does_what_python_does(stage: Stage, case: dict[str, Any]) -> None:
    check(case["expect"], *await run(stage, case))
    await expect(stage.runner.run_state).to_have_attribute("data-state", state_after(case["expect"]))
    # Whatever it did to Python, the next program finds it as new.
    await stage.write({"main.py": "print('still', 'here')\n"})
    assert (await stage.runner.runs_the_program()).stdout == "still here\n"
