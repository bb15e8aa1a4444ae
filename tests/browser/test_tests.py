"""Tests in the room: doctests, unittest's and plain functions, and what is seen when they fail."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, expect
from support.browser import Person
from support.stage import Stage

CODE = '''\
import unittest

def add(a, b):
    """
    >>> add(1, 2)
    4
    """
    return a + b

calls = 0

def count():
    global calls
    calls += 1
    return calls

def test_sum():
    print("not on the way")
    assert add(2, 2) == 4

def test_lists():
    assert [1, count()] == [1, 7], "as counted"

def test_counted_once():
    assert calls == 1

def test_breaks():
    return 1 / 0

async def test_awaits():
    import asyncio
    assert await asyncio.sleep(0, "slept") == "slept"

class TestThings:
    def setup_method(self):
        self.thing = 3

    def test_thing(self):
        assert self.thing in (1, 2)

class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ready = True

    def test_equal(self):
        self.assertEqual("one", "two")

    @unittest.skip("not now")
    def test_later(self):
        pass

    @unittest.expectedFailure
    def test_known(self):
        self.fail()

    def test_parts(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertNotEqual(n, 1)

if __name__ == "__main__":
    print("as a program")
'''


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with Stage.opened("isolated", tmp_path_factory.mktemp("tests")) as stage:
        yield stage


def results(person: Person) -> Locator:
    return person.page.get_by_role("region", name="Test results")


def result(person: Person, name: str) -> Locator:
    return results(person).get_by_role("listitem").filter(has_text=name)


async def runs_the_tests(stage: Stage, files: dict[str, str]) -> None:
    await stage.write(files)
    await stage.runner.starts(stage.runner.page.get_by_role("button", name="Run tests"))


async def test_each_test_is_told_with_what_it_failed_for(stage: Stage) -> None:
    ada = stage.runner
    await runs_the_tests(
        stage, {"main.py": CODE, "test_more.py": "from main import add\n\ndef test_more():\n    add(1)\n"}
    )
    seen = await ada.until_the_run_ends()
    assert "as a program" not in seen.stdout
    await expect(results(ada).get_by_role("status")).to_have_text("4 passed, 5 failed, 2 errors, 1 skipped")
    await expect(result(ada, "add (doctest)")).to_contain_text("- 3\n+ 4")
    await expect(result(ada, "test_sum")).to_contain_text("passed")
    await expect(result(ada, "test_lists")).to_contain_text(
        "as counted\n[1, count()] is [1, 1], and should be equal to [1, 7]"
    )
    await expect(result(ada, "test_lists").locator(".line-wanted")).to_have_text("+  7]\n")
    await expect(result(ada, "test_counted_once")).to_contain_text("passed")
    await expect(result(ada, "test_breaks")).to_contain_text("ZeroDivisionError: division by zero")
    await expect(result(ada, "test_awaits")).to_contain_text("passed")
    await expect(result(ada, "TestThings.test_thing")).to_contain_text("self.thing is 3, and should be in (1, 2)")
    await expect(result(ada, "Case.test_equal")).to_contain_text("- one\n+ two")
    await expect(result(ada, "Case.test_later")).to_contain_text("not now")
    await expect(result(ada, "Case.test_known")).to_contain_text("passed")
    await expect(result(ada, "Case.test_parts")).to_contain_text("(n=1) 1 == 1")
    await expect(result(ada, "test_more")).to_contain_text("missing 1 required positional argument")
    await expect(ada.run_state).to_have_attribute("data-state", "error")


async def test_a_failure_leads_to_its_line(stage: Stage) -> None:
    ada = stage.runner
    await runs_the_tests(stage, {"main.py": "def test_it():\n    x = 1\n    assert x == 2\n"})
    await result(ada, "test_it").get_by_role("button", name="Go to main.py line 3").press("Enter")
    await expect(ada.page.locator(".cm-activeLine")).to_have_text("    assert x == 2")


async def test_the_keyboard_runs_the_tests(stage: Stage) -> None:
    ada = stage.runner
    await stage.write({"main.py": "def test_it():\n    pass\n"})
    await ada.page.get_by_role("textbox", name="Code editor").press("Control+Shift+Enter")
    await expect(results(ada).get_by_role("status")).to_have_text("1 passed")


async def test_a_test_without_an_end_is_stopped(stage: Stage) -> None:
    ada = stage.runner
    code = "def test_fine():\n    pass\ndef test_endless():\n    while True: pass\ndef test_never():\n    pass\n"
    await runs_the_tests(stage, {"main.py": code})
    await expect(results(ada).get_by_role("status")).to_have_text("1 passed, test_endless is running")
    await ada.stop_button.click()
    await ada.until_the_run_ends()
    await expect(results(ada).get_by_role("status")).to_have_text("1 passed, 1 stopped")
    await expect(result(ada, "test_never")).to_have_count(0)


async def test_files_without_tests_and_files_that_break_say_so(stage: Stage) -> None:
    ada = stage.runner
    await runs_the_tests(stage, {"main.py": "x = 1\n"})
    await expect(results(ada).get_by_role("status")).to_contain_text("There are no tests in main.py.")
    await runs_the_tests(stage, {"main.py": "def test(:\n"})
    await expect(result(ada, "main.py")).to_contain_text("SyntaxError: invalid syntax")
    await stage.write({"main.py": "print('a program again')\n"})
    assert (await ada.runs_the_program()).stdout == "a program again\n"
    await expect(results(ada)).to_have_count(0)


async def test_the_prompt_reaches_what_was_tested_and_others_see_a_summary(stage: Stage) -> None:
    ada = stage.runner
    browser = ada.page.context.browser
    assert browser is not None
    await ada.page.get_by_role("switch", name="Share my output").click()
    await runs_the_tests(stage, {"main.py": "def test_it():\n    assert 1 + 1 == 3\n"})
    await ada.until_the_run_ends()
    async with Person.entering(browser, ada.page.url, "Mei") as mei:
        shared = mei.page.get_by_role("region", name="Output of Runner").get_by_role("log")
        await expect(shared).to_contain_text("failed  test_it\n        1 + 1 is 2, and should be equal to 3")
    await ada.page.get_by_role("switch", name="Share my output").click()
    await ada.prompt.fill("import main; main.test_it.__name__")
    await ada.prompt.press("Enter")
    await expect(ada.output).to_contain_text("'test_it'")
