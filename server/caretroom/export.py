"""A room's files to take away."""

import io
import json
import re
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import PurePosixPath
from posixpath import splitext
from typing import NamedTuple

from caretroom.document import MAIN_FILE, Document
from caretroom.records import RoomRecord

# Our client's names are shorter; others' are cut.
PATH_CHARACTERS = 200
# Control characters, and the colon of drives and streams.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f:]")


class Format(NamedTuple):
    media_type: str
    write: Callable[[RoomRecord, Document], bytes]


def export(format: str, record: RoomRecord, document: Document) -> bytes:
    return FORMATS[format].write(record, document)


def _zip(record: RoomRecord, document: Document) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        files = document.files()
        for path, file in zip(_paths([file.name for file in files]), files, strict=True):
            archive.writestr(path, file.text)
    return buffer.getvalue()


def _paths(names: Sequence[str]) -> Iterator[str]:
    """For each name a path below the folder that it is unpacked in, and no path twice, also not as a folder."""
    safe = [_safe(name) for name in names]
    folders = {folder.as_posix() for path in safe for folder in PurePosixPath(path).parents}
    taken, given = {*safe, *folders}, set(folders)
    for path in safe:
        if path in given:
            stem, suffix = splitext(path)
            path = next(free for n in count(2) if (free := f"{stem}_{n}{suffix}") not in taken)
            taken.add(path)
        given.add(path)
        yield path


def _safe(name: str) -> str:
    """Names come from anyone: none leads upwards, to a drive, or past what a file system takes."""
    parts = _UNSAFE.sub("_", name[-PATH_CHARACTERS:].replace("\\", "/")).split("/")
    return "/".join(part for part in parts if part not in ("", ".", "..")) or "file"


def _py(record: RoomRecord, document: Document) -> bytes:
    """The main file alone."""
    files = document.files()
    main = next((file for file in files if file.id == MAIN_FILE), files[0] if files else None)
    return (main.text if main else "").encode()


def _ipynb(record: RoomRecord, document: Document) -> bytes:
    """One cell for each Python file, nbformat 4.5."""
    cells = [
        {
            "cell_type": "code",
            "id": f"file-{number}",
            "metadata": {"name": file.name},
            "source": file.text.splitlines(keepends=True),
            "outputs": [],
            "execution_count": None,
        }
        for number, file in enumerate(document.files())
        if file.name.endswith(".py")
    ]
    notebook = {
        "cells": cells,
        "metadata": {"language_info": {"name": "python"}, "title": record.title},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1).encode()


def _room(record: RoomRecord, document: Document) -> bytes:
    """All that makes the room what it is: its record, and its document as one Yjs update v1 in base64."""
    return json.dumps(
        {
            "format": "caretroom-room",
            "version": 1,
            "kind": record.kind,
            "title": record.title,
            "epoch": record.epoch,
            "created_at": record.created_at,
            "files": [{"id": file.id, "name": file.name, "text": file.text} for file in document.files()],
            "document": b64encode(document.full()).decode(),
        },
        indent=1,
    ).encode()


FORMATS = {
    "zip": Format("application/zip", _zip),
    "py": Format("text/x-python; charset=utf-8", _py),
    "ipynb": Format("application/x-ipynb+json", _ipynb),
    "room": Format("application/json", _room),
}
