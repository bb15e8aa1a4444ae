"""Running, stopping and typing at programs, as one person in one browser sees it."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Route, expect
from support.browser import Person, open_chromium
from support.server import Server

# Browsers isolate no page that came over plain http from another machine, and by its name this is one.
CLASSROOM = "classroom.test"


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_chromium(f"--host-resolver-rules=MAP {CLASSROOM} 127.0.0.1") as browser:
        yield browser


async def test_run_pressed_early_waits_for_python(server: Server, browser: Browser) -> None:
    room = await server.create_room(code="print('at last')\n")
    page = await browser.new_page()
    ada = Person(page)
    # Python's largest file comes when the test says so.
    asked: list[Route] = []
    await page.route("**/pyodide.asm.wasm", lambda route: asked.append(route))
    await page.goto(room.links["host"])
    await page.get_by_role("textbox", name="Your name").fill("Ada")
    await page.get_by_role("button", name="Join").click()
    await expect(page.get_by_role("textbox", name="Code editor")).to_have_text("print('at last')")
    await ada.run_button.click()
    await expect(ada.python).to_have_text("Loading")
    await expect(page.get_by_text("Your program starts by itself")).to_be_visible()
    await asked[0].continue_()
    await expect(ada.output).to_have_text("at last\n", timeout=30_000)


@pytest.mark.parametrize("busy", ["time.sleep(60)", "while True: pass"])
async def test_half_a_line_is_on_the_screen_while_the_program_is_busy(
    server: Server, browser: Browser, busy: str
) -> None:
    room = await server.create_room(code=f"import time\nprint('working...', end='')\n{busy}\n")
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        await ada.starts_the_program()
        await expect(ada.output).to_have_text("working...")
        await ada.stop_button.click()
        seen = await ada.until_the_run_ends()
        assert seen.stderr.endswith("KeyboardInterrupt\n")


async def test_both_streams_come_in_the_order_in_which_they_were_written(server: Server, browser: Browser) -> None:
    code = "import sys\nfor n in range(5):\n    print(n, end=' ')\n    print('e', end=' ', file=sys.stderr)\n"
    room = await server.create_room(code=code)
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        seen = await ada.runs_the_program()
        assert (seen.stdout, seen.stderr) == ("0 1 2 3 4 ", "e e e e e ")
        await expect(ada.output).to_contain_text("0 e 1 e 2 e 3 e 4 e")


async def test_the_input_field_is_described_by_the_prompt(server: Server, browser: Browser) -> None:
    code = "import sys\nprint('Your name', end='? ')\nprint('Hi', sys.stdin.readline().strip())\n"
    room = await server.create_room(code=code)
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        await ada.starts_the_program()
        await expect(ada.python).to_have_text("Waiting for input")
        await expect(ada.program_input).to_have_accessible_description("Your name? ")
        await ada.program_input.fill("Grace")
        await ada.program_input.press("Enter")
        assert (await ada.until_the_run_ends()).stdout == "Your name? Hi Grace\n"


async def test_a_flood_shows_its_end_and_says_what_is_missing(server: Server, browser: Browser) -> None:
    room = await server.create_room(code="for number in range(300_000):\n    print('line', number)\n")
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        seen = await ada.runs_the_program()
        assert seen.stdout.endswith("line 299999\n")
        assert "characters" in seen.gap


async def test_a_stop_never_reaches_the_program_after(server: Server, browser: Browser) -> None:
    """The program ends by itself at about the moment of Stop, sometimes before it and sometimes after."""
    room = await server.create_room(code="import time\nfor _ in range(30):\n    time.sleep(0.005)\nprint('fine')\n")
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        stopped = 0
        for turn in range(12):
            await ada.starts_the_program()
            # The moment of Stop is what varies here: from the program's start to just after its end.
            await ada.page.wait_for_timeout(turn * 15)
            if await ada.stop_button.is_visible():
                await ada.stop_button.or_(ada.run_button).click()
                stopped += 1
            await expect(ada.run_button).to_be_visible()
            await ada.until_python_is_ready()
            assert (await ada.runs_the_program()).stdout == "fine\n"
        assert stopped > 0


async def test_a_file_of_the_room_goes_before_the_library_and_is_read_anew(server: Server, browser: Browser) -> None:
    room = await server.create_room(code="import random\nprint(random.WORD)\n")
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        await ada.page.get_by_role("button", name="New file").click()
        await ada.page.get_by_role("textbox", name="File name").fill("random.py")
        await ada.page.keyboard.press("Enter")
        for word in ("first", "second"):
            await ada.page.get_by_role("tab", name="random.py").click()
            await ada.writes(f"WORD = '{word}'")
            await ada.page.get_by_role("tab", name="main.py").click()
            assert (await ada.runs_the_program()).stdout == f"{word}\n"


async def test_without_isolation_input_and_sleep_work_and_stop_restarts(server: Server, browser: Browser) -> None:
    code = "import time\nprint('Hi', input('Name? '))\ntime.sleep(0.1)\nprint('busy')\nwhile True:\n    pass\n"
    room = await server.create_room(code=code)
    link = room.links["host"].replace("127.0.0.1", CLASSROOM)
    async with Person.entering(browser, link, "Ada") as ada:
        await ada.until_python_is_ready()
        assert not await ada.page.evaluate("crossOriginIsolated")
        await expect(ada.page.get_by_text("This page is not isolated")).to_be_visible()
        await ada.starts_the_program()
        await ada.program_input.fill("Ada")
        await ada.program_input.press("Enter")
        await expect(ada.output).to_contain_text("Hi Ada\nbusy")
        await ada.stop_button.click()
        seen = await ada.until_the_run_ends()
        assert "Python was restarted" in seen.remark
        await ada.starts_the_program()
        await expect(ada.program_input).to_be_visible()
