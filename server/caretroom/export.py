"""A room's files to take away."""

import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Callable
from typing import NamedTuple

from caretroom.document import MAIN_FILE, Document, File
from caretroom.records import RoomRecord


class Format(NamedTuple):
    media_type: str
    write: Callable[[RoomRecord, Document], bytes]


def export(format: str, record: RoomRecord, document: Document) -> bytes:
    return FORMATS[format].write(record, document)


def _zip(record: RoomRecord, document: Document) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        taken: set[str] = set()
        for file in document.files():
            name = _safe_name(file, taken)
            taken.add(name)
            archive.writestr(name, file.text)
    return buffer.getvalue()


def _safe_name(file: File, taken: set[str]) -> str:
    """A relative path that stays below the folder it is unpacked in, and is not taken."""
    parts = [part for part in file.name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    name = "/".join(parts).replace(":", "_") or file.id
    return name if name not in taken else f"{file.id}-{parts[-1] if parts else 'file'}"


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
