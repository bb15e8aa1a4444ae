"""A room's files: their names, their ways in and out, what a program sees of them and what it leaves."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Download, Locator, expect
from support.browser import Person, open_chromium
from support.server import Server
from support.stage import Stage

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with Stage.opened("isolated", tmp_path_factory.mktemp("files")) as stage:
        yield stage


def tab(person: Person, name: str) -> Locator:
    return person.page.get_by_role("tab", name=name, exact=True)


def button(person: Person, name: str) -> Locator:
    return person.page.get_by_role("button", name=name, exact=True)


def notice(person: Person, words: str) -> Locator:
    return person.page.get_by_role("status", name="Notices").get_by_text(words)


def editor(person: Person) -> Locator:
    return person.page.get_by_role("textbox", name="Code editor")


async def names(person: Person) -> list[str]:
    return await person.page.get_by_role("tab").all_text_contents()


async def adds_a_file(person: Person, name: str) -> None:
    await button(person, "New file").click()
    await person.page.get_by_role("textbox", name="File name").fill(name)
    await person.page.keyboard.press("Enter")
    await expect(tab(person, name)).to_be_focused()


async def uploads(person: Person, *files: tuple[str, bytes]) -> None:
    async with person.page.expect_file_chooser() as choosing:
        await button(person, "Upload files").click()
    chosen = [{"name": name, "mimeType": "", "buffer": content} for name, content in files]
    await (await choosing.value).set_files(chosen)  # type: ignore[arg-type]


async def text_of(download: Download) -> bytes:
    return await asyncio.to_thread(Path(await download.path()).read_bytes)


async def test_files_in_folders_are_made_renamed_deleted_and_brought_back(server: Server, browser: Browser) -> None:
    room = await server.create_room(code="x = 1\n")
    async with (
        Person.entering(browser, room.links["host"], "Ada") as ada,
        Person.entering(browser, room.links["editor"], "Bob") as bob,
    ):
        await adds_a_file(ada, "pkg/__init__.py")
        await adds_a_file(ada, "data/people.csv")
        await editor(ada).click()
        await ada.page.keyboard.insert_text("name,age")
        await expect(tab(bob, "data/people.csv")).to_be_visible()
        assert await names(bob) == ["main.py", "data/people.csv", "pkg/__init__.py"]

        await button(ada, "Rename data/people.csv").click()
        field = ada.page.get_by_role("textbox", name="File name")
        for wrong, words in [("../x", '".."'), ("main.py", "already a file"), ("main.py/x", "is a file")]:
            await field.fill(wrong)
            await field.press("Enter")
            await expect(ada.page.locator(".file-name .problem")).to_contain_text(words)
        await field.fill("people.csv")
        await field.press("Enter")
        await expect(tab(bob, "people.csv")).to_be_visible()

        await button(ada, "Delete people.csv").click()
        await expect(tab(bob, "people.csv")).to_have_count(0)
        await expect(notice(ada, "Deleted people.csv.")).to_be_visible()
        await expect(button(ada, "Undo")).to_be_focused()
        await ada.page.keyboard.press("Enter")
        await expect(tab(ada, "people.csv")).to_be_focused()
        await tab(bob, "people.csv").click()
        await expect(editor(bob)).to_have_text("name,age")


async def test_names_that_lead_elsewhere_are_harmless(stage: Stage) -> None:
    hostile = [
        "../../etc/passwd",
        "/tmp/x.py",
        "a//b",
        "x\\y",
        "evil\u202epy.exe",
        "a\x00b",
        "",
        "con\nfused",
        "z" * 5000,
    ]
    files = {name: "import os\n" for name in hostile}
    code = "import os\nprint(sorted(os.listdir()), os.listdir('/tmp'))\n"
    await stage.write({"main.py": code, "a": "1", "a/b": "2", **files})
    shown = await names(stage.runner)
    assert shown[:3] == ["main.py", "a_2", "a/b"]
    assert len(shown) == 4
    seen = await stage.runner.runs_the_program()
    assert seen.stdout == f"['a', 'a_2', 'main.py', '{shown[3]}'] []\n"


async def test_what_is_uploaded_is_in_the_room_and_what_is_no_text_is_refused(server: Server, browser: Browser) -> None:
    room = await server.create_room(code="print(open('people.csv').read().splitlines())\n")
    async with (
        Person.entering(browser, room.links["host"], "Ada") as ada,
        Person.entering(browser, room.links["viewer"], "Eve") as eve,
    ):
        await ada.until_python_is_ready()
        await uploads(
            ada,
            ("people.csv", b"\xef\xbb\xbfname,age\r\nAda,36\r\n"),
            ("photo.png", b"\x89PNG\r\n\x1a\n\0"),
            ("huge.txt", b"x" * (MEGABYTE + 1)),
        )
        await expect(notice(ada, "Added people.csv.")).to_be_visible()
        await expect(notice(ada, "photo.png can't be added: it is not text")).to_be_visible()
        await expect(notice(ada, "huge.txt can't be added: a file of the room holds at most 1 MB")).to_be_visible()
        await expect(tab(eve, "people.csv")).to_be_visible()
        # A data file is in front: the program is still the one that was looked at before.
        await expect(tab(ada, "people.csv")).to_have_attribute("aria-selected", "true")
        await expect(ada.run_button).to_have_attribute("title", "Runs main.py · Ctrl Enter")
        assert (await ada.runs_the_program()).stdout == "['name,age', 'Ada,36']\n"
        await expect(button(eve, "Upload files")).to_have_count(0)

        taken = ada.page.get_by_role("dialog", name="There is already a file called people.csv")
        await uploads(ada, ("people.csv", b"name,age\nGrace,85\n"))
        await taken.get_by_role("button", name="Keep both").click()
        await expect(tab(ada, "people_2.csv")).to_be_visible()
        await uploads(ada, ("people.csv", b"name,age\nAda,37\n"))
        await taken.get_by_role("button", name="Replace").click()
        await expect(taken).to_have_count(0)
        assert (await ada.runs_the_program()).stdout == "['name,age', 'Ada,37']\n"


DROP = """files => {
    const transfer = new DataTransfer();
    for (const [name, text] of files) transfer.items.add(new File([text], name));
    const target = document.querySelector(".cm-content");
    for (const type of ["dragenter", "dragover", "drop"])
        target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


async def test_files_that_are_dropped_become_files_and_not_text_in_the_open_one(
    server: Server, browser: Browser
) -> None:
    room = await server.create_room(code="x = 1\n")
    async with (
        Person.entering(browser, room.links["host"], "Ada") as ada,
        Person.entering(browser, room.links["viewer"], "Eve") as eve,
    ):
        for person in (ada, eve):
            await expect(editor(person)).to_have_text("x = 1")
            await person.page.evaluate(DROP, [["a.py", "a = 1"], ["b.txt", "b"]])
        await expect(notice(eve, "View only")).to_be_visible()
        await expect(notice(ada, "Added a.py and b.txt.")).to_be_visible()
        assert await names(ada) == ["main.py", "a.py", "b.txt"]
        await tab(ada, "main.py").click()
        await expect(editor(ada)).to_contain_text("x = 1")
        await expect(editor(ada)).not_to_contain_text("a = 1")


async def test_one_file_or_all_of_them_can_be_downloaded_by_anyone(server: Server, browser: Browser) -> None:
    room = await server.create_room(code="x = 1\n")
    async with (
        Person.entering(browser, room.links["host"], "Ada") as ada,
        Person.entering(browser, room.links["viewer"], "Eve") as eve,
    ):
        await adds_a_file(ada, "pkg/__init__.py")
        await tab(eve, "pkg/__init__.py").click()
        async with eve.page.expect_download() as one:
            await button(eve, "Download pkg/__init__.py").click()
        assert (await one.value).suggested_filename == "__init__.py"
        async with eve.page.expect_download() as every:
            await button(eve, "Download all files (zip)").click()
        archive = zipfile.ZipFile(io.BytesIO(await text_of(await every.value)))
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "main.py": b"x = 1\n",
            "pkg/__init__.py": b"",
        }


async def test_a_large_data_file_can_be_edited(server: Server, browser: Browser) -> None:
    room = await server.create_room(code="print(len(open('data.csv').read()))\n")
    line = b"2026-01-01,12.5,some words\n"
    content = line * (MEGABYTE // len(line))
    async with (
        Person.entering(browser, room.links["host"], "Ada") as ada,
        Person.entering(browser, room.links["editor"], "Bob") as bob,
    ):
        await ada.until_python_is_ready()
        await uploads(ada, ("data.csv", content))
        await expect(tab(ada, "data.csv")).to_have_attribute("aria-selected", "true")
        await editor(ada).click()
        await ada.page.keyboard.press("Control+End")
        await ada.page.keyboard.type("end")
        await expect(editor(ada)).to_contain_text("end")
        assert (await ada.runs_the_program()).stdout == f"{len(content) + 3}\n"
        # What does not fit any more is not taken, and that is said.
        await editor(ada).click()
        await ada.page.keyboard.insert_text("more " * 100)
        await expect(notice(ada, "That was too much")).to_be_visible()
        assert (await ada.runs_the_program()).stdout == f"{len(content) + 3}\n"
        await tab(bob, "data.csv").click()
        await expect(editor(bob)).to_contain_text("2026-01-01,12.5")


# Each with what `python main.py` says in a folder with these files.
PROGRAMS: dict[str, tuple[dict[str, str], str]] = {
    "a module beside it": (
        {
            "main.py": "import helper\nprint(helper.greet(), helper.__file__)\n",
            "helper.py": "def greet(): return 'hi'\n",
        },
        "hi /room/helper.py\n",
    ),
    "a package with relative imports": (
        {
            "main.py": "from shop.cart import total\nimport shop\nprint(total(), shop.NAME, shop.__name__)\n",
            "shop/__init__.py": "NAME = 'Shop'\n",
            "shop/cart.py": "from . import prices\nfrom .deep.tax import add\ndef total(): return add(prices.APPLE)\n",
            "shop/prices.py": "APPLE = 10\n",
            "shop/deep/__init__.py": "",
            "shop/deep/tax.py": "from ..prices import APPLE\ndef add(n): return n + APPLE // 5\n",
        },
        "12 Shop shop\n",
    ),
    "a namespace package": (
        {"main.py": "import tools.words\nprint(tools.words.W, tools.__file__)\n", "tools/words.py": "W = 'w'\n"},
        "w None\n",
    ),
    "data files": (
        {
            "main.py": (
                "import csv\nfrom pathlib import Path\n"
                "rows = list(csv.DictReader(open('data/people.csv')))\n"
                "print(rows, (Path(__file__).parent / 'notes.txt').read_text())\n"
            ),
            "data/people.csv": "name\nÄda\n",
            "notes.txt": "hello",
        },
        "[{'name': 'Äda'}] hello\n",
    ),
    "where it is": (
        {
            "main.py": (
                "import os, sys\nfrom pathlib import Path\n"
                "print(__file__, os.getcwd(), sys.argv, sys.path[0], Path(__file__).parent, __name__)\n"
                "print(__package__, __spec__, type(__loader__).__name__, Path('x').resolve())\n"
            )
        },
        "/room/main.py /room ['main.py'] /room /room __main__\nNone None SourceFileLoader /room/x\n",
    ),
    "a package of the library's name": (
        {"main.py": "import json\nprint(json.WHO)\n", "json/__init__.py": "WHO = 'mine'\n"},
        "mine\n",
    ),
    "a folder of the library's name that is no package": (
        {"main.py": "import json\nprint(json.dumps([1]))\n", "json/data.txt": "", "json/more.py": ""},
        "[1]\n",
    ),
    "text as it was typed": (
        {"main.py": "print(repr(open('t.txt', newline='').read()))\n", "t.txt": "a\tb\n\nc🐍"},
        "'a\\tb\\n\\nc🐍'\n",
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
async def test_a_program_finds(stage: Stage, name: str) -> None:
    files, stdout = PROGRAMS[name]
    await stage.write(files)
    seen = await stage.runner.runs_the_program()
    assert (seen.stdout, seen.stderr) == (stdout, "")


async def test_a_module_that_was_changed_is_imported_anew(stage: Stage) -> None:
    code = "import helper\nfrom pkg import part\nimport space.one\nprint(helper.WORD, part.WORD, space.one.WORD)\n"
    for word in ("first", "second"):
        files = {name: f"WORD = '{word}'\n" for name in ("helper.py", "pkg/part.py", "space/one.py")}
        await stage.write({"main.py": code, "pkg/__init__.py": "", **files})
        assert (await stage.runner.runs_the_program()).stdout == f"{word} {word} {word}\n"
    await stage.write({"main.py": "import helper\n"})
    assert "ModuleNotFoundError: No module named 'helper'" in (await stage.runner.runs_the_program()).stderr


async def test_a_program_in_a_folder_runs_as_from_the_rooms_folder(stage: Stage) -> None:
    code = (
        "import os, sys, random, beside\nprint(sys.argv, sys.path[0], os.getcwd(), random.WORD)\nfrom . import beside\n"
    )
    files = {"main.py": "", "pkg/run.py": code, "pkg/beside.py": "", "pkg/random.py": "WORD = 'mine'\n"}
    await stage.write({**files, "beside.py": "1 / 0\n"})
    await tab(stage.runner, "pkg/run.py").click()
    seen = await stage.runner.runs_the_program()
    assert seen.stdout == "['pkg/run.py'] /room/pkg /room mine\n"
    assert seen.stderr == (
        "Traceback (most recent call last):\n"
        '  File "/room/pkg/run.py", line 3, in <module>\n'
        "    from . import beside\n"
        "ImportError: attempted relative import with no known parent package\n"
    )
    await tab(stage.runner, "main.py").click()


async def test_no_program_finds_what_another_one_left(stage: Stage) -> None:
    leave = (
        "import os, sys, tempfile\n"
        "for folder in ('.', '/tmp', os.path.expanduser('~')):\n"
        "    open(os.path.join(folder, 'left.py'), 'w').write('WORD = 1')\n"
        "sys.path.append('/tmp')\nos.remove('left.py')\nimport left\nos.makedirs('deep/er')\nprint(left.WORD)\n"
    )
    await stage.write({"main.py": leave})
    assert (await stage.runner.runs_the_program()).stdout == "1\n"
    look = "import os, sys\nprint([os.listdir(f) for f in ('/tmp', os.path.expanduser('~'))], 'left' in sys.modules)\n"
    await stage.write({"main.py": look + "print(os.path.exists('deep'))\n"})
    assert (await stage.runner.runs_the_program()).stdout == "[[], []] False\nFalse\n"


def created(person: Person) -> Locator:
    return person.page.get_by_role("region", name="Created by the run").get_by_role("listitem")


async def test_files_that_a_program_writes_can_be_seen_downloaded_and_added(server: Server, browser: Browser) -> None:
    code = (
        "import os\n"
        "with open('report.txt', 'w') as f: f.write('<b>total</b>\\n42\\n')\n"
        "open('data.csv', 'a').write('2\\n')\n"
        "open('same.txt', 'w').write('same')\n"
        "os.mkdir('out'); open('out/picture.png', 'wb').write(bytes([137, 0, 255]))\n"
        "open('big.bin', 'wb').write(bytes(5_000_000))\n"
        "left_open = open('late.txt', 'w'); left_open.write('not closed')\n"
        "print(undefined)\n"
    )
    room = await server.create_room(code=code)
    async with (
        Person.entering(browser, room.links["host"], "Ada") as ada,
        Person.entering(browser, room.links["viewer"], "Eve") as eve,
    ):
        await ada.until_python_is_ready()
        await uploads(ada, ("data.csv", b"1\n"), ("same.txt", b"same"))
        assert "NameError" in (await ada.runs_the_program()).stderr
        await expect(created(ada)).to_have_count(5)
        await expect(created(ada).filter(has_text="data.csv")).to_contain_text("4 bytes · changed")
        await expect(created(ada).filter(has_text="big.bin")).to_contain_text("4.8 MB")
        await expect(created(ada).filter(has_text="big.bin")).to_contain_text("too large to fetch")
        await expect(created(ada).filter(has_text="late.txt")).to_contain_text("10 bytes")
        # It is not text.
        await expect(button(ada, "View: out/picture.png")).to_have_count(0)
        await expect(button(ada, "Add to the room: out/picture.png")).to_have_count(0)
        async with ada.page.expect_download() as download:
            await button(ada, "Download: out/picture.png").click()
        assert (await download.value).suggested_filename == "picture.png"
        assert await text_of(await download.value) == bytes([137, 0, 255])

        await button(ada, "View: report.txt").click()
        await expect(ada.page.get_by_role("dialog", name="report.txt")).to_contain_text("<b>total</b>\n42")
        await ada.page.keyboard.press("Escape")
        await expect(button(ada, "View: report.txt")).to_be_focused()
        await button(ada, "Add to the room: report.txt").click()
        await expect(tab(eve, "report.txt")).to_be_visible()
        await button(ada, "Add to the room: data.csv").click()
        await (
            ada.page.get_by_role("dialog", name="There is already a file called data.csv")
            .get_by_role("button", name="Replace")
            .click()
        )
        await tab(eve, "data.csv").click()
        await expect(editor(eve)).to_contain_text("12")

        await eve.until_python_is_ready()
        await eve.runs_the_program()
        await expect(button(eve, "View: late.txt")).to_be_visible()
        await expect(button(eve, "Add to the room: late.txt")).to_have_count(0)


async def test_files_of_a_program_that_was_stopped_are_there(stage: Stage) -> None:
    await stage.write({"main.py": "open('a.txt', 'w').write('a')\nprint('on')\nwhile True: pass\n"})
    await stage.runner.starts_the_program()
    await expect(stage.runner.output).to_contain_text("on")
    await stage.runner.stop_button.click()
    await stage.runner.until_the_run_ends()
    await expect(created(stage.runner)).to_have_count(1)
    await stage.write({"main.py": "print('none')\n"})
    await stage.runner.runs_the_program()
    await expect(created(stage.runner)).to_have_count(0)


async def test_more_files_than_anyone_looks_at_do_no_harm(stage: Stage) -> None:
    code = "import os\nfor n in range(10_000): open(f'f{n}', 'w').write('x')\nos.symlink('f1', 'link')\nprint('done')\n"
    await stage.write({"main.py": code})
    assert (await stage.runner.runs_the_program()).stdout == "done\n"
    await expect(created(stage.runner)).to_have_count(101)
    await expect(created(stage.runner).last).to_have_text("And 9,900 more, not shown here.")


async def test_a_file_larger_than_anyone_can_have_does_no_harm(stage: Stage) -> None:
    code = "f = open('large', 'wb')\nfor n in range(500): f.write(bytes(1_000_000))\nprint('done')\n"
    await stage.write({"main.py": code})
    assert (await stage.runner.runs_the_program()).stdout == "done\n"
    await expect(created(stage.runner)).to_contain_text("too large to fetch")
    await stage.write({"main.py": "print('next')\n"})
    assert (await stage.runner.runs_the_program()).stdout == "next\n"


async def test_the_ends_of_lines_that_others_put_into_a_text_stay_where_they_are(stage: Stage) -> None:
    await stage.write({"main.py": "print(repr(open('t.txt', newline='').read()))\n", "t.txt": "a\r\nb\rc\n"})
    await tab(stage.runner, "t.txt").click()
    await editor(stage.runner).click()
    await stage.runner.page.keyboard.press("Control+End")
    await stage.runner.page.keyboard.insert_text("end")
    await stage.runner.page.keyboard.press("Control+Home")
    await stage.runner.page.keyboard.insert_text("start ")
    assert (await stage.runner.runs_the_program()).stdout == "'start a\\r\\nb\\rc\\nend'\n"
