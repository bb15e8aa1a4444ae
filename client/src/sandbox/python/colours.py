"""The colours that turtles know: the names of CSS, Tk's numbered shades, and mixtures of red, green and blue."""

import re
from typing import Any

CSS_NAMES = """
aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown burlywood
cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan darkgoldenrod darkgray
darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen
darkslateblue darkslategray darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey dodgerblue
firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew
hotpink indianred indigo ivory khaki lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan
lightgoldenrod lightgoldenrodyellow lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen lightskyblue
lightslateblue lightslategray lightslategrey lightsteelblue lightyellow lime limegreen linen magenta maroon
mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen
mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy navyblue oldlace olive
olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru pink
plum powderblue purple rebeccapurple red rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna
silver skyblue slateblue slategray slategrey snow springgreen steelblue tan teal thistle tomato transparent
turquoise violet violetred wheat white whitesmoke yellow yellowgreen
"""
NAMES = frozenset(CSS_NAMES.split())
# Those of Tk's that CSS lacks.
OTHERS = {"lightgoldenrod": "#eedd82", "lightslateblue": "#8470ff", "navyblue": "navy", "violetred": "#d02090"}
# What a number behind a name leaves of a colour's brightness.
SHADES = {"1": 1.0, "2": 0.932, "3": 0.804, "4": 0.545}
GREY = re.compile(r"gr[ae]y(\d{1,3})")
SHADE = re.compile(r"([a-z]+)([1-4])")
HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{9}|[0-9a-f]{12})", re.IGNORECASE)


def css(colour: str) -> str | None:
    """The colour as CSS writes it, or None when there is none of that name."""
    name = colour.lower().replace(" ", "")
    if name in OTHERS:
        return OTHERS[name]
    if name in NAMES:
        return name
    if name == "":
        return "none"
    if (grey := GREY.fullmatch(name)) and int(grey[1]) <= 100:
        level = round(int(grey[1]) * 255 / 100)
        return f"rgb({level},{level},{level})"
    if (shade := SHADE.fullmatch(name)) and shade[1] in NAMES:
        percent = SHADES[shade[2]] * 100
        return f"color-mix(in srgb, {OTHERS.get(shade[1], shade[1])} {percent:g}%, black)"
    if found := HEX.fullmatch(name):
        digits = found[1]
        size = len(digits) // 3
        parts = [digits[at : at + size] for at in range(0, len(digits), size)]
        return "#" + "".join((part * 2)[:2] for part in parts)
    return None


def mixed(parts: tuple[Any, ...], mode: float) -> str | None:
    """Red, green and blue from 0 to ``mode`` as ``#rrggbb``, or None when they aren't that."""
    levels = [round(255.0 * part / mode) for part in parts]
    if len(levels) != 3 or not all(0 <= level <= 255 for level in levels):
        return None
    return "#{:02x}{:02x}{:02x}".format(*levels)


def unmixed(colour: str, mode: float) -> str | tuple[float, ...]:
    """A mixture as its parts, and a name as itself."""
    if not colour.startswith("#"):
        return colour
    if len(colour) == 4:
        levels = [int(digit * 2, 16) for digit in colour[1:]]
    else:
        levels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return tuple(level * mode / 255 if mode == 1.0 else level for level in levels)
