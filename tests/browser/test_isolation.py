"""What a program in the room can't reach: the room's own server, its storage in the browser, and anybody else."""

import re
from pathlib import Path

import httpx
from support.browser import Person, open_chromium
from support.outsider import Outsider
from support.server import NewRoom, Server

# Each attempt raises, or says that it came through.
ATTEMPTS = '''
import asyncio
import js
from pyodide.ffi import create_once_callable, to_js

SERVER, ROOM, TOKEN, OTHER = {server!r}, {room!r}, {token!r}, {other!r}


def options(**fields):
    return to_js(fields, dict_converter=js.Object.fromEntries)


async def first(target, *events):
    """The first of these events that happens."""
    happened = asyncio.get_running_loop().create_future()
    for event in events:
        def tell(_, event=event):
            if not happened.done():
                happened.set_result(event)
        target.addEventListener(event, create_once_callable(tell))
    return await asyncio.wait_for(happened, 10)


async def api():
    await js.fetch(SERVER + "/api/rooms/" + ROOM, options(credentials="include"))


async def api_with_the_token():
    headers = to_js({{"Authorization": "Bearer " + TOKEN}}, dict_converter=js.Object.fromEntries)
    await js.fetch(SERVER + "/api/rooms/" + ROOM, options(headers=headers))


async def api_blindly():
    await js.fetch(SERVER + "/api/rooms", options(method="POST", mode="no-cors", body="{{}}"))


async def page():
    await js.fetch(SERVER + "/", options(mode="no-cors"))


async def request_that_blocks():
    request = js.XMLHttpRequest.new()
    request.open("GET", SERVER + "/api/rooms/" + ROOM, False)
    request.send()


async def socket_of_the_room():
    socket = js.WebSocket.new(
        SERVER.replace("http", "ws") + "/ws/" + ROOM, to_js(["caretroom.token." + TOKEN])
    )
    if await first(socket, "open", "error", "close") != "open":
        raise OSError("refused")


async def socket_elsewhere():
    socket = js.WebSocket.new(OTHER.replace("http", "ws"))
    if await first(socket, "open", "error", "close") != "open":
        raise OSError("refused")


async def events_elsewhere():
    source = js.EventSource.new(OTHER)
    if await first(source, "open", "error") != "open":
        raise OSError("refused")


async def fetch_elsewhere():
    await js.fetch(OTHER, options(mode="no-cors"))


async def post_elsewhere():
    await js.fetch(OTHER, options(method="POST", mode="no-cors", body="what was typed"))


async def module_elsewhere():
    from pyodide.code import run_js
    await run_js("import('" + OTHER + "/module.js')")


async def worker_elsewhere():
    source = "fetch('" + OTHER + "', {{mode: 'no-cors'}}).then(() => postMessage(1), () => postMessage(0))"
    blob = js.Blob.new(to_js([source]))
    worker = js.Worker.new(js.URL.createObjectURL(blob))
    answered = asyncio.get_running_loop().create_future()
    worker.addEventListener("message", create_once_callable(lambda event: answered.set_result(event.data)))
    worker.addEventListener("error", create_once_callable(lambda event: answered.set_result(0)))
    if not await asyncio.wait_for(answered, 10):
        raise OSError("refused")


async def url_open():
    from urllib.request import urlopen
    urlopen(OTHER, timeout=5)


async def database():
    request = js.indexedDB.open("caretroom")
    if await first(request, "success", "error") != "success":
        raise OSError("refused")


async def cache():
    await js.caches.open("caretroom")


async def files_of_the_origin():
    await js.navigator.storage.getDirectory()


async def local_storage():
    js.localStorage.getItem("name")


async def document():
    js.document.title


async def channel():
    js.BroadcastChannel.new("caretroom-test").postMessage("from the program")
    raise OSError("nobody can tell from here")


for attempt in (
    api, api_with_the_token, api_blindly, page, request_that_blocks, socket_of_the_room, socket_elsewhere,
    events_elsewhere, fetch_elsewhere, post_elsewhere, module_elsewhere, worker_elsewhere, url_open, database,
    cache, files_of_the_origin, local_storage, document, channel,
):
    try:
        await attempt()
        print(attempt.__name__, "CAME THROUGH")
    except Exception:
        print(attempt.__name__, "blocked")
print("that was all")
'''

LISTEN = """() => {
    window.heard = [];
    window.channel = new BroadcastChannel("caretroom-test");
    window.channel.onmessage = ({ data }) => window.heard.push(data);
}"""
# Messages of one channel arrive in the order in which they were sent.
SAY_AND_HEAR = """async () => {
    new BroadcastChannel("caretroom-test").postMessage("from the page");
    while (!window.heard.includes("from the page")) await new Promise(done => setTimeout(done, 10));
    return window.heard;
}"""


def attempts_in(room: NewRoom, server: Server, outsider: Outsider) -> str:
    return ATTEMPTS.format(server=server.url, room=room.id, token=room.token("host"), other=outsider.url)


async def test_a_program_reaches_nothing_but_its_room(tmp_path: Path) -> None:
    async with Server(tmp_path) as server, open_chromium() as browser, Outsider().listening() as outsider:
        # A program needs a room that it knows all about: the one next door, with the host's own token.
        target = await server.create_room(kind="pair")
        room = await server.create_room(kind="pair", code=attempts_in(target, server, outsider))
        async with Person.entering(browser, room.links["host"], "Ada") as ada:
            await ada.until_python_is_ready()
            assert await ada.page.evaluate("crossOriginIsolated")
            await ada.page.evaluate(LISTEN)
            before = await sockets_seen(server)
            seen = await ada.runs_the_program()
            assert seen.stderr == ""
            assert "CAME THROUGH" not in seen.stdout
            assert seen.stdout.count(" blocked\n") == 19
            assert seen.stdout.endswith("that was all\n")
            assert await ada.page.evaluate(SAY_AND_HEAR) == ["from the page"]
            assert await sockets_seen(server) == before
        assert outsider.seen == []
        async with httpx.AsyncClient() as client:
            await client.get(outsider.url)
        assert outsider.seen != []


async def sockets_seen(server: Server) -> list[str]:
    metrics = (await server.http.get("/metrics")).text
    return re.findall(r"^caretroom_(?:connections|refused_upgrades_total).*$", metrics, re.MULTILINE)


async def test_the_sandbox_is_of_an_opaque_origin_even_when_it_is_opened_by_itself(tmp_path: Path) -> None:
    async with Server(tmp_path) as server, open_chromium() as browser:
        page = await browser.new_page()
        await page.goto(f"{server.url}/sandbox")
        assert await page.evaluate("origin") == "null"
