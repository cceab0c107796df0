"""Process of a node: `python -m noob_zmq._node`, started by a runner and by nobody else."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def main() -> int:
    paths = os.environ.pop("NOOB_ZMQ_SYS_PATH", None)
    if paths is not None:
        import inspect  # noqa: F401
        import json

        # What every node needs is imported by now: a folder of the path may have a file of the
        # same name.
        sys.path[:] = json.loads(paths)
    from . import _native

    code = _native.node_process()
    if code is None:
        print("a runner of noob_zmq starts this program, with instructions", file=sys.stderr)
        return 2
    return code


def end(code: int) -> NoReturn:
    """Ends the process, and waits a second at most for what code of the node has registered."""
    if (atexit := sys.modules.get("atexit")) is not None:
        import threading

        # Not waited for without end: a function may wait for threads or processes that are left.
        ending = threading.Thread(target=atexit._run_exitfuncs, daemon=True)
        ending.start()
        ending.join(1)
    # The node is shut down; threads that it left must not keep the process alive, and what it has
    # made of the streams is its own matter.
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:
        pass
    os._exit(code)


if __name__ == "__main__":
    end(main())
