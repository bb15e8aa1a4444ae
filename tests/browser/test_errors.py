"""What a learner sees of an error: the place, marked and a key press away, and help in plain words."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, expect
from support.browser import Person
from support.stage import Stage

# By the error that Python reports: a program that meets it, and what the help must speak of.
HINTS = {
    "SyntaxError: expected ':'": ("if 1 == 1\n    print(1)\n", "ends with a colon"),
    "else if": ("x = 1\nif x:\n    pass\nelse if x > 3:\n    pass\n", "elif"),
    "plus plus": ("i = 0\ni++\n", "x += 1"),
    "&&": ("if 1 && 2:\n    pass\n", "and"),
    "function": ("function greet(name):\n    pass\n", "def"),
    "let": ("let x = 1\n", "name = value"),
    "= for ==": ("x = 1\nif x = 1:\n    pass\n", "write two: =="),
    "literal on the left": ("5 = x\n", "On the left of ="),
    "call on the left": ("len('a') = 3\n", "On the left of ="),
    "hyphen in a name": ("first-name = 'Ada'\n", "first_name"),
    "print without parentheses": ("print 'hi'\n", "print(…)"),
    "missing comma": ("print('a' 5)\n", "comma is missing"),
    "typing mistake": ("whlie True:\n    pass\n", "while"),
    "never closed": ("print((1 + 2)\n", "( has no partner"),
    "unmatched": ("print(1))\n", ") closes something"),
    "wrong bracket": ("print([1, 2)]\n", "opposite order"),
    "missing quote": ("print('hi)\n", "quote that is missing"),
    "missing three quotes": ('x = """hi\n', "three quotes come again"),
    "f-string brace": ("print(f'{1}}')\n", "come in pairs"),
    "f-string empty": ("print(f'{}')\n", "between the braces"),
    "no indented block": ("for n in [1]:\nprint(n)\n", "four spaces, then what is repeated"),
    "unexpected indent": ("x = 1\n    y = 2\n", "Move it to the left"),
    "unindent": ("if True:\n        x = 1\n    y = 2\n", "under the lines"),
    "tabs": ("if True:\n        x = 1\n\ty = 2\n", "spaces everywhere"),
    "return outside": ("return 5\n", "inside one"),
    "break outside": ("break\n", "for or while loop"),
    "await outside": ("def f():\n    await g()\n", "async def"),
    "typographic quote": ("print(“hi”)\n", "typographic quote"),
    "dash": ("x = 5 \N{EN DASH} 3\n", "dash"),
    "leading zero": ("x = 07\n", "begin with a zero"),
    "digit first": ("x = 5px\n", "can't begin with a digit"),
    "positional after keyword": ("print(end='', 'a')\n", "come first"),
    "default first": ("def f(a=1, b):\n    pass\n", "come first"),
    "try alone": ("try:\n    x = 1\nprint(x)\n", "except …:"),
    "stray else": ("x = 1\nelse:\n    pass\n", "belong to an if"),
    "keyword as a name": ("class = 5\n", "belongs to Python itself"),
    "anything else unreadable": ("x = = 3\n", "marked place"),
    "NameError": ("print(zebra)\n", "Nothing is called zebra"),
    "NameError of case": ("Counter_of_things = 1\nprint(counter_of_things)\n", "there is Counter_of_things"),
    "NameError of another language": ("x = true\n", "True"),
    "NameError of a module": ("print(math.pi)\n", "import math"),
    "UnboundLocalError": ("n = 1\ndef f():\n    n += 1\nf()\n", "global n"),
    "removed module": ("import distutils\n", "until version 3.12"),
    "tkinter": ("import tkinter\n", "runs in the browser"),
    "pip": ("import pip\n", "not needed"),
    "module of the library": ("import ramdom\n", "Did you mean random?"),
    "module from nowhere": ("import no_such_thing_anywhere\n", "operator can add packages"),
    "name in a module": ("from math import sqare\n", "math has nothing that is called sqare"),
    "attribute of a module": ("import math\nmath.squareroot(2)\n", "nothing that is called squareroot"),
    "attribute of None": ("x = [3, 1].sort()\nx.append(5)\n", "None"),
    "result of sort": ("items = [3, 1]\nfirst = items.sort()[0]\n", "changes what it is called on"),
    "push": ("[].push(1)\n", "Python's way is append"),
    "attribute misspelled": ("'a'.uper()\n", "upper"),
    "str + int": ("age = 5\nprint('I am ' + age)\n", "str(…)"),
    "int + str": ("print(5 + '5')\n", "int(…)"),
    "None + int": ("def f():\n    pass\nprint(f() + 1)\n", "return"),
    "str < int": ("print('5' < 6)\n", "What input() gives is text"),
    "shadowed builtin": ("list = [1]\nlist('ab')\n", "list() is hidden"),
    "forgotten *": ("x = 3\nprint(2(x + 1))\n", "write the *"),
    "round brackets": ("items = [1]\nprint(items(0))\n", "items[0]"),
    "module called": ("import random\nrandom()\n", "module.function"),
    "for over a number": ("for i in 5:\n    pass\n", "range(…)"),
    "brackets on a function": ("def f():\n    pass\nf[0]\n", "called with parentheses"),
    "text does not change": ("s = 'abc'\ns[0] = 'x'\n", "A text never changes"),
    "tuple does not change": ("t = (1, 2)\nt[0] = 3\n", "list, [ ]"),
    "index of text": ("items = ['a']\nfor i in items:\n    print(items[i])\n", "the item itself is there"),
    "coroutine": ("async def f():\n    return 1\nf() + 1\n", "await"),
    "missing argument": ("def f(a, b):\n    pass\nf(1)\n", "still needs 'b'"),
    "missing self": ("class A:\n    def f():\n        pass\nA().f()\n", "self"),
    "unknown parameter": ("def f(a):\n    pass\nf(b=1)\n", "no parameter that is called b"),
    "len of a number": ("len(5)\n", "has no length"),
    "list as a key": ("d = {[1]: 2}\n", "tuple"),
    "range of a fraction": ("range(4 / 2)\n", "//"),
    "join numbers": ("', '.join([1, 2])\n", "str(x) for x in items"),
    "int('abc')": ("int('abc')\n", "'abc' is not written as a number"),
    "int('3.5')": ("int('3.5')\n", "float(…) reads it"),
    "int('')": ("int('')\n", "The text is empty"),
    "unpacking": ("a, b = 1, 2, 3\n", "names on the left"),
    "remove": ("[1].remove(2)\n", "asks first"),
    "sqrt(-1)": ("import math\nmath.sqrt(-1)\n", "no answer"),
    "IndexError": ("[1, 2][2]\n", "Counting begins at 0"),
    "KeyError": ("{'a': 1}['b']\n", "no key 'b'"),
    "ZeroDivisionError": ("1 / 0\n", "divided by 0"),
    "RecursionError": ("def f():\n    f()\nf()\n", "calls itself"),
    "FileNotFoundError": ("open('nothing.csv')\n", "main.py"),
    "folder that is not there": ("open('data/x.csv', 'w')\n", "no folder data"),
    "FileNotFoundError of case": ("open('Main.py')\n", "there is main.py"),
    "UnicodeDecodeError": (
        "open('x.bin', 'wb').write(bytes([255, 254, 128]))\nopen('x.bin').read()\n",
        "not plain UTF-8",
    ),
    "thread": ("import threading\nthreading.Thread(target=print).start()\n", "no threads"),
    "network": ("import urllib.request\nurllib.request.urlopen('http://example.com')\n", "no network"),
    "socket": ("import socket\nsocket.create_connection(('example.com', 80)).send(b'hi')\n", "no network"),
    "https": ("import urllib.request\nurllib.request.urlopen('https://example.com')\n", "no network"),
    "server": ("import socket\ns = socket.socket()\ns.bind(('', 8000))\ns.listen()\n", "operating system"),
    "process": ("from multiprocessing import Process\nProcess(target=print).start()\n", "operating system"),
    "page": ("import webbrowser\nwebbrowser.open('http://example.com')\n", "apart from the page"),
    "subprocess": ("import subprocess\nsubprocess.run(['ls'])\n", "can't start other programs"),
    "fork": ("import os\nos.fork()\n", "operating system"),
    "a dictionary that grows": ("d = {1: 1}\nfor k in d:\n    d[k + 1] = 1\n", "Go through a copy"),
    "assert": ("assert 1 == 2\n", "it was not: 1 == 2"),
    "next": ("next(iter([]))\n", "next(items, None)"),
}


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with Stage.opened("isolated", tmp_path_factory.mktemp("errors")) as stage:
        yield stage


def failed_lines(person: Person) -> Locator:
    return person.page.locator(".failed-line")


@pytest.mark.parametrize("name", HINTS)
async def test_an_error_comes_with_help_in_plain_words(stage: Stage, name: str) -> None:
    code, words = HINTS[name]
    await stage.write({"main.py": code})
    seen = await stage.runner.runs_the_program()
    assert "Error" in seen.stderr or "Stop" in seen.stderr, seen
    assert words in seen.hint, seen


async def test_help_knows_the_rooms_files(stage: Stage) -> None:
    await stage.write({"main.py": "import helpers\n", "helper.py": ""})
    assert "helper.py" in (await stage.runner.runs_the_program()).hint
    await stage.write({"main.py": "import random\nprint(random.randint(1, 6))\n", "random.py": "x = 1\n"})
    assert "Rename the file" in (await stage.runner.runs_the_program()).hint


async def test_no_help_stands_beside_what_went_well_or_was_stopped(stage: Stage) -> None:
    for code in ("print(1)\n", "import sys\nsys.exit('enough')\n", "raise KeyboardInterrupt\n"):
        await stage.write({"main.py": code})
        assert (await stage.runner.runs_the_program()).hint == ""


async def test_the_keyboard_goes_from_a_traceback_to_its_lines(stage: Stage) -> None:
    ada = stage.runner
    await stage.write(
        {"main.py": "import tools\n\ntools.halve('x')\n", "tools.py": "def halve(n):\n    return n / 2\n"}
    )
    await ada.runs_the_program()
    links = ada.output.get_by_role("button")
    await expect(links).to_have_count(2)
    await ada.output.get_by_role("button", name="Go to tools.py line 2").press("Enter")
    await expect(ada.page.get_by_role("tab", name="tools.py")).to_have_attribute("aria-selected", "true")
    await expect(ada.page.get_by_role("textbox", name="Code editor")).to_be_focused()
    await expect(ada.page.locator(".cm-activeLine")).to_have_text("    return n / 2")
    await ada.output.get_by_role("button", name="Go to main.py line 3").click()
    await expect(ada.page.locator(".cm-activeLine")).to_have_text("tools.halve('x')")


async def test_the_failed_code_is_marked_until_its_line_is_changed(stage: Stage) -> None:
    ada = stage.runner
    await stage.write({"main.py": "# 🐍\ntotal = '🐍' + [1][3]\nprint(total)\n"})
    await ada.runs_the_program()
    await expect(failed_lines(ada)).to_have_attribute("data-failure", "IndexError: list index out of range")
    await expect(ada.page.locator(".failed-code")).to_have_text("[1][3]")
    await expect(failed_lines(ada)).to_have_text("total = '🐍' + [1][3]")
    text = stage.author.files["main"]["text"]
    text.insert(0, "# written above\n")
    await expect(ada.page.get_by_role("textbox", name="Code editor")).to_contain_text("written above")
    await expect(ada.page.locator(".failed-code")).to_have_text("[1][3]")
    await ada.output.get_by_role("button", name="Go to main.py line 2").click()
    await ada.page.locator(".failed-code").click()
    await ada.page.keyboard.press("End")
    await ada.page.keyboard.insert_text(" ")
    await expect(failed_lines(ada)).to_have_count(0)


async def test_a_syntax_error_is_marked_where_its_caret_stands(stage: Stage) -> None:
    ada = stage.runner
    await stage.write({"main.py": "s = '🐍' +* 2\n"})
    seen = await ada.runs_the_program()
    assert "             ^\n" in seen.stderr
    await expect(ada.page.locator(".failed-code")).to_have_text("*")
    await stage.write({"main.py": "print('fine')\n"})
    await ada.runs_the_program()
    await expect(failed_lines(ada)).to_have_count(0)


async def test_groups_and_chains_are_whole(stage: Stage) -> None:
    ada = stage.runner
    code = (
        "def task(n):\n    return 1 / n\n\nerrors = []\nfor n in (0, 'x'):\n    try:\n        task(n)\n"
        "    except Exception as error:\n        errors.append(error)\n"
        "raise ExceptionGroup('both', errors) from KeyError('first')\n"
    )
    await stage.write({"main.py": code})
    seen = await ada.runs_the_program()
    assert "The above exception was the direct cause" in seen.stderr
    assert "ExceptionGroup: both (2 sub-exceptions)" in seen.stderr
    assert "ZeroDivisionError" in seen.stderr
    assert "TypeError" in seen.stderr
    # Both failed on the same line, and none where the group was raised.
    await expect(failed_lines(ada)).to_have_count(1)
    await expect(failed_lines(ada)).to_have_text("    return 1 / n")
    assert await ada.output.get_by_role("button", name="Go to main.py line 2").count() == 2


async def test_others_go_from_a_shared_traceback_to_the_line(stage: Stage) -> None:
    ada = stage.runner
    browser = ada.page.context.browser
    assert browser is not None
    await stage.write({"main.py": "\n\nundefined_name\n"})
    await ada.page.get_by_role("switch", name="Share my output").click()
    await ada.runs_the_program()
    async with Person.entering(browser, ada.page.url, "Mei") as mei:
        shared = mei.page.get_by_role("region", name="Output of Runner")
        await shared.get_by_role("button", name="Go to main.py line 3").click()
        await expect(mei.page.locator(".cm-activeLine")).to_have_text("undefined_name")
    await ada.page.get_by_role("switch", name="Share my output").click()


async def test_what_a_program_prints_about_places_is_no_more_than_text(stage: Stage) -> None:
    await stage.write({"main.py": "print('File \"/room/<b>x</b>.py\", line 1', 'File \"/room/none.py\", line 1')\n"})
    seen = await stage.runner.runs_the_program()
    assert seen.stdout == 'File "/room/<b>x</b>.py", line 1 File "/room/none.py", line 1\n'
    await expect(stage.runner.output.get_by_role("button")).to_have_count(0)
