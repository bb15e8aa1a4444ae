"""Python's turtle, drawing into the output. Made anew for each program; see `_caretroom.turtles`."""

import atexit
from collections.abc import Callable
from typing import Any

from _caretroom.screens import Shape, Terminator, TurtleGraphicsError, TurtleScreen, Vec2D
from _caretroom.turtles import RawTurtle, Screen, Turtle
from _caretroom.turtles import begin as _begin
from _caretroom.turtles import end as _end
from _caretroom.turtles import the_turtle as _the_turtle

Pen = Turtle
RawPen = RawTurtle
_Screen = TurtleScreen

# As functions, too: those of the screen, and those of a turtle of their own.
_METHODS = {TurtleScreen: Screen, RawTurtle: _the_turtle}
_INTERNAL = frozenset({"to_stage", "changed", "colour", "begin_mode", "redraw"})


def _function(name: str, whose: Callable[[], Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(whose(), name)(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    return call


__all__ = ["Pen", "RawPen", "RawTurtle", "Screen", "Shape", "Terminator", "Turtle", "TurtleGraphicsError"]
__all__ += ["TurtleScreen", "Vec2D"]
for _class, _whose in _METHODS.items():
    for _name in vars(_class):
        # Of the names that both have, the turtle's come last and stay, as in CPython.
        if not _name.startswith("_") and callable(getattr(_class, _name)) and _name not in _INTERNAL:
            globals()[_name] = _function(_name, _whose)
            __all__.append(_name)
del _class, _name, _whose

_begin()
atexit.register(_end)
