"""Assets: objects that a runner lends to nodes."""

from __future__ import annotations

import collections
import contextlib
import functools
import inspect
import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

from ._resolve import POSITIONS, is_noob_asset, loaded, resolve

_numbers = itertools.count(1 + (os.getpid() << 32))
_closing: dict[int, tuple[Any, Callable[[], Any]]] = {}
"""Assets of this process that are closed by a function, by numbers that no other process has."""


def make(name: str, params: dict[str, Any]) -> tuple[Any, int]:
    """Creates an asset; returns its object, and the number of the function that closes it or 0."""
    found = resolve(name)
    if is_noob_asset(found):
        specification = loaded("noob.asset", "AssetSpecification")
        specification = specification(id="asset", type=name, scope="node", params=params)
        asset = found(id="asset", spec=specification, scope="node", depends=None, **params)
        asset.init()
        return asset.obj, _closed_by(asset.obj, asset.deinit)
    made = _called(found, params)
    if isinstance(made, contextlib.AbstractContextManager) and not inspect.isclass(found):
        entered = made.__enter__()
        return entered, _closed_by(entered, functools.partial(made.__exit__, None, None, None))
    return made, 0


def close(number: int) -> None:
    """Closes an asset, once; a node may have returned it several times."""
    _, closing = _closing.pop(number, (None, None))
    if closing is not None:
        closing()


def restored(number: int, changed: Any) -> Any:
    """Returns an asset in the state in which it comes back from another process.

    Where the asset was made, it stays the same object, since the function that closes it knows it.
    """
    made, _ = _closing.get(number, (None, None))
    if type(made) is not type(changed):
        return changed
    try:
        parts = [_restore_items(made, changed), *_restore_attributes(made, changed)]
    except Exception:
        # A class that refuses it: the asset is closed in the state in which it was made.
        return changed
    return made if any(parts) else changed


def _restore_items(made: Any, changed: Any) -> bool:
    """Gives a container the items of another; returns whether it is one."""
    array = loaded("numpy", "ndarray")
    if isinstance(made, dict):
        dict.clear(made)
        dict.update(made, changed)
    elif isinstance(made, set):
        set.clear(made)
        set.update(made, changed)
    elif isinstance(made, list | bytearray):
        made[:] = changed
    elif isinstance(made, collections.deque):
        made.clear()
        made.extend(changed)
    elif array is not None and isinstance(made, array) and made.shape == changed.shape:
        made[...] = changed
    else:
        return False
    return True


def _restore_attributes(made: Any, changed: Any) -> Iterator[bool]:
    """Gives an object the attributes of another, also those in `__slots__`."""
    if hasattr(made, "__dict__"):
        vars(made).clear()
        vars(made).update(vars(changed))
        yield True
    for cls in type(made).__mro__:
        if "__slots__" not in vars(cls):
            continue
        for slot in vars(cls).values():
            if not inspect.ismemberdescriptor(slot):
                continue
            try:
                slot.__set__(made, slot.__get__(changed))
            except AttributeError:
                # It has no value.
                with contextlib.suppress(AttributeError):
                    slot.__delete__(made)
            yield True


def _closed_by(made: Any, closing: Callable[[], Any]) -> int:
    number = next(_numbers)
    _closing[number] = (made, closing)
    return number


def _called(function: Callable[..., Any], params: dict[str, Any]) -> Any:
    """Calls a function by names, except for the arguments that it takes by position only."""
    try:
        known = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        known = []
    only = [one.name for one in known if one.kind is one.POSITIONAL_ONLY and one.name in params]
    only += [name for name in POSITIONS if name in params]
    return function(
        *(params[name] for name in only),
        **{name: value for name, value in params.items() if name not in only},
    )
