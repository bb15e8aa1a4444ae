"""Matplotlib's backend here (``module://_caretroom.matplotlib_backend``): figures become pictures in the output.

``show()`` shows a figure and closes it, as if somebody had looked at it and closed its window; ``pause()`` and the
timers of an animation show it anew in its place. Imported only by Matplotlib, and where Matplotlib is loaded.
"""

import io
import sys
import time
from typing import Any

import matplotlib
from _caretroom import display
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase, TimerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imsave

NAME = f"module://{__name__}"
# Screens have about two dots for each of the page's pixels.
SHARPNESS = 2
MOST_PIXELS = 2**24
ANIMATION_PNG = {"compress_level": 1}

_running: set["Timer"] = set()


class Timer(TimerBase):
    """Timers of animations. They run while the program waits in ``show()`` or ``pause()``."""

    due = 0.0

    def _timer_start(self) -> None:
        self.due = time.monotonic() + self.interval / 1000
        _running.add(self)

    def _timer_stop(self) -> None:
        _running.discard(self)

    def fire(self) -> None:
        self._timer_start()
        if self.single_shot:
            self._timer_stop()
        self._on_timer()


class FigureCanvas(FigureCanvasAgg):
    _timer_cls = Timer

    def __init__(self, figure: Any = None) -> None:
        super().__init__(figure)
        self.display_id = display.new_id()
        self._outdated = False
        self._unsent = False
        self._presented = False

    def draw(self) -> None:
        super().draw()
        self._outdated = False
        self._unsent = True

    def draw_idle(self, *args: Any, **kwargs: Any) -> None:
        # In interactive mode this comes with every change.
        self._outdated = True

    def blit(self, bbox: Any = None) -> None:
        self._unsent = True

    def flush_events(self) -> None:
        self.refresh()

    def start_event_loop(self, timeout: float = 0) -> None:
        run_timers(timeout if timeout > 0 else None)

    def refresh(self) -> None:
        """Show what changed, quickly."""
        if self._outdated:
            self.draw()
        if self._unsent:
            self._unsent = self._presented = False
            png = io.BytesIO()
            imsave(png, self.buffer_rgba(), format="png", pil_kwargs=ANIMATION_PNG)
            send(self.figure, self.display_id, png.getvalue(), sharpness=1)

    def present(self) -> None:
        """Show the figure at its best."""
        # An animation begins with the first time that its figure is drawn and not saved.
        if self.callbacks.callbacks.get("draw_event"):
            self.draw()
        show_figure(self.figure, self.display_id)
        self._outdated = self._unsent = False
        self._presented = True
        self.figure.stale = False

    @property
    def has_news(self) -> bool:
        return self._outdated or self._unsent or bool(self.figure.stale)

    @property
    def is_presented(self) -> bool:
        return self._presented and not self.has_news


class FigureManager(FigureManagerBase):
    def show(self) -> None:
        self.canvas.present()

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        if block is None:
            block = not matplotlib.is_interactive()
        for canvas in canvases():
            if block:
                canvas.present()
            else:
                if canvas.has_news:
                    canvas.draw_idle()
                canvas.refresh()
        if block:
            cls.start_main_loop()

    @classmethod
    def start_main_loop(cls) -> None:
        if _running:
            run_timers(None)
        Gcf.destroy_all()


FigureCanvas.manager_class = FigureManager


def canvases() -> list[FigureCanvas]:
    found = [manager.canvas for manager in Gcf.get_all_fig_managers()]
    return [canvas for canvas in found if isinstance(canvas, FigureCanvas)]


def run_timers(seconds: float | None) -> None:
    """Wait so long, or while there are timers, and let those run that are due."""
    end = None if seconds is None else time.monotonic() + seconds
    while _running or end is not None:
        for canvas in canvases():
            canvas.refresh()
        due = [timer.due for timer in _running]
        wake = min(due if end is None else [*due, end])
        time.sleep(max(0.0, wake - time.monotonic()))
        if end is not None and wake >= end:
            return
        for timer in [timer for timer in _running if timer.due <= wake]:
            timer.fire()


def show_figure(figure: Any, id: str) -> None:
    width, height = (inches * figure.dpi for inches in figure.get_size_inches())
    sharpness = SHARPNESS if width * height * SHARPNESS**2 <= MOST_PIXELS else 1
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=figure.dpi * sharpness)
    send(figure, id, png.getvalue(), sharpness)


def send(figure: Any, id: str, png: bytes, sharpness: int) -> None:
    # The width stands in the header; `savefig` may have cut the figure.
    width = int.from_bytes(png[16:20]) / sharpness
    display.send(id, "image/png", png, words_for(figure), width)


def words_for(figure: Any) -> str:
    titles = [figure.get_suptitle(), *(axes.get_title() for axes in figure.axes)]
    said = ", ".join(title for title in titles if title)
    number = getattr(figure, "number", None)
    name = "Figure" if number is None else f"Figure {number}"
    return f"{name}: {said}" if said else name


def show_open_figures() -> None:
    for manager in Gcf.get_all_fig_managers():
        canvas, figure = manager.canvas, manager.canvas.figure
        # Its background is always there.
        if len(figure.get_children()) <= 1:
            continue
        if not isinstance(canvas, FigureCanvas):
            show_figure(figure, display.new_id())
        elif not canvas.is_presented:
            canvas.present()


def reset() -> None:
    _running.clear()
    Gcf.destroy_all()
    if "matplotlib.pyplot" in sys.modules:
        matplotlib.rc_file_defaults()
        matplotlib.interactive(False)
    matplotlib.use(NAME)
