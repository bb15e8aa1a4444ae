"""What the server offers to import: wheels in a folder, Pyodide's own packages, and fetching what is not here yet."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from caretroom.distribution import open_distribution
from caretroom.errors import UnavailableError
from caretroom.limits import Limits
from caretroom.packages import Packages
from support.server import Server
from support.source import Manner, Source
from support.wheels import entry_of, make_pyodide, make_wheel, sha256_of

PATIENCE = Limits(package_stall_seconds=0.5, package_retry_seconds=30)


async def offered(server: Server) -> dict[str, Any]:
    answer = await server.http.get("/packages/pyodide-lock.json")
    packages: dict[str, Any] = answer.json()["packages"]
    return packages


async def test_wheels_in_the_folder_are_offered_with_what_they_need(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    requires = ("Plants>=1", 'winter; sys_platform == "win32"', 'seeds; extra == "seeds"', "not-here")
    path = make_wheel(wheels, "garden-tools", {"garden/__init__.py": "", "spade.py": ""}, requires=requires)
    make_wheel(wheels, "plants", {"plants.py": ""}, requires=('soil; sys_platform == "emscripten"',))
    make_wheel(wheels, "soil", {"soil/a.py": ""})
    async with Server(tmp_path, packages_dir=str(wheels)) as server:
        found = await offered(server)
        assert set(found) == {"garden-tools", "plants", "soil"}
        assert found["garden-tools"]["imports"] == ["garden", "spade"]
        assert found["garden-tools"]["depends"] == ["plants"]
        assert found["plants"]["depends"] == ["soil"]
        file = await server.http.get(f"/packages/{sha256_of(path)}/{path.name}")
        assert file.content == path.read_bytes()
        assert "immutable" in file.headers["cache-control"]
        assert file.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_a_wheel_laid_into_the_folder_is_offered_without_a_restart(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    async with Server(tmp_path, packages_dir=str(wheels)) as server:
        first = await server.http.get("/packages/pyodide-lock.json")
        assert first.json()["packages"] == {}
        tag = {"If-None-Match": first.headers["etag"]}
        assert (await server.http.get("/packages/pyodide-lock.json", headers=tag)).status_code == 304
        make_wheel(wheels, "garden", {"garden.py": ""})
        make_wheel(wheels, "garden", {"garden.py": "new"}, version="1.10")
        make_wheel(wheels, "garden", {"garden.py": ""}, version="1.9")
        second = await server.http.get("/packages/pyodide-lock.json", headers=tag)
        assert second.json()["packages"]["garden"]["version"] == "1.10"


async def test_what_the_browser_could_not_import_is_not_offered(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    make_wheel(wheels, "other", {"other.py": ""}, tag="cp314-cp314-manylinux_2_17_x86_64")
    make_wheel(wheels, "older", {"older.py": ""}, tag="cp312-cp312-pyodide_2024_0_wasm32")
    (wheels / "broken-1.0-py3-none-any.whl").write_bytes(b"not a zip")
    (wheels / "nonsense.whl").write_bytes(b"")
    make_wheel(wheels, "compiled", {"compiled.py": ""}, tag="cp314-cp314-pyemscripten_2026_0_wasm32")
    async with Server(tmp_path, packages_dir=str(wheels)) as server:
        assert set(await offered(server)) == {"compiled"}
    log = server.log.read_text()
    assert log.count("wheel passed over") == 4
    assert "file=nonsense.whl" in log


@pytest.mark.parametrize(
    "path",
    [
        "{sha}/..%2f..%2fsecret",
        "{sha}/%2e%2e/secret",
        "{sha}/secret",
        "0000/{name}",
        "..%2f..%2fsecret/{name}",
        "{sha}/{name}%00",
        "{sha}//{name}",
    ],
)
async def test_no_name_leads_to_a_file_that_is_not_offered(tmp_path: Path, path: str) -> None:
    wheel = make_wheel(tmp_path / "wheels", "garden", {"garden.py": ""})
    outside = make_wheel(tmp_path, "outside", {"outside.py": ""})
    leading = entry_of(outside, "outside", file_name=f"../{outside.name}")
    absolute = entry_of(outside, "absolute", file_name=str(outside))
    elsewhere = entry_of(outside, "elsewhere", file_name="https://example.org/outside-1.0-py3-none-any.whl")
    pyodide = make_pyodide(tmp_path / "pyodide", leading, absolute, elsewhere)
    settings = {"packages_dir": str(wheel.parent), "pyodide_dir": str(pyodide)}
    async with Server(tmp_path, **settings) as server:
        assert set(await offered(server)) == {"garden"}
        address = "/packages/" + path.format(sha=sha256_of(wheel), name=wheel.name)
        assert (await server.http.get(address)).status_code == 404
        assert (await server.http.get(f"/packages/{sha256_of(outside)}/..%2f{outside.name}")).status_code == 404


async def test_a_folder_that_holds_wheels_beside_its_list_serves_them(tmp_path: Path) -> None:
    folder = tmp_path / "pyodide"
    here = make_wheel(folder, "numpy", {"numpy.py": ""})
    away = make_wheel(tmp_path, "scipy", {"scipy.py": ""})
    make_pyodide(folder, entry_of(here, "numpy", depends=("scipy",)), entry_of(away, "scipy"))
    async with Server(tmp_path, pyodide_dir=str(folder)) as server:
        found = await offered(server)
        # Without a place to fetch it from, what isn't here is not offered.
        assert list(found) == ["numpy"]
        assert found["numpy"]["depends"] == []
        assert (await server.http.get(f"/packages/{sha256_of(here)}/{here.name}")).status_code == 200
        room = (await server.http.get("/r/abcdefghijkm")).text
        address = room.split('name="python" content="')[1].split('"')[0]
        assert (await server.http.get(f"{address}pyodide.asm.wasm")).status_code == 200
        assert (await server.http.get(f"{address}pyodide-lock.json")).status_code == 404


def packages_of(tmp_path: Path, source: Source, *entries: dict[str, Any]) -> Packages:
    distribution = open_distribution(str(make_pyodide(tmp_path / "pyodide", *entries)))
    assert distribution is not None
    return Packages(distribution, tmp_path / "kept", distribution.source(source.url + "/v{version}/full"), PATIENCE)


async def test_a_package_is_fetched_once_however_many_need_it_and_is_kept(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "source", "numpy", {"numpy.py": "x = 1\n" * 100_000})
    async with Source(wheel.parent).listening() as source:
        packages = packages_of(tmp_path, source, entry_of(wheel, "numpy"))
        wanted = (sha256_of(wheel), wheel.name)
        paths = await asyncio.gather(*(packages.find(*wanted) for _ in range(20)))
        assert {path.read_bytes() for path in paths} == {wheel.read_bytes()}
        # Another server, or the same one after a restart.
        assert await packages_of(tmp_path, source, entry_of(wheel, "numpy")).find(*wanted) == paths[0]
        assert source.asked == {wheel.name: 1}


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ("wrong", "another content"),
        ("truncated", "broke off"),
        ("stalled", "timed out"),
        ("missing", "404"),
    ],
)
async def test_what_does_not_arrive_whole_is_not_kept_and_not_asked_for_again_at_once(
    tmp_path: Path, manner: Manner, said: str
) -> None:
    wheel = make_wheel(tmp_path / "source", "numpy", {"numpy.py": "x = 1\n"})
    async with Source(wheel.parent, manner).listening() as source:
        packages = packages_of(tmp_path, source, entry_of(wheel, "numpy"))
        for _ in range(3):
            with pytest.raises(UnavailableError, match=said):
                await packages.find(sha256_of(wheel), wheel.name)
        assert source.asked == {wheel.name: 1}
    assert list((tmp_path / "kept").iterdir()) == []


async def test_a_server_without_internet_says_so_for_each_package(tmp_path: Path) -> None:
    wheels = [make_wheel(tmp_path / "source", name, {f"{name}.py": ""}) for name in ("numpy", "pandas")]
    entries = [entry_of(wheel, wheel.name.split("-")[0]) for wheel in wheels]
    pyodide = make_pyodide(tmp_path / "pyodide", *entries)
    async with Source(tmp_path).listening() as gone:
        pass
    settings = {"pyodide_dir": str(pyodide), "packages_source": gone.url}
    async with Server(tmp_path, **settings) as server:
        assert set(await offered(server)) == {"numpy", "pandas"}
        for wheel in wheels:
            answer = await server.http.get(f"/packages/{sha256_of(wheel)}/{wheel.name}")
            assert answer.status_code == 503
            assert "could not fetch" in answer.json()["error"]["message"]
    assert server.log.read_text().count("package not fetched") == 1


def test_a_folder_without_pyodide_is_said_before_anything_starts(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    unlisted = make_pyodide(tmp_path / "unlisted")
    (unlisted / "pyodide-lock.json").write_text("[]")
    old = make_pyodide(tmp_path / "old")
    loader = old / "pyodide.mjs"
    loader.write_text('var a="0.26.4";')
    for folder, said in [
        (empty, "pyodide.mjs is missing"),
        (unlisted, "expected Pyodide's list of packages"),
        (old, "expected Pyodide 0.28 or newer, found 0.26.4"),
        (tmp_path / "nowhere", "pyodide.mjs is missing"),
    ]:
        done = caretroom("serve", "--pyodide-dir", str(folder), cwd=tmp_path)
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def caretroom(*arguments: str, cwd: Path, index: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`index` is all that pip finds."""
    only = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_CONFIG_FILE": os.devnull}
    # Settings of this machine's own, which pip would join with those.
    kept = {name: value for name, value in os.environ.items() if index is None or not name.startswith("PIP_")}
    return subprocess.run(
        [sys.executable, "-m", "caretroom", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
        check=False,
        env={**kept, **(only if index else {})},
    )


def test_packages_come_with_what_they_need_in_the_browser(tmp_path: Path) -> None:
    index = tmp_path / "index"
    make_wheel(index, "garden", {"garden.py": ""}, requires=("plants<2", 'desert; sys_platform == "linux"'))
    make_wheel(index, "plants", {"plants.py": ""}, version="1.5", requires=('soil; sys_platform == "emscripten"',))
    make_wheel(index, "plants", {"plants.py": ""}, version="2.0")
    make_wheel(index, "soil", {"soil.py": ""}, tag="cp314-cp314-pyemscripten_2026_0_wasm32")
    arguments = ("packages", "add", "garden", "--packages-source", "")
    done = caretroom(*arguments, cwd=tmp_path, index=index)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["garden 1.0", "plants 1.5", "soil 1.0"]
    folder = tmp_path / "caretroom-packages"
    assert {path.name.split("-")[0] for path in folder.iterdir()} == {"garden", "plants", "soil"}
    listed = caretroom("packages", "list", cwd=tmp_path).stdout
    assert [line.split()[:2] for line in listed.splitlines()] == [["garden", "1.0"], ["plants", "1.5"], ["soil", "1.0"]]
    # A version that is asked for takes the place of the one that is there.
    assert caretroom("packages", "add", "plants==2.0", *arguments[3:], cwd=tmp_path, index=index).returncode == 0
    assert "plants                   2.0" in caretroom("packages", "list", cwd=tmp_path).stdout


def test_what_can_not_be_added_whole_is_not_added_at_all(tmp_path: Path) -> None:
    index = tmp_path / "index"
    make_wheel(index, "garden", {"garden.py": ""}, requires=("nowhere",))
    make_wheel(index, "native", {"native.py": ""}, tag="cp314-cp314-manylinux_2_17_x86_64")
    make_wheel(index, "fine", {"fine.py": ""})
    names = ("garden", "native", "fine", "no such name", "https://example.org/x.whl", "--help-me")
    done = caretroom("packages", "add", "--packages-source", "", "--", *names, cwd=tmp_path, index=index)
    assert done.returncode == 1
    assert done.stdout == "fine 1.0\n"
    for said in ("nowhere has no wheel for Python 3.14", "native has no wheel", "expected a package's name"):
        assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in (tmp_path / "caretroom-packages").iterdir()] == ["fine-1.0-py3-none-any.whl"]


async def test_pyodides_own_packages_come_from_where_it_keeps_them(tmp_path: Path) -> None:
    numpy = make_wheel(tmp_path / "source", "numpy", {"numpy.py": "checked"})
    library = tmp_path / "source" / "libblas-1.0.zip"
    library.write_bytes(b"PK\x05\x06" + bytes(18))
    entries = [
        entry_of(numpy, "numpy", depends=("libblas",)),
        entry_of(library, "libblas", install_dir="dynlib", package_type="shared_library", imports=[]),
    ]
    pyodide = make_pyodide(tmp_path / "pyodide", *entries)
    index = tmp_path / "index"
    make_wheel(index, "numpy", {"numpy.py": "of the index"}, version="2.0")
    arguments = ("packages", "add", "numpy", "--pyodide-dir", str(pyodide), "--packages-source")
    kept = tmp_path / "caretroom-packages"

    async with Source(numpy.parent).listening() as source:
        done = await asyncio.to_thread(caretroom, *arguments, source.url, cwd=tmp_path, index=index)
        assert done.stdout.splitlines() == ["numpy 1.0", "libblas 1.0"]
        assert {path.name: sha256_of(path) for path in kept.iterdir()} == {
            path.name: sha256_of(path) for path in (numpy, library)
        }
        # Without it the server has them all the same.
        async with Server(tmp_path, pyodide_dir=str(pyodide)) as server:
            assert set(await offered(server)) == {"numpy", "libblas"}
            assert (await server.http.get(f"/packages/{sha256_of(library)}/{library.name}")).status_code == 200

        source.manner = "wrong"
        done = await asyncio.to_thread(caretroom, *arguments, source.url, cwd=tmp_path, index=index)
        assert done.returncode == 1
        assert "another content" in done.stderr
        assert len(list(kept.iterdir())) == 2

    done = await asyncio.to_thread(caretroom, *arguments, source.url, cwd=tmp_path, index=index)
    assert "Trying the Python package index" in done.stderr
    assert done.stdout == "numpy 2.0\n"


async def test_the_list_of_the_bundled_pyodide_names_everything_that_can_be_fetched(tmp_path: Path) -> None:
    async with Server(tmp_path, packages_source="http://127.0.0.1:9/never-asked") as server:
        answer = await server.http.get("/packages/pyodide-lock.json", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        lock = answer.json()
        assert {"numpy", "pandas", "matplotlib", "scipy"} <= set(lock["packages"])
        assert json.dumps(lock["packages"]["numpy"]["imports"]) == '["numpy"]'
