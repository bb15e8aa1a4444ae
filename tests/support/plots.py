"""A stand-in for Matplotlib: as much of 3.10's backend interface as our backend meets, drawing empty pictures.

NumPy and Matplotlib for Pyodide are not on PyPI. Where this and Matplotlib differ, Matplotlib is right.
"""

MODULES = {
    "__init__.py": """
import os

class RcParams(dict):
    pass

rcParams = RcParams({"backend": os.environ["MPLBACKEND"], "interactive": False, "lines.linewidth": 1.5})
_original = dict(rcParams)

def rc_file_defaults():
    rcParams.update({name: value for name, value in _original.items() if name not in ("backend", "interactive")})

def use(backend, *, force=True):
    if rcParams["backend"] == backend:
        return
    rcParams["backend"] = backend
    import sys
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].switch_backend(backend)

def get_backend():
    return rcParams["backend"]

def interactive(on):
    rcParams["interactive"] = on

def is_interactive():
    return rcParams["interactive"]
""",
    "_pylab_helpers.py": """
class Gcf:
    figs = {}

    @classmethod
    def get_all_fig_managers(cls):
        return list(cls.figs.values())

    @classmethod
    def get_active(cls):
        return next(reversed(cls.figs.values())) if cls.figs else None

    @classmethod
    def destroy_all(cls):
        for manager in list(cls.figs.values()):
            manager.destroy()
        cls.figs.clear()
""",
    "cbook.py": """
class CallbackRegistry:
    def __init__(self):
        self.callbacks = {}

    def connect(self, signal, function):
        self.callbacks.setdefault(signal, {})[len(self.callbacks)] = function

    def process(self, signal, *arguments):
        for function in list(self.callbacks.get(signal, {}).values()):
            function(*arguments)
""",
    "backend_bases.py": """
import contextlib

class TimerBase:
    def __init__(self, interval=None, callbacks=None):
        self.callbacks = [] if callbacks is None else callbacks.copy()
        self.interval = 1000 if interval is None else interval
        self.single_shot = False

    def start(self, interval=None):
        if interval is not None:
            self.interval = interval
        self._timer_start()

    def stop(self):
        self._timer_stop()

    def _timer_start(self):
        pass

    def _timer_stop(self):
        pass

    @property
    def interval(self):
        return self._interval

    @interval.setter
    def interval(self, interval):
        self._interval = max(int(interval), 1)

    @property
    def single_shot(self):
        return self._single

    @single_shot.setter
    def single_shot(self, single):
        self._single = single

    def add_callback(self, function, *args, **kwargs):
        self.callbacks.append((function, args, kwargs))

    def _on_timer(self):
        for function, args, kwargs in self.callbacks:
            if function(*args, **kwargs) == 0:
                self.callbacks.remove((function, args, kwargs))
        if len(self.callbacks) == 0:
            self.stop()

class FigureManagerBase:
    def __init__(self, canvas, num):
        self.canvas = canvas
        canvas.manager = self
        self.num = num

    @classmethod
    def create_with_canvas(cls, canvas_class, figure, num):
        return cls(canvas_class(figure), num)

    @classmethod
    def start_main_loop(cls):
        pass

    @classmethod
    def pyplot_show(cls, *, block=None):
        raise NotImplementedError("ours is the one to call")

    def show(self):
        raise NotImplementedError("ours is the one to call")

    def destroy(self):
        pass

class FigureCanvasBase:
    required_interactive_framework = None
    manager_class = FigureManagerBase
    _timer_cls = TimerBase

    def __init__(self, figure=None):
        self.figure = figure
        figure.canvas = self
        self.manager = None
        self._is_saving = False

    callbacks = property(lambda self: self.figure._canvas_callbacks)

    def mpl_connect(self, signal, function):
        return self.callbacks.connect(signal, function)

    @classmethod
    def new_manager(cls, figure, num):
        return cls.manager_class.create_with_canvas(cls, figure, num)

    def is_saving(self):
        return self._is_saving

    def new_timer(self, interval=None, callbacks=None):
        return self._timer_cls(interval=interval, callbacks=callbacks)

    def draw(self, *args, **kwargs):
        pass

    def draw_idle(self, *args, **kwargs):
        self.draw(*args, **kwargs)

    def blit(self, bbox=None):
        pass

    def flush_events(self):
        pass
""",
    "image.py": """
import struct
import zlib

def imsave(fname, arr, *, format=None, dpi=100, pil_kwargs=None):
    width, height, level = arr
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = (b"\\0" + bytes([level % 256]) * width) * height
    fname.write(b"\\x89PNG\\r\\n\\x1a\\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
""",
    "backends/__init__.py": "",
    "backends/backend_agg.py": """
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.image import imsave

class FigureCanvasAgg(FigureCanvasBase):
    def draw(self):
        self.figure.draw()
        super().draw()

    def buffer_rgba(self):
        width, height = (round(inches * self.figure.dpi) for inches in self.figure.get_size_inches())
        return width, height, self.figure.drawings

    def print_png(self, file):
        FigureCanvasAgg.draw(self)
        imsave(file, self.buffer_rgba())

FigureCanvas = FigureCanvasAgg
""",
    "figure.py": """
from matplotlib.cbook import CallbackRegistry

class Axes:
    def __init__(self, figure):
        self.figure = figure
        self.title = ""

    def get_title(self):
        return self.title

    def set_title(self, title):
        self.title = title
        self.figure._changed()

    def plot(self, *values):
        if not all(isinstance(value, (list, tuple)) for value in values):
            raise TypeError("no numbers")
        self.figure._changed()

class Figure:
    def __init__(self, figsize=(6.4, 4.8), dpi=100):
        self.figsize, self.dpi = figsize, dpi
        self._canvas_callbacks = CallbackRegistry()
        self.axes, self.drawings, self.stale, self.suptitle_ = [], 0, True, ""
        self.canvas = None

    def get_size_inches(self):
        return self.figsize

    def get_suptitle(self):
        return self.suptitle_

    def suptitle(self, title):
        self.suptitle_ = title

    def get_children(self):
        return ["background", *self.axes]

    def add_subplot(self):
        self.axes.append(Axes(self))
        return self.axes[-1]

    def _changed(self):
        from matplotlib import is_interactive
        self.stale = True
        if is_interactive() and self.canvas and not self.canvas.is_saving():
            self.canvas.draw_idle()

    def draw(self):
        self.drawings += 1
        self.stale = False
        self.canvas.callbacks.process("draw_event", None)

    def savefig(self, file, *, format=None, dpi=None):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        before, self.dpi = self.dpi, dpi or self.dpi
        canvas = self.canvas if isinstance(self.canvas, FigureCanvasAgg) else FigureCanvasAgg(self)
        canvas._is_saving = True
        try:
            canvas.print_png(file)
        finally:
            canvas._is_saving = False
            self.dpi = before
""",
    "pyplot.py": """
import importlib
import sys
import time
import matplotlib
from matplotlib import _pylab_helpers, rcParams
from matplotlib.figure import Figure

_backend = None

def switch_backend(name):
    global _backend
    close("all")
    own = name.startswith("module://")
    path = name.removeprefix("module://") if own else "matplotlib.backends.backend_" + name.lower()
    _backend = importlib.import_module(path)
    if not hasattr(_backend, "FigureCanvas") or hasattr(_backend, "show") or hasattr(_backend, "new_figure_manager"):
        raise ValueError("neither the old kind of backend nor the new one")

def _mod():
    if _backend is None:
        switch_backend(rcParams["backend"])
    return _backend

def figure(num=None, **settings):
    figs = _pylab_helpers.Gcf.figs
    num = num or max(figs, default=0) + 1
    if num not in figs:
        new = Figure(**settings)
        new.number = num
        figs[num] = _mod().FigureCanvas.new_manager(new, num)
    figs[num] = figs.pop(num)
    return figs[num].canvas.figure

def gcf():
    manager = _pylab_helpers.Gcf.get_active()
    return manager.canvas.figure if manager else figure()

def gca():
    return gcf().axes[-1] if gcf().axes else gcf().add_subplot()

def plot(*values):
    gca().plot(*values)

def title(words):
    gca().set_title(words)

def clf():
    gcf().axes.clear()
    gcf()._changed()

def close(which=None):
    _pylab_helpers.Gcf.destroy_all()

def ion():
    matplotlib.interactive(True)

def isinteractive():
    return matplotlib.is_interactive()

def get_fignums():
    return sorted(_pylab_helpers.Gcf.figs)

def show(*args, **kwargs):
    _mod().FigureCanvas.manager_class.pyplot_show(*args, **kwargs)

def draw():
    gcf().canvas.draw_idle()

def savefig(path):
    with open(path, "wb") as file:
        gcf().savefig(file)

def pause(interval):
    manager = _pylab_helpers.Gcf.get_active()
    if manager is not None:
        if manager.canvas.figure.stale:
            manager.canvas.draw_idle()
        show(block=False)
        manager.canvas.start_event_loop(interval)
    else:
        time.sleep(interval)
""",
}

# Begins a program that finds the stand-in where packages are.
INSTALLED = f"""
import os, sys
for name, source in {MODULES!r}.items():
    path = "/opt/packages/matplotlib/" + name
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(source)
sys.path.append("/opt/packages")
import matplotlib.pyplot as plt
"""
