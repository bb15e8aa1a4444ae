"""The folder with the room's files."""

import os
import posixpath
import shutil
import sys

ROOM = "/room"
FOLDERS = (ROOM, "/tmp")

# CPython itself has loaded these before a program starts: no file of the room takes their place either.
LOADED_BEFORE_MAIN = frozenset(
    {"abc", "builtins", "codecs", "encodings", "genericpath", "io", "marshal", "os", "posix"}
    | {"posixpath", "site", "stat", "sys", "time", "zipimport"}
)


def lay_out(files: list[tuple[str, str]]) -> None:
    """Make the folder anew, with these names and texts in it."""
    os.chdir("/")
    for folder in FOLDERS:
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder, exist_ok=True)
    for name, text in files:
        path = posixpath.normpath(posixpath.join(ROOM, name))
        # Names are typed by people: none leads out of the room.
        if path == ROOM or not in_room(path):
            continue
        os.makedirs(posixpath.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        make_way_for(path)
    os.chdir(ROOM)
    for place in [place for place in sys.path_importer_cache if in_room(place)]:
        del sys.path_importer_cache[place]


def in_room(path: str) -> bool:
    return path == ROOM or path.startswith(ROOM + "/")


def make_way_for(path: str) -> None:
    """Forget a module that was loaded early, so that the room's file of this name is found instead."""
    if not path.endswith(".py"):
        return
    name = path.removeprefix(ROOM + "/").split("/")[0].removesuffix(".py")
    if name in LOADED_BEFORE_MAIN:
        return
    for module in [module for module in sys.modules if module == name or module.startswith(name + ".")]:
        del sys.modules[module]
