"""The load of one preset on one server, in a process of its own; prints what it measured as JSON.

One clock and one process see each character leave and arrive.
"""

import argparse
import asyncio
import gc
import json
import os
import random
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from time import perf_counter

import msgspec
import uvloop
from caretroom.document import seed

from bench.fanout import wire
from bench.fanout.client import Audience, Client
from bench.fanout.documents import Typer, text_from, written_by_many
from bench.fanout.latency import Latencies
from bench.fanout.presets import Mode, Preset
from bench.fanout.process import Usage, allow_many_files, machine_busy_seconds, usage
from bench.fanout.wire import Dialect

Number = float | bool | None
Result = dict[str, Number | list[dict[str, Number]]]

CODE = "\n"
ENTER_AT_ONCE = 40
LOST_AFTER_SECONDS = 8.0
SAMPLED_ROOMS = 3
# A rate holds when this share of the characters arrives in time, within this latency, and none is lost.
HELD_SHARE, HELD_MS = 0.95, 250.0
STEP_SECONDS, STEP_WARMUP_SECONDS = 1.5, 0.7
RISE, CLOSE_ENOUGH = 1.6, 1.12


class Load:
    def __init__(self, preset: Preset, url: str, rooms_api: str, dialect: Dialect, server: int, seed_: int) -> None:
        self.preset = preset
        self.url = url
        self.rooms_api = rooms_api
        self.server = server
        self.chance = random.Random(seed_)
        self.audience = Audience(dialect)
        self.base = written_by_many(seed(CODE), preset.characters, self.chance)
        self.rooms: dict[str, list[Client]] = {}
        self._urls: dict[str, str] = {}
        self._tag = f"{os.getpid():x}{time.time_ns() & 0xFFFFFF:x}"

    @property
    def clients(self) -> list[Client]:
        return [client for room in self.rooms.values() for client in room]

    @property
    def typers(self) -> list[Client]:
        return [client for client in self.clients if client.typer is not None]

    # Coming

    async def enter(self) -> None:
        """Someone opens each room and brings its text; then the others come."""
        preset = self.preset
        for number in range(preset.rooms):
            name = f"{self._tag}-{number}"
            self.rooms[name] = [self._client(name, at) for at in range(preset.clients)]
        await self._connect([room[0] for room in self.rooms.values()])
        for room in self.rooms.values():
            room[0].send(wire.update(self.base))
        await asyncio.sleep(0.5)
        typing = 0.0
        for room in self.rooms.values():
            before, typing = typing, typing + preset.typers
            for client in room[: int(typing + 1e-9) - int(before + 1e-9)]:
                client.typer = self.audience.typers[client.id] = Typer(client.id, self.base, self.chance)
        await self._connect([client for room in self.rooms.values() for client in room[1:]])
        for client in self.clients:
            client.move_cursor()
        await asyncio.sleep(1.0)

    def _client(self, room: str, at: int = 0) -> Client:
        last = self.preset.clients - 1
        sampled = at in (0, last // 2, last) and len(self.rooms) < SAMPLED_ROOMS and self.preset.mode is not Mode.IDLE
        return Client(self.audience, room, self.chance.randrange(1 << 20, 1 << 32), keeps_updates=sampled)

    async def _connect(self, clients: Sequence[Client]) -> None:
        for client in clients:
            await self._address(client.room)
        gate = asyncio.Semaphore(ENTER_AT_ONCE)

        async def connect(client: Client) -> None:
            async with gate:
                await client.connect(self._urls[client.room])

        await asyncio.gather(*map(connect, clients))

    async def _address(self, room: str) -> None:
        """Where the room's socket is; Caretroom's rooms are made over HTTP first."""
        if room in self._urls:
            return
        url = self.url
        if self.rooms_api:
            body = json.dumps({"kind": "class", "code": CODE}).encode()
            request = urllib.request.Request(self.rooms_api, body, {"content-type": "application/json"})
            answer = await asyncio.to_thread(urllib.request.urlopen, request, timeout=20)
            made = json.load(answer)
            token = made["links"]["editor"].split("#", 1)[1]
            url = url.replace("{room}", made["room"]).replace("{token}", token)
        self._urls[room] = url.replace("{room}", room)

    # Typing

    async def typing(self) -> Result:
        await self.enter()
        result = await self.phase(self.preset.rate, self.preset.warmup_seconds, self.preset.seconds)
        return result | await self.verify()

    async def saturate(self) -> Result:
        """Raise the rate until it no longer holds, then halve the distance."""
        await self.enter()
        await self.phase(self.preset.rate, 1.0, 1.0)
        rate = self.preset.rate
        steps: list[dict[str, Number]] = []
        best: tuple[float, Result] | None = None
        failed: float | None = None
        for _ in range(self.preset.steps):
            measured = await self.phase(rate, STEP_WARMUP_SECONDS, STEP_SECONDS)
            holds = _holds(measured)
            step: dict[str, Number] = {"rate": round(rate, 2), "holds": holds}
            for key in ("deliveries_s", "p50_ms", "p99_ms", "server_share", "load_share"):
                value = measured[key]
                assert not isinstance(value, list)
                step[key] = value
            steps.append(step)
            if holds:
                best = (rate, measured)
            else:
                failed = rate
            if failed is None:
                rate *= RISE
            elif best is None:
                rate /= 2
            elif failed / best[0] < CLOSE_ENOUGH:
                break
            else:
                rate = (failed * best[0]) ** 0.5
        result: Result = dict(best[1]) if best else {}
        result["held_deliveries_s"] = result.get("deliveries_s", 0)
        result["steps"] = steps
        return result | await self.verify()

    async def phase(self, rate: float, warmup_seconds: float, seconds: float) -> Result:
        """Type at a rate; what is measured is after the warm-up."""
        length = warmup_seconds + seconds
        plan = self._plan(rate, length)
        demanded = sum(
            1 for due, client, update in plan if update is not None and due >= warmup_seconds
            for _ in range(self.preset.clients - 1)
        )  # fmt: skip
        gc.collect()
        gc.freeze()
        gc.disable()
        begin = perf_counter() + 0.05
        since, until = begin + warmup_seconds, begin + length
        marks: list[tuple[float, Usage, float, float, int]] = []

        def mark() -> None:
            server = usage(self.server)
            marks.append((perf_counter(), server, time.process_time(), machine_busy_seconds(), self.audience.frames))

        lags = await self._play(plan, begin, since, mark)
        if (left := until - perf_counter()) > 0:
            await asyncio.sleep(left)
        mark()
        text, cursors = Latencies(), Latencies()
        delivered = await self._settle(since, until, text, cursors)
        gc.enable()
        (at0, server0, load0, busy0, frames0), (at1, server1, load1, busy1, frames1) = marks
        passed = at1 - at0
        server_cpu, load_cpu = server1.cpu_seconds - server0.cpu_seconds, load1 - load0
        return {
            "demanded_s": round(demanded / seconds, 1),
            "deliveries_s": round(delivered / seconds, 1),
            "frames_s": round((frames1 - frames0) / passed, 1),
            "p50_ms": text.percentile_ms(0.5),
            "p95_ms": text.percentile_ms(0.95),
            "p99_ms": text.percentile_ms(0.99),
            "cursor_p99_ms": cursors.percentile_ms(0.99),
            "server_share": round(server_cpu / passed, 4),
            "server_us_per_delivery": round(server_cpu * 1e6 / delivered, 3) if delivered else None,
            "server_us_per_frame": round(server_cpu * 1e6 / max(1, frames1 - frames0), 3),
            "server_mb": round(server1.resident_bytes / 1e6, 1),
            "load_share": round(load_cpu / passed, 4),
            "others_share": round((busy1 - busy0 - server_cpu - load_cpu) / passed, 3),
            "behind_p99_ms": round(sorted(lags)[int(len(lags) * 0.99)] * 1000, 2) if lags else None,
            "missing": sum(client.lacks(self._typers_of(client)) for client in self.clients),
        }

    def _plan(self, rate: float, seconds: float) -> list[tuple[float, Client, bytes | None]]:
        """Who sends what when; None is a cursor."""
        plan: list[tuple[float, Client, bytes | None]] = []
        for client in self.clients:
            if client.typer is not None:
                count = self._count(rate * seconds)
                made_now = client.typer.type(count)
                plan += [(due, client, made) for due, made in zip(self._dues(count, seconds), made_now, strict=True)]
            count = self._count(self.preset.cursors * seconds)
            plan += [(due, client, None) for due in self._dues(count, seconds)]
        plan.sort(key=lambda entry: entry[0])
        return plan

    def _count(self, expected: float) -> int:
        return int(expected) + (self.chance.random() < expected % 1)

    def _dues(self, count: int, seconds: float) -> list[float]:
        """At random within equal parts of the time, so that a client's characters leave in order."""
        return [(at + self.chance.random()) * seconds / count for at in range(count)]

    async def _play(
        self, plan: Sequence[tuple[float, Client, bytes | None]], begin: float, since: float, mark: Callable[[], None]
    ) -> list[float]:
        """Returns how far behind its time each message left after the warm-up."""
        lags: list[float] = []
        marked = False
        for at, (due, client, update) in enumerate(plan):
            wait = begin + due - perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            elif at % 64 == 0:
                await asyncio.sleep(0)  # behind: let what arrives be read all the same
            now = perf_counter()
            if now >= since:
                if not marked:
                    mark()
                    marked = True
                lags.append(now - begin - due)
            if update is None:
                client.move_cursor()
            else:
                client.type(update)
        if not marked:
            await asyncio.sleep(max(0.0, since - perf_counter()))
            mark()
        return lags

    async def _settle(self, since: float, until: float, text: Latencies, cursors: Latencies) -> int:
        """Wait until everything has arrived, or long enough to call it lost."""
        delivered = 0
        give_up = perf_counter() + LOST_AFTER_SECONDS
        while True:
            await asyncio.sleep(0.2)
            for client in self.clients:
                delivered += client.settle(since, until, text, cursors)
            if perf_counter() > give_up or not any(client.lacks(self._typers_of(client)) for client in self.clients):
                return delivered

    def _typers_of(self, client: Client) -> list[Typer]:
        return [other.typer for other in self.rooms[client.room] if other.typer is not None]

    async def verify(self) -> Result:
        """Nothing lost by the account; and some receivers' text, built from what they got, is what was typed."""
        wrong = 0
        for room in self.rooms.values():
            sampled = [client for client in room if client.updates is not None]
            if not sampled:
                continue
            typed = [typer.updates[: len(typer.sent_at)] for typer in self._typers_of(room[0])]
            expected = text_from([self.base, *chain(*typed)])
            for client in sampled:
                assert client.updates is not None
                own = client.typer.updates[: len(client.typer.sent_at)] if client.typer else []
                wrong += text_from([self.base, *client.updates, *own]) != expected
        return {
            "lost": sum(client.lacks(self._typers_of(client)) for client in self.clients),
            "wrong": wrong,
            "unreadable": self.audience.unreadable,
            "closed": self.audience.closed,
        }

    # Joining

    async def join(self) -> Result:
        """Everyone comes within a second; how long until each has the document?"""
        room = f"{self._tag}-0"
        self.rooms[room] = [self._client(room)]
        await self._connect(self.rooms[room])
        self.rooms[room][0].send(wire.update(self.base))
        await asyncio.sleep(0.7)
        joiners = [self._client(room) for _ in range(self.preset.clients)]
        gc.collect()
        gc.disable()
        server0, begin = usage(self.server), perf_counter()

        async def come(client: Client) -> None:
            await client.connect(self._urls[room])
            client.move_cursor()  # as editors do

        async with asyncio.TaskGroup() as coming:
            for at, client in enumerate(joiners):
                due = begin + at / len(joiners)
                await asyncio.sleep(max(0.0, due - perf_counter()))
                coming.create_task(come(client))
        passed, server1 = perf_counter() - begin, usage(self.server)
        await asyncio.sleep(1)
        gc.enable()
        times = Latencies()
        for client in joiners:
            times.add(client.synced.result() - client.started_at)
        expected = text_from([self.base])
        texts = {state: text_from([state]) == expected for state in {client.state for client in joiners}}
        self.rooms[room] += joiners
        return {
            "p50_ms": times.percentile_ms(0.5),
            "p99_ms": times.percentile_ms(0.99),
            "all_seconds": round(passed, 3),
            "server_cpu_seconds": round(server1.cpu_seconds - server0.cpu_seconds, 4),
            "server_mb": round(server1.resident_bytes / 1e6, 1),
            "state_kb": round(max(len(client.state) for client in joiners) / 1e3, 1),
            "lost": sum(not texts[client.state] for client in joiners),
            "closed": self.audience.closed,
        }

    # Being there

    async def idle(self) -> Result:
        empty = usage(self.server).resident_bytes
        await self.enter()
        await asyncio.sleep(2)
        before, begin = usage(self.server), perf_counter()
        await asyncio.sleep(self.preset.seconds)
        after, passed = usage(self.server), perf_counter() - begin
        connections = self.preset.rooms * self.preset.clients
        return {
            "connections": connections,
            "server_mb": round(after.resident_bytes / 1e6, 1),
            "kb_per_connection": round((after.resident_bytes - empty) / connections / 1e3, 2),
            "server_share": round((after.cpu_seconds - before.cpu_seconds) / passed, 4),
            "lost": 0,
            "closed": self.audience.closed,
        }

    async def run(self) -> Result:
        modes: dict[Mode, Callable[[], Awaitable[Result]]] = {
            Mode.TYPING: self.typing,
            Mode.SATURATE: self.saturate,
            Mode.JOIN: self.join,
            Mode.IDLE: self.idle,
        }
        result = await modes[self.preset.mode]()
        for client in self.clients:
            client.leave()
        await asyncio.sleep(0.05)
        return result


def _holds(result: Result) -> bool:
    deliveries, demanded, p99 = result["deliveries_s"], result["demanded_s"], result["p99_ms"]
    assert isinstance(deliveries, float)
    assert isinstance(demanded, float)
    return isinstance(p99, float) and p99 <= HELD_MS and deliveries >= HELD_SHARE * demanded and not result["missing"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("preset", help="a preset as JSON")
    parser.add_argument("--url", required=True, help="with {room}, and {token} for Caretroom")
    parser.add_argument("--rooms-api", default="", help="where rooms are made first")
    parser.add_argument("--dialect", type=Dialect, required=True)
    parser.add_argument("--server", type=int, required=True, help="its process id")
    parser.add_argument("--core", type=int, help="to run on")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.core is not None:
        os.sched_setaffinity(0, {arguments.core})
    preset = msgspec.json.decode(arguments.preset, type=Preset)
    allow_many_files()
    load = Load(preset, arguments.url, arguments.rooms_api, arguments.dialect, arguments.server, arguments.seed)
    json.dump(uvloop.run(load.run()), sys.stdout)


if __name__ == "__main__":
    main()
