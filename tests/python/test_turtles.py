"""Turtles go where CPython's go: the same steps are given to both."""

import importlib
import math
import re
import sys
import types
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import runtime

turtles: Any = importlib.import_module("_caretroom.turtles")
screens: Any = importlib.import_module("_caretroom.screens")
colours: Any = importlib.import_module("_caretroom.colours")


class Anything:
    """Whatever the standard library's module wants from a window."""


@pytest.fixture(scope="module")
def cpython() -> Any:
    """The standard library's module, of which only what counts angles and paths is used: that part needs no window."""
    tkinter = types.ModuleType("tkinter")
    for name in ("Canvas", "Frame", "Scrollbar", "Tk", "simpledialog"):
        setattr(tkinter, name, Anything)
    for name in ("", ".simpledialog"):
        sys.modules["tkinter" + name] = tkinter
    try:
        yield importlib.import_module("turtle")
    finally:
        for name in ("tkinter", "tkinter.simpledialog", "turtle"):
            sys.modules.pop(name, None)


@pytest.fixture
def turtle() -> Any:
    turtles.begin()
    runtime.reports.clear()
    made = turtles.Turtle()
    made.speed(0)
    return made


numbers = st.integers(-400, 400)
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["forward", "back", "left", "right", "setheading", "setx", "sety"]), numbers),
        st.tuples(st.just("goto"), numbers, numbers),
        st.tuples(st.just("circle"), numbers, st.integers(-400, 400)),
        st.tuples(st.just("home")),
    ),
    max_size=12,
)


@given(mode=st.sampled_from(["standard", "logo"]), full=st.sampled_from([360.0, math.tau, 400.0]), way=steps)
@settings(deadline=None, max_examples=150)
def test_a_turtle_goes_where_cpythons_goes(cpython: Any, mode: str, full: float, way: list[tuple[Any, ...]]) -> None:
    turtles.begin()
    turtles.Screen().mode(mode)
    ours = turtles.Turtle()
    ours.speed(0)
    theirs = cpython.TNavigator(mode)
    for each in (ours, theirs):
        each.degrees(full)
    for name, *numbers in way:
        for each in (ours, theirs):
            getattr(each, name)(*numbers)
        assert ours.position() == pytest.approx(theirs.position(), abs=1e-6)
        assert math.cos(ours.heading() * math.tau / full) == pytest.approx(
            math.cos(theirs.heading() * math.tau / full), abs=1e-6
        )
    if theirs.distance(10, 20) > 1:
        assert ours.distance(10, 20) == pytest.approx(theirs.distance(10, 20))
        assert ours.towards(10, 20) == pytest.approx(theirs.towards(10, 20), abs=1e-5)


def drawn(turtle: Any) -> str:
    svg: str = turtle.getscreen().stage.svg()
    return svg


def test_lines_of_one_pen_are_one_line_and_a_raised_pen_draws_none(turtle: Any) -> None:
    turtle.forward(100)
    turtle.left(90)
    turtle.forward(50)
    turtle.penup()
    turtle.forward(50)
    turtle.pendown()
    turtle.color("red")
    turtle.back(10)
    assert re.findall(r'<polyline points="([^"]*)" fill="none" stroke="(\w+)"', drawn(turtle)) == [
        ("0.00,-0.00 100.00,-0.00 100.00,-50.00", "black"),
        ("100.00,-100.00 100.00,-90.00", "red"),
    ]


def test_a_filled_shape_lies_below_its_outline(turtle: Any) -> None:
    turtle.fillcolor("gold")
    turtle.begin_fill()
    assert turtle.filling()
    for _ in range(3):
        turtle.forward(30)
        turtle.left(120)
    turtle.end_fill()
    assert re.findall(r"<(polygon|polyline)[^>]*?(?:fill=\"(\w+)\")", drawn(turtle))[:2] == [
        ("polygon", "gold"),
        ("polyline", "none"),
    ]


def test_undo_takes_back_one_step_after_the_other(turtle: Any) -> None:
    turtle.forward(10)
    before = drawn(turtle)
    turtle.circle(40)
    turtle.write("hi")
    turtle.stamp()
    turtle.color("red")
    for _ in range(4):
        turtle.undo()
    assert drawn(turtle) == before
    turtle.begin_fill()
    turtle.circle(30)
    filling = drawn(turtle)
    turtle.end_fill()
    turtle.undo()
    assert turtle.filling()
    assert drawn(turtle) == filling
    for _ in range(2):
        turtle.undo()
    turtle.undo()
    assert turtle.position() == (0, 0)


def test_stamps_stay_and_can_be_cleared(turtle: Any) -> None:
    turtle.hideturtle()
    first = turtle.stamp()
    turtle.forward(50)
    turtle.stamp()
    assert drawn(turtle).count("<polygon") == 2
    turtle.clearstamp(first)
    turtle.clearstamps()
    assert "<polygon" not in drawn(turtle)


def test_the_world_may_have_other_coordinates(turtle: Any) -> None:
    screen = turtle.getscreen()
    screen.setup(400, 200)
    screen.setworldcoordinates(0, 0, 10, 10)
    turtle.goto(10, 10)
    assert 'points="-200.00,100.00 200.00,-100.00"' in drawn(turtle)


@pytest.mark.parametrize(
    ("colour", "css"),
    [
        ("Red", "red"),
        ("light blue", "lightblue"),
        ("gray50", "rgb(128,128,128)"),
        ("#f80", "#ff8800"),
        ("#FF8800", "#ff8800"),
        ("navyblue", "navy"),
        ("nonsense", None),
        ("url(#a)", None),
        ('red"/><script', None),
    ],
)
def test_a_colour_is_one_that_tk_knows(colour: str, css: str | None) -> None:
    assert colours.css(colour) == css


def test_colours_are_given_by_name_or_as_numbers(turtle: Any) -> None:
    turtle.color("red", (0, 1.0, 0))
    assert turtle.color() == ("red", (0.0, 1.0, 0.0))
    turtle.getscreen().colormode(255)
    turtle.pencolor(255, 128, 0)
    assert turtle.pencolor() == (255, 128, 0)
    for wrong in (("bluish",), (1, 2), (256, 0, 0), (None,)):
        with pytest.raises(screens.TurtleGraphicsError, match="bad color"):
            turtle.pencolor(*wrong)


def test_words_are_words_whatever_they_contain(turtle: Any) -> None:
    turtle.write("<script>&", font=('A"b', 12, "bold"))
    assert "&lt;script&gt;&amp;" in drawn(turtle)
    assert "<script" not in drawn(turtle)


def test_what_needs_a_mouse_or_a_keyboard_says_so_once(turtle: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        turtle.getscreen().onkey(print, "Up")
    turtle.onclick(print)
    assert capsys.readouterr().err.count("has no effect here") == 2


def test_timers_run_in_the_main_loop_in_their_order(turtle: Any) -> None:
    screen, told = turtle.getscreen(), []
    screen.ontimer(lambda: told.append("late"), 20)
    screen.ontimer(lambda: told.append("early"), 0)
    screen.mainloop()
    assert told == ["early", "late"]


def test_the_last_picture_is_shown_even_if_the_tracer_hid_all(turtle: Any) -> None:
    turtle.getscreen().title("A house")
    turtle.getscreen().tracer(0)
    runtime.reports.clear()
    turtle.forward(100)
    assert runtime.reports == []
    turtles.end()
    assert b'"alt": "Turtle drawing: A house"' in runtime.reports[-1]


def test_every_function_of_cpythons_module_is_there(cpython: Any) -> None:
    missing = {name for name in cpython.__all__ if not hasattr(turtles.RawTurtle, name)}
    missing -= set(dir(screens.TurtleScreen)) | {*cpython._tg_classes, "Terminator", "write_docstringdict"}
    assert missing == {"settiltangle", "shapetransform", "get_shapepoly", "shearfactor"}
