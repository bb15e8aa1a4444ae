"""What happens when Python itself breaks down: it is said in plain words, and nothing but the run is lost."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect
from support.browser import Person
from support.stage import Stage

FILES = {"helper.py": "WORD = 'restored'\n"}
AFTERWARDS = {"main.py": "import helper\nprint(helper.WORD)\n", **FILES}

TOO_DEEP = "The program went too deep"
ENDED_ITSELF = "The program ended Python itself"
DEEP = "import sys\nsys.setrecursionlimit(10**9)\n"
# Each leaves an interpreter with which nobody can do anything; the words say why.
FATAL = {
    "a recursion without a limit": (DEEP + "def f(n): return f(n + 1) + 1\nf(0)", TOO_DEEP),
    "a recursion through the library": (DEEP + "f = lambda n: sorted([n], key=f)\nf(0)", TOO_DEEP),
    "os._exit": ("import os\nos._exit(3)", ENDED_ITSELF),
    "os._exit while it waits": (
        "import asyncio, os\nasync def main():\n    await asyncio.sleep(0.01)\n    os._exit(3)\nasyncio.run(main())",
        ENDED_ITSELF,
    ),
    "os.abort": ("import os\nos.abort()", "Python was restarted"),
    "a null pointer": ("import ctypes\nctypes.string_at(1 << 31, 1 << 20)", "Python was restarted"),
    "faulthandler": ("import faulthandler\nfaulthandler._sigabrt()", "Python was restarted"),
}


@pytest.fixture(scope="module", params=["isolated", "reduced", "firefox"])
async def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with Stage.opened(request.param, tmp_path_factory.mktemp("breakdowns")) as stage:
        yield stage


@pytest.mark.parametrize("name", FATAL)
async def test_a_breakdown_is_said_in_words_and_the_next_run_finds_the_files(stage: Stage, name: str) -> None:
    code, words = FATAL[name]
    ada = stage.runner
    await stage.write({"main.py": f"print('before')\n{code}\nprint('after')\n", **FILES})
    seen = await ada.runs_the_program()
    assert seen.stdout == "before\n"
    assert words in seen.remark
    await expect(ada.run_state).to_have_attribute("data-state", "error")
    await stage.write(AFTERWARDS)
    assert (await ada.runs_the_program()).stdout == "restored\n"


async def test_a_program_that_closes_its_worker_can_be_stopped(stage: Stage) -> None:
    ada = stage.runner
    await stage.write({"main.py": "import js\nprint('before')\njs.close()\n", **FILES})
    await ada.starts_the_program()
    await expect(ada.output).to_contain_text("before")
    await ada.stop_button.or_(ada.run_button).click()
    await ada.until_the_run_ends()
    await stage.write(AFTERWARDS)
    assert (await ada.runs_the_program()).stdout == "restored\n"


async def test_memory_runs_out_with_an_error_and_is_given_back(stage: Stage) -> None:
    ada = stage.runner
    await stage.write({"main.py": "kept = []\nwhile True: kept.append(bytearray(50_000_000))\n", **FILES})
    seen = await ada.runs_the_program()
    assert seen.stderr.endswith("MemoryError\n")
    await stage.write(AFTERWARDS)
    assert (await ada.runs_the_program()).stdout == "restored\n"


async def heap_of(ada: Person, stage: Stage) -> int:
    await stage.write({"main.py": "from pyodide_js import _module\nprint(_module.HEAP8.length)\n"})
    return int((await ada.runs_the_program()).stdout)


async def test_a_heap_above_a_gigabyte_is_not_kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with Stage.opened("isolated", tmp_path_factory.mktemp("heap")) as stage:
        ada = stage.runner
        small = await heap_of(ada, stage)
        await stage.write({"main.py": "bytearray(600_000_000)\n"})
        await ada.runs_the_program()
        assert small < await heap_of(ada, stage) < 2**30
        await stage.write({"main.py": "bytearray(1_200_000_000)\n"})
        seen = await ada.runs_the_program()
        assert "Python begins afresh" in seen.remark
        assert await heap_of(ada, stage) == small


@pytest.mark.parametrize(("gigabytes", "workers"), [(2, 1), (4, 2)])
async def test_a_device_with_little_memory_keeps_no_spare(
    tmp_path_factory: pytest.TempPathFactory, gigabytes: int, workers: int
) -> None:
    script = f"Object.defineProperty(navigator, 'deviceMemory', {{ value: {gigabytes} }})"
    async with Stage.opened("isolated", tmp_path_factory.mktemp("spare"), script) as stage:
        # A spare starts a second after Python is ready, so there is nothing to wait for where there is none.
        await stage.runner.page.wait_for_timeout(4_000)
        # Those of the sandbox have no origin; the editor's helpers have the page's.
        assert len([each for each in stage.runner.page.workers if each.url.startswith("blob:null/")]) == workers
