"""Nodes that need neither noob nor numpy."""

import os
import time
from collections.abc import Generator
from typing import Annotated, Any

from noob_zmq import (
    Epoch,
    EventMap,
    MetaSignal,
    Name,
    init_method,
    main_thread,
    process_method,
)


def count(limit: int = 5, start: int = 0) -> Generator[Annotated[int, Name("index")], None, None]:
    yield from range(start, start + limit)


def double(value: int) -> int:
    return 2 * value


def split(value: int) -> tuple[Annotated[int, Name("tens")], Annotated[int, Name("ones")]]:
    return divmod(value, 10)


def even(value: int) -> int | MetaSignal:
    return value if value % 2 == 0 else MetaSignal.NoEvent


def together(a: Any, b: Any | None = None, *more: Any, **named: Any) -> Any:
    return {"a": a, "b": b, "more": list(more), "named": named}


async def later(value: int) -> int:
    import asyncio

    await asyncio.sleep(0)
    return value + 1


def where(value: Any) -> int:
    return os.getpid()


def epoch_of(value: Any, epoch: Epoch) -> str:
    return repr(epoch)


def events_of(value: Any, events: EventMap) -> dict:
    event = events["value"]
    return {"node": event["node_id"], "signal": event["signal"], "value": event["value"]}


def passes(value: Any) -> Any:
    return value


def kind_of(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def fail_at(value: int, at: int = 1) -> int:
    if value == at:
        raise ValueError(f"boom at {value}")
    return value


def dies_at(value: int, at: int = 1) -> int:
    if value == at:
        os._exit(7)
    return value


@main_thread
def on_the_main_thread(value: Any) -> bool:
    import threading

    return threading.current_thread() is threading.main_thread()


class Sum:
    """Adds what it is given."""

    def __init__(self, start: int = 0) -> None:
        self.total = start

    @init_method
    def begin(self) -> None:
        self.total += 100

    @process_method
    def add(self, value: int) -> Annotated[int, Name("total")]:
        self.total += value
        return self.total


class Phases:
    """Fails in the phase that it is told."""

    def __init__(self, fail: str = "") -> None:
        self.fail = fail
        if fail == "new":
            raise RuntimeError("fails in new")

    def init(self) -> None:
        if self.fail == "init":
            raise RuntimeError("fails in init")

    def process(self, value: Any) -> Any:
        if self.fail == "process":
            raise RuntimeError("fails in process")
        return value

    def deinit(self) -> None:
        if self.fail == "deinit":
            raise RuntimeError("fails in deinit")


class Writes:
    """Writes a line to a file when it is shut down."""

    def __init__(self, path: str) -> None:
        self.path = path

    def process(self, value: Any) -> Any:
        return value

    def deinit(self) -> None:
        with open(self.path, "a") as file:
            file.write("deinit\n")


def holds_the_interpreter(value: Any, seconds: float = 1.0) -> Any:
    """Sleeps in C code that does not release the interpreter."""
    import ctypes

    ctypes.PyDLL(None).usleep(int(seconds * 1e6))
    return value


def naps(value: Any, seconds: float = 0.1) -> Any:
    time.sleep(seconds)
    return value
