"""Where turtles live: the screen of CPython's turtle module, without its window.

What needs a mouse or a keyboard does nothing here, and says so once.
"""

import heapq
import itertools
import math
import sys
import time
from collections.abc import Callable
from typing import Any, Protocol

from _caretroom import colours, stage

MODES = ("standard", "logo", "world")
MILLISECONDS = 1000


SHAPES: dict[str, Any] = {
    "arrow": ((-10, 0), (10, 0), (0, 10)),
    "blank": (),
    "circle": tuple((10 * math.cos(n * math.pi / 10), 10 * math.sin(n * math.pi / 10)) for n in range(20)),
    "classic": ((0, 0), (-5, -9), (0, -7), (5, -9)),
    "square": ((10, -10), (10, 10), (-10, 10), (-10, -10)),
    "triangle": ((10, -5.77), (0, 11.55), (-10, -5.77)),
    "turtle": (
        *((0, 17), (-2, 15), (-2, 11), (-5, 8), (-8, 10), (-10, 8), (-7, 4), (-7, 0), (-9, -5), (-6, -7), (-4, -4)),
        *((0, -7), (4, -4), (6, -7), (9, -5), (7, 0), (7, 4), (10, 8), (8, 10), (5, 8), (2, 11), (2, 15)),
    ),
}


class Inhabitant(Protocol):
    """What a screen asks of its turtles."""

    def reset(self) -> None: ...
    def clear(self) -> None: ...
    def begin_mode(self) -> None: ...
    def redraw(self) -> None: ...


class TurtleGraphicsError(Exception):
    """Something that no turtle can do."""

    __module__ = "turtle"


class Terminator(Exception):
    """Never raised here: there is no window that could be closed."""


class Vec2D(tuple[float, float]):
    """A vector of two numbers."""

    def __new__(cls, x: float, y: float) -> "Vec2D":
        return tuple.__new__(cls, (x, y))

    def __add__(self, other: Any) -> "Vec2D":
        return Vec2D(self[0] + other[0], self[1] + other[1])

    def __sub__(self, other: Any) -> "Vec2D":
        return Vec2D(self[0] - other[0], self[1] - other[1])

    def __neg__(self) -> "Vec2D":
        return Vec2D(-self[0], -self[1])

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Vec2D):
            return self[0] * other[0] + self[1] * other[1]
        return Vec2D(self[0] * other, self[1] * other)

    def __rmul__(self, other: Any) -> Any:
        return Vec2D(self[0] * other, self[1] * other) if isinstance(other, (int, float)) else NotImplemented

    def __abs__(self) -> float:
        return math.hypot(*self)

    def rotate(self, angle: float) -> "Vec2D":
        """This vector turned counterclockwise by so many degrees."""
        cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        return Vec2D(self[0] * cosine - self[1] * sine, self[1] * cosine + self[0] * sine)

    def __getnewargs__(self) -> tuple[float, float]:
        return (self[0], self[1])

    def __repr__(self) -> str:
        return f"({self[0]:.2f},{self[1]:.2f})"


class Shape:
    """What a turtle looks like: a polygon, or several as a "compound"."""

    def __init__(self, type_: str, data: Any = None) -> None:
        if type_ not in ("polygon", "compound"):
            raise TurtleGraphicsError(f"There is no shape type {type_}: a polygon or a compound can be drawn here.")
        self._type = type_
        self._data: Any = [] if type_ == "compound" else tuple(data)

    def addcomponent(self, poly: Any, fill: Any, outline: Any = None) -> None:
        if self._type != "compound":
            raise TurtleGraphicsError("Cannot add component to polygon Shape")
        self._data.append((poly, fill, fill if outline is None else outline))


def without_effect(name: str, *, said: set[str]) -> None:
    if name not in said:
        said.add(name)
        print(f"turtle: {name}() has no effect here, where turtles hear no mouse and no keyboard.", file=sys.stderr)


class TurtleScreen:
    """Where turtles live."""

    def __init__(self) -> None:
        self.stage = stage.begin()
        self.inhabitants: list[Inhabitant] = []
        self.current_mode = "standard"
        self.most = 1.0
        self._background = "white"
        self.tracing = 1
        self._updates = 0
        self.step_delay = 10
        self.shapes = dict(SHAPES)
        self._timers: list[tuple[float, int, Callable[[], object]]] = []
        self._timer_count = itertools.count()
        self.said: set[str] = set()
        self._canvas_size = (400, 300)
        self.xscale = self.yscale = 1.0
        self._offset = Vec2D(0, 0)

    # Coordinates

    def to_stage(self, position: Any) -> stage.Point:
        return (position[0] * self.xscale + self._offset[0], position[1] * self.yscale + self._offset[1])

    def setworldcoordinates(self, llx: float, lly: float, urx: float, ury: float) -> None:
        if self.current_mode != "world":
            self.mode("world")
        self.xscale = self.stage.width / (urx - llx)
        self.yscale = self.stage.height / (ury - lly)
        self._offset = Vec2D(-(llx + urx) / 2 * self.xscale, -(lly + ury) / 2 * self.yscale)
        for turtle in self.inhabitants:
            turtle.redraw()
        self.update()

    def mode(self, mode: str | None = None) -> str | None:
        if mode is None:
            return self.current_mode
        mode = mode.lower()
        if mode not in MODES:
            raise TurtleGraphicsError(f"No turtle-graphics-mode {mode}")
        self.current_mode = mode
        if mode != "world":
            self.xscale = self.yscale = 1.0
            self._offset = Vec2D(0, 0)
        self.reset()
        return None

    def setup(self, width: float = 0.5, height: float = 0.75, startx: object = None, starty: object = None) -> None:
        """Sizes in pixels, or as a part of a whole that is twice the usual picture."""
        self.stage.width = width if width > 1 else width * stage.WIDTH * 2
        self.stage.height = height if height > 1 else height * stage.HEIGHT * 4 / 3
        self.changed()

    def screensize(self, canvwidth: Any = None, canvheight: Any = None, bg: Any = None) -> tuple[int, int] | None:
        """The size of a canvas that could be scrolled: here the picture has the size that ``setup`` gives it."""
        if canvwidth is canvheight is bg is None:
            return self._canvas_size
        self._canvas_size = (canvwidth or self._canvas_size[0], canvheight or self._canvas_size[1])
        if bg is not None:
            self.bgcolor(bg)
        return None

    def window_width(self) -> int:
        return int(self.stage.width)

    def window_height(self) -> int:
        return int(self.stage.height)

    # Colours and shapes

    def colormode(self, cmode: float | None = None) -> float | None:
        if cmode is None:
            return self.most
        if cmode == 1.0:
            self.most = float(cmode)
        elif cmode == 255:
            self.most = int(cmode)
        return None

    def colour(self, arguments: tuple[Any, ...]) -> str:
        """A name or ``#rrggbb`` from what a function for colours was called with."""
        given: Any = arguments[0] if len(arguments) == 1 else arguments
        if isinstance(given, str):
            if colours.css(given) is None:
                raise TurtleGraphicsError(f"bad color string: {given}")
            return given
        try:
            mixed = colours.mixed(tuple(given), self.most)
        except (TypeError, ValueError):
            raise TurtleGraphicsError(f"bad color arguments: {given}") from None
        if mixed is None:
            raise TurtleGraphicsError(f"bad color sequence: {given}")
        return mixed

    def bgcolor(self, *args: Any) -> Any:
        if not args:
            return colours.unmixed(self._background, self.most)
        self._background = self.colour(args)
        self.stage.background = colours.css(self._background) or "white"
        self.changed()
        return None

    def register_shape(self, name: str, shape: Any = None) -> None:
        if shape is None:
            raise TurtleGraphicsError(f"{name} is a picture, and only polygons can be shapes here.")
        self.shapes[name] = shape

    addshape = register_shape

    def getshapes(self) -> list[str]:
        return sorted(self.shapes)

    # Showing

    def tracer(self, n: int | None = None, delay: int | None = None) -> int | None:
        if n is None:
            return self.tracing
        self.tracing = int(n)
        self._updates = 0
        self.stage.tracing = self.tracing > 0
        if delay is not None:
            self.step_delay = int(delay)
        if self.tracing:
            self.update()
        return None

    def delay(self, delay: int | None = None) -> int | None:
        if delay is None:
            return self.step_delay
        self.step_delay = int(delay)
        return None

    def update(self) -> None:
        self.stage.touch()
        self.stage.show_soon()

    def changed(self) -> None:
        """Something is to be seen that was not: now, later, or with ``update``, as the tracer has it."""
        self.stage.touch()
        if self.tracing:
            self._updates += 1
            if self._updates % self.tracing == 0:
                self.stage.show_soon()

    def turtles(self) -> list[Inhabitant]:
        return list(self.inhabitants)

    def reset(self) -> None:
        for turtle in self.inhabitants:
            turtle.begin_mode()
            turtle.reset()

    resetscreen = reset

    def clear(self) -> None:
        for turtle in self.inhabitants:
            turtle.clear()
        self.inhabitants.clear()
        self.stage.cursors.clear()
        self._timers.clear()
        self.tracing, self.step_delay = 1, 10
        self.most = 1.0
        self.bgcolor("white")

    clearscreen = clear

    def title(self, titlestring: str) -> None:
        self.stage.title = str(titlestring)
        self.changed()

    def bgpic(self, picname: str | None = None) -> str | None:
        if picname is None:
            return "nopic"
        if picname != "nopic":
            print("turtle: pictures can't be backgrounds here.", file=sys.stderr)
        return None

    # Time and events

    def ontimer(self, fun: Callable[[], object], t: float = 0) -> None:
        heapq.heappush(self._timers, (time.monotonic() + t / MILLISECONDS, next(self._timer_count), fun))

    def mainloop(self) -> None:
        """Runs timers, and ends when there are none: nothing else could happen any more."""
        while self._timers:
            due, _, function = self._timers[0]
            if due > time.monotonic():
                self.stage.show()
                time.sleep(max(0.0, due - time.monotonic()))
            heapq.heappop(self._timers)
            function()
        self.stage.show()

    done = mainloop

    def exitonclick(self) -> None:
        self.mainloop()

    def bye(self) -> None:
        self._timers.clear()

    def textinput(self, title: str, prompt: str) -> str | None:
        self.stage.show()
        try:
            return input(f"{prompt} ")
        except EOFError:
            return None

    def numinput(
        self, title: str, prompt: str, default: Any = None, minval: Any = None, maxval: Any = None
    ) -> float | None:
        while True:
            answer = self.textinput(title, prompt if default is None else f"{prompt} [{default}]")
            if answer is None:
                return None
            try:
                number = float(answer.strip() or default)
            except (TypeError, ValueError):
                print("Not a number. Please try again.")
                continue
            if minval is not None and number < minval:
                print(f"The allowed minimum is {minval}. Please try again.")
            elif maxval is not None and number > maxval:
                print(f"The allowed maximum is {maxval}. Please try again.")
            else:
                return number

    def listen(self, xdummy: object = None, ydummy: object = None) -> None:
        pass

    def onclick(self, fun: object, btn: int = 1, add: object = None) -> None:
        without_effect("onclick", said=self.said)

    onscreenclick = onclick

    def onkey(self, fun: object, key: str) -> None:
        without_effect("onkey", said=self.said)

    onkeyrelease = onkey

    def onkeypress(self, fun: object, key: str | None = None) -> None:
        without_effect("onkeypress", said=self.said)

    def getcanvas(self) -> None:
        return None
