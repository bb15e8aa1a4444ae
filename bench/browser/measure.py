"""How fast Python in the room is, beside a plain Pyodide page: same files, same browser, turn by turn.

    make bench-python                 prints a table
    make bench-python ARGUMENTS="--json numbers.json --rounds 15"

Both pages are served compressed, from this machine: the network costs nothing here, so what is measured is the work.
Cold is the first visit of a new browser profile, warm the second one in it.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from caretroom.pages import STATIC
from playwright.async_api import BrowserContext, Page, Playwright, async_playwright
from servestatic import ServeStaticASGI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from support.browser import ARGUMENTS
from support.client import Client
from support.server import NewRoom, Server, free_port

HERE = Path(__file__).parent
WATCH = (HERE / "watch.js").read_text()
FIRST_LINE = "print('first line')\n"
FLOOD = "for n in range(100_000): print('line', n)\n"
NEXT_PROGRAM = "print('next program')\n"
ENDLESS = {
    "busy": "print('go')\nwhile True: pass\n",
    "asleep": "import time\nprint('go')\ntime.sleep(60)\n",
    "waiting for input": "print('go')\ninput()\n",
}
STUCK_IN_C = "import collections, itertools\nprint('go')\ncollections.deque(itertools.count(), maxlen=0)\n"

Numbers = dict[str, list[float]]


class Room:
    """A room whose one file says what is asked of it."""

    def __init__(self, room: NewRoom, author: Client) -> None:
        self.link = room.links["editor"]
        self._author = author
        self._code = ""

    async def write(self, page: Page | None, code: str) -> None:
        text = self._author.files["main"]["text"]
        with self._author.doc.transaction():
            del text[:]
            text += code
        if page is not None:
            shown = code.strip().split("\n")[-1]
            await page.wait_for_function(
                "([text, lines]) => { const all = [...document.querySelectorAll('.cm-line')];"
                " return all.length === lines && all.some(line => line.textContent === text) }",
                arg=[shown, code.count("\n") + 1],
            )


@asynccontextmanager
async def plain_page() -> AsyncIterator[str]:
    """Pyodide as its documentation says, with the same files in the same compression."""
    (version,) = (folder.name for folder in (STATIC / "pyodide").iterdir())

    async def file(request: Request) -> Response:
        name = request.url.path.strip("/") or "plain.html"
        text = (HERE / name).read_text().replace("__VERSION__", version)
        return Response(text, media_type="text/html" if name.endswith("html") else "text/javascript")

    types = {".mjs": "text/javascript", ".wasm": "application/wasm"}
    files = ServeStaticASGI(None, immutable_file_test=lambda path, url: True, mimetypes=types)
    files.add_files(STATIC / "pyodide", prefix="pyodide/")
    app = Starlette(routes=[Route("/", file), Route("/plain-worker.js", file), Mount("/pyodide", files)])
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    await serving


@asynccontextmanager
async def new_profile(playwright: Playwright, script: str = "") -> AsyncIterator[tuple[BrowserContext, Path]]:
    with tempfile.TemporaryDirectory(prefix="caretroom-bench-", ignore_cleanup_errors=True) as folder:
        context = await playwright.chromium.launch_persistent_context(
            folder, executable_path="/usr/bin/chromium", args=ARGUMENTS
        )
        await context.add_init_script(WATCH + script)
        try:
            yield context, Path(folder)
        finally:
            await context.close()


async def first_lines(context: BrowserContext, address: str) -> tuple[float, float]:
    times = []
    for _ in ("cold", "warm"):
        page = await context.new_page()
        await page.goto(address)
        times.append(await page.evaluate("marked('painted:first line')"))
        # Caches are written in the background.
        await page.wait_for_timeout(1_500)
        await page.close()
    return times[0], times[1]


# Runs what is in the room and answers with the milliseconds to what came of it.
RUN = """async (names) => {
    while (!document.querySelector("button.run")) await new Promise(done => setTimeout(done));
    const since = performance.now();
    document.querySelector("button.run").click();
    const times = [];
    for (const name of names) times.push(await marked(name, since) - since);
    return times;
}"""
STOP = """async () => {
    const since = performance.now();
    document.querySelector("button.stop").click();
    return await marked("frame:end", since) - since;
}"""
# The next program is in the room already: it begins in the moment in which the one before was given up.
STOP_AND_RUN = """async () => {
    const since = performance.now();
    document.querySelector("button.stop").click();
    const end = await marked("frame:end", since);
    await new Promise(done => setTimeout(done));
    document.querySelector("button.run").click();
    return await marked("frame:text", end) - end;
}"""
PLAIN_RUN = """async (code) => {
    const since = performance.now();
    runProgram(code);
    return await marked("painted", since) - since;
}"""
PLAIN_MESSAGE = """async () => {
    const since = performance.now();
    runProgram("print('again')");
    return await new Promise(done => {
        const watch = new MutationObserver(() => { watch.disconnect(); done(performance.now() - since); });
        watch.observe(document.getElementById("output"), { childList: true });
    });
}"""
PLAIN_FLOOD = """async (code) => {
    const since = performance.now();
    runProgram(code);
    return await marked("painted:line 99999", since) - since;
}"""


async def measure_starts(playwright: Playwright, room: Room, plain: str, rounds: int, numbers: Numbers) -> None:
    await room.write(None, FIRST_LINE)
    for _ in range(rounds):
        for who, address in (("room", room.link), ("plain", plain)):
            async with new_profile(playwright) as (context, _folder):
                cold, warm = await first_lines(context, address)
            numbers[f"first line, cold: {who}"].append(cold)
            numbers[f"first line, warm: {who}"].append(warm)


async def measure_runs(playwright: Playwright, room: Room, plain: str, rounds: int, numbers: Numbers) -> None:
    await room.write(None, FIRST_LINE)
    async with new_profile(playwright) as (context, _folder):
        # Only the page in front paints.
        page = await context.new_page()
        await page.goto(room.link)
        await page.evaluate("marked('painted')")
        other = await context.new_page()
        await other.goto(plain)
        await other.evaluate("marked('painted')")
        await page.wait_for_timeout(4_000)
        for _ in range(3 * rounds):
            await page.bring_to_front()
            arrived, painted = await page.evaluate(RUN, ["frame:text", "painted"])
            numbers["warm run to first output at the page: room"].append(arrived)
            numbers["warm run to first output painted: room"].append(painted)
            await other.bring_to_front()
            numbers["warm run to first output at the page: plain"].append(await other.evaluate(PLAIN_MESSAGE))
        await page.bring_to_front()
        await room.write(page, FLOOD)
        for _ in range(rounds):
            await page.bring_to_front()
            (painted,) = await page.evaluate(RUN, ["painted:line 99999"])
            numbers["100,000 lines painted: room"].append(painted)
            await other.bring_to_front()
            await other.evaluate("document.getElementById('output').replaceChildren()")
            numbers["100,000 lines painted: plain"].append(await other.evaluate(PLAIN_FLOOD, FLOOD))


async def measure_stops(playwright: Playwright, room: Room, rounds: int, numbers: Numbers) -> None:
    for spare, memory in (("with a spare", 8), ("without", 2)):
        script = f"Object.defineProperty(navigator, 'deviceMemory', {{ value: {memory} }});"
        async with new_profile(playwright, script) as (context, folder):
            await room.write(None, FIRST_LINE)
            page = await context.new_page()
            await page.goto(room.link)
            await page.evaluate("marked('painted')")
            await page.wait_for_timeout(5_000)
            numbers[f"memory of the browser, MiB: room {spare}"].append(memory_of(folder))
            for name, code in ENDLESS.items() if spare == "with a spare" else ():
                await room.write(page, code)
                for _ in range(rounds):
                    await page.evaluate(RUN, ["frame:text"])
                    await page.wait_for_timeout(100)
                    numbers[f"Stop, {name}"].append(await page.evaluate(STOP))
            for _ in range(rounds):
                await room.write(page, STUCK_IN_C)
                await page.evaluate(RUN, ["frame:text"])
                await room.write(page, NEXT_PROGRAM)
                numbers[f"kill to the next program's first line, {spare}"].append(await page.evaluate(STOP_AND_RUN))
                # The next spare starts after a second.
                await page.wait_for_timeout(3_000)


async def measure_memory(playwright: Playwright, plain: str, numbers: Numbers) -> None:
    for name, address, wait in (("empty page", "about:blank", "true"), ("plain", plain, "marked('painted')")):
        async with new_profile(playwright) as (context, folder):
            page = await context.new_page()
            await page.goto(address)
            await page.evaluate(wait)
            await page.wait_for_timeout(5_000)
            numbers[f"memory of the browser, MiB: {name}"].append(memory_of(folder))


def memory_of(profile: Path) -> float:
    """What all processes of this browser take together, shared pages counted once."""
    kilobytes = 0
    for process in Path("/proc").iterdir():
        try:
            if str(profile) in (process / "cmdline").read_text() or is_child_of_browser(process, profile):
                lines = (process / "smaps_rollup").read_text().splitlines()
                kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, ValueError):
            continue
    return kilobytes / 1024


def is_child_of_browser(process: Path, profile: Path) -> bool:
    """Renderers bear no profile in their command line: it is the zygote's parent that does."""
    if not process.name.isdigit():
        return False
    pid = int(process.name)
    while pid > 1:
        pid = int((Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[1])
        if str(profile) in (Path("/proc") / str(pid) / "cmdline").read_text():
            return True
    return False


def table(numbers: Numbers) -> str:
    lines = [f"{'':58}{'median':>10}{'min':>10}{'max':>10}{'n':>5}{'of plain':>10}"]
    for name, values in numbers.items():
        median = statistics.median(values)
        twin = numbers.get(name.replace(": room", ": plain"), [])
        ratio = f"{median / statistics.median(twin):.2f}" if name.endswith(": room") and twin else ""
        lines.append(f"{name:58}{median:10.1f}{min(values):10.1f}{max(values):10.1f}{len(values):5}{ratio:>10}")
    return "\n".join(lines)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default="starts runs stops memory")
    options = parser.parse_args()
    numbers: Numbers = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="caretroom-bench-") as folder:
        async with Server(Path(folder)) as server, plain_page() as plain, async_playwright() as playwright:
            created = await server.create_room(kind="pair")
            async with Client(server.url, created.id, created.token("editor"), name="Author") as author:
                await author.until_synced()
                room = Room(created, author)
                if "starts" in options.only:
                    await measure_starts(playwright, room, plain, options.rounds, numbers)
                if "runs" in options.only:
                    await measure_runs(playwright, room, plain, options.rounds, numbers)
                if "stops" in options.only:
                    await measure_stops(playwright, room, options.rounds, numbers)
                if "memory" in options.only:
                    await measure_memory(playwright, plain, numbers)
    print(table(numbers))
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=1))


if __name__ == "__main__":
    asyncio.run(main())
