"""Errors of tubes and runners.

An exception that a node raises is raised again by the runner, with the report of the run as a note;
the classes here are for everything else.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

__all__ = [
    "ExtraInputWarning",
    "InputMissingError",
    "NodeDiedError",
    "NodeFailedError",
    "NotReadyError",
    "NothingReturnedError",
    "RunnerError",
    "SchedulerExhaustedError",
    "TubeLoadError",
    "UnknownNodeError",
]


class ExtraInputWarning(RuntimeWarning):
    """An input was given that the tube does not declare at that scope; it is left out."""


class TubeLoadError(ValueError):
    """Mistakes in a tube: the text has all of them, each with its place in the file."""


class RunnerError(RuntimeError):
    """An error of a run."""


class NodeFailedError(RunnerError):
    """A node failed, and its exception could not be sent: a Rust node, or an exception without pickle.

    `node`, `phase` and `epoch` say where.
    """

    node: str | None = None
    phase: str | None = None
    epoch: str | None = None


class NodeDiedError(RunnerError):
    """The process of a node has died."""


class NotReadyError(RunnerError, TimeoutError):
    """Nodes did not become ready in time."""


class NothingReturnedError(RunnerError):
    """Too many epochs in a row returned nothing while values were asked for."""


class UnknownNodeError(RunnerError, KeyError):
    """The tube has no node of this name."""

    def __str__(self) -> str:
        return RuntimeError.__str__(self)


class InputMissingError(ValueError):
    """An input is missing, or has a value that its type does not take."""


class SchedulerExhaustedError(RunnerError):
    """Every source of the tube has ended."""


def _class(name: str) -> type[BaseException]:
    """Returns a class of this module that is also one of noob's, where anything has imported noob.

    So `except noob.exceptions.InputMissingError` goes on to work.
    """
    from ._resolve import loaded

    own: type[BaseException] = globals()[name]
    theirs: Any = loaded("noob.exceptions", name)
    if theirs is None:
        return own
    if name not in _both:
        _both[name] = type(name, (own, theirs), {"__module__": __name__})
    return _both[name]


def _warn_of_extra(given: Iterable[str], declared: set[str], scope: str) -> None:
    """Warns of inputs that are left out."""
    extra = [name for name in given if name not in declared]
    if extra:
        names = ", ".join(f"`{name}`" for name in extra)
        text = f"Ignoring extra inputs that the tube does not declare at the scope `{scope}`: {names}"
        category: Any = _class("ExtraInputWarning")
        warnings.warn(text, category, stacklevel=4)


_both: dict[str, type[BaseException]] = {}
