"""Turtles as CPython's turtle module has them, without its window: what they draw becomes a picture in the output.

Angles, paths and speeds are those of CPython.
"""

import copy
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from _caretroom import colours, stage
from _caretroom.screens import MILLISECONDS, Shape, TurtleGraphicsError, TurtleScreen, Vec2D, without_effect

SPEEDS = {"fastest": 0, "fast": 10, "normal": 6, "slow": 3, "slowest": 1}
# A long line becomes several, so that only the last one changes with each step.
LINE_POINTS = 60
MOST_UNDO = 1000


# What an undone step takes back, besides what it drew.
UNDONE = (
    *("_position", "_orient", "_down", "_shown", "_pencolor", "_fillcolor", "_width", "_stretch", "_outline", "_tilt"),
    *("_name", "_line", "_line_item", "_fill", "_fill_item"),
)


class State(NamedTuple):
    """A turtle before a step: lists that only ever grow are known by their lengths."""

    values: dict[str, Any]
    newest: int
    line: int
    fill: int
    stamps: int


class RawTurtle:
    """A turtle: a place, a direction and a pen."""

    def __init__(
        self, canvas: Any = None, shape: str = "classic", undobuffersize: int = MOST_UNDO, visible: bool = True
    ) -> None:
        self.screen: TurtleScreen = canvas if isinstance(canvas, TurtleScreen) else Screen()
        self._name = shape
        self._undo: list[State] = []
        self._most_undo = undobuffersize or 0
        self._nested = 0
        # What it drew, by the stage's numbers: a function each, to draw it again when the scale changes.
        self._drawn: dict[int, Callable[[], str]] = {}
        self._stamps: list[int] = []
        self._poly: list[Vec2D] | None = None
        self._made_poly: tuple[Vec2D, ...] | None = None
        self.begin_mode()
        self._begin(visible)
        self.screen.inhabitants.append(self)
        self.screen.stage.cursors.append(self._cursor)
        self.screen.changed()

    def _begin(self, visible: bool) -> None:
        self._position = Vec2D(0.0, 0.0)
        self._orient = Vec2D(0.0, 1.0) if self.screen.current_mode == "logo" else Vec2D(1.0, 0.0)
        self._down = True
        self._shown = visible
        self._pencolor = self._fillcolor = "black"
        self._width: float = 1
        self._speed = 3
        self._resizemode = "noresize"
        self._stretch = (1.0, 1.0)
        self._outline: float = 1
        self._tilt = 0.0
        self._line: list[Vec2D] = []
        self._line_item: int | None = None
        self._fill: list[Vec2D] | None = None
        self._fill_item = 0

    def begin_mode(self) -> None:
        self._fullcircle = getattr(self, "_fullcircle", 360.0)
        logo = self.screen.current_mode == "logo"
        self._angle_sign = -1 if logo else 1
        self.degrees(self._fullcircle)

    # Undoing

    @contextmanager
    def _step(self) -> Iterator[None]:
        """What one call does is undone as one."""
        self._nested += 1
        if self._nested == 1 and self._most_undo:
            self._undo.append(self._state())
            del self._undo[: -self._most_undo]
        try:
            yield
        finally:
            self._nested -= 1

    def _state(self) -> State:
        return State(
            {name: getattr(self, name) for name in UNDONE},
            self.screen.stage.newest,
            len(self._line),
            len(self._fill or ()),
            len(self._stamps),
        )

    def undo(self) -> None:
        if not self._undo:
            return
        state = self._undo.pop()
        vars(self).update(state.values)
        for item in [item for item in self._drawn if item > state.newest]:
            del self._drawn[item]
            self.screen.stage.remove(item)
        del self._line[state.line :]
        del self._stamps[state.stamps :]
        if self._fill is not None:
            del self._fill[state.fill :]
            self._drawn.pop(self._fill_item, None)
            self.screen.stage.put(self._fill_item, "")
        if self._line_item is not None:
            self._draw_line()
        self.screen.changed()

    def setundobuffer(self, size: int | None) -> None:
        self._most_undo = size or 0
        self._undo.clear()

    def undobufferentries(self) -> int:
        return len(self._undo)

    # Angles

    def degrees(self, fullcircle: float = 360.0) -> None:
        self._fullcircle = fullcircle
        self._unit = 360 / fullcircle
        self._angle_offset = fullcircle / 4 if self.screen.current_mode == "logo" else 0

    def radians(self) -> None:
        self.degrees(math.tau)

    def _angle_of(self, vector: Any) -> float:
        angle = round(math.degrees(math.atan2(vector[1], vector[0])), 10) % 360.0
        return (self._angle_offset + self._angle_sign * angle / self._unit) % self._fullcircle

    def heading(self) -> float:
        return self._angle_of(self._orient)

    def towards(self, x: Any, y: float | None = None) -> float:
        return self._angle_of(self._point(x, y) - self._position)

    def distance(self, x: Any, y: float | None = None) -> float:
        return abs(self._point(x, y) - self._position)

    def _point(self, x: Any, y: float | None) -> Vec2D:
        if y is not None:
            return Vec2D(x, y)
        return x._position if isinstance(x, RawTurtle) else Vec2D(*x)

    def left(self, angle: float) -> None:
        with self._step():
            self._rotate(angle)

    def right(self, angle: float) -> None:
        with self._step():
            self._rotate(-angle)

    def setheading(self, to_angle: float) -> None:
        with self._step():
            half = self._fullcircle / 2
            angle = (to_angle - self.heading()) * self._angle_sign
            self._rotate((angle + half) % self._fullcircle - half)

    def _rotate(self, angle: float) -> None:
        """Counterclockwise, in the turtle's own units."""
        turned = angle * self._unit
        start = self._orient
        if self._is_animated:
            hops = 1 + int(abs(turned) / (3.0 * self._speed))
            self._animate(hops, lambda part: setattr(self, "_orient", start.rotate(turned * part)))
        self._orient = start.rotate(turned)
        self.screen.changed()

    # Moving

    def forward(self, distance: float) -> None:
        with self._step():
            self._go(distance)

    def back(self, distance: float) -> None:
        with self._step():
            self._go(-distance)

    def goto(self, x: Any, y: float | None = None) -> None:
        with self._step():
            self._goto(Vec2D(*x) if y is None else Vec2D(x, y))

    def setx(self, x: float) -> None:
        self.goto(x, self._position[1])

    def sety(self, y: float) -> None:
        self.goto(self._position[0], y)

    def home(self) -> None:
        with self._step():
            self.goto(0, 0)
            self.setheading(0)

    def teleport(self, x: float | None = None, y: float | None = None, *, fill_gap: bool = False) -> None:
        with self._step():
            down, speed = self._down, self._speed
            filling = self._fill is not None and not fill_gap
            if filling:
                self.end_fill()
            self._down, self._speed = False, 0
            self._goto(Vec2D(self._position[0] if x is None else x, self._position[1] if y is None else y))
            self._down, self._speed = down, speed
            if filling:
                self.begin_fill()

    def position(self) -> Vec2D:
        return self._position

    def xcor(self) -> float:
        return self._position[0]

    def ycor(self) -> float:
        return self._position[1]

    def _go(self, distance: float) -> None:
        self._goto(self._position + self._orient * distance)

    def _goto(self, end: Vec2D) -> None:
        start = self._position
        if self._down:
            self._start_line(start)
            self._line.append(start)
        if self._is_animated:
            way = end - start
            pixels = math.hypot(way[0] * self.screen.xscale, way[1] * self.screen.yscale)
            hops = 1 + int(pixels / (3 * 1.1**self._speed * self._speed))
            self._animate(hops, lambda part: self._move_to(start + way * part))
        self._move_to(end)
        if self._fill is not None:
            self._fill.append(end)
        if self._poly is not None:
            self._poly.append(end)
        self.screen.changed()

    def _move_to(self, position: Vec2D) -> None:
        self._position = position
        if self._down:
            self._line[-1] = position
            self._draw_line()

    @property
    def _is_animated(self) -> bool:
        return self._speed > 0 and self.screen.tracing == 1

    def _animate(self, hops: int, move: Callable[[float], None]) -> None:
        self.screen.stage.animate(hops * self.screen.step_delay / MILLISECONDS, move)

    def circle(self, radius: float, extent: float | None = None, steps: int | None = None) -> None:
        """The circle as CPython draws it: a polygon with sides enough to look round."""
        with self._step():
            extent = self._fullcircle if extent is None else extent
            if steps is None:
                steps = 1 + int(min(11 + abs(radius) / 6.0, 59.0) * abs(extent) / self._fullcircle)
            turn = extent / steps
            length = 2.0 * radius * math.sin(math.radians(turn / 2 * self._unit))
            if radius < 0:
                length, turn = -length, -turn
            speed, self._speed = self._speed, 0
            self._rotate(turn / 2)
            for _ in range(steps):
                self._speed = speed
                self._go(length)
                self._speed = 0
                self._rotate(turn)
            self._rotate(-turn / 2)
            self._speed = speed

    def speed(self, speed: Any = None) -> int | None:
        if speed is None:
            return self._speed
        speed = SPEEDS.get(speed, speed)
        self._speed = round(speed) if 0.5 < speed < 10.5 else 0
        return None

    # The pen

    def pendown(self) -> None:
        self._pen(_down=True)

    def penup(self) -> None:
        self._pen(_down=False)

    def isdown(self) -> bool:
        return self._down

    def pensize(self, width: float | None = None) -> float | None:
        if width is None:
            return self._width
        self._pen(_width=width)
        return None

    def pencolor(self, *args: Any) -> Any:
        if not args:
            return colours.unmixed(self._pencolor, self.screen.most)
        self._pen(_pencolor=self.screen.colour(args))
        return None

    def fillcolor(self, *args: Any) -> Any:
        if not args:
            return colours.unmixed(self._fillcolor, self.screen.most)
        self._pen(_fillcolor=self.screen.colour(args))
        return None

    def color(self, *args: Any) -> Any:
        """One colour for pen and filling, or one for each: names, triples, or three numbers."""
        if not args:
            return self.pencolor(), self.fillcolor()
        pen, fill = (args[:1], args[1:]) if len(args) == 2 else (args, args)
        self._pen(_pencolor=self.screen.colour(pen), _fillcolor=self.screen.colour(fill))
        return None

    def showturtle(self) -> None:
        self._pen(_shown=True)

    def hideturtle(self) -> None:
        self._pen(_shown=False)

    def isvisible(self) -> bool:
        return self._shown

    def pen(self, pen: dict[str, Any] | None = None, **pendict: Any) -> dict[str, Any] | None:
        """All of the pen's settings, or some of them anew."""
        names = {
            "shown": "_shown",
            "pendown": "_down",
            "pencolor": "_pencolor",
            "fillcolor": "_fillcolor",
            "pensize": "_width",
            "speed": "_speed",
            "resizemode": "_resizemode",
            "stretchfactor": "_stretch",
            "outline": "_outline",
            "tilt": "_tilt",
        }
        if pen is None and not pendict:
            return {word: getattr(self, name) for word, name in names.items()}
        wanted = {**(pen or {}), **pendict}
        for word in ("pencolor", "fillcolor"):
            if word in wanted:
                wanted[word] = self.screen.colour((wanted[word],))
        self._pen(**{names[word]: value for word, value in wanted.items()})
        return None

    def _pen(self, **changes: Any) -> None:
        with self._step():
            if any(getattr(self, name) != value for name, value in changes.items()):
                self._line_item = None
                vars(self).update(changes)
                self.screen.changed()

    def _start_line(self, start: Vec2D) -> None:
        """Goes on with the line that is being drawn, or begins another one."""
        if self._line_item is not None and self._line[-1] == start and len(self._line) < LINE_POINTS:
            return
        self._line_item = self.screen.stage.reserve()
        self._line = [start]

    def _draw_line(self) -> None:
        points, colour, width = self._line, colours.css(self._pencolor) or "black", self._width
        if self._line_item is not None:
            self._draw(self._line_item, lambda: stage.line(map(self.screen.to_stage, points), colour, width))

    def _draw(self, item: int, draw: Callable[[], str]) -> None:
        self._drawn[item] = draw
        self.screen.stage.put(item, draw())

    def redraw(self) -> None:
        for item, draw in self._drawn.items():
            self.screen.stage.put(item, draw())

    # Filling, dots, words

    def filling(self) -> bool:
        return self._fill is not None

    def begin_fill(self) -> None:
        with self._step():
            self._fill = [self._position]
            self._fill_item = self.screen.stage.reserve()
            # Lines from here on are drawn over it.
            self._line_item = None

    def end_fill(self) -> None:
        with self._step():
            points, colour = self._fill, colours.css(self._fillcolor) or "black"
            if points is not None and len(points) > 2:
                self._draw(self._fill_item, lambda: stage.polygon(map(self.screen.to_stage, points), colour))
            self._fill = None
            self.screen.changed()

    def dot(self, size: Any = None, *color: Any) -> None:
        with self._step():
            if not color and isinstance(size, (str, tuple)):
                size, color = None, (size,)
            diameter = self._width + max(self._width, 4) if size is None else size
            name = self.screen.colour(color) if color else self._pencolor
            colour, position = colours.css(name) or "black", self._position
            self._line_item = None
            item = self.screen.stage.reserve()
            self._draw(item, lambda: stage.dot(self.screen.to_stage(position), diameter, colour))
            self.screen.changed()

    def write(
        self, arg: object, move: bool = False, align: str = "left", font: tuple[Any, ...] = ("Arial", 8, "normal")
    ) -> None:
        with self._step():
            anchors = {"left": "start", "center": "middle", "right": "end"}
            anchor = anchors[align.lower()]
            words, position = str(arg), self._position
            colour = colours.css(self._pencolor) or "black"
            self._line_item = None
            item = self.screen.stage.reserve()
            self._draw(
                item, lambda: stage.text(self.screen.to_stage(position), words, colour, anchor, (*font, 8)[: len(font)])
            )
            if move:
                # How wide the words are only the page knows: about this.
                wide = 0.55 * stage.pixels_of(font[1]) * max(map(len, words.split("\n"))) / self.screen.xscale
                self._goto(self._position + Vec2D(wide * {"left": 1, "center": 0.5, "right": 0}[align.lower()], 0))
            self.screen.changed()

    def begin_poly(self) -> None:
        self._poly = [self._position]

    def end_poly(self) -> None:
        if self._poly is not None:
            self._made_poly = tuple(self._poly)
        self._poly = None

    def get_poly(self) -> tuple[Vec2D, ...] | None:
        return self._made_poly

    # How it looks

    def shape(self, name: str | None = None) -> str | None:
        if name is None:
            return self._name
        if name not in self.screen.shapes:
            raise TurtleGraphicsError(f"There is no shape named {name}")
        with self._step():
            self._name = name
            self.screen.changed()
        return None

    def shapesize(self, stretch_wid: Any = None, stretch_len: Any = None, outline: Any = None) -> Any:
        if stretch_wid is stretch_len is outline is None:
            return (*self._stretch, self._outline)
        if stretch_wid == 0 or stretch_len == 0:
            raise TurtleGraphicsError("stretch_wid/stretch_len must not be zero")
        wide = self._stretch[0] if stretch_wid is None else stretch_wid
        long = stretch_len if stretch_len is not None else self._stretch[1] if stretch_wid is None else stretch_wid
        self._pen(_stretch=(wide, long), _outline=self._outline if outline is None else outline)
        self._resizemode = "user"
        return None

    def resizemode(self, rmode: str | None = None) -> str | None:
        if rmode is None:
            return self._resizemode
        if rmode in ("auto", "user", "noresize"):
            self._pen(_resizemode=rmode)
        return None

    def tiltangle(self, angle: float | None = None) -> float | None:
        if angle is None:
            return math.degrees(self._tilt) / self._unit * self._angle_sign % self._fullcircle
        self._pen(_tilt=math.radians(angle * self._unit * self._angle_sign))
        return None

    def tilt(self, angle: float) -> None:
        self.tiltangle(angle + (self.tiltangle() or 0))

    def _cursor(self) -> str:
        return self._shape_at(self._position) if self._shown else ""

    def _shape_at(self, position: Vec2D) -> str:
        shape = self.screen.shapes[self._name]
        pen, fill = colours.css(self._pencolor) or "black", colours.css(self._fillcolor) or "black"
        if isinstance(shape, Shape) and shape._type == "compound":
            parts = [
                (
                    poly,
                    colours.css(self.screen.colour((fill,))) or fill,
                    colours.css(self.screen.colour((line,))) or pen,
                )
                for poly, fill, line in shape._data
            ]
        else:
            parts = [(shape._data if isinstance(shape, Shape) else shape, fill, pen)]
        x, y = self.screen.to_stage(position)
        along = self._orient.rotate(math.degrees(self._tilt))
        wide, long = self._stretch if self._resizemode == "user" else (1.0, 1.0)
        outline = self._outline if self._resizemode == "user" else 1
        if self._resizemode == "auto":
            wide = long = max(1.0, self._width / 5)
            outline = max(1, self._width)
        return "".join(
            stage.polygon(
                [
                    (
                        x + along[1] * across * wide + along[0] * ahead * long,
                        y - along[0] * across * wide + along[1] * ahead * long,
                    )
                    for across, ahead in poly
                ],
                inside,
                edge,
                outline,
            )
            for poly, inside, edge in parts
            if poly
        )

    def stamp(self) -> int:
        with self._step():
            self._line_item = None
            item = self.screen.stage.reserve()
            # As it looks now, wherever the turtle goes later.
            frozen = copy.copy(self)
            position = self._position
            self._draw(item, lambda: frozen._shape_at(position))
            self._stamps.append(item)
            self.screen.changed()
            return item

    def clearstamp(self, stampid: int) -> None:
        if stampid in self._stamps:
            self._stamps.remove(stampid)
            self._drawn.pop(stampid, None)
            self.screen.stage.remove(stampid)
            self.screen.changed()

    def clearstamps(self, n: int | None = None) -> None:
        doomed = self._stamps[:] if n is None else self._stamps[:n] if n >= 0 else self._stamps[n:]
        for stamp in doomed:
            self.clearstamp(stamp)

    # Beginning anew, and the others

    def clear(self) -> None:
        for item in self._drawn:
            self.screen.stage.remove(item)
        self._drawn.clear()
        self._stamps.clear()
        self._undo.clear()
        self._line_item = None
        self._fill = None
        self.screen.changed()

    def reset(self) -> None:
        self.clear()
        self._begin(visible=True)
        self.screen.changed()

    def clone(self) -> "RawTurtle":
        other = copy.copy(self)
        other._undo, other._drawn, other._stamps = [], {}, []
        other._line, other._line_item, other._fill = [], None, None
        self.screen.inhabitants.append(other)
        self.screen.stage.cursors.append(other._cursor)
        self.screen.changed()
        return other

    def getscreen(self) -> TurtleScreen:
        return self.screen

    def getturtle(self) -> "RawTurtle":
        return self

    def onclick(self, fun: object, btn: int = 1, add: object = None) -> None:
        without_effect("onclick", said=self.screen.said)

    def onrelease(self, fun: object, btn: int = 1, add: object = None) -> None:
        without_effect("onrelease", said=self.screen.said)

    def ondrag(self, fun: object, btn: int = 1, add: object = None) -> None:
        without_effect("ondrag", said=self.screen.said)

    fd = forward
    bk = backward = back
    rt = right
    lt = left
    setpos = setposition = goto
    seth = setheading
    pos = position
    pd = down = pendown
    pu = up = penup
    width = pensize
    ht = hideturtle
    st = showturtle
    turtlesize = shapesize
    getpen = getturtle


class Turtle(RawTurtle):
    """A turtle on the one screen that there is."""

    def __init__(self, shape: str = "classic", undobuffersize: int = MOST_UNDO, visible: bool = True) -> None:
        super().__init__(None, shape, undobuffersize, visible)


_screen: TurtleScreen | None = None
_turtle: Turtle | None = None


def Screen() -> TurtleScreen:
    global _screen
    if _screen is None:
        _screen = TurtleScreen()
    return _screen


def the_turtle() -> Turtle:
    """The one that functions without a turtle move."""
    global _turtle
    if _turtle is None:
        _turtle = Turtle()
    return _turtle


def begin() -> None:
    """For a program that has not drawn yet."""
    global _screen, _turtle
    stage.current = _screen = _turtle = None


def end() -> None:
    """The program is over: what it drew is shown, whatever its tracer hid."""
    if stage.current is not None:
        stage.current.show()
    if _screen is not None:
        _screen.bye()
