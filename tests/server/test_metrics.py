"""What an operator can see of a server."""

import json
import re
from pathlib import Path

import pytest
from caretroom import metrics
from prometheus_client.metrics import MetricWrapperBase
from support.client import Client, presence_frame
from support.server import Server

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()


async def measured(server: Server) -> dict[str, float]:
    """Every sample, its labels left out and added up."""
    found: dict[str, float] = {}
    for name, value in re.findall(r"^(\w+)(?:\{.*\})? (\S+)$", (await server.http.get("/metrics")).text, re.MULTILINE):
        found[name] = found.get(name, 0) + float(value)
    return found


def test_every_metric_has_its_row_in_the_documentation() -> None:
    made = {
        metric.name
        for each in vars(metrics).values()
        if isinstance(each, MetricWrapperBase)
        for metric in each.describe()
    }
    assert set(re.findall(r"^\| `(caretroom_\w+)` \|", PAGE, re.MULTILINE)) == made


async def test_the_metrics_tell_what_happens_in_rooms(server: Server) -> None:
    room = await server.create_room(code="")
    async with (
        Client(server.url, room.id, room.token("editor"), name="Ada") as ada,
        Client(server.url, room.id, room.token("editor"), name="Ada") as same,
        Client(server.url, room.id, room.token("viewer"), name="Eve") as eve,
    ):
        for person in (ada, same, eve):
            await person.until_synced()
        ada.write("x = 1")
        await ada.until_saved()
        await same.until(lambda me: me.text == "x = 1")
        eve.send(presence_frame((5, 1, {"x": "y" * 5000})))
        await eve.until(lambda me: me.told("notice"))
        during = await measured(server)
        eve.send(b"\x00\x02\x05nope!")
        await eve.until_closed()
    assert (during["caretroom_rooms"], during["caretroom_connections"], during["caretroom_members"]) == (1, 3, 2)
    for name in ("flush_changes_count", "fanout_seconds_count", "store_commit_seconds_count", "stored_entries_total"):
        assert during[f"caretroom_{name}"] > 0, name
    assert during["caretroom_log_entries_count"] == 1
    assert during["caretroom_limits_reached_total"] == 1
    assert during["caretroom_loop_lag_seconds_count"] >= 0
    after = await measured(server)
    assert after["caretroom_refused_frames_total"] == 1


@pytest.mark.parametrize("format", ["text", "json"])
async def test_the_log_tells_who_came_and_went_where(tmp_path: Path, format: str) -> None:
    async with Server(tmp_path, log_format=format) as server:
        room = await server.create_room()
        async with Client(server.url, room.id, room.token("editor"), name="Ada") as ada:
            await ada.until(lambda me: me.roster())
            (member,) = ada.roster()
        await server.stop()
        lines = [line for line in server.log.read_text().splitlines() if "disconnected" in line]
        assert len(lines) == 1
        if format == "json":
            line = json.loads(lines[0])
            assert (line["room"], line["member"], line["role"]) == (room.id, member, "editor")
        else:
            assert f"room={room.id} member={member} role=editor" in lines[0]
