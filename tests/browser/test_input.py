"""What programs read: lines that are typed, pasted or prepared, and their end."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect
from support.stage import Stage


@pytest.fixture(scope="module", params=["isolated", "reduced", "firefox"])
async def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with Stage.opened(request.param, tmp_path_factory.mktemp("input")) as stage:
        yield stage


READS_ALL = "import sys\nprint([line.strip() for line in sys.stdin])"
# What is typed, and what stands in the output when the program has ended. None is the end of input.
TYPED: dict[str, tuple[str, list[str | None], str]] = {
    "one": ("print('Hi', input('Name? '))", ["Ada"], "Name? Ada\nHi Ada\n"),
    "several in a row": ("a = input('a ')\nb = input('b ')\nprint(a + b)", ["1", "2"], "a 1\nb 2\n12\n"),
    "in a loop": ("while (n := input('n ')): print(int(n) * 2)", ["4", "5", ""], "n 4\n8\nn 5\n10\nn \n"),
    "in a function that the library calls": (
        "print(sorted('ab', key=lambda c: input(c + ' ')))",
        ["2", "1"],
        "a 2\nb 1\n['b', 'a']\n",
    ),
    "in a class": (
        "class Person:\n    def __init__(self): self.name = input()\nprint(Person().name)",
        ["Ada"],
        "Ada\nAda\n",
    ),
    "in a generator": ("print(list(input() for _ in range(2)))", ["x", "y"], "x\ny\n['x', 'y']\n"),
    "in a coroutine": (
        "import asyncio\nasync def main():\n    return input('? ')\nprint(asyncio.run(main()))",
        ["Ada"],
        "? Ada\nAda\n",
    ),
    "every line": (READS_ALL, ["1", "", "zwei", None], "1\n\nzwei\n['1', '', 'zwei']\n"),
    "all at once": ("import sys\nprint(repr(sys.stdin.read()))", ["x y", "z", None], "x y\nz\n'x y\\nz\\n'\n"),
    "some characters": ("import sys\nprint(sys.stdin.read(2), sys.stdin.readline())", ["äöü"], "äöü\näö ü\n\n"),
    "bytes": ("import sys\nprint(sys.stdin.buffer.readline())", ["é"], "é\nb'\\xc3\\xa9\\n'\n"),
    "fileinput": ("import fileinput\nfor line in fileinput.input(): print(line, end='')", ["a", None], "a\na\n"),
    "characters of all kinds": ("print(input()[::-1])", ["日本 é 😀"], "日本 é 😀\n😀 é 本日\n"),
    "a very long line": ("print(len(input()))", ["x" * 15_000], "x" * 15_000 + "\n15000\n"),
    "the end": (
        "try:\n    input('> ')\nexcept EOFError as error:\n    print(error)",
        [None],
        "> EOF when reading a line\n",
    ),
    "after the end": ("import sys\nprint(list(sys.stdin))\nprint(input('more '))", [None, "x"], "[]\nmore x\nx\n"),
}


@pytest.mark.parametrize("name", TYPED)
async def test_a_program_reads_what_is_typed(stage: Stage, name: str) -> None:
    code, lines, output = TYPED[name]
    ada = stage.runner
    await stage.write({"main.py": code})
    await ada.starts_the_program()
    for line in lines:
        await expect(ada.python).to_have_text("Waiting for input")
        await ada.types(line)
    await ada.until_the_run_ends()
    assert (await ada.output.text_content() or "").endswith(output)
    await expect(ada.run_state).to_have_attribute("data-state", "ok")


async def test_pasted_lines_are_sent_one_by_one_and_the_unfinished_one_waits(stage: Stage) -> None:
    ada = stage.runner
    await stage.write({"main.py": "for n in range(4): print(n, input('? '))"})
    await ada.starts_the_program()
    await expect(ada.program_input).to_be_visible()
    # The clipboard is filled as people do it, from the only other field for several lines.
    prepared = ada.page.get_by_role("textbox", name="Input for the program")
    await prepared.fill("ne\ntwo\n\nfo")
    await prepared.press("Control+a")
    await prepared.press("Control+c")
    await prepared.fill("")
    await ada.program_input.fill("o")
    await ada.program_input.press("Control+v")
    await expect(ada.output).to_have_text("? one\n0 one\n? two\n1 two\n? \n2 \n? ")
    await expect(ada.program_input).to_have_value("fo")
    await ada.program_input.press_sequentially("ur")
    await ada.program_input.press("Enter")
    await ada.until_the_run_ends()
    await expect(ada.output).to_contain_text("? four\n3 four\n")


async def test_prepared_lines_come_first_and_then_the_program_asks(stage: Stage) -> None:
    ada = stage.runner
    await stage.write({"main.py": "for n in range(3): print(n, input('? '))"})
    prepared = ada.page.get_by_role("textbox", name="Input for the program")
    await prepared.fill("one\ntwo\n")
    for _ in range(2):
        await ada.starts_the_program()
        await expect(ada.output).to_have_text("? one\n0 one\n? two\n1 two\n? ")
        await ada.types("three")
        seen = await ada.until_the_run_ends()
        assert seen.input == "one\ntwo\nthree\n"
    await prepared.fill("")


async def test_prepared_input_can_be_all_there_is_and_is_remembered_here_only(stage: Stage) -> None:
    ada = stage.runner
    await stage.write({"main.py": READS_ALL})
    prepared = ada.page.get_by_role("textbox", name="Input for the program")
    await prepared.fill("3\n4")
    end = ada.page.get_by_role("checkbox", name="No more after these lines")
    await end.check()
    assert (await ada.runs_the_program()).stdout == "['3', '4']\n"
    await ada.page.reload()
    await ada.until_python_is_ready()
    await expect(prepared).to_have_value("3\n4")
    await expect(end).to_be_checked()
    assert (await ada.runs_the_program()).stdout == "['3', '4']\n"
    await end.uncheck()
    await prepared.fill("")


async def test_many_prepared_lines_are_read_in_their_order(stage: Stage) -> None:
    ada = stage.runner
    await stage.write({"main.py": "print(sum(int(input()) for _ in range(1000)))"})
    prepared = ada.page.get_by_role("textbox", name="Input for the program")
    await prepared.fill("\n".join(map(str, range(1000))))
    assert (await ada.runs_the_program()).stdout == "499500\n"
    await prepared.fill("")
