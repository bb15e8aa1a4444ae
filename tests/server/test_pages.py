"""The pages and their files: isolated, without inline scripts, from our own origin, compressed and cached."""

import re

import pytest
from caretroom.pages import STATIC
from support.server import Server


@pytest.mark.parametrize("path", ["/", "/r/abcdefghijkm", "/about"])
async def test_a_page_is_isolated_and_runs_only_our_scripts(server: Server, path: str) -> None:
    page = await server.http.get(path)
    assert page.status_code == 200
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert page.headers["cross-origin-embedder-policy"] == "require-corp"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce is not None
    assert nonce[1] in page.text
    assert nonce[1] not in (await server.http.get(path)).text
    assert not re.search(r"<script(?![^>]* src=)", page.text)
    assert not re.search(r"""(?:src|href)="(?:https?:)?//""", page.text)


async def test_the_sandbox_may_load_nothing_but_its_own_script(server: Server) -> None:
    frame = await server.http.get("/sandbox")
    policy = frame.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith("sandbox allow-scripts")
    assert f"frame-ancestors {server.url};" in policy
    assert "'unsafe-eval'" not in policy
    assert frame.headers["cross-origin-embedder-policy"] == "require-corp"


async def test_html_of_programs_is_framed_by_a_page_that_may_load_its_own_script_only(server: Server) -> None:
    frame = await server.http.get("/markup")
    policy = frame.headers["content-security-policy"]
    assert policy == (
        f"default-src 'none'; script-src {server.url}/assets/; style-src 'unsafe-inline'; img-src data:; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {server.url}; sandbox allow-scripts"
    )
    assert frame.headers["cross-origin-embedder-policy"] == "require-corp"


async def test_files_are_compressed_and_kept_for_good(server: Server) -> None:
    page = (await server.http.get("/r/abcdefghijkm")).text
    script = re.search(r'src="(/assets/[^"]+\.js)"', page)
    assert script is not None
    for encoding in ("br", "gzip"):
        file = await server.http.get(script[1], headers={"Accept-Encoding": encoding})
        assert file.headers["content-encoding"] == encoding
        assert "immutable" in file.headers["cache-control"]
        assert file.headers["cross-origin-resource-policy"] == "cross-origin"
        assert file.headers["access-control-allow-origin"] == "*"


async def test_python_is_served_as_what_it_is(server: Server) -> None:
    listing = {"pyodide.asm.wasm": "application/wasm", "pyodide.mjs": "text/javascript"}
    for name, media_type in listing.items():
        file = await server.http.get(f"/pyodide/314.0.7/{name}")
        assert file.headers["content-type"].startswith(media_type)
        assert "immutable" in file.headers["cache-control"]


async def test_what_the_package_bundles_is_listed_with_its_licenses(server: Server) -> None:
    notices = (await server.http.get("/notices.json")).json()
    names = {notice["name"].lower() for notice in notices}
    assert {"pyodide", "cpython", "yjs", "preact"} <= names
    assert {"@astral-sh/ruff-wasm-web", "browser-basedpyright", "typeshed"} <= names
    assert all(notice["license"] and notice["text"] for notice in notices)


@pytest.mark.parametrize(
    ("worker", "policy"),
    [
        ("lint-worker", "default-src 'none'; script-src 'wasm-unsafe-eval'"),
        ("pyright.worker", "default-src 'none'"),
    ],
)
async def test_a_worker_that_reads_along_may_load_nothing(server: Server, worker: str, policy: str) -> None:
    [script] = (STATIC / "assets").glob(f"{worker}-*.js")
    for encoding in ("br", "gzip"):
        answer = await server.http.get(f"/assets/{script.name}", headers={"Accept-Encoding": encoding})
        assert answer.headers["content-encoding"] == encoding
        assert answer.headers["content-security-policy"] == policy
        # Without it, an isolated page may not start the worker.
        assert answer.headers["cross-origin-embedder-policy"] == "require-corp"
        assert "immutable" in answer.headers["cache-control"]
