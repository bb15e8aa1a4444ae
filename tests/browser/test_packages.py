"""Programs that import packages, in a real browser: what is loaded, what is said, and what is not to be had."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Request, Route, expect
from support.browser import RUN_ENDS_WITHIN_MS, Person, open_chromium
from support.server import Server
from support.wheels import NUMPY, PANDAS, entry_of, make_pyodide, make_wheel

HELPER = """import os.path

def total():
    try:
        import garden as g
    finally:
        pass
    return g.count
"""
SOLVER = """def solve():
    from sympy import symbols, integrate
    x = symbols('x')
    return integrate(2 * x, x)
print(solve())
"""
CASES = {
    case["name"]: case
    for case in json.loads((Path(__file__).parents[1] / "cases" / "python-programs.json").read_text())
}
# Browsers isolate no page that came over plain http from another machine, and by its name this is one.
CLASSROOM = "classroom.test"
PURE, COMPILED = "py3-none-any", "cp314-cp314-pyemscripten_2026_0_wasm32"
GARDEN = {"garden/__init__.py": "from .beds import count\n", "garden/beds.py": "count = 3\n"}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_chromium(f"--host-resolver-rules=MAP {CLASSROOM} 127.0.0.1") as browser:
        yield browser


@pytest.fixture(scope="module")
async def packages(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server with packages from the Python package index, fetched as an operator does it."""
    folder = tmp_path_factory.mktemp("packages")
    names = ["sympy", "networkx", "msgspec", "pydantic-core", "micropip"]
    command = [sys.executable, "-m", "caretroom", "packages", "add", *names]
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=folder,
        env={**os.environ, "CARETROOM_PACKAGES_SOURCE": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    async with Server(folder) as server:
        yield server


@pytest.fixture
async def garden(tmp_path: Path) -> AsyncIterator[Server]:
    wheels = tmp_path / "wheels"
    make_wheel(wheels, "garden", GARDEN, requires=("plants",))
    make_wheel(wheels, "plants", {"plants.py": "names = ['rose']\n"})
    async with Server(tmp_path, packages_dir=str(wheels)) as server:
        yield server


async def test_real_packages_are_loaded_for_the_program_that_imports_them(packages: Server, browser: Browser) -> None:
    code = (
        "import msgspec, networkx as nx\n"
        "from pydantic_core import SchemaValidator, core_schema\n"
        "print(msgspec.json.encode({'a': [1, 2]}))\n"
        "print(nx.shortest_path(nx.path_graph(5), 0, 3))\n"
        "print(SchemaValidator(core_schema.int_schema()).validate_python('42') + 1)\n"
    )
    room = await packages.create_room(code=code)
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        seen = await ada.runs_the_program()
        assert (seen.stdout, seen.stderr) == ("b'{\"a\":[1,2]}'\n[0, 1, 2, 3]\n43\n", "")
        await ada.writes(SOLVER)
        assert (await ada.runs_the_program()).stdout == "x**2\n"


async def test_micropip_installs_what_the_server_has(packages: Server, browser: Browser) -> None:
    code = "import micropip\nawait micropip.install('networkx')\nimport networkx\nprint(networkx.path_graph(3))\n"
    room = await packages.create_room(code=code)
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        seen = await ada.runs_the_program()
        assert (seen.stdout, seen.stderr) == ("Graph with 3 nodes and 2 edges\n", "")
        await ada.writes("import micropip\nawait micropip.install('no-such-package')\n")
        assert "Can't fetch metadata for 'no-such-package'" in (await ada.runs_the_program()).stderr


@pytest.mark.parametrize("name", ["autoload_import", "pandas_repr"])
async def test_large_packages_take_the_same_road(tmp_path: Path, browser: Browser, name: str) -> None:
    """With stand-ins for the real ones, in a folder of Pyodide's with wheels beside its list."""
    folder = tmp_path / "pyodide"
    numpy = make_wheel(folder, "numpy", {"numpy/__init__.py": NUMPY}, tag=COMPILED)
    pandas = make_wheel(folder, "pandas", {"pandas/__init__.py": PANDAS}, tag=COMPILED)
    make_pyodide(folder, entry_of(numpy, "numpy"), entry_of(pandas, "pandas", depends=("numpy",)))
    case = CASES[name]
    async with Server(tmp_path, pyodide_dir=str(folder)) as server:
        room = await server.create_room(code=case["files"]["main.py"])
        async with Person.entering(browser, room.links["host"], "Ada") as ada:
            seen = await ada.runs_the_program()
            assert (seen.stdout, seen.stderr) == (case["expect"]["stdout"], "")


async def test_packages_of_the_rooms_other_files_are_loaded_too(garden: Server, browser: Browser) -> None:
    room = await garden.create_room(code="import helper\nprint(helper.total())\n")
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        await ada.page.get_by_role("button", name="New file").click()
        await ada.page.get_by_role("textbox", name="File name").fill("helper.py")
        await ada.page.keyboard.press("Enter")
        await ada.page.get_by_role("tab", name="helper.py").click()
        await ada.writes(HELPER)
        await ada.page.get_by_role("tab", name="main.py").click()
        seen = await ada.runs_the_program()
        assert (seen.stdout, seen.stderr) == ("3\n", "")


async def test_the_prompt_and_the_rooms_tests_get_their_packages_too(garden: Server, browser: Browser) -> None:
    room = await garden.create_room(code="def test_plants():\n    import plants\n    assert plants.names == ['rose']\n")
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        await ada.page.get_by_role("button", name="Run tests").click()
        results = ada.page.get_by_role("region", name="Test results")
        await expect(results.get_by_role("status")).to_have_text("1 passed", timeout=RUN_ENDS_WITHIN_MS)
        await ada.prompt.fill("from garden import count; count")
        await ada.prompt.press("Enter")
        await expect(ada.output).to_contain_text("3\n", timeout=RUN_ENDS_WITHIN_MS)


async def test_what_is_on_its_way_is_named_and_counted(garden: Server, browser: Browser) -> None:
    room = await garden.create_room(code="import garden\nprint(garden.count)\n")
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        held: list[Route] = []
        await ada.page.route("**/packages/*/*.whl", lambda route: held.append(route))
        await ada.until_python_is_ready()
        await ada.run_button.click()
        await expect(ada.python).to_have_text("Loading", timeout=RUN_ENDS_WITHIN_MS)
        await expect(ada.python).to_have_attribute("data-state", "loading")
        await expect(ada.page.get_by_role("status", name="Packages")).to_have_text("Loading garden, plants")
        await expect(ada.stop_button).to_be_visible()
        for route in held:
            await route.continue_()
        await expect(ada.output).to_have_text("3\n", timeout=RUN_ENDS_WITHIN_MS)
        await expect(ada.page.get_by_role("status", name="Packages")).to_have_text("")


async def test_stop_works_while_packages_are_loaded(garden: Server, browser: Browser) -> None:
    room = await garden.create_room(code="import garden\nprint(garden.count)\n")
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        held: list[Route] = []
        await ada.page.route("**/packages/*/*.whl", lambda route: held.append(route))
        await ada.until_python_is_ready()
        await ada.run_button.click()
        await expect(ada.python).to_have_text("Loading", timeout=RUN_ENDS_WITHIN_MS)
        await ada.stop_button.click()
        seen = await ada.until_the_run_ends()
        assert (seen.stdout, seen.remark) == ("", "")
        await expect(ada.page.locator(".run-state")).to_have_attribute("data-state", "stopped")
        await ada.page.unroute("**/packages/*/*.whl")
        assert (await ada.runs_the_program()).stdout == "3\n"


async def test_a_fresh_python_gets_its_packages_without_fetching_them_again(garden: Server, browser: Browser) -> None:
    code = (
        "import garden\nprint(garden.count, flush=True)\nfrom collections import deque\nfrom itertools import count\n"
    )
    room = await garden.create_room(code=code + "if len(str(garden)) > 1:\n    deque(count(), maxlen=0)\n")
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        fetched: list[str] = []
        ada.page.on("request", lambda request: fetched.append(request.url) if ".whl" in request.url else None)
        await ada.until_python_is_ready()
        for _ in range(2):
            await ada.starts_the_program()
            await expect(ada.output).to_have_text("3\n", timeout=RUN_ENDS_WITHIN_MS)
            await ada.stop_button.click()
            assert "Python was restarted" in (await ada.until_the_run_ends()).remark
        assert len(fetched) == 2  # garden and plants


async def test_a_package_that_nobody_could_see_coming_is_offered_by_name(garden: Server, browser: Browser) -> None:
    code = "import importlib\nprint(importlib.import_module('garden').count)\n"
    room = await garden.create_room(code=code)
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        seen = await ada.runs_the_program()
        assert seen.stderr.endswith("ModuleNotFoundError: No module named 'garden'\n")
        assert seen.hint == "garden can be loaded: run the program again.\n"
        await ada.page.get_by_role("button", name="Load garden and run again").click()
        await expect(ada.output).to_have_text("3\n", timeout=RUN_ENDS_WITHIN_MS)
        await expect(ada.page.get_by_role("button", name="Load garden and run again")).to_be_hidden()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nowhere_at_all as x, js\n", "the server's operator can add packages"),
        ("import pip\n", "pip does not work in the browser"),
        ("import tkinter\n", "does not work"),
    ],
)
async def test_what_no_package_brings_is_not_offered(garden: Server, browser: Browser, code: str, said: str) -> None:
    room = await garden.create_room(code=code)
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        seen = await ada.runs_the_program()
        assert "ModuleNotFoundError" in seen.stderr
        assert said in seen.hint
        assert await ada.page.get_by_role("button", name="and run again").count() == 0


async def test_a_package_with_another_content_is_not_run(garden: Server, browser: Browser) -> None:
    room = await garden.create_room(code="import plants\nprint(plants.names)\n")
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        forged = make_wheel(garden.folder / "forged", "plants", {"plants.py": "names = ['forged']\n"})
        await ada.page.route("**/plants-*.whl", lambda route: route.fulfill(path=forged))
        seen = await ada.runs_the_program()
        assert seen.stdout == ""
        assert "plants could not be loaded. What arrived is not what the server's list says" in seen.remark
        assert "No module named 'plants'" in seen.stderr
        # Another attempt may do better.
        await ada.page.unroute("**/plants-*.whl")
        assert (await ada.runs_the_program()).stdout == "['rose']\n"


async def test_a_package_that_the_server_can_not_fetch_is_named(tmp_path: Path, browser: Browser) -> None:
    # Nobody listens there.
    async with Server(tmp_path, packages_source="http://127.0.0.1:9/") as server:
        room = await server.create_room(code="import numpy\n")
        async with Person.entering(browser, room.links["host"], "Ada") as ada:
            seen = await ada.runs_the_program()
            assert "numpy could not be loaded. This server could not fetch a package" in seen.remark
            assert (seen.remark.count("\n"), seen.hint) == (1, "")
            assert "No module named 'numpy'" in seen.stderr


async def test_packages_work_and_are_checked_over_plain_http(garden: Server, browser: Browser) -> None:
    room = await garden.create_room(code="import plants\nprint(plants.names)\n")
    link = room.links["host"].replace("127.0.0.1", CLASSROOM)
    async with Person.entering(browser, link, "Ada") as ada:
        assert not await ada.page.evaluate("isSecureContext")
        assert (await ada.runs_the_program()).stdout == "['rose']\n"
        await ada.page.reload()
        forged = make_wheel(garden.folder / "forged", "plants", {"plants.py": "names = ['forged']\n"})
        await ada.page.route("**/plants-*.whl", lambda route: route.fulfill(path=forged))
        assert "its sha256 differs" in (await ada.runs_the_program()).remark


async def test_a_program_can_ask_for_nothing_that_is_not_in_the_list(garden: Server, browser: Browser) -> None:
    code = """
import asyncio, js
from pyodide.ffi import to_js

def say(**message):
    js.postMessage(to_js({"sequence": 1, **message}, dict_converter=js.Object.fromEntries))

for file in ("../api/rooms", "/healthz", "//127.0.0.1:9/x", "http://127.0.0.1:9/x", "__proto__", "constructor", ""):
    say(type="fetch", file=file)
say(type="fetch", file={"toString": "garden"})
say(type="imports", modules=["../x", "__proto__"])
say(type="imports", modules=["x" * 10_000])
say(type="imports", modules="garden")
await asyncio.sleep(0.2)
print("said")
"""
    room = await garden.create_room(code=code)
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        asked: list[Request] = []
        ada.page.on("request", lambda request: asked.append(request))
        assert (await ada.runs_the_program()).stdout == "said\n"
        # The page's own scripts may come just then, and a spare Python, which is made of what is here.
        own = ("blob:null/", f"{garden.url}/assets/")
        assert [request.url for request in asked if not request.url.startswith(own)] == []


async def test_a_wheel_that_leads_out_of_its_folder_stays_within_the_sandbox(tmp_path: Path, browser: Browser) -> None:
    wheels = tmp_path / "wheels"
    files = {"trap.py": "x = 1\n", "../../../../room/main.py": "print('taken')\n", "/room/main.py": "print('taken')\n"}
    make_wheel(wheels, "trap", files)
    async with Server(tmp_path, packages_dir=str(wheels)) as server:
        room = await server.create_room(code="import trap\nprint(open('main.py').read().splitlines()[0])\n")
        async with Person.entering(browser, room.links["host"], "Ada") as ada:
            seen = await ada.runs_the_program()
            assert "taken" not in seen.stdout
            await expect(ada.editor).to_contain_text("import trap")
