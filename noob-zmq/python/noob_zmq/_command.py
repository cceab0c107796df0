"""The command line: the commands of the `noob-zmq` binary, for tubes with nodes in Python."""

from __future__ import annotations

import os
import signal
import sys

from . import _describe as _describe
from . import _host as _host
from . import _native
from ._program import node_environment, node_program


def main() -> int:
    """Runs the command line with the arguments of this process, and returns the exit code."""
    # As with `python script.py`: modules beside the tube are found from the current directory.
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    # The command stops a run on Ctrl-C by itself.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    words = ["noob-zmq", *sys.argv[1:]]
    code = _native.command(words, node_program(), node_environment())
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
