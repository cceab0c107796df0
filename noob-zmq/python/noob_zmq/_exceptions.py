"""Exceptions on their way from a node to the caller of a runner."""

from __future__ import annotations

import itertools
import os
import pickle
import traceback
from typing import Any

_PACKAGE = os.path.dirname(__file__)
_MOST_KEPT = 64

_kept: dict[int, BaseException] = {}
_numbers = itertools.count()


def describe(error: BaseException, shared: bool) -> tuple[Any, ...]:
    """Returns message, class, place, traceback, causes and the exception itself in a form to send.

    `shared`: the exception stays in this process.
    """
    sent = None
    if _is_raised_again(error):
        sent = _keep(error) if shared else _pickled(error)
    return (
        _message(error),
        _class(error),
        _place(error),
        "".join(traceback.format_exception(_without_package(error))),
        [f"{_class(cause)}: {_message(cause)}" for cause in _causes(error)],
        sent,
    )


def restore(number: int | None, pickled: bytes | None) -> BaseException | None:
    """Returns an exception that `describe` has described."""
    if number is not None:
        return _kept.pop(number, None)
    if pickled is None:
        return None
    try:
        error = pickle.loads(pickled)
    except Exception:
        # The report has its text.
        return None
    return error if isinstance(error, BaseException) else None


def _keep(error: BaseException) -> int:
    while len(_kept) >= _MOST_KEPT:
        del _kept[next(iter(_kept))]
    number = next(_numbers)
    _kept[number] = error
    return number


def _is_raised_again(error: BaseException) -> bool:
    """Returns whether the caller of a runner receives the exception itself.

    `SystemExit` would end the caller, although only a node has asked for it.
    """
    return isinstance(error, Exception | KeyboardInterrupt)


def _pickled(error: BaseException) -> bytes | None:
    try:
        pickled = pickle.dumps(error, 5)
        pickle.loads(pickled)
    except Exception:
        return None
    return pickled


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "the text of the exception cannot be made"


def _class(error: BaseException) -> str:
    ty = type(error)
    return ty.__qualname__ if ty.__module__ == "builtins" else f"{ty.__module__}.{ty.__qualname__}"


def _causes(error: BaseException) -> list[BaseException]:
    causes: list[BaseException] = []
    while True:
        cause = error.__cause__
        if cause is None and not error.__suppress_context__:
            cause = error.__context__
        if cause is None or cause in causes or len(causes) == 8:
            return causes
        causes.append(cause)
        error = cause


def _is_own(filename: str) -> bool:
    return os.path.dirname(filename) == _PACKAGE


def _place(error: BaseException) -> str | None:
    """Returns the file and line in which the exception was raised."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f"{error.filename}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if not _is_own(frame.filename) and not frame.filename.startswith("<frozen "):
            return f"{frame.filename}:{frame.lineno}"
    return None


def _without_package(error: BaseException) -> BaseException:
    """Leaves out the frames of this package above the first of the user's."""
    shown = error.__traceback__
    while shown is not None and (
        _is_own(shown.tb_frame.f_code.co_filename)
        or shown.tb_frame.f_code.co_filename.startswith("<frozen ")
    ):
        shown = shown.tb_next
    if shown is not None:
        error = error.with_traceback(shown)
    return error
