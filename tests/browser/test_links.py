"""New links for a room whose old ones came into the wrong hands."""

from playwright.async_api import Browser, expect
from support.browser import Person
from support.server import Server


async def test_a_host_replaces_the_links_and_goes_on_typing(browser: Browser, server: Server) -> None:
    room = await server.create_room(code="")
    async with (
        Person.entering(browser, room.links["host"], "Ada") as ada,
        Person.entering(browser, room.links["editor"], "Mallory") as mallory,
    ):
        await expect(mallory.page.get_by_role("status", name="Connection")).to_contain_text("Live")
        await ada.page.get_by_role("button", name="Share", exact=True).click()
        dialog = ada.page.get_by_role("dialog", name="Share this room")
        old = await dialog.get_by_role("textbox", name="Editor link").input_value()
        await dialog.get_by_role("button", name="New links").click()
        await dialog.get_by_role("button", name="Replace all links").click()
        await expect(dialog.get_by_role("status").filter(has_text="These are the new links")).to_be_visible()
        new = await dialog.get_by_role("textbox", name="Editor link").input_value()
        assert new != old
        await ada.page.keyboard.press("Escape")

        closed = mallory.page.get_by_role("status", name="Connection")
        await expect(closed).to_contain_text("Closed")
        await expect(mallory.page.get_by_text("was replaced by a new one").first).to_be_visible()

        await expect(ada.page.get_by_role("status", name="Connection")).to_contain_text("Live")
        await ada.page.get_by_role("textbox", name="Code editor").click()
        await ada.page.keyboard.insert_text("x = 1")
        async with Person.entering(browser, new, "Bob") as bob:
            await expect(bob.page.get_by_role("textbox", name="Code editor")).to_contain_text("x = 1")
        await ada.page.reload()
        await expect(ada.page.get_by_role("status", name="Connection")).to_contain_text("Live")


async def test_those_who_are_no_host_are_not_offered_new_links(browser: Browser, server: Server) -> None:
    room = await server.create_room()
    async with Person.entering(browser, room.links["editor"], "Bob") as bob:
        await bob.page.get_by_role("button", name="Share", exact=True).click()
        dialog = bob.page.get_by_role("dialog", name="Share this room")
        await expect(dialog.get_by_role("textbox", name="Editor link")).to_be_visible()
        await expect(dialog.get_by_role("button", name="New links")).to_have_count(0)
