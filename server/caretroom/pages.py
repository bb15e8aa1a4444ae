"""The pages and the files they load, all from our own origin, with the headers that keep them apart from others.

Pages are cross-origin isolated (for SharedArrayBuffer) and run no inline script. The sandbox, in which people's
Python runs, is a document of opaque origin that may load nothing but what the page hands it.
"""

import re
import secrets
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from wsgiref.headers import Headers

from servestatic import ServeStaticASGI
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from caretroom.distribution import Distribution
from caretroom.errors import UnavailableError
from caretroom.services import services_of

STATIC = Path(__file__).parent / "static"
NONCE = "__NONCE__"
PYTHON = "__PYTHON__"

EVERYWHERE = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
PAGE = EVERYWHERE | {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cache-Control": "no-cache",
}
SANDBOX = EVERYWHERE | {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Document-Isolation-Policy": "isolate-and-require-corp",
    "Cache-Control": "no-cache",
}

# The workers that read along while somebody types. A worker has the policy that it came with: these load nothing and
# speak to nobody but their page, and only ruff is WebAssembly.
WORKERS = {
    "lint-worker": "default-src 'none'; script-src 'wasm-unsafe-eval'",
    "pyright.worker": "default-src 'none'",
}


def page_policy(nonce: str) -> str:
    # The nonce is for the style elements that CodeMirror makes.
    return (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"style-src 'self' 'nonce-{nonce}'; frame-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def sandbox_policy(origin: str) -> str:
    # Absolute addresses: in a document of opaque origin, 'self' is nobody.
    return (
        f"default-src 'none'; script-src {origin}/assets/ blob: 'wasm-unsafe-eval'; "
        f"worker-src blob:; connect-src 'none'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {origin}; sandbox allow-scripts"
    )


def markup_policy(origin: str) -> str:
    # What stands in the frame inside inherits this, and may not even run what is listed here.
    return (
        f"default-src 'none'; script-src {origin}/assets/; style-src 'unsafe-inline'; img-src data:; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {origin}; sandbox allow-scripts"
    )


@cache
def _html(name: str) -> str:
    try:
        return (STATIC / name).read_text()
    except FileNotFoundError as error:
        raise UnavailableError(
            "The browser client has not been built. Start Caretroom with `make run`, which builds it."
        ) from error


def _page(name: str, python: str = "") -> Route:
    path = {"index.html": "/", "room.html": "/r/{room}", "about.html": "/about"}[name]

    async def page(request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        headers = PAGE | {"Content-Security-Policy": page_policy(nonce)}
        return HTMLResponse(_html(name).replace(NONCE, nonce).replace(PYTHON, python), headers=headers)

    return Route(path, page, name=name)


def _sandbox(name: str, policy: Callable[[str], str]) -> Route:
    async def frame(request: Request) -> Response:
        headers = SANDBOX | {"Content-Security-Policy": policy(services_of(request).origin(request))}
        return HTMLResponse(_html(f"{name}.html"), headers=headers)

    return Route(f"/{name}", frame, name=name)


def _immutable(path: str, url: str) -> bool:
    """Vite puts a hash into the names of its assets; Pyodide's files stand below an address of their own."""
    return url.startswith("/pyodide/") or re.search(r"-[\w-]{8,}\.\w+$", url) is not None


def _add_headers(headers: Headers, path: str, url: str) -> None:
    for name, value in EVERYWHERE.items():
        headers[name] = value
    for worker, policy in WORKERS.items():
        if url.startswith(f"/assets/{worker}-"):
            headers["Content-Security-Policy"] = policy
            headers["Cross-Origin-Embedder-Policy"] = "require-corp"


def routes(distribution: Distribution | None) -> list[BaseRoute]:
    """Without a distribution, which is how an unbuilt checkout is, there is no Python."""
    files = ServeStaticASGI(
        None,
        immutable_file_test=_immutable,
        mimetypes={".mjs": "text/javascript", ".wasm": "application/wasm"},
        add_headers_function=_add_headers,
    )
    if (STATIC / "assets").is_dir():
        files.add_files(STATIC / "assets", prefix="assets/")
    if distribution is not None:
        for name, path in distribution.files.items():
            files.add_file_to_dictionary(distribution.address + name, str(path))
    room = _page("room.html", distribution.address if distribution else "")
    found: list[BaseRoute] = [_page("index.html"), room, _page("about.html")]
    found += [_sandbox("sandbox", sandbox_policy), _sandbox("markup", markup_policy)]
    found += [Mount("/assets", files), Mount("/pyodide", files)]
    for file in STATIC.glob("*.*"):
        if file.suffix not in (".html", ".br", ".gz"):
            found.append(Route(f"/{file.name}", _single(file)))
    return found


def _single(file: Path) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return FileResponse(file, headers=EVERYWHERE | {"Cache-Control": "no-cache"})

    return endpoint
