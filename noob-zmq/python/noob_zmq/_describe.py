"""Descriptions of node types and asset types that are written in Python."""

from __future__ import annotations

import inspect
import os
import re
import warnings
from collections.abc import Callable
from typing import Any

from . import _annotations
from ._annotations import Arguments, Slot
from ._resolve import (
    POSITIONS,
    is_noob_asset,
    is_noob_node,
    loaded,
    process_method_of,
    resolve,
)

_OF_EVERY_NODE = ("id", "spec", "enabled", "stateful")
_MARKS = re.compile(r"\bName\(|\b(Epoch|EventMap|ReadOnly)\b")
_OF_EVERY_ASSET = ("id", "spec", "scope", "params", "depends", "obj", "stored_at")


def node(name: str) -> dict[str, Any]:
    """Describes the node type of a name; imports its module."""
    found = resolve(name)
    if inspect.isclass(found):
        return _noob_node(found) if is_noob_node(found) else _class(found)
    if not callable(found):
        raise TypeError(f"`{name}` is no function or class, but {_annotations.short(repr(found))}")
    return _function(found)


def shape(name: str, params: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Returns the slots and signals of a noob node that follow from its `params`."""
    cls = resolve(name)
    specification = _specification("node", name, params)
    slots = [] if _inherited(cls, "get_slots") else list(cls.get_slots(specification))
    signals = [] if _inherited(cls, "get_signals") else list(cls.get_signals(specification))
    return slots, signals


def asset(name: str) -> dict[str, Any]:
    """Describes the asset type of a name; imports its module."""
    found = resolve(name)
    if is_noob_asset(found):
        params = _fields(found, _OF_EVERY_ASSET)
        return _described(found, found, kind="asset", params=params)
    if not callable(found):
        raise TypeError(f"`{name}` is no function or class, but {_annotations.short(repr(found))}")
    taken = _annotations.arguments(_maker(found))
    params = taken.slots
    if taken.more_positional and not params:
        # A list gives parameters by position, to which names are needed.
        params = [Slot(name, "Any", True, "..", False) for name in POSITIONS]
    return _described(found, found, kind="asset", params=params, more_params=taken.more_named)


def _function(function: Callable[..., Any]) -> dict[str, Any]:
    if inspect.isasyncgenfunction(function):
        raise TypeError("an asynchronous generator cannot be a node; make it a generator")
    taken = _annotations.arguments(function)
    if inspect.isgeneratorfunction(function):
        return _described(
            function,
            function,
            kind="source",
            stateful=True,
            params=taken.slots,
            more_params=taken.more_named,
        )
    return _described(
        function,
        function,
        kind="function",
        stateful=False,
        params=taken.slots,
        more_params=taken.more_named,
        taken=taken,
    )


def _class(cls: type) -> dict[str, Any]:
    process = getattr(cls, process_method_of(cls))
    made = _annotations.arguments(_maker(cls))
    return _described(
        cls,
        process,
        kind="class",
        stateful=True,
        params=made.slots,
        more_params=made.more_named,
        taken=None if inspect.isgeneratorfunction(process) else _annotations.arguments(process),
    )


def _noob_node(cls: Any) -> dict[str, Any]:
    taken = _annotations.arguments(cls.process)
    if inspect.isgeneratorfunction(cls.process):
        taken = Arguments([], False, None, None, None)
    elif not _inherited(cls, "get_slots"):
        taken = taken._replace(slots=[], more_positional=False, more_named=None)
    described = _described(
        cls,
        cls.process,
        kind="class",
        stateful=cls.model_fields["stateful"].default is not False,
        params=_fields(cls, _OF_EVERY_NODE),
        taken=taken,
    )
    described["dynamic"] = not (_inherited(cls, "get_slots") and _inherited(cls, "get_signals"))
    if not _inherited(cls, "get_signals"):
        described["signals"] = []
    return described


def _inherited(cls: Any, method: str) -> bool:
    base = getattr(loaded("noob.node.base", "Node"), method)
    return getattr(cls, method).__func__ is base.__func__


def _specification(node: str, name: str, params: dict[str, Any]) -> Any:
    specification = loaded("noob.node.spec", "NodeSpecification")
    return specification(id=node, type=name, params=params)


def _fields(cls: Any, without: tuple[str, ...]) -> list[Slot]:
    may_be_missing = _completes_params(cls)
    return [
        Slot(
            name=field.alias or name,
            type_name=_annotations.written(field.annotation),
            optional=False,
            default=None if field.is_required() and not may_be_missing else "..",
            read_only=False,
        )
        for name, field in cls.model_fields.items()
        if name not in without
    ]


def _completes_params(cls: Any) -> bool:
    """Returns whether a class of noob has a validator that may add parameters."""
    base = loaded("noob.node.base", "Node") if is_noob_node(cls) else loaded("noob.asset", "Asset")
    inherited = base.__pydantic_decorators__.model_validators
    own = cls.__pydantic_decorators__.model_validators
    return any(
        validator.info.mode in ("before", "wrap")
        for name, validator in own.items()
        if name not in inherited
    )


def _maker(found: Any) -> Callable[..., Any]:
    """Returns the function that makes objects of a class; any other callable makes its own."""
    if not inspect.isclass(found):
        made: Callable[..., Any] = found
        return made
    own = inspect.getattr_static(found, "__init__", None)
    if inspect.isfunction(own):
        return own
    # The signature of a class that is not written in Python is that of the class, if it has one.
    takes_nothing = found.__init__ is object.__init__ and found.__new__ is object.__new__
    return (lambda: None) if takes_nothing else found


def _described(
    found: Any,
    called: Any,
    *,
    kind: str,
    stateful: bool = False,
    params: list[Slot],
    more_params: str | None = None,
    taken: Arguments | None = None,
) -> dict[str, Any]:
    if kind != "asset":
        _warn_of_texts(called)
    doc = inspect.getdoc(found) or ""
    return {
        "kind": kind,
        "doc": doc.split("\n\n")[0].replace("\n", " "),
        "place": _place(called),
        "stateful": stateful,
        "params": [tuple(slot) for slot in params],
        "more_params": more_params,
        "slots": [tuple(slot) for slot in taken.slots] if taken else [],
        "more_slots": taken.more_named if taken else None,
        "more_positional": bool(taken and taken.more_positional),
        "epoch": taken.epoch if taken else None,
        "events": taken.events if taken else None,
        "signals": _annotations.signals(called) if kind != "asset" else [],
        "dynamic": False,
        "main_thread": bool(getattr(found, "__noob_zmq_main_thread__", False)),
    }


def _warn_of_texts(called: Any) -> None:
    """Warns of marks in annotations that are texts, which are not read, as in noob."""
    code = getattr(inspect.unwrap(called), "__code__", None)
    if code is None or "NOOB_ZMQ_NODE" in os.environ:
        return
    annotations = getattr(called, "__annotations__", {}).values()
    if any(isinstance(text, str) and _MARKS.search(text) for text in annotations):
        warnings.warn_explicit(
            f"the annotations of `{code.co_name}` are texts, from which names of signals, `Epoch`, "
            "`EventMap` and `ReadOnly` are not read: write them without quotes, in a module without "
            "`from __future__ import annotations`",
            UserWarning,
            code.co_filename,
            code.co_firstlineno,
        )


def _place(called: Any) -> str | None:
    """Returns `file:line` of a function or class."""
    code = getattr(inspect.unwrap(called), "__code__", None)
    if code is None and inspect.isclass(called):
        own = (getattr(member, "__code__", None) for member in vars(called).values())
        code = next((code for code in own if code is not None), None)
    return None if code is None else f"{code.co_filename}:{code.co_firstlineno}"
