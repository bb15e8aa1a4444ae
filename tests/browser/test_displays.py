"""Pictures, tables and other rich values: where they stand, what a screen reader gets, and what they can't do."""

import base64
import re
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from playwright.async_api import Browser, FrameLocator, Locator, expect
from support.browser import Person
from support.outsider import Outsider
from support.server import Server

# A program begins with these: values that show themselves as whatever is written here.
SHOWING = """
import base64

KINDS = {"svg": "image/svg+xml", "png": "image/png", "html": "text/html"}

class Shows:
    def __init__(self, **made):
        self.made = made
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {KINDS[kind]: value for kind, value in self.made.items()}

def svg(inside, width=40, height=30):
    return Shows(svg=f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{inside}</svg>')

"""


def png(width: int, height: int, *, real: bool = True) -> bytes:
    """A black picture, or only the beginning of one."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = (b"\0" * (width + 1)) * height if real else b""
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def as_literal(data: bytes) -> str:
    return repr(base64.b64encode(data).decode())


@asynccontextmanager
async def ran(server: Server, browser: Browser, code: str) -> AsyncIterator[Person]:
    """Someone on whose screen this program has just run."""
    room = await server.create_room(code=SHOWING + code)
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        await ada.runs_the_program()
        yield ada


def pictures(output: Locator) -> Locator:
    return output.get_by_role("img")


async def until_drawn(picture: Locator) -> None:
    await expect(picture).to_have_js_property("complete", True)
    assert await picture.evaluate("picture => picture.naturalWidth") > 0


async def test_a_picture_stands_between_what_was_printed_before_and_after(server: Server, browser: Browser) -> None:
    code = f"print('before', end='')\ndisplay(Shows(png={as_literal(png(30, 20))}))\nprint('after')\n"
    async with ran(server, browser, code) as ada:
        picture = pictures(ada.output)
        await expect(picture).to_have_attribute("alt", "Shows")
        await until_drawn(picture)
        assert await picture.evaluate("picture => [picture.naturalWidth, picture.naturalHeight]") == [30, 20]
        kinds = await ada.output.evaluate("log => [...log.children].map(line => line.className || 'line')")
        assert kinds == ["voice-stdout", "display", "voice-stdout", "line"]


async def test_the_best_that_a_value_has_is_shown_and_text_is_printed(server: Server, browser: Browser) -> None:
    code = f"""
class Formula:
    def _repr_latex_(self):
        return '$x^2$'

class Undecided:
    def _repr_html_(self):
        return None

display(Shows(html='<b>worse</b>', png={as_literal(png(3, 3))}))
display(Formula(), 42, 'text', Undecided, Undecided().__class__)
display(Shows(html='<i>only this</i>'))
"""
    async with ran(server, browser, code) as ada:
        await expect(pictures(ada.output)).to_have_count(1)
        seen = await ada.reads_the_output()
        undecided = "<class '__main__.Undecided'>\n"
        assert (seen.stdout, seen.stderr) == ("$x^2$\n42\n'text'\n" + undecided * 2, "")
        await expect(markup_in(ada).locator("i")).to_have_text("only this")


def markup_in(person: Person) -> FrameLocator:
    return person.output.frame_locator("iframe[title='Shows']").frame_locator("iframe")


async def test_a_program_may_have_a_display_of_its_own(server: Server, browser: Browser) -> None:
    code = "def display(value):\n    print('mine', value)\n\ndisplay(1)\n"
    async with ran(server, browser, code) as ada:
        assert (await ada.reads_the_output()).stdout == "mine 1\n"


async def test_what_has_the_same_id_is_shown_in_the_same_place(server: Server, browser: Browser) -> None:
    code = """
import time
for size in range(1, 6):
    display(svg('', width=size * 10), display_id='growing')
    print('step', size)
    time.sleep(0.05)
"""
    async with ran(server, browser, code) as ada:
        await expect(pictures(ada.output)).to_have_count(1)
        await expect(pictures(ada.output)).to_have_js_property("naturalWidth", 50)
        kinds = await ada.output.evaluate("log => [...log.children].map(line => line.className)")
        assert kinds[0] == "display"


async def test_a_flood_of_displays_is_cut_with_a_sentence(server: Server, browser: Browser) -> None:
    async with ran(server, browser, "for n in range(3_000):\n    display(svg(''))\nprint('end')\n") as ada:
        await expect(ada.output).to_contain_text("end")
        told = re.findall(r"([\d,]+) pictures not shown", await ada.output.inner_text())
        assert sum(int(number.replace(",", "")) for number in told) == 2_900
        await expect(pictures(ada.output)).to_have_count(100)
        assert (await ada.reads_the_output()).stdout == "end\n"


async def test_a_picture_can_be_enlarged_and_downloaded_by_keyboard(server: Server, browser: Browser) -> None:
    async with ran(server, browser, "display(svg('<circle r=\"9\"/>'))\n") as ada:
        await ada.output.get_by_role("button", name="Enlarge").focus()
        await ada.page.keyboard.press("Enter")
        dialog = ada.page.get_by_role("dialog", name="Shows")
        await until_drawn(dialog.get_by_role("img", name="Shows"))
        await ada.page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        async with ada.page.expect_download() as downloading:
            await ada.output.get_by_role("button", name="Download").press("Enter")
        assert (await downloading.value).suggested_filename == "shows.svg"


TOO_MANY_PARTS = """
levels = ''.join(f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 10 + '</g>' for n in range(1, 12))
"""


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (f"display(Shows(png={as_literal(png(60_000, 60_000, real=False))}))", "is too large to show: 60,000"),
        (f"display(Shows(png={as_literal(b'GIF89a')}))", "can't be read"),
        (f"display(Shows(png={as_literal(png(9, 9)[:40])}))", "can't be read"),
        ("display(Shows(svg='<svg'))", "can't be read"),
        (
            'display(Shows(svg=\'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>\'))',
            "be read",
        ),
        (
            TOO_MANY_PARTS + 'display(svg(f\'<defs><g id="g0"><path/></g>{levels}</defs><use href="#g11"/>\'))',
            "too many",
        ),
        ('display(svg(\'<rect id="a" style="mask: url(#\\\\61)"/>\'))', "too many"),
        ("display(Shows(png='A' * 12_000_000))", "Shows is 8.6 MB large. Up to 8 MB can be shown."),
    ],
)
async def test_what_would_hold_up_the_page_is_named_and_not_shown(
    server: Server, browser: Browser, code: str, sentence: str
) -> None:
    async with ran(server, browser, code) as ada:
        await expect(ada.output).to_contain_text(sentence)
        await expect(pictures(ada.output)).to_have_count(0)


HOSTILE_HTML = """
<base href="OTHER/base/">
<meta http-equiv="refresh" content="0; url=OTHER/refresh">
<link rel="stylesheet" href="OTHER/style.css"><link rel="preconnect" href="OTHER">
<link rel="prefetch" href="OTHER/prefetch"><link rel="icon" href="OTHER/icon">
<style>@import "OTHER/import.css"; body { background: url(OTHER/background.png) }
@font-face { font-family: far; src: url(OTHER/font.woff) } p { font-family: far }</style>
<script>parent.postMessage("script", "*"); fetch("OTHER/script")</script>
<script src="OTHER/script.js"></script>
<img src="OTHER/picture.png" onerror="fetch('OTHER/onerror')"><img srcset="OTHER/set.png 1x">
<video src="OTHER/video.mp4" poster="OTHER/poster.png" autoplay></video><audio src="OTHER/audio.mp3" autoplay></audio>
<iframe src="OTHER/frame"></iframe><iframe srcdoc="<img src='OTHER/inner.png'>"></iframe>
<object data="OTHER/object"></object><embed src="OTHER/embed">
<svg><image href="OTHER/image.svg"/><use href="OTHER/use.svg#a"/><script>fetch("OTHER/svg-script")</script></svg>
<form action="OTHER/form" method="post"><input name="text" value="typed"><button>send</button></form>
<form action="OTHER/blank" target="_blank"><button>open</button></form>
<p>
<a id="here" href="OTHER/here">here</a> <a id="top" href="OTHER/top" target="_top">top</a>
<a id="blank" href="OTHER/blank" target="_blank">blank</a> <a id="ping" href="#" ping="OTHER/ping">ping</a>
<a id="code" href="javascript:fetch('OTHER/javascript')">javascript</a>
</p>
<b id="end" style="color: red">all of it</b>
"""

HEAVY_HTML = """
<b>before</b> <i style="color: red">styled</i> <i style="background: ur\\6c(a)">hidden</i>
<img id="small" src="data:image/png;base64,SMALL"> <img id="bomb" src="data:image/png;base64,LARGE">
<img id="drawing" src=" d&#10;ata:image/svg+xml,<svg/>"> <style>b { color: red } b { mask: url(data:,) }</style>
"""


async def test_html_keeps_its_styles_and_small_pictures_and_nothing_that_holds_up_the_page(
    server: Server, browser: Browser
) -> None:
    html = HEAVY_HTML.replace("SMALL", base64.b64encode(png(2, 2)).decode())
    html = html.replace("LARGE", base64.b64encode(png(60_000, 60_000, real=False)).decode())
    parts = TOO_MANY_PARTS + "display(Shows(html=f'<svg><path id=\"g0\"/>{levels}</svg>'), display_id='parts')\n"
    async with ran(server, browser, f"display(Shows(html={html!r}))\n{parts}") as ada:
        frames = ada.output.locator("iframe")
        first, second = (frames.nth(index).content_frame.frame_locator("iframe") for index in (0, 1))
        await expect(second.locator("body")).to_have_text("This has too many parts to be shown.")
        await expect(first.get_by_text("styled")).to_have_css("color", "rgb(255, 0, 0)")
        await expect(first.locator("b")).not_to_have_css("color", "rgb(255, 0, 0)")
        sources = await first.locator("img").evaluate_all("all => all.map(img => [img.id, img.hasAttribute('src')])")
        assert sources == [["small", True], ["bomb", False], ["drawing", False]]
        assert await first.locator("[style]").count() == 1


HOSTILE_SVG = """
<script>fetch("OTHER/script"); parent.postMessage("script", "*")</script>
<image href="OTHER/image.png" width="9" height="9" onload="fetch('OTHER/onload')"/>
<use href="OTHER/use.svg#a"/>
<foreignObject width="9" height="9"><img xmlns="http://www.w3.org/1999/xhtml" src="OTHER/img.png"/>
<iframe xmlns="http://www.w3.org/1999/xhtml" src="OTHER/frame"/></foreignObject>
<style>@font-face {{ font-family: f; src: url(OTHER/font) }}</style>
<rect width="30" height="30" fill="red"/>
"""

# Whatever arrives at the page besides what the page's own frames say.
LISTEN = "window.heard = []; addEventListener('message', ({ data }) => window.heard.push(data))"


async def test_html_of_a_program_runs_nothing_and_reaches_nobody(server: Server, browser: Browser) -> None:
    async with AsyncExitStack() as stack:
        outsider = await stack.enter_async_context(Outsider().listening())
        code = f"display(Shows(html={HOSTILE_HTML.replace('OTHER', outsider.url)!r}))\n"
        room = await server.create_room(code=SHOWING + code)
        ada = await stack.enter_async_context(Person.entering(browser, room.links["host"], "Ada"))
        await ada.until_python_is_ready()
        address = ada.page.url
        await ada.page.evaluate(LISTEN)
        await ada.runs_the_program()
        markup = markup_in(ada)
        await expect(markup.locator("#end")).to_have_css("color", "rgb(255, 0, 0)")
        for target in ("#here", "#top", "#blank", "#ping", "#code", "text=send", "text=open"):
            # A click that navigates waits for the navigation, which must not come.
            await markup.locator(target).click(no_wait_after=True)
        await expect(markup.locator("#end")).to_have_text("all of it")
        assert ada.page.url == address
        assert len(ada.page.context.pages) == 1
        assert "script" not in await ada.page.evaluate("heard")
        assert outsider.seen == []


async def test_svg_of_a_program_runs_nothing_and_reaches_nobody(server: Server, browser: Browser) -> None:
    async with Outsider().listening() as outsider:
        inside = HOSTILE_SVG.replace("OTHER", outsider.url)
        plain = inside[: inside.index("<style")] + inside[inside.index("<rect") :]
        async with ran(server, browser, f"display(svg({plain!r}))\ndisplay(svg({inside!r}))\n") as ada:
            await until_drawn(pictures(ada.output))
            # Rules of style could name any part for any element: they are not believed.
            await expect(ada.output).to_contain_text("too many parts")
            assert outsider.seen == []


FORGERIES = """
import json
import struct
import caretroom_host
import js
from pyodide.ffi import to_js

def js_value(value):
    return to_js(value, dict_converter=js.Object.fromEntries)

markup = "<img src=x onerror='document.title = 1'><script>document.title = 1</script>"
display_of = {"kind": "display", "id": "a", "mime": "text/html", "alt": markup, "width": None}
for message in (
    {"type": "report", "run": "r", "report": display_of},
    {"type": "output", "sequence": 1, "pieces": [{"channel": "html", "bytes": markup}]},
    {"type": "output", "sequence": 1, "pieces": [{"channel": "reports", "bytes": js.Uint8Array.new(8)}]},
    {"type": "done", "sequence": "1", "exitCode": 0, "errorType": None, "worn": False},
    {"type": "done", "sequence": 77, "exitCode": 0, "errorType": None, "worn": False},
    {"type": "failed", "reason": markup},
    {"type": "ready"},
    {"type": "start", "run": "other", "file": markup},
    {"__proto__": {"type": "ready"}},
    [1, 2], "text", None, 5,
):
    js.postMessage(js_value(message))

def report(header, payload=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    caretroom_host.report(to_js(struct.pack("<II", len(text), len(payload)) + text + payload))

for header in (
    b"{]", b"[]", b"null", b"\\xff\\xfe",
    {"kind": "script"},
    {**display_of, "mime": "text/javascript"},
    {**display_of, "mime": "application/xhtml+xml"},
    {**display_of, "alt": ["a"]},
    {**display_of, "alt": "x" * 10_000},
    {**display_of, "width": "100%"},
    {**display_of, "width": -5},
    {**display_of, "id": {"toString": "x"}},
    {"kind": "error", "errorType": markup, "message": 5, "places": []},
):
    report(header, b"<b>payload</b>")
# Lengths that promise more than comes, or that nobody could hold, would swallow what follows: these come last.
print("that was all", flush=True)
caretroom_host.report(to_js(struct.pack("<II", 2**32 - 1, 2**32 - 1)))
"""


async def test_forged_messages_change_nothing_but_the_programs_own_output(server: Server, browser: Browser) -> None:
    room = await server.create_room(code=FORGERIES)
    async with Person.entering(browser, room.links["host"], "Ada") as ada:
        await ada.until_python_is_ready()
        title = await ada.page.title()
        seen = await ada.runs_the_program()
        assert (seen.stdout, seen.stderr, seen.remark, seen.gap) == ("that was all\n", "", "", "")
        await expect(ada.output.locator(".display")).to_have_count(0)
        await expect(ada.page.locator(".run-state")).to_have_attribute("data-state", "ok")
        assert await ada.page.title() == title
        assert (await ada.runs_the_program()).stdout == "that was all\n"


SHARED = """
print('before')
display(svg('<circle r="9"/>'), display_id='circle')
display(Shows(html='<i>a table</i><img src=x onerror="document.title = 1">'))
display(Shows(png=base64.b64encode(png).decode()))
print('after')
"""


async def test_what_is_shared_is_shown_to_others_and_to_whoever_comes_later(server: Server, browser: Browser) -> None:
    # Noise, so that it does not get smaller on its way.
    too_large = f"import os, zlib\npng = {png(900, 900, real=False)[:33]!r} + os.urandom(500_000)\n"
    room = await server.create_room(code=SHOWING + too_large + SHARED)
    async with AsyncExitStack() as stack:
        ada = await stack.enter_async_context(Person.entering(browser, room.links["host"], "Ada"))
        eve = await stack.enter_async_context(Person.entering(browser, room.links["viewer"], "Eve"))
        await ada.until_python_is_ready()
        await ada.page.get_by_role("switch", name="Share my output").click()
        await ada.runs_the_program()
        mei = await stack.enter_async_context(Person.entering(browser, room.links["viewer"], "Mei"))
        for other in (eve, mei):
            log = other.page.get_by_role("region", name="Output of Ada").get_by_role("log")
            await expect(log).to_contain_text("after")
            await expect(log).to_contain_text("1 picture not shared")
            await expect(log.get_by_role("img", name="Shows")).to_have_count(1)
            await until_drawn(log.get_by_role("img", name="Shows"))
            frame = log.frame_locator("iframe[title='Shows']").frame_locator("iframe")
            await expect(frame.locator("i")).to_have_text("a table")
            kinds = await log.evaluate("log => [...log.children].map(line => line.className.split('-')[0])")
            assert kinds[:3] == ["voice", "display", "display"]
            assert "Caretroom" in await other.page.title()


async def test_the_page_stays_usable_with_a_line_of_ten_megabytes(server: Server, browser: Browser) -> None:
    async with ran(server, browser, "print('x' * 10_000_000)\nprint('end')\n") as ada:
        seen = await ada.reads_the_output()
        assert seen.stdout.endswith("x\nend\n")
        assert "characters not shown" in seen.gap
        editor = ada.page.get_by_role("textbox", name="Code editor")
        await editor.click()
        await ada.page.keyboard.press("Control+Home")
        await ada.page.keyboard.type("# typed")
        await expect(editor).to_contain_text("# typed")
        assert (await ada.runs_the_program()).stdout.endswith("end\n")
