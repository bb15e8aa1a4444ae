"""The codec against the byte vectors that the TypeScript codec passes, too."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from caretroom import protocol
from caretroom.errors import BadFrameError
from caretroom.lib0 import var_bytes

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "vectors" / "wire.json").read_text())
ROOM_MESSAGES = {
    "welcome": protocol.Welcome,
    "members": protocol.Members,
    "saved": protocol.Saved,
    "notice": protocol.Notice,
}
OUTPUT_EVENTS = {
    "start": protocol.Start,
    "text": protocol.Text,
    "display": protocol.Display,
    "dropped": protocol.Dropped,
    "end": protocol.End,
    "clear": protocol.Clear,
}


def vectors(*directions: str, malformed: bool) -> list[Any]:
    return [
        pytest.param(bytes.fromhex(vector["hex"]), vector["message"], id=vector["name"])
        for vector in VECTORS
        if vector["direction"] in directions and (vector["message"]["kind"] == "malformed") is malformed
    ]


def told(message: protocol.ClientMessage) -> dict[str, Any]:
    """A decoded message in the words of the vectors."""
    match message:
        case protocol.Step1(state_vector):
            return {"kind": "step1", "stateVector": state_vector.hex()}
        case protocol.Step2(update):
            return {"kind": "step2", "update": update.hex()}
        case protocol.Update(update):
            return {"kind": "update", "update": update.hex()}
        case protocol.Presence(entries):
            return {
                "kind": "presence",
                "entries": [{"client": e.client, "clock": e.clock, "state": json.loads(e.state)} for e in entries],
            }
        case protocol.QueryPresence():
            return {"kind": "query-presence"}
        case protocol.Unknown(number):
            return {"kind": "unknown", "number": number}
        case protocol.Hello():
            return {"kind": "room", "message": msgspec.to_builtins(message)}
        case _:
            return {"kind": "output", "event": msgspec.to_builtins(message)}


def encoded(message: dict[str, Any]) -> bytes:
    match message["kind"]:
        case "step1":
            return protocol.step1(bytes.fromhex(message["stateVector"]))
        case "step2":
            return protocol.step2(bytes.fromhex(message["update"]))
        case "update":
            return protocol.update(bytes.fromhex(message["update"]))
        case "presence":
            return protocol.presence(
                [
                    protocol.PresenceEntry(
                        entry["client"],
                        entry["clock"],
                        json.dumps(entry["state"], ensure_ascii=False, separators=(",", ":")).encode(),
                    )
                    for entry in message["entries"]
                ]
            )
        case "denied":
            return protocol.denied(message["reason"])
        case "output":
            event = message["event"]
            made = msgspec.convert(event, OUTPUT_EVENTS[event["type"]])
            return protocol.output(made, event["number"], event["member"], event.get("name", ""))
        case "room":
            return protocol.room(msgspec.convert(message["message"], ROOM_MESSAGES[message["message"]["type"]]))
    raise AssertionError(message)


@pytest.mark.parametrize(("frame", "message"), vectors("client", "both", malformed=False))
def test_a_frame_from_a_client_is_read(frame: bytes, message: dict[str, Any]) -> None:
    assert told(protocol.decode(frame)) == message


@pytest.mark.parametrize(("frame", "_message"), vectors("client", "both", malformed=True))
def test_a_frame_outside_the_grammar_is_refused(frame: bytes, _message: object) -> None:
    with pytest.raises(BadFrameError):
        protocol.decode(frame)


@pytest.mark.parametrize(("frame", "message"), vectors("server", malformed=False))
def test_a_frame_to_a_client_is_written(frame: bytes, message: dict[str, Any]) -> None:
    if message["kind"] in ("output", "room"):
        written = encoded(message)
        assert written[:1] == frame[:1]
        assert (
            json.loads(written[written.index(b"{") :])
            == message[{"output": "event", "room": "message"}[message["kind"]]]
        )
    else:
        assert encoded(message) == frame


@pytest.mark.parametrize("depth", [10_000])
def test_a_json_bomb_is_refused(depth: int) -> None:
    with pytest.raises(BadFrameError):
        protocol.decode(b"\x01" + var_bytes(b"\x01\x01\x01" + var_bytes(b'{"a":' * depth + b"1" + b"}" * depth)))


NOT_UTF8 = b'{"type":"text","run":"r","stream":"stdout","text":"\xed\xa0\xbd"}'


@pytest.mark.parametrize("frame", [b"\x40" + var_bytes(NOT_UTF8), b"\x01" + var_bytes(b"\1\1\1" + var_bytes(NOT_UTF8))])
def test_json_that_is_not_utf8_is_refused(frame: bytes) -> None:
    with pytest.raises(BadFrameError, match="utf-8"):
        protocol.decode(frame)
