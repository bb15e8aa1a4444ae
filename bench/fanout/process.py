"""What the kernel knows of a process and its children: processor time and memory."""

import os
import resource
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    cpu_seconds: float
    resident_bytes: int


def usage(pid: int) -> Usage:
    cpu, resident = 0.0, 0
    for each in _tree(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
            on_cpu = [
                Path(f"/proc/{each}/task/{task}/schedstat").read_text() for task in os.listdir(f"/proc/{each}/task")
            ]
        except OSError:
            continue  # ended just now
        # To the nanosecond; the clock ticks of `stat` are too coarse for a room of two. Threads that ended are missing.
        cpu += sum(int(line.split()[0]) for line in on_cpu) / 1e9
        resident += int(fields[21]) * _PAGE
    return Usage(cpu, resident)


def machine_busy_seconds() -> float:
    """Of all cores together, what other machines took of them included."""
    with open("/proc/stat") as stat:
        times = [int(value) for value in stat.readline().split()[1:9]]
    return (sum(times) - times[3] - times[4]) / _TICK


def allow_many_files() -> None:
    """Thousands of connections, for this process and those that it starts."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _tree(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        each = waiting.pop()
        found.append(each)
        try:
            for task in os.listdir(f"/proc/{each}/task"):
                waiting += map(int, Path(f"/proc/{each}/task/{task}/children").read_text().split())
        except OSError:
            continue
    return found
