"""People in one room, each in a browser of their own."""

import asyncio
import sqlite3

from caretroom.document import Document
from playwright.async_api import Browser, Locator, expect
from support.browser import Person
from support.server import Server


def editor(person: Person) -> Locator:
    return person.page.get_by_role("textbox", name="Code editor")


def connection(person: Person) -> Locator:
    return person.page.get_by_role("status", name="Connection")


async def code(person: Person) -> str:
    lines: list[str] = await editor(person).evaluate(
        """element => [...element.querySelectorAll('.cm-line')].map(line => {
            const copy = line.cloneNode(true);
            for (const caret of copy.querySelectorAll('.remote-caret')) caret.remove();
            return copy.textContent;
        })"""
    )
    return "\n".join(lines)


async def until_saved(person: Person) -> None:
    await expect(person.page.get_by_role("status", name="Saved")).to_contain_text("Saved", timeout=20_000)


async def test_a_room_is_started_shared_and_entered_by_name(browser: Browser, server: Server) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(server.url)
    await page.get_by_role("button", name="Pair").click()
    await page.get_by_role("textbox", name="Your name").fill("Ada")
    await page.get_by_role("button", name="Join").click()
    ada = Person(page)
    await expect(connection(ada)).to_contain_text("Live")
    await page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name="Share this room")
    link = await dialog.get_by_role("textbox", name="Editor link").input_value()
    join_code = await dialog.get_by_role("textbox", name="Join code").input_value()
    assert link.startswith(f"{server.url}/r/")
    await page.keyboard.press("Escape")
    async with Person.entering(browser, link, "Bob") as bob:
        await expect(page.get_by_role("list", name="People").get_by_role("listitem")).to_have_count(2)
        await expect(page.get_by_role("list", name="People")).to_contain_text("Bob")
        await expect(bob.page.get_by_role("list", name="People")).to_contain_text("Ada")
        await expect(connection(bob)).to_contain_text("Live")
    student = await (await browser.new_context()).new_page()
    await student.goto(server.url)
    await student.get_by_role("textbox", name="code").first.fill(join_code)
    await student.keyboard.press("Enter")
    await student.get_by_role("textbox", name="Your name").fill("Eve")
    await student.get_by_role("button", name="Join").click()
    await expect(student.get_by_role("list", name="People")).to_contain_text("Viewer")
    await student.context.close()
    await context.close()


async def test_two_who_type_at_once_end_with_the_same_text(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="\n")
    async with (
        Person.entering(browser, room.links["host"], "Ada") as ada,
        Person.entering(browser, room.links["editor"], "Bob") as bob,
    ):
        for person in (ada, bob):
            await expect(connection(person)).to_contain_text("Live")
            await editor(person).click()
        await bob.page.keyboard.press("Control+End")
        await asyncio.gather(
            ada.page.keyboard.type("a = 1  # Ada" * 3, delay=5),
            bob.page.keyboard.type("b = 2  # Bob" * 3, delay=5),
        )
        await expect(ada.page.locator(".remote-name", has_text="Bob")).to_have_count(1)
        await expect(bob.page.locator(".remote-name", has_text="Ada")).to_have_count(1)
        await asyncio.gather(until_saved(ada), until_saved(bob))
        assert (await code(ada)).count("Ada") == 3
        assert (await code(ada)).count("Bob") == 3
        assert await code(ada) == await code(bob)
        await ada.page.keyboard.press("Control+z")  # my undo takes back what I typed, not what Bob did
        await expect(editor(bob)).not_to_contain_text("# Ada")
        await expect(editor(bob)).to_contain_text("b = 2  # Bob")


async def test_output_is_shared_live_and_with_a_late_joiner(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="print('<b>hello</b>')\nprint(1 / 0)\n")
    async with (
        Person.entering(browser, room.links["host"], "Ada") as ada,
        Person.entering(browser, room.links["viewer"], "Eve") as eve,
    ):
        await ada.until_python_is_ready()
        await ada.page.get_by_role("switch", name="Share my output").click()
        await ada.runs_the_program()
        pane = eve.page.get_by_role("region", name="Output of Ada")
        await expect(pane.get_by_role("log")).to_contain_text("<b>hello</b>")
        await expect(pane.get_by_role("log")).to_contain_text("ZeroDivisionError: division by zero")
        await expect(pane).to_contain_text("error", ignore_case=True)
        async with Person.entering(browser, room.links["editor"], "Late") as late:
            pane = late.page.get_by_role("region", name="Output of Ada")
            await expect(pane.get_by_role("log")).to_contain_text("<b>hello</b>")


async def test_a_viewer_cannot_type_and_is_told_why(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="x = 1\n")
    async with Person.entering(browser, room.links["viewer"], "Eve") as eve:
        await expect(editor(eve)).to_contain_text("x = 1")
        await editor(eve).click()
        await eve.page.keyboard.type("evil")
        await expect(eve.page.get_by_text("View only").first).to_be_visible()
        assert (await code(eve)).strip() == "x = 1"


async def test_a_killed_server_loses_and_doubles_nothing(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="\n")
    async with (
        Person.entering(browser, room.links["host"], "Ada") as ada,
        Person.entering(browser, room.links["editor"], "Bob") as bob,
    ):
        for person in (ada, bob):
            await expect(connection(person)).to_contain_text("Live")
            await editor(person).click()
        await bob.page.keyboard.press("Control+End")

        async def crash() -> None:
            await asyncio.sleep(0.3)
            await server.kill()
            await asyncio.sleep(0.5)
            await server.start()

        await asyncio.gather(
            ada.page.keyboard.type("A" * 150, delay=8), bob.page.keyboard.type("B" * 150, delay=8), crash()
        )
        for person in (ada, bob):
            await expect(connection(person)).to_contain_text("Live", timeout=30_000)
            await until_saved(person)
        await expect(editor(ada)).to_contain_text("A" * 20)
        for person in (ada, bob):
            await person.page.wait_for_function(
                """() => { const text = [...document.querySelectorAll('.cm-line')].map(line => {
                    const copy = line.cloneNode(true);
                    for (const caret of copy.querySelectorAll('.remote-caret')) caret.remove();
                    return copy.textContent; }).join('');
                  return [...text].filter(c => c === 'A').length === 150
                    && [...text].filter(c => c === 'B').length === 150; }"""
            )
        assert await code(ada) == await code(bob)
        database = sqlite3.connect(server.folder / "rooms.db")
        rows = database.execute("SELECT data FROM entries WHERE room = ? ORDER BY position", (room.id,)).fetchall()
        database.close()
        assert Document(row[0] for row in rows).files()[0].text == await code(ada)


async def test_edits_made_offline_survive_a_reload(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="\n")
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await expect(connection(ada)).to_contain_text("Live")
        await until_saved(ada)
        await server.kill()
        await expect(connection(ada)).not_to_contain_text("Live")
        await ada.writes("typed = 'offline'")
        await expect(editor(ada)).to_contain_text("typed = 'offline'")
        await asyncio.sleep(0.5)  # IndexedDB writes in its own time and tells nobody
        await server.start()
        await ada.page.reload()
        await expect(connection(ada)).to_contain_text("Live", timeout=30_000)
        await expect(editor(ada)).to_contain_text("typed = 'offline'")
        await until_saved(ada)
        assert (await code(ada)).count("typed") == 1
