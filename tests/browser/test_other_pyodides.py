"""A Pyodide of the operator's own, older than ours: as npm has it, and with a package that is made for it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect
from support.browser import Person, open_chromium
from support.server import Server
from support.wheels import make_wheel

NODE_MODULES = Path(__file__).parents[1] / "node" / "node_modules"

# Each with what it prints, what stands at the end of its errors, and the lines that it is given.
PROGRAMS: list[tuple[str, str, str, tuple[str, ...]]] = [
    ("import sys\nprint(sys.version_info[:2])\n", "(3, 13)\n", "", ()),
    ("import dataclasses, json, random, re\nprint(json.dumps([1]), random.random() < 1)\n", "[1] True\n", "", ()),
    ("name = input('Who? ')\nprint('Hi', name)\nprint(input())\n", "Who? Hi Ada\nBye\n", "", ("Ada", "Bye")),
    ("import time\nstart = time.time()\ntime.sleep(0.2)\nprint(time.time() - start >= 0.2)\n", "True\n", "", ()),
    (
        "import asyncio\nasync def work(n):\n    await asyncio.sleep(0.01)\n    return n\n"
        "async def main():\n    return await asyncio.gather(work(1), work(2))\nprint(asyncio.run(main()))\n",
        "[1, 2]\n",
        "",
        (),
    ),
    ("import asyncio\nawait asyncio.sleep(0.01)\nprint('waited')\n", "waited\n", "", ()),
    (
        "import asyncio\nasync def count():\n    for n in range(3):\n        yield n\n"
        "async def main():\n    print([n async for n in count()])\n"
        "with asyncio.Runner() as runner:\n    runner.run(main())\n",
        "[0, 1, 2]\n",
        "",
        (),
    ),
    ("def half(n):\n    return n / 0\nhalf(3)\n", "", "ZeroDivisionError: division by zero\n", ()),
    ("print('open\n", "", "SyntaxError: unterminated string literal (detected at line 1)\n", ()),
    ("import sys\nprint('out')\nsys.exit('the end')\n", "out\n", "the end\n", ()),
    ("def down(n):\n    return down(n + 1)\ndown(0)\n", "", "RecursionError: maximum recursion depth exceeded\n", ()),
    ("import garden\nprint(garden.count)\n", "3\n", "", ()),
    ("import nowhere\n", "", "ModuleNotFoundError: No module named 'nowhere'\n", ()),
]
NEVER_ENDING = ("while True: pass", "import time\ntime.sleep(60)", "import asyncio\nasyncio.run(asyncio.sleep(60))")


@pytest.fixture(scope="module", params=["0.28", "0.29"])
async def ada(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    folder = tmp_path_factory.mktemp("pyodide")
    make_wheel(folder / "wheels", "garden", {"garden.py": "count = 3\n"}, tag="cp313-cp313-pyodide_2025_0_wasm32")
    pyodide = str(NODE_MODULES / f"pyodide-{request.param}")
    async with (
        Server(folder, pyodide_dir=pyodide, packages_dir=str(folder / "wheels")) as server,
        open_chromium() as browser,
    ):
        room = await server.create_room(code="pass")
        async with Person.entering(browser, room.links["host"], "Ada") as ada:
            await ada.until_python_is_ready()
            yield ada


async def test_programs_do_what_they_do_on_ours(ada: Person) -> None:
    for code, printed, ending, lines in PROGRAMS:
        await ada.writes(code)
        await ada.starts_the_program()
        for line in lines:
            await ada.program_input.fill(line)
            await ada.program_input.press("Enter")
        seen = await ada.until_the_run_ends()
        assert (seen.stdout, seen.stderr.endswith(ending)) == (printed, True), (code, seen)
        assert bool(seen.stderr) == bool(ending), (code, seen)
        # No frame of ours stands before the program's own.
        if ending.startswith("ZeroDivision"):
            assert seen.stderr.count("File") == 2


async def test_stop_ends_what_never_ends(ada: Person) -> None:
    for code in NEVER_ENDING:
        await ada.writes(f"print('begun')\n{code}\n")
        await ada.starts_the_program()
        await expect(ada.output).to_have_text("begun\n")
        await ada.stop_button.click()
        seen = await ada.until_the_run_ends()
        assert (seen.remark, seen.stderr.endswith("KeyboardInterrupt\n")) == ("", True), (code, seen)
    await ada.writes("print('still here')\n")
    assert (await ada.runs_the_program()).stdout == "still here\n"
