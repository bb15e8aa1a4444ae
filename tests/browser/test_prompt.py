"""The prompt after a run, by keyboard, as one person in one browser uses it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect
from support.browser import Person
from support.stage import Stage


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with Stage.opened("isolated", tmp_path_factory.mktemp("prompt")) as stage:
        yield stage


async def runs(stage: Stage, code: str, **files: str) -> None:
    await stage.write({"main.py": code, **{f"{name}.py": text for name, text in files.items()}})
    await stage.runner.runs_the_program()


async def enters(person: Person, *lines: str) -> str:
    """Types at the prompt and returns the whole output after it."""
    await person.prompt.focus()
    for line in lines:
        await person.page.keyboard.insert_text(line)
        await person.prompt.press("Enter")
    await expect(person.prompt).to_have_value("")
    await person.until_the_run_ends()
    return await person.output.inner_text()


async def test_the_prompt_goes_on_with_the_programs_names(stage: Stage) -> None:
    ada = stage.runner
    await runs(
        stage,
        "import tools\nx = 40\ndef double(n):\n    return tools.twice(n)\n",
        tools="def twice(n):\n    return 2 * n\n",
    )
    assert (await enters(ada, "x + 2")).endswith(">>> x + 2\n42\n")
    assert (await enters(ada, "double(_)")).endswith(">>> double(_)\n84\n")
    assert (await enters(ada, "y = 1")).endswith(">>> y = 1\n")
    assert (await enters(ada, "import tools; tools.twice(y)")).endswith("\n2\n")
    await expect(ada.run_state).to_have_attribute("data-state", "ok")
    await expect(ada.prompt).to_be_focused()


SQUARE = """
import turtle
turtle.speed(0)
turtle.forward(50)

class Square:
    def _repr_svg_(self):
        return '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'

square = Square()
"""


async def test_a_value_that_can_show_itself_is_shown_and_a_drawing_goes_on(stage: Stage) -> None:
    ada = stage.runner
    await runs(stage, SQUARE)
    pictures = ada.output.get_by_role("img")
    await expect(pictures).to_have_count(1)
    await enters(ada, "square")
    await expect(pictures.nth(1)).to_have_attribute("alt", "Square")
    assert (await enters(ada, "_ is square")).endswith(">>> _ is square\nTrue\n")
    await enters(ada, "turtle.title('More'); turtle.forward(50)")
    await expect(pictures).to_have_count(2)
    await expect(pictures.first).to_have_attribute("alt", "Turtle drawing: More")


async def test_a_block_goes_on_until_an_empty_line(stage: Stage) -> None:
    ada = stage.runner
    await runs(stage, "")
    await ada.prompt.focus()
    await ada.page.keyboard.type("for n in range(3):")
    await ada.page.keyboard.press("Enter")
    await expect(ada.prompt).to_have_value("for n in range(3):\n    ")
    await ada.page.keyboard.type("print(n * n)")
    await ada.page.keyboard.press("Enter")
    await expect(ada.prompt).to_have_value("for n in range(3):\n    print(n * n)\n    ")
    await ada.page.keyboard.press("Enter")
    await expect(ada.output).to_contain_text(">>> for n in range(3):\n...     print(n * n)\n0\n1\n4\n")


async def test_what_is_pasted_runs_whole_and_shows_its_last_value(stage: Stage) -> None:
    ada = stage.runner
    await runs(stage, "")
    seen = await enters(ada, "def cube(n):\n    return n ** 3\n\n'not this'\ncube(3)")
    assert seen.endswith("... cube(3)\n27\n")


async def test_up_and_down_bring_back_what_was_typed(stage: Stage) -> None:
    ada = stage.runner
    await runs(stage, "")
    await enters(ada, "first = 1")
    await enters(ada, "second = 2")
    await ada.page.keyboard.type("half")
    for key, value in [
        ("ArrowUp", "second = 2"),
        ("ArrowUp", "first = 1"),
        ("ArrowDown", "second = 2"),
        ("ArrowDown", "half"),
    ]:
        await ada.page.keyboard.press(key)
        await expect(ada.prompt).to_have_value(value)
    await ada.page.keyboard.press("Shift+Enter")
    await expect(ada.prompt).to_have_value("half\n")
    await ada.page.keyboard.press("Tab")
    await expect(ada.prompt).not_to_be_focused()
    await ada.prompt.fill("")


async def test_errors_input_and_await_work_at_the_prompt(stage: Stage) -> None:
    ada = stage.runner
    await runs(stage, "import asyncio\ndef fail(n):\n    return 1 / n\n")
    seen = await enters(ada, "fail(0)")
    assert 'File "<prompt>", line 1, in <module>\n    fail(0)\n' in seen
    assert "divided by 0" in seen
    await expect(ada.page.locator(".failed-line")).to_have_text("    return 1 / n")
    assert (await enters(ada, "await asyncio.sleep(0.01, 'slept')")).endswith("'slept'\n")
    await ada.prompt.fill("name = input('Who? ')")
    await ada.prompt.press("Enter")
    await expect(ada.program_input).to_be_focused()
    await ada.program_input.fill("Ada")
    await ada.program_input.press("Enter")
    await ada.until_the_run_ends()
    await expect(ada.prompt).to_be_focused()
    assert (await enters(ada, "name")).endswith(">>> name\n'Ada'\n")


async def test_stop_ends_a_statement_and_keeps_the_names(stage: Stage) -> None:
    ada = stage.runner
    await runs(stage, "kept = 'still here'\n")
    await ada.prompt.fill("while True: pass\n")
    await ada.prompt.press("Enter")
    await ada.stop_button.click()
    await ada.until_the_run_ends()
    await expect(ada.output).to_contain_text("KeyboardInterrupt")
    assert (await enters(ada, "kept")).endswith("'still here'\n")


async def test_a_program_ends_before_the_prompt_goes_on(stage: Stage) -> None:
    """Its generators are closed and its files written, as at the end of a process; only then comes the prompt."""
    ada = stage.runner
    code = (
        "import atexit\natexit.register(print, 'atexit')\n"
        "class Thing:\n    def __del__(self):\n        print('del', thing is self)\n"
        "def count():\n    try:\n        yield 1\n    finally:\n        print('closed')\n"
        "numbers = count()\nnext(numbers)\nthing = Thing()\nfile = open('out.txt', 'w')\nfile.write('written')\n"
    )
    await stage.write({"main.py": code})
    seen = await ada.runs_the_program()
    assert seen.stdout == "atexit\nclosed\ndel True\n"
    assert (await enters(ada, "open('out.txt').read()")).endswith("'written'\n")
    assert "closed" not in (await enters(ada, "list(numbers)")).removeprefix(seen.stdout)
    # What was made at the prompt is gone without a word when the next program begins.
    await enters(ada, "another = Thing()")
    await stage.write({"main.py": "print('another' in globals())\n"})
    assert (await ada.runs_the_program()).stdout == "False\n"


async def test_a_restarted_python_has_no_names(stage: Stage) -> None:
    ada = stage.runner
    await stage.write({"main.py": "x = 1\nimport os\nos._exit(1)\n"})
    seen = await ada.runs_the_program()
    assert "Python was restarted" in seen.remark
    assert "NameError: name 'x' is not defined" in await enters(ada, "x")


async def test_the_prompt_works_before_any_run_and_others_see_it(tmp_path: Path) -> None:
    async with Stage.opened("isolated", tmp_path) as stage:
        ada = stage.runner
        browser = ada.page.context.browser
        assert browser is not None
        await stage.write({"main.py": "", "tools.py": "word = 'room'\n"})
        await ada.page.get_by_role("switch", name="Share my output").click()
        await enters(ada, "import tools; tools.word")
        async with Person.entering(browser, ada.page.url, "Mei") as mei:
            shared = mei.page.get_by_role("region", name="Output of Runner").get_by_role("log")
            await expect(shared).to_have_text(">>> import tools; tools.word\n'room'\n")
            await enters(ada, "1 + 1")
            await expect(shared).to_contain_text(">>> 1 + 1\n2\n")
