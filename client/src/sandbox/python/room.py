"""The folder with the room's files."""

import os
import posixpath
import shutil
import sys

ROOM = "/room"
# Wherever a program is used to write: none finds what another one left there.
FLEETING = (ROOM, "/tmp", os.path.expanduser("~"))

# CPython itself has loaded these before a program starts: no file of the room takes their place either.
LOADED_BEFORE_MAIN = frozenset(
    {"abc", "builtins", "codecs", "encodings", "genericpath", "io", "marshal", "os", "posix"}
    | {"posixpath", "site", "stat", "sys", "time", "zipimport"}
)

# What each file was made of.
laid_out: dict[str, bytes] = {}


def lay_out(files: list[tuple[str, str]], entry: str) -> str:
    """Make the folder anew, with these names and texts in it, and return the path of the one that is to run."""
    os.chdir("/")
    for folder in FLEETING:
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder, exist_ok=True)
    laid_out.clear()
    main = path_of(entry)
    for name, text in files:
        path = path_of(name)
        # Names are typed by people: none leads out of the room.
        if path == ROOM or not in_room(path):
            continue
        os.makedirs(posixpath.dirname(path), exist_ok=True)
        laid_out[path] = text.encode()
        with open(path, "wb") as file:
            file.write(laid_out[path])
    make_way(posixpath.dirname(main))
    os.chdir(ROOM)
    for place in [place for place in sys.path_importer_cache if is_fleeting(place)]:
        del sys.path_importer_cache[place]
    return main


def path_of(name: str) -> str:
    return posixpath.normpath(posixpath.join(ROOM, name))


def in_room(path: str) -> bool:
    return is_within(path, ROOM)


def is_fleeting(path: str) -> bool:
    return any(is_within(path, folder) for folder in FLEETING)


def is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def make_way(folder: str) -> None:
    """Forget what was loaded early, so that the room's files of the same names in this folder are found instead."""
    # `/room/json.py` or `/room/json/__init__.py`, for a program that looks for its modules in `/room`.
    names = {
        path.removeprefix(folder + "/").removesuffix(".py").removesuffix("/__init__")
        for path in laid_out
        if path.endswith(".py")
    }
    names -= LOADED_BEFORE_MAIN
    for module in [module for module in sys.modules if module.partition(".")[0] in names]:
        del sys.modules[module]
