"""Exceptions on their way from a node to the caller of a runner."""

from __future__ import annotations

import contextlib
import importlib
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
        _traceback(error),
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
    except BaseException:
        # The report has its text.
        return None
    return error if isinstance(error, BaseException) else None


def annotate(error: BaseException, note: str) -> None:
    """Adds a note to an exception, whatever its class makes of notes."""
    try:
        BaseException.add_note(error, note)
    except BaseException:
        with contextlib.suppress(BaseException):
            BaseException.__setattr__(error, "__notes__", [note])


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
    except BaseException:
        # Code of the exception's class: it may do anything.
        return None
    return pickled


def _message(error: BaseException) -> str:
    try:
        return _unicode(str(error))
    except BaseException:
        return "the text of the exception cannot be made"


def _traceback(error: BaseException) -> str:
    try:
        return _unicode("".join(traceback.format_exception(_without_package(error))))
    except BaseException:
        return "the traceback of the exception cannot be made"


def _unicode(text: str) -> str:
    """Returns a text with escapes for the surrogates that no Unicode text has."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _class(error: BaseException) -> str:
    ty = type(error)
    return ty.__qualname__ if ty.__module__ == "builtins" else f"{ty.__module__}.{ty.__qualname__}"


def _causes(error: BaseException) -> list[BaseException]:
    causes: list[BaseException] = []
    while True:
        cause = error.__cause__
        if cause is None and not error.__suppress_context__:
            cause = error.__context__
        if cause is None or any(cause is one for one in causes) or len(causes) == 8:
            return causes
        causes.append(cause)
        error = cause


def _is_machinery(filename: str) -> bool:
    """Returns whether a frame is of this package, or of the import of a module."""
    return (
        os.path.dirname(filename) == _PACKAGE
        or filename.startswith("<frozen ")
        or filename == importlib.__file__
    )


def _place(error: BaseException) -> str | None:
    """Returns the file and line in which the exception was raised."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f"{error.filename}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if not _is_machinery(frame.filename):
            return f"{frame.filename}:{frame.lineno}"
    return None


def _without_package(error: BaseException) -> BaseException:
    """Leaves out the frames above the first of the user's code."""
    shown = error.__traceback__
    while shown is not None and _is_machinery(shown.tb_frame.f_code.co_filename):
        shown = shown.tb_next
    if shown is not None or isinstance(error, ImportError):
        error = error.with_traceback(shown)
    return error
