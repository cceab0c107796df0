"""Python objects by their dotted names, and what kind of node or asset they are."""

from __future__ import annotations

import builtins
import importlib
import inspect
import os
import sys
from typing import Any

POSITIONS = tuple(f"positional_{number}" for number in range(8))
"""Names of the parameters of an asset that has only positions, such as `set` on Python 3.11."""


def resolve(name: str) -> Any:
    """Imports and returns the object of a name: `package.module.object`, or a builtin.

    Methods of classes are functions, whose first argument is the object.
    """
    if "." not in name:
        return getattr(builtins, name)
    owner, _, last = name.rpartition(".")
    module = _owner(owner)
    try:
        return getattr(module, last)
    except AttributeError as error:
        if owner == "__main__" and "NOOB_ZMQ_NODE" in os.environ:
            raise AttributeError(
                f"`{last}` is in the program of the runner, which the processes of nodes do not "
                "run: move it to a module, which a tube names as `module.name`"
            ) from None
        if hasattr(module, "node_process") and module is not sys.modules.get("noob_zmq._native"):
            raise AttributeError(
                f"the nodes of the Rust module `{owner}` are found where the variable "
                f"NOOB_ZMQ_NATIVE names it: `NOOB_ZMQ_NATIVE={owner} noob-zmq run ..`"
            ) from error
        raise


def _owner(name: str) -> Any:
    """Returns a module, or a class of a module: `pathlib.Path`."""
    known = sys.modules.get(name)
    if known is not None:
        return known
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        outer, _, last = name.rpartition(".")
        if error.name is not None and error.name.partition(".")[0] != name.partition(".")[0]:
            error.add_note(
                f"`{error.name}` is not installed for {sys.executable}: install it there, such as "
                f"with `{sys.executable} -m pip install`, if it is a package"
            )
        if error.name != name or not outer:
            raise
        found = getattr(_owner(outer), last, None)
        if not inspect.isclass(found):
            raise
        return found


def current(name: str) -> Any:
    """Returns the object of a name, or `None` where its module is not imported; imports nothing."""
    owner, _, last = name.rpartition(".")
    parts = [last]
    while owner and owner not in sys.modules:
        owner, _, last = owner.rpartition(".")
        parts.insert(0, last)
    found: Any = sys.modules[owner] if owner else builtins
    for part in parts:
        found = getattr(found, part, None)
    return found


def is_known(name: str) -> bool:
    """Returns whether a name can be one of Python at all."""
    if "." not in name:
        return hasattr(builtins, name)
    return all(part.isidentifier() for part in name.split("."))


def loaded(module: str, name: str) -> Any:
    """Returns an object of a module, if anything has imported it; noob is never imported here."""
    return getattr(sys.modules.get(module), name, None)


def is_noob_node(found: Any) -> bool:
    """Returns whether a class is a subclass of noob's `Node`."""
    base = loaded("noob.node.base", "Node")
    return base is not None and inspect.isclass(found) and issubclass(found, base)


def is_noob_asset(found: Any) -> bool:
    """Returns whether a class is a subclass of noob's `Asset`."""
    base = loaded("noob.asset", "Asset")
    return base is not None and inspect.isclass(found) and issubclass(found, base)


def method_of(cls: type, purpose: str) -> str | None:
    """Returns the name of the method of a class for `process`, `init` or `deinit`.

    It is the one that a decorator marks, or else the one of that name.
    """
    mark = f"__is_{purpose}_method__"
    marked = [
        name for name, member in inspect.getmembers(cls, inspect.isfunction) if hasattr(member, mark)
    ]
    if len(marked) > 1:
        raise TypeError(
            f"the class `{cls.__name__}` marks {len(marked)} methods with `@{purpose}_method`: "
            f"{', '.join(marked)}; mark one"
        )
    if marked:
        return marked[0]
    return purpose if inspect.isfunction(getattr(cls, purpose, None)) else None


def process_method_of(cls: type) -> str:
    """Returns the name of the method that a class calls for each epoch."""
    name = method_of(cls, "process")
    if name is None:
        raise TypeError(
            f"the class `{cls.__name__}` has no method `process`; name one so, or mark it with "
            "`@process_method`"
        )
    return name
