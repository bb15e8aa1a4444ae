"""The figures as Markdown: each preset's servers one below the other, with the ratio to the better Node server."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.fanout.presets import PRESETS, Mode
from bench.fanout.targets import CARETROOM

Figures = Mapping[str, Any]

NODE_PEERS = ("y-websocket-server", "Hocuspocus")
COLUMNS: dict[Mode, dict[str, str]] = {
    Mode.TYPING: {
        "p50_ms": "p50 ms",
        "p99_ms": "p99 ms",
        "cursor_p99_ms": "cursor p99 ms",
        "server_us_per_delivery": "CPU µs per delivery",
        "server_us_per_frame": "CPU µs per frame",
        "server_mb": "memory MB",
        "lost": "lost",
    },
    Mode.SATURATE: {
        "held_deliveries_s": "deliveries/s held",
        "p99_ms": "p99 ms",
        "server_share": "share of its core",
        "load_share": "generator's share",
        "lost": "lost",
    },
    Mode.JOIN: {
        "p50_ms": "p50 ms",
        "p99_ms": "p99 ms",
        "server_cpu_seconds": "CPU s",
        "server_mb": "memory MB",
        "lost": "lost",
    },
    Mode.IDLE: {
        "connections": "connections",
        "kb_per_connection": "kB per connection",
        "server_mb": "memory MB",
        "server_share": "share of a core",
    },
}
HIGHER_IS_BETTER = ("held_deliveries_s",)
COMPARED = (
    "p50_ms",
    "p99_ms",
    "server_us_per_delivery",
    "held_deliveries_s",
    "server_cpu_seconds",
    "kb_per_connection",
)


def page(results: Figures) -> str:
    machine = results["machine"]
    head = (
        f"# Measured on {results['at']}\n\n"
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}. "
        "Medians; ratios are to the better of the two Node servers. [What, how and how far](../performance.md)."
    )
    parts = [head, table(results["presets"], results["floor_us_per_write"])]
    if results["growth"]:
        parts += ["## How cost grows", growth_table(results["growth"])]
    return "\n\n".join(parts) + "\n"


def table(summaries: Sequence[Figures], floor_us: float) -> str:
    parts = []
    for name in dict.fromkeys(summary["preset"] for summary in summaries):
        columns = COLUMNS[PRESETS[name].mode]
        rows = [summary for summary in summaries if summary["preset"] == name]
        lines = [f"| `{name}` | " + " | ".join(columns.values()) + " |", "|---" * (len(columns) + 1) + "|"]
        lines += [f"| {row['target']} | " + " | ".join(_shown(row.get(key)) for key in columns) + " |" for row in rows]
        ratios = {key: ratio(rows, key) for key in columns}
        if any(value is not None for value in ratios.values()):
            lines.append("| **ratio** | " + " | ".join(_bold(ratios[key]) for key in columns) + " |")
        parts.append("\n".join(lines))
    parts.append(f"The floor, a bare `socket.send` of a small frame: {floor_us} µs.")
    return "\n\n".join(parts)


def ratio(rows: Sequence[Figures], key: str) -> float | None:
    """Caretroom's figure by the better of the two Node servers'."""
    if key not in COMPARED:
        return None
    ours = [row[key] for row in rows if row["target"] == CARETROOM.name and row.get(key)]
    theirs = [row[key] for row in rows if row["target"] in NODE_PEERS and row.get(key)]
    if not ours or not theirs:
        return None
    better = max(theirs) if key in HIGHER_IS_BETTER else min(theirs)
    return float(ours[0]) / float(better)


def growth_table(growth: Mapping[str, Sequence[Figures]]) -> str:
    columns = {
        "members": ("size", "server_us_per_delivery", "server_us_per_frame", "p50_ms", "p99_ms", "server_mb", "lost"),
        "rooms": ("size", "server_us_per_delivery", "server_share", "p50_ms", "p99_ms", "server_mb", "lost"),
        "documents": ("kb", "join_ms", "first_join_ms", "join_cpu_ms", "others_max_ms", "server_mb"),
        "logs": ("entries", "load_ms", "load_mb", "document_kb", "file_mb"),
    }
    parts = []
    for name, points in growth.items():
        lines = [f"| {name}: " + " | ".join(columns[name]) + " |", "|---" * len(columns[name]) + "|"]
        lines += ["| " + " | ".join(_shown(point.get(key)) for key in columns[name]) + " |" for point in points]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _bold(value: float | None) -> str:
    return "" if value is None else f"**{value:.2f}**"
