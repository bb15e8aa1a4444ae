"""Reports: what a program puts out besides text, in its order with the text. `reports.ts` reads them."""

import json
import struct

import caretroom_host as host
from _caretroom.streams import flush
from pyodide.ffi import to_js


def report(kind: str, payload: bytes = b"", **fields: object) -> None:
    """Send one of the kinds in runtime/runs.ts: JSON fields, and bytes that JSON would only bloat."""
    flush()
    header = json.dumps({"kind": kind, **fields}).encode()
    host.report(to_js(struct.pack("<II", len(header), len(payload)) + header + payload))
