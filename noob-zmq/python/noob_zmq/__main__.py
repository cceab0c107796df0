"""`python -m noob_zmq`: the command line."""

import sys

from ._command import main

sys.exit(main())
