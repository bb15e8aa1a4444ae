"""Turtle drawings in the output: seen while they are drawn, and whole at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, expect
from support.browser import Person
from support.server import Server

# How many drawings the page was given while it looked.
COUNT_PICTURES = """() => {
    window.pictures = 0;
    new MutationObserver(changes => { window.pictures += changes.length; })
        .observe(document.body, { subtree: true, attributes: true, attributeFilter: ["src"] });
}"""


@asynccontextmanager
async def drawing(server: Server, browser: Browser, code: str) -> AsyncIterator[Person]:
    room = await server.create_room(code=code)
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        yield ada


async def test_a_drawing_moves_while_it_is_drawn_and_is_one_picture(server: Server, browser: Browser) -> None:
    code = """
from turtle import *
title('A square')
for _ in range(4):
    forward(100)
    left(90)
print(heading(), abs(position()) < 1e-9)
done()
"""
    async with drawing(server, browser, code) as ada:
        await ada.page.evaluate(COUNT_PICTURES)
        for _ in range(2):
            seen = await ada.runs_the_program()
            assert (seen.stdout, seen.stderr) == ("0.0 True\n", "")
            await expect(ada.output.get_by_role("img")).to_have_count(1)
            await expect(ada.output.get_by_role("img")).to_have_attribute("alt", "Turtle drawing: A square")
        assert await ada.page.evaluate("pictures") > 10


async def test_many_lines_at_speed_nought_are_all_there_at_the_end(server: Server, browser: Browser) -> None:
    code = """
import turtle
turtle.speed(0)
turtle.hideturtle()
for n in range(2_000):
    turtle.pencolor('red' if n % 2 else 'blue')
    turtle.forward(n / 10)
    turtle.left(61)
"""
    async with drawing(server, browser, code) as ada:
        await ada.runs_the_program()
        picture = ada.output.get_by_role("img")
        await expect(picture).to_have_js_property("naturalWidth", 800)
        async with ada.page.expect_download() as downloading:
            await ada.output.get_by_role("button", name="Download").click()
        svg = (await (await downloading.value).path()).read_text()
        assert svg.count("<polyline") == 2_000


async def test_an_endless_drawing_can_be_stopped(server: Server, browser: Browser) -> None:
    code = "import turtle\nwhile True:\n    turtle.circle(80)\n    turtle.left(10)\n"
    async with drawing(server, browser, code) as ada:
        await ada.starts_the_program()
        await expect(ada.output.get_by_role("img")).to_be_visible()
        await ada.stop_button.click()
        seen = await ada.until_the_run_ends()
        assert seen.stderr.endswith("KeyboardInterrupt\n")
        assert "_caretroom" not in seen.stderr
        assert "restarted" not in seen.remark


async def test_a_drawing_is_seen_before_the_program_asks(server: Server, browser: Browser) -> None:
    code = (
        "import turtle\nturtle.speed(0)\nturtle.dot(50)\ncolour = turtle.textinput('Colour', 'Which?')\nprint(colour)\n"
    )
    async with drawing(server, browser, code) as ada:
        await ada.starts_the_program()
        await expect(ada.output.get_by_role("img")).to_be_visible()
        await ada.program_input.fill("red")
        await ada.program_input.press("Enter")
        assert (await ada.until_the_run_ends()).stdout.endswith("red\n")


async def test_a_file_of_the_room_called_turtle_goes_first(server: Server, browser: Browser) -> None:
    code = "open('turtle.py', 'w').write('WORD = 1')\nimport importlib\nimportlib.invalidate_caches()\nimport turtle\n"
    async with drawing(server, browser, code + "print(turtle.WORD)\n") as ada:
        assert (await ada.runs_the_program()).stdout == "1\n"


async def test_an_error_of_a_turtle_names_the_programs_line_only(server: Server, browser: Browser) -> None:
    async with drawing(server, browser, "import turtle\nturtle.color('bluish')\n") as ada:
        seen = await ada.runs_the_program()
        assert seen.stderr == (
            'Traceback (most recent call last):\n  File "/room/main.py", line 2, in <module>\n'
            "    turtle.color('bluish')\n    ~~~~~~~~~~~~^^^^^^^^^^\n"
            "turtle.TurtleGraphicsError: bad color string: bluish\n"
        )
