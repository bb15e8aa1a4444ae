"""Compares engines for completion and hover: what they weigh, how long they take, what they know.

    .venv/bin/python bench/help/measure.py [--rounds 3]

jedi and parso come from PyPI, the rest from `client/node_modules`. Each round gives each engine a fresh browser, in
turn, so that both meet the same machine.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.async_api import Browser, async_playwright

HERE = Path(__file__).parent
PACKAGES = HERE.parents[1] / "client/node_modules"
PYRIGHT = PACKAGES / "browser-basedpyright/dist"
HELPERS = '''"""Helpers for a library."""


def greet(name):
    """Says hello to somebody."""
    return "Hello, " + name


class Shelf:
    def __init__(self):
        self.books = []
'''
ENGINES = {"jedi": "openJedi", "basedpyright": "openPyright"}
# Everything is asked twice: the first time the engine has to read what the second time it knows.
MEASURE = """async ({ engine, helpers, questions }) => {
    const module = await import("/bench/page.js");
    const files = { "helpers.py": helpers };
    const began = performance.now();
    const since = (start) => Math.round(performance.now() - start);
    const it = module[engine]();
    await it.open(files);
    const opened = since(began);
    const place = (code) => {
        const [before, after] = code.split("¦");
        const lines = before.split("\\n");
        return { files, code: before + after, line: lines.length - 1, column: lines.at(-1).length };
    };
    const answers = [];
    for (const { name, code, expects } of questions) {
        const start = performance.now();
        const names = await it.complete(place(code));
        answers.push({ name, ms: since(start), found: names.includes(expects) });
    }
    const again = [];
    for (const { code } of questions) {
        const start = performance.now();
        await it.complete(place(code));
        again.push(performance.now() - start);
    }
    const hover = await it.hover(place("import math\\nmath.sq¦rt(2)"));
    const own = await it.hover(place("import helpers\\nhelpers.gr¦eet('Ada')"));
    return { opened, answers, again, hover, own };
}"""


class Files(SimpleHTTPRequestHandler):
    """Serves folders of several places under one address, isolated, so that memory can be asked for."""

    def __init__(self, *arguments: object, places: dict[str, Path]) -> None:
        self.places = places
        super().__init__(*arguments)  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        folder, _, name = path.lstrip("/").partition("/")
        return str(self.places.get(folder, HERE) / name)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def fetch_wheels(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), "jedi", "parso"]
    subprocess.run(command, check=True)
    for wheel in list(folder.glob("*.whl")):
        print(wheel.name)
        wheel.rename(folder / f"{wheel.name.partition('-')[0]}.whl")


def compressed(path: Path) -> int:
    script = "const z = require('zlib'); const p = { [z.constants.BROTLI_PARAM_QUALITY]: 9 };"
    script += "console.log(z.brotliCompressSync(require('fs').readFileSync(process.argv[1]), { params: p }).length)"
    answer = subprocess.run(["node", "-e", script, str(path)], check=True, capture_output=True, text=True)
    return int(answer.stdout)


async def memory(browser: Browser) -> int:
    """Megabytes that the browser's renderers have for themselves."""
    session = await browser.new_browser_cdp_session()
    processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    total = 0
    for process in processes:
        if process["type"] == "renderer":
            total += private_kilobytes(int(process["id"]))
    return total // 1024


def private_kilobytes(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty:"))


async def measure(url: str, engine: str, questions: object) -> dict[str, object]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        page = await browser.new_page()
        await page.goto(f"{url}/bench/page.html")
        before = await memory(browser)
        told = {"engine": ENGINES[engine], "helpers": HELPERS, "questions": questions}
        found: dict[str, object] = await page.evaluate(MEASURE, told)
        found["memory"] = await memory(browser) - before
        await browser.close()
    return found


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    questions = json.loads((HERE / "questions.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder)
        fetch_wheels(wheels)
        places = {"bench": HERE, "pyodide": PACKAGES / "pyodide", "pyright": PYRIGHT, "wheels": wheels}
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, places=places))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sizes = {
            "jedi": sum(compressed(wheels / f"{name}.whl") for name in ("jedi", "parso")),
            "basedpyright": compressed(PYRIGHT / "pyright.worker.js"),
        }
        rounds: dict[str, list[dict[str, object]]] = {engine: [] for engine in ENGINES}
        for _ in range(options.rounds):
            for engine in ENGINES:
                rounds[engine].append(await measure(f"http://127.0.0.1:{server.server_port}", engine, questions))
        server.shutdown()
    for engine, results in rounds.items():
        report(engine, sizes[engine], results)


def report(engine: str, size: int, results: list[dict]) -> None:  # type: ignore[type-arg]
    def middle(values: list[float]) -> int:
        return round(statistics.median(values))

    answers = results[0]["answers"]
    print(f"\n{engine}")
    print(f"  bytes, brotli 9       {size / 1e6:.1f} MB")
    print(f"  until it is open      {middle([result['opened'] for result in results])} ms")
    print(f"  first answer          {middle([result['answers'][0]['ms'] for result in results])} ms after that")
    fresh = [answer["ms"] for result in results for answer in result["answers"][1:]]
    again = [ms for result in results for ms in result["again"]]
    for name, times in (("asked first", fresh), ("asked again", again)):
        print(f"  {name:<21} median {middle(times)} ms, 95% {round(statistics.quantiles(times, n=20)[-1])} ms")
    print(f"  memory                {middle([result['memory'] for result in results])} MB")
    print(f"  found                 {sum(answer['found'] for answer in answers)} of {len(answers)}")
    print(f"  missed                {[answer['name'] for answer in answers if not answer['found']]}")
    print(f"  hover, library        {results[0]['hover'][:150]!r}")
    print(f"  hover, own file       {results[0]['own'][:150]!r}")


if __name__ == "__main__":
    asyncio.run(main())
