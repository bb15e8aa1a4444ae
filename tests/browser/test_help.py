"""Help while typing: problems, fixes, Format, completion and documentation, all of it the reader's own."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Request, Route, expect
from support.browser import Person, open_chromium
from support.server import NewRoom, Server

# Two engines are read and compiled while other tests keep the processor busy.
HELP_COMES_WITHIN = 60
ANSWER_COMES_WITHIN_MS = 30_000
ENGINES = re.compile(r"/assets/(assistant|lint-worker|ruff_wasm|pyright)")
PYODIDE = re.compile(r"/pyodide/")

# What is written, without the names of those whose carets stand in it.
READ_LINES = """editor => [...editor.querySelectorAll('.cm-line')].map(line => {
    const copy = line.cloneNode(true);
    for (const caret of copy.querySelectorAll('.remote-caret')) caret.remove();
    return copy.textContent;
})"""

HELPERS = """class Shelf:
    def __init__(self):
        self.books = []


def greet(name):
    '''Says hello to somebody, <b>always</b> kindly.'''
    return 'Hello, ' + name
"""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_chromium() as browser:
        yield browser


class Writer:
    """Somebody at the editor."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.page = person.page
        self.keyboard = person.page.keyboard
        self.editor = person.page.get_by_role("textbox", name="Code editor")
        self.problems = person.page.get_by_role("button", name=re.compile(r"^(No problems|\d+ problems?)$"))
        self.listed_problems = person.page.get_by_role("listbox", name="Problems").get_by_role("option")
        self.format = person.page.get_by_role("button", name="Format", exact=True)
        self.completions = person.page.get_by_role("listbox", name="Completions").get_by_role("option")
        self.documentation = person.page.locator(".cm-documentation")

    async def until_problems_are(self, words: str) -> None:
        await expect(self.problems).to_have_text(words, timeout=HELP_COMES_WITHIN * 1000)

    async def until_names_are_explained(self) -> None:
        """The caret stands on a name that the library knows."""
        async with asyncio.timeout(HELP_COMES_WITHIN):
            while not await self.documentation.count():
                await self.keyboard.press("F1")
                await asyncio.sleep(0.2)  # the engine has no other way to say that it has come
        await self.keyboard.press("Escape")
        await expect(self.documentation).to_have_count(0)

    async def goes_to(self, line: int) -> None:
        await self.editor.click()
        await self.keyboard.press("Control+Home")
        for _ in range(line - 1):
            await self.keyboard.press("ArrowDown")

    async def is_offered(self, typed: str, label: str) -> None:
        await self.keyboard.type(typed)
        offer = self.completions.filter(has_text=re.compile(f"^{re.escape(label)}$"))
        await expect(offer.first).to_be_visible(timeout=ANSWER_COMES_WITHIN_MS)

    async def accepts(self) -> None:
        await asyncio.sleep(0.1)  # CodeMirror takes no key for a list that has only just opened
        await self.keyboard.press("Tab")

    async def until_lines_are(self, *lines: str) -> None:
        await self.page.wait_for_function(
            f"([editor, lines]) => JSON.stringify(({READ_LINES})(editor)) === lines",
            arg=[await self.editor.element_handle(), json.dumps(lines, separators=(",", ":"))],
        )

    async def lines(self) -> list[str]:
        lines: list[str] = await self.editor.evaluate(READ_LINES)
        return lines

    async def adds_a_file(self, name: str, text: str) -> None:
        await self.page.get_by_role("button", name="New file").click()
        await self.page.get_by_role("textbox", name="File name").fill(name)
        await self.keyboard.press("Enter")
        await expect(self.page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        await self.editor.click()
        await self.keyboard.insert_text(text)


@asynccontextmanager
async def two_writers(browser: Browser, room: NewRoom) -> AsyncIterator[tuple[Writer, Writer]]:
    async with (
        Person.entering(browser, room.links["host"], "Ada") as ada,
        Person.entering(browser, room.links["editor"], "Bob") as bob,
    ):
        yield Writer(ada), Writer(bob)


async def recorded_changes(server: Server, room: NewRoom) -> int:
    headers = {"Authorization": f"Bearer {room.token('host')}"}
    answer = await server.http.get(f"/api/rooms/{room.id}/history", headers=headers)
    assert answer.status_code == 200
    return len(answer.json()["entries"])


async def test_nothing_of_help_is_fetched_before_the_editor_can_be_used(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="import os\n")
    context = await browser.new_context()
    page = await context.new_page()
    fetched: list[str] = []

    def note(request: Request) -> None:
        if ENGINES.search(request.url):
            fetched.append(request.url)

    may_load = asyncio.Event()

    async def hold(route: Route) -> None:
        await may_load.wait()
        await route.continue_()

    page.on("request", note)
    await page.route(PYODIDE, hold)
    await page.goto(room.links["host"])
    await page.get_by_role("textbox", name="Your name").fill("Ada")
    await page.get_by_role("button", name="Join").click()
    ada = Writer(Person(page))
    await ada.goes_to(2)
    await ada.keyboard.type("x = 1")
    await expect(ada.editor).to_contain_text("x = 1")
    assert fetched == []
    may_load.set()
    await ada.until_problems_are("1 problem")
    assert len(set(fetched)) == 4, fetched
    await context.close()


async def test_help_that_does_not_come_disturbs_nobody(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="print(1)\n")
    async with Person.entering(browser, room.links["host"], "Ada") as person:
        ada = Writer(person)
        refused = asyncio.Event()

        async def refuse(route: Route) -> None:
            await route.abort()
            refused.set()

        await person.page.context.route(ENGINES, refuse)
        await person.until_python_is_ready()
        await asyncio.wait_for(refused.wait(), HELP_COMES_WITHIN)
        await ada.goes_to(2)
        await ada.keyboard.type("print(2)")
        assert (await person.runs_the_program()).stdout == "1\n2\n"
        assert await ada.problems.count() == await ada.format.count() == 0
        assert await person.page.get_by_role("status", name="Notices").inner_text() == ""


async def test_a_problem_is_found_read_and_fixed_by_keyboard(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="import os\nprint('a')\nprnt('b')\n")
    async with Person.entering(browser, room.links["host"], "Ada") as person:
        ada = Writer(person)
        await ada.until_problems_are("2 problems")
        await ada.goes_to(4)
        await ada.keyboard.type("y = 1")
        await ada.keyboard.press("Control+Home")
        await ada.keyboard.press("F8")
        await expect(ada.page.locator(".cm-diagnostic")).to_contain_text("os is imported but never used. F401")
        await expect(ada.page.locator(".cm-announced")).to_contain_text("Remove unused import")
        await ada.keyboard.press("Control+.")
        await ada.until_problems_are("1 problem")
        assert await ada.lines() == ["print('a')", "prnt('b')", "y = 1"]
        await ada.keyboard.press("Control+z")  # takes back the fix and not what was typed before it
        assert await ada.lines() == ["import os", "print('a')", "prnt('b')", "y = 1"]
        await ada.until_problems_are("2 problems")
        await ada.problems.click()  # the list has the fixes, too
        await expect(ada.listed_problems).to_have_count(2)
        await ada.listed_problems.first.get_by_role("button").click()
        await ada.until_problems_are("1 problem")
        assert await ada.lines() == ["print('a')", "prnt('b')", "y = 1"]


async def test_format_leaves_the_others_caret_at_its_character(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="import  math\nwide=[1,2]\nprint( wide,math.pi )\n")
    async with two_writers(browser, room) as (ada, bob):
        await ada.until_problems_are("No problems")
        await bob.goes_to(3)
        for _ in "print( wi":
            await bob.keyboard.press("ArrowRight")
        await ada.goes_to(2)
        await ada.keyboard.press("Shift+Alt+f")
        await bob.until_lines_are("import math", "", "wide = [1, 2]", "print(wide, math.pi)", "")
        await bob.keyboard.type("X")
        await ada.until_lines_are("import math", "", "wide = [1, 2]", "print(wiXde, math.pi)", "")
        await ada.keyboard.press("Control+z")  # one step, and Bob's letter stays
        await bob.until_lines_are("import  math", "wide=[1,2]", "print( wiXde,math.pi )", "")


async def test_code_that_cannot_be_read_is_not_formatted_and_says_where(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="x=1\nif x\n  print(x)\n")
    async with Person.entering(browser, room.links["host"], "Ada") as person:
        ada = Writer(person)
        await ada.until_problems_are("1 problem")
        await ada.format.click()
        await expect(ada.page.get_by_role("status", name="Notices")).to_contain_text("Line 2 has to be mended")
        assert (await ada.lines())[0] == "x=1"


async def test_names_are_completed_and_explained_while_a_program_loops(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="go = print(1) is None\nwhile go:\n    pass\n")
    async with Person.entering(browser, room.links["host"], "Ada") as person:
        ada = Writer(person)
        await ada.adds_a_file("helpers.py", HELPERS)
        await ada.page.get_by_role("tab", name="main.py").click()
        await person.until_python_is_ready()
        await person.starts_the_program()
        await ada.goes_to(1)
        await ada.until_names_are_explained()
        await ada.goes_to(4)
        await ada.is_offered("import hel", "helpers")
        await ada.accepts()
        await ada.keyboard.press("Enter")
        await ada.is_offered("helpers.gr", "greet")
        await ada.accepts()
        await ada.keyboard.press("F1")
        await expect(ada.documentation).to_contain_text("<b>always</b> kindly", timeout=ANSWER_COMES_WITHIN_MS)
        await ada.keyboard.press("Escape")
        await ada.keyboard.type("(")
        signature = ada.page.locator(".cm-lsp-signature-tooltip")
        await expect(signature).to_contain_text("name", timeout=ANSWER_COMES_WITHIN_MS)
        await ada.keyboard.press("End")
        await ada.keyboard.press("Enter")
        await ada.is_offered("helpers.Shelf().bo", "books")
        await ada.accepts()
        await ada.is_offered(".app", "append")
        await ada.accepts()
        assert (await ada.lines())[3:] == ["import helpers", "helpers.greet()", "helpers.Shelf().books.append"]
        await ada.keyboard.press("Enter")
        await ada.is_offered("import ma", "math")
        assert await ada.completions.get_by_text("markdown").count() == 0  # known to the engine, not to the room
        await ada.keyboard.press("Escape")
        await ada.editor.get_by_text("print").first.hover()
        await expect(ada.documentation).to_contain_text("Prints the values", timeout=ANSWER_COMES_WITHIN_MS)
        await expect(person.python).to_have_text("Running")
        await person.page.context.set_offline(True)  # once there, help needs nobody
        await ada.keyboard.press("Control+End")
        await ada.keyboard.press("Enter")
        await ada.is_offered("'a'.up", "upper")


async def test_a_viewer_sees_problems_and_no_fixes(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="import os\n")
    async with Person.entering(browser, room.links["viewer"], "Eve") as person:
        eve = Writer(person)
        await eve.until_problems_are("1 problem")
        assert await eve.format.count() == 0
        await eve.goes_to(1)
        await eve.keyboard.press("F8")
        await expect(eve.page.locator(".cm-diagnostic")).to_contain_text("imported but never used")
        for keys in ("Control+.", "Shift+Alt+f"):
            await eve.keyboard.press(keys)
        await eve.problems.click()
        await expect(eve.listed_problems).to_have_count(1)
        assert await eve.listed_problems.get_by_role("button").count() == 0
        assert (await eve.lines())[0] == "import os"


async def test_what_help_shows_is_in_nobody_elses_room(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="import os\nprint(1)\n")
    async with two_writers(browser, room) as (ada, bob):
        await ada.until_problems_are("1 problem")
        await bob.until_problems_are("1 problem")
        before = await recorded_changes(server, room)
        await ada.goes_to(2)
        await ada.until_names_are_explained()
        await ada.keyboard.press("F1")
        await expect(ada.documentation).to_be_visible()
        await ada.keyboard.press("F8")
        await expect(ada.page.locator(".cm-diagnostic")).to_be_visible()
        await ada.keyboard.press("Control+End")
        await ada.keyboard.press("Control+Space")
        await expect(ada.completions.first).to_be_visible(timeout=ANSWER_COMES_WITHIN_MS)
        assert await bob.page.locator(".cm-tooltip, .cm-panel").count() == 0
        assert await recorded_changes(server, room) == before
        assert await bob.lines() == ["import os", "print(1)", ""]
