"""Assets: objects that a runner lends to nodes."""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
from collections.abc import Callable
from typing import Any

from ._resolve import is_noob_asset, loaded, resolve

_numbers = itertools.count(1)
_closing: dict[int, Callable[[], Any]] = {}
"""Functions that close the assets of this process, by their numbers."""


def make(name: str, params: dict[str, Any]) -> tuple[Any, int]:
    """Creates an asset; returns its object, and the number of the function that closes it or 0."""
    found = resolve(name)
    if is_noob_asset(found):
        specification = loaded("noob.asset", "AssetSpecification")
        specification = specification(id="asset", type=name, scope="node", params=params)
        asset = found(id="asset", spec=specification, scope="node", depends=None, **params)
        asset.init()
        return asset.obj, _number_of(asset.deinit)
    made = _called(found, params)
    if isinstance(made, contextlib.AbstractContextManager) and not inspect.isclass(found):
        leave = functools.partial(made.__exit__, None, None, None)
        return made.__enter__(), _number_of(leave)
    return made, 0


def close(number: int) -> None:
    """Closes an asset, once; a node may have returned it several times."""
    closing = _closing.pop(number, None)
    if closing is not None:
        closing()


def _number_of(closing: Callable[[], Any]) -> int:
    number = next(_numbers)
    _closing[number] = closing
    return number


def _called(function: Callable[..., Any], params: dict[str, Any]) -> Any:
    """Calls a function by names, except for the arguments that it takes by position only."""
    try:
        known = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        known = ()
    only = [one.name for one in known if one.kind is one.POSITIONAL_ONLY and one.name in params]
    return function(
        *(params[name] for name in only),
        **{name: value for name, value in params.items() if name not in only},
    )
