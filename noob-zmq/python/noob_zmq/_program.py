"""The program that hosts a node: a Python interpreter."""

from __future__ import annotations

import json
import os
import sys

SYS_PATH = "NOOB_ZMQ_SYS_PATH"
"""Variable that has `sys.path` of the runner's process, for nodes of the same interpreter."""


def node_program(python: str | os.PathLike[str] | None = None) -> list[str]:
    """Returns the command that starts the process of a node."""
    interpreter = os.fspath(python) if python is not None else sys.executable
    if not interpreter:
        raise RuntimeError(
            "this program has no Python interpreter to start nodes with; give `python=`"
        )
    if python is not None:
        return [interpreter, "-m", "noob_zmq._node"]
    # The path of the runner's process is set by `node_environment`. Before it is, nothing may be
    # imported from the current directory, where files can have names of the standard library.
    return [interpreter, "-P", "-m", "noob_zmq._node"]


def node_environment(python: str | os.PathLike[str] | None = None) -> list[tuple[str, str]]:
    """Returns the variables of a node's process that differ from those of this one."""
    if python is not None:
        # Another interpreter has packages of its own.
        return []
    # The folder of a script is there, and not in the path of `python -m`.
    return [(SYS_PATH, json.dumps([os.path.abspath(entry) for entry in sys.path]))]
