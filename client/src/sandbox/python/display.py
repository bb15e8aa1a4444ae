"""Values that are shown and not printed: rich representations as Jupyter has them, and programs' ``display``."""

import base64
import builtins
import itertools
import sys
from collections.abc import Iterator
from typing import Any

from _caretroom.reports import report

# What the page shows, best first, with the methods that make it.
SHOWN = {
    "image/png": "_repr_png_",
    "image/jpeg": "_repr_jpeg_",
    "image/webp": "_repr_webp_",
    "image/svg+xml": "_repr_svg_",
    "text/html": "_repr_html_",
}
# What can be read as it is.
PRINTED = {"text/markdown": "_repr_markdown_", "text/latex": "_repr_latex_", "text/plain": "__repr__"}
TEXTS = ("image/svg+xml", "text/html")

# displays.ts has the same bounds, and hears nothing of what went over them.
MOST_BYTES = 8 * 1024 * 1024
ID_CHARACTERS = 64
ALT_CHARACTERS = 200
WIDTH_PIXELS = 10_000

_ids = itertools.count(1)


def display(*values: Any, display_id: str | None = None) -> None:
    """Show values as richly as they can be shown: pictures, tables, or else their repr.

    Shown again with the same display_id, a value takes the place of the one before.
    """
    for value in values:
        show(value, None if display_id is None else str(display_id))


def display_typed(value: object) -> None:
    """What the prompt does with the value of an expression."""
    if show_richly(value, None):
        builtins._ = value
    else:
        sys.__displayhook__(value)


def show(value: Any, id: str | None = None) -> None:
    """Show a value as richly as it can be shown, which may be its repr."""
    if not show_richly(value, id):
        text = next(data for _, data, _ in representations(value, PRINTED) if data is not None)
        print(text)


def show_richly(value: Any, id: str | None) -> bool:
    """Show a value as a picture or HTML, if it is made for that."""
    figure = sys.modules.get("matplotlib.figure")
    if figure is not None and isinstance(value, figure.Figure):
        from _caretroom.matplotlib_backend import show_figure

        show_figure(value, id or new_id())
        return True
    for mime, data, metadata in representations(value, SHOWN):
        if data is not None:
            name = str(metadata.get("alt") or type(value).__name__)
            send(id or new_id(), mime, as_bytes(mime, data), name, metadata.get("width"))
            return True
    return False


def new_id() -> str:
    return f"display-{next(_ids)}"


def send(id: str, mime: str, payload: bytes, alt: str, width: object = None) -> None:
    """Show a picture or HTML, in the place of what has the same ``id``. ``width`` is in the page's pixels."""
    if len(payload) > MOST_BYTES:
        print(
            f"{alt} is {len(payload) / 2**20:.1f} MB large. Up to {MOST_BYTES // 2**20} MB can be shown.",
            file=sys.stderr,
        )
        return
    known = isinstance(width, (int, float)) and 1 <= width <= WIDTH_PIXELS
    report(
        "display",
        payload,
        id=id[:ID_CHARACTERS],
        mime=mime,
        alt=alt[:ALT_CHARACTERS],
        width=width if known else None,
    )


def representations(value: Any, methods: dict[str, str]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """MIME type, data and metadata, best first; the data is None where the value knows no better."""
    kind = type(value)
    make_bundle = getattr(kind, "_repr_mimebundle_", None)
    if make_bundle is not None:
        bundle, metadata = with_metadata(make_bundle(value, include=None, exclude=None))
        for mime in methods:
            if mime in (bundle or {}):
                yield mime, bundle[mime], metadata.get(mime, metadata)
    for mime, name in methods.items():
        make = getattr(kind, name, None)
        if make is not None:
            yield mime, *with_metadata(make(value))


def with_metadata(made: Any) -> tuple[Any, dict[str, Any]]:
    data, metadata = made if isinstance(made, tuple) else (made, None)
    return data, metadata or {}


def as_bytes(mime: str, data: Any) -> bytes:
    if mime in TEXTS:
        return str(data).encode("utf-8", "replace")
    return base64.b64decode(data) if isinstance(data, str) else bytes(data)
