"""Names that nodes write into their annotations, and the values that stand for no value.

A module that uses noob's own (`noob.Name`, `noob.process_method`, `noob.event.MetaSignal`) needs
none of these: both are read.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

_F = TypeVar("_F")


class Name:
    """Name of a signal: `-> Annotated[int, Name("count")]`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Name({self.name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Name) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


class ReadOnly:
    """Mark of an argument that takes arrays without a copy.

    `frame: Annotated[np.ndarray, ReadOnly]` receives a view of the received memory, which the node
    cannot write to; any other argument receives a copy.
    """


class EventMap(dict[str, Any]):
    """Annotation of an argument that receives the events of a call, by slot."""


class MetaSignal(StrEnum):
    """Values that a node emits where there is no value."""

    NoEvent = "__META__NoEvent"
    """Nothing happened on this signal in this epoch."""
    Exhausted = "__META__Exhausted"
    """Nothing happened, and nothing ever will."""


def main_thread(found: _F) -> _F:
    """Marks a function or class whose node runs on the main thread of its process.

    For windows, signal handlers, and drivers that ask for it. In a `SynchronousRunner` every node
    runs on the thread of the caller.
    """
    found.__noob_zmq_main_thread__ = True  # type: ignore[attr-defined]
    return found


def process_method(function: _F) -> _F:
    """Marks the method that a class calls for each epoch."""
    function.__is_process_method__ = True  # type: ignore[attr-defined]
    return function


def init_method(function: _F) -> _F:
    """Marks the method that a class calls before the first epoch."""
    function.__is_init_method__ = True  # type: ignore[attr-defined]
    return function


def deinit_method(function: _F) -> _F:
    """Marks the method that a class calls after the last epoch."""
    function.__is_deinit_method__ = True  # type: ignore[attr-defined]
    return function
