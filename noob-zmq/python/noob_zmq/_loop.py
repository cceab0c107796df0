"""Event loop of a node with asynchronous functions."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Coroutine
from typing import Any


class Loop:
    """Runs coroutines one after the other, always in the same event loop.

    A thread that runs an event loop itself, as that of a notebook does, cannot run another: there
    the loop of the node has a thread of its own.
    """

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._thread: concurrent.futures.ThreadPoolExecutor | None = None

    def run(self, function: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any) -> Any:
        call = function(*args, **kwargs)
        return self._in_thread(self._runner.run, call)

    def close(self) -> None:
        self._in_thread(self._runner.close)
        if self._thread is not None:
            self._thread.shutdown()

    def _in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        """Calls a function where no other event loop runs."""
        if self._thread is None and not _is_in_loop():
            return function(*args)
        if self._thread is None:
            self._thread = concurrent.futures.ThreadPoolExecutor(1, "noob-zmq-loop")
        return self._thread.submit(function, *args).result()


def _is_in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
