"""Process of a node: `python -m noob_zmq._node`, started by a runner and by nobody else."""

from __future__ import annotations

import os
import sys


def main() -> int:
    paths = os.environ.pop("NOOB_ZMQ_SYS_PATH", None)
    if paths is not None:
        import json

        sys.path[:] = json.loads(paths)
    from . import _native

    code = _native.node_process()
    if code is None:
        print("a runner of noob_zmq starts this program, with instructions", file=sys.stderr)
        return 2
    return code


if __name__ == "__main__":
    code = main()
    # The node is shut down; threads that it left must not keep the process alive, and what it has
    # made of the streams is its own matter.
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:
        pass
    os._exit(code)
