"""Every setting is a flag, a variable and a row of the documentation."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from caretroom.config import settings
from caretroom.limits import Limits

DOCS = Path(__file__).parents[2] / "docs"


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "caretroom", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=60,
        check=False,
    )


def test_every_setting_has_its_row_in_the_documentation() -> None:
    page = (DOCS / "configuration.md").read_text()
    rows = {
        (flag, variable, default)
        for flag, variable, default in re.findall(r"^\| `(--[\w-]+)` \| `(\w+)` \| `?([^|`]*)`? \|", page, re.MULTILINE)
    }
    expected = {(s.flag, s.variable, str(s.default) or "empty") for s in settings()}
    assert {(flag, variable, default.strip()) for flag, variable, default in rows} == expected


def test_every_limit_has_its_row_in_the_documentation() -> None:
    page = (DOCS / "configuration.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d.,]+) \|", page, re.MULTILINE))
    limits = Limits()
    expected = {field.name: getattr(limits, field.name) for field in fields(Limits)}
    assert {name: float(value.replace(",", "")) for name, value in rows.items()} == expected


def test_every_setting_is_a_flag(tmp_path: Path) -> None:
    shown = command("serve", "--help", cwd=tmp_path).stdout
    assert all(setting.flag in shown and setting.variable in shown for setting in settings())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--store", "postgres://x"], "expected memory:// or sqlite"),
        (["--backplane", "redis://x"], "expected local://"),
        (["--secret-file", "nowhere/secret"], "can't be created"),
        (["--port", "eighty"], "not a valid integer"),
        (["--limits", "members=5"], "expected one of message_bytes"),
        (["--limits", "members_per_room=many"], "expected a number"),
        (["--limits", "members_per_room=0"], "expected more than 0"),
    ],
)
def test_a_setting_that_cannot_work_is_said_before_anything_starts(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = command("serve", *arguments, cwd=tmp_path)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_every_close_code_of_the_server_is_in_the_protocol() -> None:
    from caretroom import protocol

    page = (DOCS / "protocol.md").read_text()
    codes = {value for name, value in vars(protocol).items() if name.startswith("CLOSE_")}
    assert codes
    assert all(str(code) in page for code in codes)


def test_every_notice_is_in_the_protocol() -> None:
    from caretroom.protocol import NoticeCode

    page = (DOCS / "protocol.md").read_text()
    assert all(f"`{code}`" in page for code in get_args(NoticeCode))
