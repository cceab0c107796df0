"""Signals and slots of a callable, from its annotations, as noob reads them."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Generator
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from ._markers import EventMap, ReadOnly
from ._resolve import loaded

EMPTY = inspect.Parameter.empty


class Slot(NamedTuple):
    """Argument of a callable."""

    name: str
    type_name: str
    optional: bool
    """Whether the callable is called without it where nothing was emitted."""
    default: str | None
    """The default as written, if there is one."""
    read_only: bool


class Arguments(NamedTuple):
    """All arguments of a callable."""

    slots: list[Slot]
    more_positional: bool
    more_named: str | None
    """Type of the arguments of any other name, if such are taken."""
    epoch: str | None
    """Name of the argument that receives the epoch of the call."""
    events: str | None
    """Name of the argument that receives the events of the call."""


def is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)


def is_optional(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return is_union(annotation) and any(
        argument in (None, type(None)) for argument in get_args(annotation)
    )


def is_name(mark: Any) -> bool:
    """Returns whether a mark is a `Name`, of noob or of this package."""
    ty = type(mark)
    return ty.__name__ == "Name" and ty.__module__ in ("noob.types", "noob_zmq._markers")


def signals(function: Callable[..., Any]) -> list[tuple[str, str]]:
    """Returns the names and types of the signals of a callable."""
    try:
        annotation = inspect.signature(function).return_annotation
    except (TypeError, ValueError):
        return [("value", "Any")]
    named = dict(_named(annotation))
    return [(name, written(ty)) for name, ty in named.items()] or [("value", "Any")]


def _named(annotation: Any) -> list[tuple[str, Any]]:
    if get_origin(annotation) is Generator:
        annotation = get_args(annotation)[0]
    origin = get_origin(annotation)
    if origin is Annotated:
        marked, *marks = get_args(annotation)
        return [(mark.name, marked) for mark in marks if is_name(mark)]
    if origin is tuple or is_union(annotation):
        found: list[tuple[str, Any]] = []
        for member in get_args(annotation):
            if get_origin(member) in (Annotated, tuple):
                found += _named(member)
            elif member not in (None, type(None)):
                # A member without a name makes the whole result one signal; names may follow.
                found = [("value", annotation)]
        return found
    if annotation and annotation is not inspect.Signature.empty:
        return [("value", annotation)]
    return []


def arguments(function: Callable[..., Any]) -> Arguments:
    """Returns the arguments of a callable; one without a signature takes any."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return Arguments([], True, "Any", None, None)
    if parameters and parameters[0].name == "self":
        parameters = parameters[1:]
    slots = []
    more_positional = False
    more_named = epoch = events = None
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            more_positional = True
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            more_named = written(parameter.annotation)
            continue
        injected = injection(parameter.annotation)
        if injected == "epoch":
            epoch = parameter.name
        elif injected == "events":
            events = parameter.name
        optional = is_optional(parameter.annotation) and parameter.default is None
        slots.append(
            Slot(
                name=parameter.name,
                type_name=written(parameter.annotation),
                optional=optional or injected is not None,
                default=None if parameter.default is EMPTY else short(repr(parameter.default)),
                read_only=is_read_only(parameter.annotation),
            )
        )
    return Arguments(slots, more_positional, more_named, epoch, events)


def injection(annotation: Any) -> str | None:
    """Returns what a runner passes to an argument of this annotation by itself, if anything."""
    if annotation is EMPTY or annotation is None:
        return None
    epochs = (loaded("noob_core", "Epoch"), loaded("noob_zmq._epoch", "Epoch"))
    if any(annotation is epoch for epoch in epochs):
        return "epoch"
    if annotation is EventMap or annotation is loaded("noob.types", "EventMap"):
        return "events"
    return None


def is_read_only(annotation: Any) -> bool:
    return get_origin(annotation) is Annotated and any(
        mark is ReadOnly or isinstance(mark, ReadOnly) for mark in get_args(annotation)[1:]
    )


def written(annotation: Any) -> str:
    """Returns an annotation as text."""
    if annotation is EMPTY:
        return "Any"
    if isinstance(annotation, str):
        return short(annotation)
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation.__qualname__
    if get_origin(annotation) is Annotated:
        return written(get_args(annotation)[0])
    return short(str(annotation).replace("typing.", ""))


def short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
