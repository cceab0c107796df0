"""Processing graphs with every node in its own process, over ZeroMQ.

    tube = Tube.from_specification("pipeline.yaml")
    with ZMQRunner(tube) as runner:
        print(runner.run(n=10))
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if _native_name := os.environ.get("NOOB_ZMQ_NATIVE"):
    # A program with Rust nodes of its own has a module of its own, with the same contents.
    import importlib
    import sys

    try:
        _found = importlib.import_module(_native_name)
    except ModuleNotFoundError as error:
        error.add_note(
            f"the variable NOOB_ZMQ_NATIVE names the module `{_native_name}`, which has the Rust "
            "nodes of a program: install its wheel for this interpreter, or unset the variable"
        )
        raise
    if not hasattr(_found, "node_process"):
        raise ImportError(
            f"the variable NOOB_ZMQ_NATIVE names the module `{_native_name}`, which does not have "
            "what this package needs: its `#[pymodule]` function calls `noob_zmq_python::add_to`"
        )
    sys.modules[f"{__name__}._native"] = _found

if TYPE_CHECKING:
    from ._epoch import Epoch as Epoch
    from ._markers import EventMap as EventMap
    from ._markers import MetaSignal as MetaSignal
    from ._markers import Name as Name
    from ._markers import ReadOnly as ReadOnly
    from ._markers import deinit_method as deinit_method
    from ._markers import init_method as init_method
    from ._markers import main_thread as main_thread
    from ._markers import process_method as process_method
    from ._native import __version__ as __version__
    from .runner import SynchronousRunner as SynchronousRunner
    from .runner import TaskRunner as TaskRunner
    from .runner import ZMQRunner as ZMQRunner
    from .runner import get_runner as get_runner
    from .tube import Tube as Tube

_PLACES = {
    "Epoch": "_epoch",
    "EventMap": "_markers",
    "MetaSignal": "_markers",
    "Name": "_markers",
    "ReadOnly": "_markers",
    "SynchronousRunner": "runner",
    "TaskRunner": "runner",
    "Tube": "tube",
    "ZMQRunner": "runner",
    "__version__": "_native",
    "deinit_method": "_markers",
    "get_runner": "runner",
    "init_method": "_markers",
    "main_thread": "_markers",
    "process_method": "_markers",
}

__all__ = [name for name in _PLACES if not name.startswith("_")]


def __getattr__(name: str) -> Any:
    # Imported when asked for: the process of a node needs none of them.
    from importlib import import_module

    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f".{_PLACES[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *_PLACES])
