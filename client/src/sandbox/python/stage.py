"""What turtles draw on: items in their order, told to the page as one SVG picture that is shown anew in its place."""

import io
import time
from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from _caretroom import display, streams

Point = tuple[float, float]

WIDTH, HEIGHT = 800, 600
FRAME_SECONDS = 1 / 60
# A drawing that takes long to send is sent less often, so that most of the time is left to the program.
SHARE_OF_TIME = 1 / 3
# The page takes no larger pictures.
MOST_CHARACTERS = 6_000_000


class Stage:
    """Coordinates here are the screen's: pixels from the middle, y upwards."""

    def __init__(self) -> None:
        self.width, self.height = WIDTH, HEIGHT
        self.background = "white"
        self.title = ""
        # Whether changes are shown by themselves.
        self.tracing = True
        # Drawn over everything else, as it is now.
        self.cursors: list[Callable[[], str]] = []
        self._id = display.new_id()
        self._items: dict[int, str] = {}
        self.newest = 1
        self._changed = False
        self._interval = FRAME_SECONDS
        self._shown_at = 0.0
        self._owed = 0.0

    def reserve(self) -> int:
        """A place in the order for something that is drawn later."""
        self.newest += 1
        self._items[self.newest] = ""
        return self.newest

    def put(self, item: int, svg: str) -> None:
        self._items[item] = svg
        self._changed = True

    def remove(self, item: int) -> None:
        self._items.pop(item, None)
        self._changed = True

    def touch(self) -> None:
        self._changed = True

    def show(self) -> None:
        """Show what changed since the last time."""
        if not self._changed:
            return
        self._changed = False
        began = time.monotonic()
        svg = self.svg()
        if len(svg) <= MOST_CHARACTERS:
            name = f"Turtle drawing: {self.title}" if self.title else "Turtle drawing"
            display.send(self._id, "image/svg+xml", svg.encode(), name)
        self._shown_at = time.monotonic()
        self._interval = max(FRAME_SECONDS, (self._shown_at - began) / SHARE_OF_TIME)

    def show_soon(self) -> None:
        """Show, unless that was done a moment ago: then the next one who asks, or the end, will."""
        if time.monotonic() - self._shown_at >= self._interval:
            self.show()

    def animate(self, seconds: float, move: Callable[[float], None]) -> None:
        """Let so much time go by, in steps that can be seen; ``move`` gets the part that is done, from 0 to 1."""
        passed = 0.0
        self._owed += seconds
        while self._owed >= self._interval:
            self._owed -= self._interval
            passed = min(seconds, passed + self._interval)
            move(passed / seconds)
            self._changed = True
            time.sleep(max(0.0, self._shown_at + self._interval - time.monotonic()))
            self.show()

    def svg(self) -> str:
        x, y = -self.width / 2, -self.height / 2
        parts = io.StringIO()
        parts.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}" height="{self.height:g}"'
            f' viewBox="{x:g} {y:g} {self.width:g} {self.height:g}" stroke-linecap="round" stroke-linejoin="round">'
            f'<rect x="{x:g}" y="{y:g}" width="100%" height="100%" fill={quoteattr(self.background)}/>'
        )
        parts.writelines(self._items.values())
        parts.writelines(cursor() for cursor in self.cursors)
        parts.write("</svg>")
        return parts.getvalue()


def line(points: Iterable[Point], colour: str, width: float) -> str:
    return f'<polyline points="{coordinates(points)}" fill="none" stroke={quoteattr(colour)} stroke-width="{width:g}"/>'


def polygon(points: Iterable[Point], fill: str, outline: str = "none", width: float = 1) -> str:
    return (
        f'<polygon points="{coordinates(points)}" fill={quoteattr(fill)} fill-rule="evenodd"'
        f' stroke={quoteattr(outline)} stroke-width="{width:g}"/>'
    )


def dot(centre: Point, diameter: float, colour: str) -> str:
    return f'<circle cx="{centre[0]:.2f}" cy="{-centre[1]:.2f}" r="{diameter / 2:g}" fill={quoteattr(colour)}/>'


def text(place: Point, words: str, colour: str, anchor: str, font: tuple[Any, ...]) -> str:
    family, size, *styles = font
    style = " ".join(str(each) for each in styles).split()
    pixels = pixels_of(size)
    attributes = f"font-family={quoteattr(str(family) + ', sans-serif')} font-size={quoteattr(f'{pixels:g}')}"
    for word, attribute in (
        ("bold", ' font-weight="bold"'),
        ("italic", ' font-style="italic"'),
        ("underline", ' text-decoration="underline"'),
    ):
        attributes += attribute if word in style else ""
    lines = words.split("\n")
    x, y = place
    # The place is the lower end of the last line.
    top = -y - pixels * (0.22 + 1.2 * (len(lines) - 1))
    spans = "".join(
        f'<tspan x="{x:.2f}" y="{top + pixels * 1.2 * row:.2f}">{escape(each)}</tspan>'
        for row, each in enumerate(lines)
    )
    return f'<text xml:space="preserve" fill={quoteattr(colour)} text-anchor="{anchor}" {attributes}>{spans}</text>'


def pixels_of(size: float) -> float:
    """Sizes of type are in points, or negative and in pixels."""
    return -float(size) if float(size) < 0 else float(size) * 4 / 3


def coordinates(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.2f},{-y:.2f}" for x, y in points)


current: Stage | None = None


def show_current() -> None:
    if current is not None and current.tracing:
        current.show()


def begin() -> Stage:
    """A new stage for a program that now begins to draw."""
    global current
    current = Stage()
    if show_current not in streams.held:
        streams.held.append(show_current)
    return current
