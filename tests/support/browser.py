"""People in a real browser, found as a screen reader finds things."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Python starts while other tests keep the processor busy.
PYTHON_STARTS_WITHIN_MS = 60_000
RUN_ENDS_WITHIN_MS = 60_000

# What each voice said, read back from the lines on the screen. A line's end belongs to whoever spoke last on it.
READ_TRANSCRIPT = """log => {
    const said = { stdout: "", stderr: "", input: "", remark: "", hint: "", gap: "" };
    let voice = "stdout";
    for (const line of log.children) {
        if (line.matches(".display")) continue;
        const alone = line.matches("[class^=voice-]");  // a line of one piece is that piece, with its end
        for (const piece of alone ? [line] : line.children) {
            voice = piece.className.match(/voice-(\\w+)/)[1];
            said[voice] += piece.textContent;
        }
        if (!alone && line.lastChild?.nodeType === Node.TEXT_NODE) said[voice] += line.lastChild.data;
    }
    return said;
}"""
# A short run is over before anyone could look: what changes is watched from before it begins.
WATCH_FOR_A_RUN = """status => {
    window.aRunBegan = new Promise(began => {
        const observer = new MutationObserver(() => status.dataset.state === "running" && began());
        observer.observe(status, { attributes: true });
    });
}"""
NEXT_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass(frozen=True)
class Transcript:
    stdout: str
    stderr: str
    input: str
    remark: str
    hint: str
    gap: str


@asynccontextmanager
async def open_chromium(*arguments: str) -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    assert path is not None, "Chromium is missing: `make test` installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_firefox() -> AsyncIterator[Browser]:
    """Debian's own, which is driven by WebDriver BiDi."""
    path = shutil.which("firefox-esr")
    assert path is not None, "Firefox is missing: `make test` installs it"
    async with async_playwright() as playwright:
        browser = await playwright.firefox.launch(channel="moz-firefox", executable_path=path)
        try:
            yield browser
        finally:
            await browser.close()


class Person:
    """Somebody in front of a browser of their own."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.editor = page.get_by_role("textbox", name="Code editor")
        self.output = page.get_by_role("log", name="Output", exact=True)
        self.run_state = page.locator(".run-state").first
        self.python = page.get_by_role("status", name="Python")
        self.run_button = page.get_by_role("button", name="Run", exact=True)
        self.stop_button = page.get_by_role("button", name="Stop", exact=True)
        self.prompt = page.get_by_role("textbox", name="Python prompt")
        self.program_input = page.get_by_role("textbox", name="Program input")

    @classmethod
    @asynccontextmanager
    async def entering(cls, browser: Browser, link: str, name: str, script: str = "") -> AsyncIterator["Person"]:
        """`script` runs in the page before its own."""
        context = await browser.new_context()
        try:
            await context.add_init_script(script)
            person = cls(await context.new_page())
            await person.page.goto(link)
            await person.page.get_by_role("textbox", name="Your name").fill(name)
            await person.page.get_by_role("button", name="Join").click()
            yield person
        finally:
            await context.close()

    async def writes(self, code: str) -> None:
        """In place of all that stands in the editor."""
        await self.editor.focus()
        await self.page.keyboard.press("Control+a")
        await self.page.keyboard.insert_text(code)
        await expect(self.editor).to_have_text(code.replace("\n", ""))

    async def until_python_is_ready(self) -> None:
        await expect(self.python).to_have_text("Ready", timeout=PYTHON_STARTS_WITHIN_MS)

    async def starts_the_program(self) -> None:
        await self.starts(self.run_button)

    async def starts(self, button: Locator) -> None:
        """Presses what begins a run, and returns when it has begun."""
        await self.python.evaluate(WATCH_FOR_A_RUN)
        await button.click()
        await self.page.evaluate("window.aRunBegan")

    async def until_the_run_ends(self) -> Transcript:
        await expect(self.python).to_have_text("Ready", timeout=RUN_ENDS_WITHIN_MS)
        return await self.reads_the_output()

    async def types(self, line: str | None) -> None:
        """A line, or the end of input, if the program asks before it ends."""
        await expect(self.program_input.or_(self.run_button)).to_be_visible()
        if not await self.program_input.is_visible():
            return
        if line is None:
            await self.program_input.press("Control+d")
        else:
            await self.program_input.fill(line)
            await self.program_input.press("Enter")

    async def reads_the_output(self) -> Transcript:
        await self.page.evaluate(NEXT_FRAMES)
        return Transcript(**await self.output.evaluate(READ_TRANSCRIPT))

    async def runs_the_program(self) -> Transcript:
        await self.starts_the_program()
        return await self.until_the_run_ends()
