"""Hints for names, modules, attributes and files that are not there, and for what a browser does not have."""

import builtins
import difflib
import keyword
import os
import re
import sys
from collections.abc import Iterable

from _caretroom.hints import Case, Rule
from _caretroom.room import ROOM

REMOVED = {
    "aifc": "3.13",
    "asynchat": "3.12",
    "asyncore": "3.12",
    "audioop": "3.13",
    "binhex": "3.11",
    "cgi": "3.13",
    "cgitb": "3.13",
    "chunk": "3.13",
    "crypt": "3.13",
    "distutils": "3.12",
    "formatter": "3.10",
    "imghdr": "3.13",
    "imp": "3.12",
    "lib2to3": "3.13",
    "mailcap": "3.13",
    "msilib": "3.13",
    "nis": "3.13",
    "nntplib": "3.13",
    "ossaudiodev": "3.13",
    "parser": "3.10",
    "pipes": "3.13",
    "smtpd": "3.12",
    "sndhdr": "3.13",
    "spwd": "3.13",
    "sunau": "3.13",
    "symbol": "3.10",
    "telnetlib": "3.13",
    "uu": "3.13",
    "xdrlib": "3.13",
}
INSTEAD = {
    "asyncore": "Use asyncio instead.",
    "asynchat": "Use asyncio instead.",
    "cgi": "Use urllib.parse for what a form sends.",
    "distutils": "Use setuptools, or sysconfig and shutil for its small helpers.",
    "imp": "Use importlib instead.",
    "pipes": "shlex.quote does what pipes.quote did.",
}
NOT_IN_A_BROWSER = frozenset(
    {
        "curses",
        "msvcrt",
        "pyautogui",
        "pygame",
        "pynput",
        "pyttsx3",
        "serial",
        "tkinter",
        "winreg",
        "winsound",
        "_tkinter",
    }
    | {"customtkinter", "easygui", "PyQt5", "PyQt6", "PySide6", "kivy", "idlelib", "termios", "fcntl", "resource"}
)
OTHER_LANGUAGES = {
    "true": "True",
    "false": "False",
    "null": "None",
    "none": "None",
    "undefined": "None",
    "nil": "None",
    "this": "self",
    "elseif": "elif",
    "printf": "print",
    "println": "print",
    "echo": "print",
    "console": "print",
    "System": "print",
    "cout": "print",
    "raw_input": "input",
    "unicode": "str",
    "xrange": "range",
    "string": "str",
    "String": "str",
    "integer": "int",
    "length": "len",
    "strlen": "len",
}
OTHER_METHODS = {
    ("list", "push"): "append",
    ("list", "add"): "append",
    ("list", "size"): "len(…)",
    ("list", "length"): "len(…)",
    ("list", "len"): "len(…)",
    ("list", "map"): "a comprehension: [f(x) for x in items]",
    ("list", "join"): '", ".join(items)',
    ("list", "contains"): "x in items",
    ("list", "split"): "nothing: split belongs to text, and this is a list already",
    ("str", "length"): "len(…)",
    ("str", "len"): "len(…)",
    ("str", "append"): "+, which makes a new text",
    ("str", "toUpperCase"): "upper()",
    ("str", "toLowerCase"): "lower()",
    ("str", "trim"): "strip()",
    ("str", "contains"): "x in text",
    ("str", "substring"): "text[start:end]",
    ("str", "reverse"): "text[::-1]",
    ("dict", "has_key"): "key in names",
    ("dict", "iteritems"): "items()",
    ("dict", "add"): "names[key] = value",
    ("dict", "append"): "names[key] = value",
    ("set", "append"): "add",
    ("tuple", "append"): "a list, [ ], because a tuple never changes",
}
PROCESSES = r".*(?:does not support processes|emscripten.*process|Cannot fork|fork.*not supported)"
NETWORK = (
    r".*(?:Name or service not known|Name does not resolve|Host is unreachable|Network|Connection|urlopen|"
    r"unknown url type: https|Temporary failure|Operation in progress|Try again|Protocol not available|TLS not"
    r" supported|Socket not connected)"
)


def room_files() -> list[str]:
    found = []
    for folder, _, names in os.walk(ROOM):
        found += [os.path.relpath(os.path.join(folder, name), ROOM) for name in names]
    return sorted(found)


def listing(names: list[str]) -> str:
    shown = ", ".join(names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown


def unknown_name(case: Case, match: re.Match[str]) -> str:
    name = match[1]
    meant = OTHER_LANGUAGES.get(name)
    if meant is not None:
        return f"Python's word for this is {meant}, with exactly these letters."
    if name in sys.stdlib_module_names:
        return f"{name} is a module. Put `import {name}` on a line at the top of the file."
    # Python itself suggests only what is very near, and leaves the words of the language out.
    known = near(name, [*case.names(), *dir(builtins), *keyword.kwlist])
    if known is not None:
        return f"There is no {name} here, but there is {known}. Capital and small letters count."
    return (
        f"Nothing is called {name} at this point. Give it a value in a line above, check how it is spelled, or put"
        " quotes around it if it is meant to be text."
    )


def near(name: str, names: Iterable[str]) -> str | None:
    by_letters = {known.lower(): known for known in names if not known.startswith("_")}
    found = difflib.get_close_matches(name.lower(), by_letters, n=1, cutoff=0.75)
    return by_letters[found[0]] if found else None


def missing_module(case: Case, match: re.Match[str]) -> str:
    name = match[1].split(".")[0]
    if name in REMOVED:
        since = f"{name} was a part of Python until version {REMOVED[name]} took it out; this is Python "
        return f"{since}{sys.version_info.major}.{sys.version_info.minor}. {INSTEAD.get(name, '')}".strip()
    if name == "pip":
        return (
            "pip does not work in the browser, and is not needed: write `import …`, and a package that this server has"
            " is loaded."
        )
    if name in NOT_IN_A_BROWSER:
        return (
            f"{name} needs a window, a keyboard or a device of its own. This Python runs in the browser, where it does"
            " not work."
        )
    if name in sys.stdlib_module_names or name.startswith("_"):
        return (
            f"{name} is a part of Python that needs an operating system. This Python runs in the browser and has none."
        )
    other = near(name, [file.removesuffix(".py").replace("/", ".") for file in room_files() if file.endswith(".py")])
    if other is not None:
        return f"The room has no {name}.py, but it has {other}.py. Write `import {other}`."
    other = near(name, sys.stdlib_module_names)
    if other is not None:
        return f"There is no module {name}. Did you mean {other}?"
    return (
        f"There is no {name} among the room's files, in Python's library or among this server's packages. Check how it"
        " is spelled; the server's operator can add packages."
    )


def missing_import(_: Case, match: re.Match[str]) -> str:
    return not_in_module(match[2], match[1])


def missing_in_module(_: Case, match: re.Match[str]) -> str:
    return not_in_module(match[1], match[2])


def not_in_module(module: str, name: str) -> str:
    found = sys.modules.get(module)
    place = getattr(found, "__file__", None) or ""
    if module == "js":
        return "A program runs apart from the page, so it can't reach the page or open another one."
    if place.startswith(ROOM) and module in sys.stdlib_module_names:
        return (
            f"The room's file {place.removeprefix(ROOM + '/')} hides Python's own module {module}. Rename the file, for"
            f" example to my_{module}.py."
        )
    other = near(name, dir(found))
    if other is not None:
        return f"The module {module} has no {name}, but it has {other}."
    return f"The module {module} has nothing that is called {name}. Check how it is spelled."


def missing_file(case: Case, _: re.Match[str]) -> str | None:
    wanted = getattr(case.error, "filename", None)
    if not isinstance(wanted, str):
        return None
    folder = os.path.dirname(wanted)
    if folder and not os.path.isdir(folder):
        return (
            f"There is no folder {case.given(folder)}. os.makedirs(…) makes one; the room's files need none in front."
        )
    files = room_files()
    other = near(os.path.basename(wanted), files)
    if other is not None:
        return f"There is no file {case.given(wanted)}, but there is {other}. Capital and small letters count."
    return (
        f"There is no file {case.given(wanted)} here. A program sees the room's files and what it wrote itself: "
        f"{listing(files)}. Files on your computer must be added to the room first."
    )


def missing_attribute(case: Case, match: re.Match[str]) -> str:
    kind, name = match.groups()
    meant = OTHER_METHODS.get((kind, name))
    if meant is not None:
        return f"A value of type {kind} has no {name}. Python's way is {meant}."
    other = near(name, dir(getattr(case.error, "obj", None)))
    if other is not None:
        return f"It has no {name}, but it has {other}."
    return (
        f"A value of type {kind} has no {name}. Either the name is spelled differently, or the value is not what you"
        " think: print it, or its type(…), on the line before."
    )


def thread(_: Case, __: re.Match[str]) -> str:
    return "Python in the browser has no threads. For several things at a time use asyncio, or do one after the other."


def no_network(_: Case, __: re.Match[str]) -> str:
    return (
        "A program in the room has no network: no sockets, no downloads. Put the data into a file of the room and read"
        " that."
    )


def no_processes(_: Case, __: re.Match[str]) -> str:
    return (
        "Python in the browser can't start other programs, and has no shell. What they would do must be done in Python."
    )


RULES = (
    Rule(
        UnboundLocalError,
        r"cannot access local variable '(\w+)'",
        r"This function gives \1 a value in one of its lines, so \1 belongs to the function, and here it has no value"
        r" yet. If the \1 "
        r"outside is meant, hand it over as a parameter, or write `global \1` at the function's top.",
    ),
    Rule(NameError, r"name '(\w+)' is not defined", unknown_name),
    Rule(NameError, r"cannot access free variable '(\w+)'", r"\1 has no value yet when this function is called."),
    Rule(ModuleNotFoundError, r"No module named '([\w.]+)'", missing_module),
    Rule(
        ImportError,
        r"cannot import name '(\w+)' from partially initialized module '([\w.]+)'",
        r"Two files import each other, so \2 is not finished when \1 is asked for. Move what both need into a third"
        r" file; and look "
        r"whether a file of the room is called like a module of Python's.",
    ),
    Rule(ImportError, r"cannot import name '(\w+)' from '([\w.]+)'", missing_import),
    Rule(
        ImportError,
        r"attempted relative import",
        "Leave the dot away: the room's files import each other by their plain names, `import other`.",
    ),
    Rule(
        AttributeError,
        r"partially initialized module '(\w+)' has no attribute",
        r"The file \1.py is still being read when this asks for something in it. Two files import each other, or \1.py"
        r" is called like a "
        r"module of Python's: then rename it.",
    ),
    Rule(AttributeError, r"module '([\w.]+)' has no attribute '(\w+)'", missing_in_module),
    Rule(AttributeError, r"'(\w+)' object has no attribute '(\w+)'", missing_attribute),
    Rule(AttributeError, r"type object '(\w+)' has no attribute '(\w+)'", missing_attribute),
    Rule(
        UnicodeDecodeError,
        r"",
        'This file is not plain UTF-8 text. If it is text from an older program, try open(…, encoding="latin-1"); if it'
        ' is a picture or the like, open it with mode "rb".',
    ),
    Rule(
        UnicodeEncodeError,
        r"",
        'The text has a character that this encoding can\'t hold. Write it with encoding="utf-8".',
    ),
    Rule(FileNotFoundError, r"", missing_file),
    Rule(IsADirectoryError, r"", "This is a folder, not a file. os.listdir(…) tells what is in it."),
    Rule(
        FileExistsError,
        r"",
        'There is something of that name already. Choose another name, or open it with mode "w" to write over it.',
    ),
    Rule(
        PermissionError,
        r"",
        'A program may write in the room\'s folder and in /tmp. Leave the folder away: open("notes.txt", "w").',
    ),
    Rule(EOFError, r"", "The program asked for a line with input(), and there was none: the input had ended."),
    Rule(RuntimeError, r"can't start new thread", thread),
    Rule(OSError, PROCESSES, no_processes),
    Rule((OSError, RuntimeError), NETWORK, no_network),
    Rule(
        OSError,
        r".*(?:Function not implemented|Not supported)",
        "This asks the operating system for something, and a browser has none.",
    ),
)
