"""Asyncio's event loop, and suspending the program so that the worker's own loop can turn."""

import asyncio
import contextvars
import signal
import weakref
from asyncio import events
from collections.abc import Awaitable, Callable
from typing import Any

from _caretroom.streams import flush
from pyodide.ffi import run_sync as run_sync_for_good
from pyodide.webloop import WebLoop, WebLoopPolicy


class Suspension:
    """Where the program is suspended, and the exception that is to wake it."""

    def __init__(self, task: asyncio.Future[Any]) -> None:
        self.task = task
        self.error: BaseException | None = None


suspensions: list[Suspension] = []


def suspend(awaitable: Awaitable[Any], loop: asyncio.AbstractEventLoop) -> Any:
    """`run_sync`, but Ctrl+C reaches it."""
    flush()
    suspension = Suspension(asyncio.ensure_future(awaitable, loop=loop))
    suspensions.append(suspension)
    result = None
    try:
        result = run_sync_for_good(suspension.task)
    except asyncio.CancelledError:
        if suspension.error is None:
            raise
    finally:
        suspensions.remove(suspension)
    if suspension.error is not None:
        raise suspension.error
    return result


def run_sync(awaitable: Awaitable[Any]) -> Any:
    return suspend(awaitable, events._get_running_loop() or idle)


def wake(error: BaseException) -> bool:
    """Raise `error` where the program is suspended; False if it isn't."""
    if not suspensions:
        return False
    suspension = suspensions[-1]
    suspension.error = error
    suspension.task.cancel()
    return True


def interrupt() -> bool:
    """Deliver Ctrl+C to a suspended program: no bytecode runs there that would notice the signal."""
    handler = signal.getsignal(signal.SIGINT)
    if not suspensions or not callable(handler):
        return False
    try:
        handler(signal.SIGINT, None)
    except BaseException as error:
        return wake(error)
    return True


class LoopOfPyodide028(WebLoop):
    """What later versions have: asynchronous generators are left to themselves, and there are no executors."""

    def _install_asyncgen_hooks(self) -> None:
        pass

    async def shutdown_asyncgens(self) -> None:
        pass

    async def shutdown_default_executor(self, *_: object) -> None:
        pass


class Loop(WebLoop if hasattr(WebLoop, "_install_asyncgen_hooks") else LoopOfPyodide028):  # type: ignore[misc]
    """Pyodide's loop runs always and never ends; this one starts and ends as asyncio's own does."""

    def __init__(self) -> None:
        running = events._get_running_loop()
        super().__init__()
        events._set_running_loop(running)
        self._keyboard_interrupt_handler = lambda: wake(KeyboardInterrupt())
        self._system_exit_handler = lambda code: wake(SystemExit(code))
        self._handles: weakref.WeakSet[asyncio.Handle] = weakref.WeakSet()
        self._end: asyncio.Future[None] | None = None
        self._closed = False
        loops.add(self)

    def run_until_complete(self, future: Awaitable[Any]) -> Any:
        self._check_closed()
        if events._get_running_loop() is not None:
            raise RuntimeError("Cannot run the event loop while another loop is running")
        self._install_asyncgen_hooks()
        try:
            return suspend(future, self)
        finally:
            events._set_running_loop(None)

    def run_forever(self) -> None:
        self._end = self.create_future()
        self.run_until_complete(self._end)

    def stop(self) -> None:
        if self._end is not None and not self._end.done():
            self._end.set_result(None)

    def is_running(self) -> bool:
        return events._get_running_loop() is self

    def is_closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        self._closed = True
        for handle in list(self._handles):
            handle.cancel()

    def _check_closed(self) -> None:
        if self._closed:
            raise RuntimeError("Event loop is closed")

    # Pyodide's versions report an exception before anyone had the time to await it.

    default_exception_handler = asyncio.BaseEventLoop.default_exception_handler

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        self._check_closed()
        if self._task_factory is not None:
            return self._task_factory(self, coro, **options)
        return asyncio.Task(coro, loop=self, **options)

    def call_later(
        self,
        delay: float,
        callback: Callable[..., Any],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        self._check_closed()
        if delay > 0:
            flush()
        handle = super().call_later(max(0, delay), callback, *args, context=context)
        self._handles.add(handle)
        return handle


class LoopPolicy(WebLoopPolicy):
    def new_event_loop(self) -> Loop:
        self._default_loop = Loop()
        return self._default_loop


loops: weakref.WeakSet[Loop] = weakref.WeakSet()
policy = LoopPolicy()
# For what waits outside of asyncio.
idle = Loop()
