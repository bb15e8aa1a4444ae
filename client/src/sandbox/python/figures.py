"""Matplotlib's figures, as far as a run knows of them: only where Matplotlib is loaded can its backend be, too."""

import contextlib
import sys

BACKEND = "module://_caretroom.matplotlib_backend"

# The part of Matplotlib that keeps the open figures.
KEEPER = "matplotlib._pylab_helpers"


def are_open() -> bool:
    keeper = getattr(sys.modules.get(KEEPER), "Gcf", None)
    return bool(getattr(keeper, "figs", None))


def show_open() -> None:
    """For the end of a program that did not call ``show()``, as notebooks do."""
    from _caretroom import matplotlib_backend

    matplotlib_backend.show_open_figures()


def reset() -> None:
    """Bring Matplotlib back to its beginnings for the next program."""
    if KEEPER in sys.modules:
        # A program may have left it in any state.
        with contextlib.suppress(Exception):
            from _caretroom import matplotlib_backend

            matplotlib_backend.reset()
