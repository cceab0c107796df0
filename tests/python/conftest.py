"""What all tests share: a folder of modules, runners that are shut down, and tubes from text."""

import contextlib
import sys
import textwrap
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "nodes"))

import noob.types  # noqa: E402

# Python 3.11 and 3.12 refuse unhashable marks in unions, and noob's test nodes have some.
noob.types.Name.__hash__ = lambda name: hash(name.name)

from noob_zmq import SynchronousRunner, TaskRunner, Tube, ZMQRunner  # noqa: E402

RUNNERS = {"sync": SynchronousRunner, "task": TaskRunner, "zmq": ZMQRunner}


def pytest_addoption(parser):
    parser.addoption("--soak", action="store_true", help="run the soak, and nothing else")


def pytest_configure(config):
    config.addinivalue_line("markers", "soak: takes many minutes; runs with --soak only")


def pytest_collection_modifyitems(config, items):
    soak = config.getoption("--soak")
    items[:] = [item for item in items if (item.get_closest_marker("soak") is not None) == soak]


@pytest.fixture
def made(tmp_path):
    """Returns a function that makes a runner of a kind; it is shut down after the test."""
    with contextlib.ExitStack() as stack:

        def make(kind, tube, **settings):
            if isinstance(tube, str):
                tube = Tube.from_text(textwrap.dedent(tube))
            if kind == "zmq":
                settings.setdefault("runtime_dir", tmp_path / "run")
            runner = RUNNERS[kind](tube, **settings)
            stack.callback(quietly, runner.deinit)
            return runner

        make.close = stack.close
        yield make


def quietly(function):
    with contextlib.suppress(Exception):
        function()


@pytest.fixture(params=RUNNERS)
def kind(request):
    return request.param


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        # The second one where the process has ended since the file was opened.
        return False
    return state != "Z"


def wait_until(condition, what, seconds=30):
    """Waits for a condition, and fails with its name where it does not come.

    Time in which this process was stopped does not count.
    """
    waited, last = 0.0, time.monotonic()
    while not condition():
        assert waited < seconds, f"waited {seconds} s for: {what}"
        time.sleep(0.01)
        now = time.monotonic()
        waited, last = waited + min(now - last, 0.5), now


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """Returns a function that writes a module which nodes can be imported from."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))

    def write(name, text):
        (folder / f"{name}.py").write_text(textwrap.dedent(text))
        return folder / f"{name}.py"

    yield write
    for path in folder.glob("*.py"):
        sys.modules.pop(path.stem, None)
