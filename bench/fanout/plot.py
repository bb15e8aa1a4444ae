"""The figures as pictures: the ratios for the README, and the curves of growth."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

from bench.fanout.presets import PRESETS, Mode
from bench.fanout.tables import ratio

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

Figures = Mapping[str, Any]

INK, GRID, OURS, OTHER = "#1f2933", "#d5dbe1", "#2563eb", "#94a3b8"
RATIOS = {
    Mode.TYPING: [("server_us_per_delivery", "CPU per delivery"), ("p99_ms", "p99")],
    Mode.JOIN: [("server_cpu_seconds", "CPU"), ("p99_ms", "p99")],
    Mode.IDLE: [("kb_per_connection", "memory per connection")],
    Mode.SATURATE: [],
}


def draw(results: Figures, folder: Path) -> None:
    plt.rcParams.update({"font.size": 9, "axes.edgecolor": GRID, "text.color": INK, "axes.labelcolor": INK})
    _ratios(results["presets"], folder / "ratios.png")
    if results["growth"]:
        _growth(results["growth"], folder / "growth.png")


def _ratios(summaries: Sequence[Figures], file: Path) -> None:
    bars: list[tuple[str, float]] = []
    for name, preset in PRESETS.items():
        rows = [summary for summary in summaries if summary["preset"] == name]
        for key, label in RATIOS[preset.mode]:
            value = ratio(rows, key)
            if value is not None:
                bars.append((f"{name}: {label}", value))
    if not bars:
        return
    figure, axes = plt.subplots(figsize=(7.2, 0.32 * len(bars) + 1), layout="constrained")
    labels, values = zip(*reversed(bars), strict=True)
    drawn = axes.barh(labels, values, color=[OURS if value <= 1 else OTHER for value in values])
    axes.bar_label(drawn, fmt="%.2f", padding=3)
    axes.axvline(1, color=INK, linewidth=1)
    axes.set_xlim(0, max(1.15, *values) * 1.1)
    axes.set_xlabel("of the better of y-websocket-server and Hocuspocus; shorter is better")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=150)
    plt.close(figure)


def _growth(growth: Mapping[str, Sequence[Figures]], file: Path) -> None:
    figure, panels = plt.subplots(2, 4, figsize=(14, 6), layout="constrained")
    cost = ("server_us_per_delivery", "CPU µs per delivery")
    kinds = (
        ("members", "size", "members of a room", *cost, "server_mb", "the server's memory, MB"),
        ("rooms", "size", "rooms of two", *cost, "server_mb", "the server's memory, MB"),
        ("documents", "kb", "document, kB", "join_ms", "joining, ms", "server_mb", "the server's memory, MB"),
        ("logs", "entries", "entries in the log", "load_ms", "loading, ms", "load_mb", "memory of the room, MB"),
    )
    for column, (kind, x, x_label, time, time_label, memory, memory_label) in enumerate(kinds):
        _curve(panels[0][column], growth[kind], x, time, x_label, time_label)
        _curve(panels[1][column], growth[kind], x, memory, x_label, memory_label)
    figure.savefig(file, dpi=150)
    plt.close(figure)


def _curve(axes: Axes, points: Sequence[Figures], x: str, y: str, x_label: str, y_label: str) -> None:
    drawn = [(point[x], point[y]) for point in points if point.get(y) is not None]
    axes.plot([at for at, _ in drawn], [value for _, value in drawn], color=OURS, marker="o", markersize=4)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(color=GRID, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
