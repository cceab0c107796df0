"""Killed processes, a held interpreter, an exit inside of a node: the run ends in the right state.

After each test no process, directory, socket or open file of its runs is left.
"""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from conftest import alive, wait_until
from noob_zmq import SynchronousRunner, TaskRunner, Tube, ZMQRunner
from noob_zmq.errors import NodeDiedError, NodeFailedError, RunnerError, TubeLoadError

HERE = Path(__file__).parent

COUNT = """
    noob_id: faults
    nodes:
      count: {type: plain.count, params: {limit: 1000000}}
      double: {type: plain.double, depends: [{value: count.index}]}
      passes: {type: plain.passes, depends: [{value: double.value}]}
      return: {type: return, depends: passes.value}
"""
NODES = ["count", "double", "passes"]


@pytest.fixture(scope="module", autouse=True)
def warm():
    """Runs each runner once: what a process makes once and keeps is made before it is counted."""
    for kind in (SynchronousRunner, TaskRunner, ZMQRunner):
        with kind(Tube.from_text(textwrap.dedent(COUNT))) as runner:
            runner.run(2)


@pytest.fixture(autouse=True)
def nothing_left(made, tmp_path, monkeypatch):
    """Looks for what a test has left: processes by a mark in their environment."""
    mark = f"NOOB_ZMQ_TEST={tmp_path}"
    monkeypatch.setenv(*mark.split("=", 1))
    before = open_files()
    yield
    made.close()
    wait_until(lambda: not marked(mark), f"no process is left of {mark}")
    directory = tmp_path / "run"
    if directory.exists():
        assert [path.name for path in directory.iterdir()] == ["lock"]
    wait_until(lambda: open_files() <= before, "no socket, pipe or shared memory is left open")


def marked(mark):
    """Returns the processes that were started with a variable in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
        except OSError:
            pass
    return [pid for pid in found if alive(pid)]


def open_files():
    """Returns how many sockets, pipes and files in memory this process has open."""
    count = 0
    for path in Path("/proc/self/fd").iterdir():
        try:
            name = os.readlink(path)
        except OSError:
            continue
        count += name.startswith(("socket:", "pipe:", "/memfd:", "anon_inode:"))
    return count


@pytest.mark.parametrize("victim", NODES)
def test_killed_node_is_told_and_nothing_is_left(made, victim):
    runner = made("zmq", COUNT)
    with pytest.raises(NodeDiedError, match=f"`{victim}`.*SIGKILL"), runner:
        assert runner.process() == 0
        processes = runner.node_procs
        os.kill(processes[victim], signal.SIGKILL)
        runner.run(100_000)
    assert not any(map(alive, processes.values()))
    assert "SIGKILL" in runner.report["cause"]
    # The tube starts anew.
    with runner:
        assert runner.process() == 0


@pytest.mark.parametrize("victim", ["double", "passes"])
def test_killed_node_is_restarted_where_the_tube_says_so(made, victim):
    text = COUNT.replace(f"plain.{victim},", f"plain.{victim}, restart: on-failure,")
    with made("zmq", text) as runner:
        assert runner.process() == 0
        for number in range(1, 4):
            before = runner.node_procs[victim]
            os.kill(before, signal.SIGKILL)
            wait_until(lambda before=before: not alive(before), "the process is gone")
            assert runner.process() == 2 * number
            assert runner.node_procs[victim] != before
        assert runner.report["restarted"] == 3


def test_killed_source_has_lost_its_state_and_is_not_restarted(made):
    text = COUNT.replace("plain.count,", "plain.count, restart: on-failure,")
    runner = made("zmq", text)
    with pytest.raises(RunnerError, match="`count`.*state"), runner:
        assert runner.process() == 0
        os.kill(runner.node_procs["count"], signal.SIGKILL)
        runner.run(100_000)


@pytest.mark.parametrize(
    ("way", "end"),
    [
        ("os._exit(7)", "exited with code 7"),
        ("os.abort()", "SIGABRT"),
        ("ctypes.string_at(0)", "SIGSEGV"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)", "SIGALRM"),
        ("os.execv('/bin/false', ['false'])", "exited with code 1"),
    ],
)
def test_interpreter_that_ends_inside_of_a_node_is_told(made, modules, way, end):
    modules("ends", ENDS.format(way=way))
    runner = made("zmq", COUNT.replace("plain.double", "ends.node"))
    with pytest.raises(NodeDiedError, match=end), runner:
        runner.run(5)


ENDS = """
    import ctypes
    import os
    import signal
    import sys
    import threading

    def node(value):
        if value == 1:
            {way}
        return value
"""


def test_sys_exit_inside_of_a_node_is_an_error_of_the_node(made, kind, modules):
    modules("ends", ENDS.format(way="sys.exit(3)"))
    with made(kind, COUNT.replace("plain.double", "ends.node")) as runner:
        assert runner.process() == 0
        # The caller is not ended by it.
        with pytest.raises(NodeFailedError, match="SystemExit: 3"):
            runner.process()
        assert runner.process() == 2


def test_thread_that_a_node_leaves_does_not_keep_its_process(made, modules):
    modules(
        "leaves",
        """
        import threading

        def node(value):
            threading.Thread(target=threading.Event().wait).start()
            return value
        """,
    )
    with made("zmq", COUNT.replace("plain.double", "leaves.node")) as runner:
        assert runner.run(3) == [0, 1, 2]
        processes = runner.node_procs
    assert not any(map(alive, processes.values()))


@pytest.mark.parametrize("way", ["return value", "raise ValueError", "os._exit(0)"])
def test_child_that_a_node_forks_takes_no_part_in_the_run(made, modules, way):
    modules(
        "forks",
        f"""
        import os

        def node(value):
            if value % 2 and os.fork() == 0:
                {way}
            return value
        """,
    )
    with made("zmq", COUNT.replace("plain.double", "forks.node")) as runner:
        assert runner.run(20) == list(range(20))


@pytest.mark.parametrize("stream", ["None", "io.StringIO()", "open('/dev/full', 'w')"])
def test_node_may_replace_its_streams(made, modules, stream):
    modules(
        "streams",
        f"""
        import io
        import sys

        def node(value):
            sys.stdout = sys.stderr = {stream}
            print(value)
            return value
        """,
    )
    with made("zmq", COUNT.replace("plain.double", "streams.node")) as runner:
        assert runner.run(3) == [0, 1, 2]
        processes = runner.node_procs
    assert not any(map(alive, processes.values()))


def test_child_that_a_node_leaves_is_ended(made, modules):
    modules(
        "leaves",
        """
        import subprocess

        def node(value):
            return subprocess.Popen(["sleep", "1000"]).pid
        """,
    )
    with made("zmq", COUNT.replace("plain.double", "leaves.node")) as runner:
        child = runner.process()
        assert alive(child)
    assert not alive(child)


def test_node_that_holds_the_interpreter_is_busy_and_not_given_up(made):
    seconds = float(os.environ.get("NOOB_ZMQ_HOLD", "12"))
    node = f"plain.holds_the_interpreter, params: {{seconds: {seconds}}},"
    with made("zmq", COUNT.replace("plain.double,", node)) as runner:
        done = []
        caller = threading.Thread(target=lambda: done.append(runner.process()))
        caller.start()

        def busy():
            return {one["node"]: one["busy"] for one in runner.status}.get("double")

        wait_until(lambda: busy() == "0", "the node is reported busy in epoch 0")
        begin = time.monotonic()
        while caller.is_alive() and time.monotonic() - begin < seconds - 2:
            states = {one["node"]: one for one in runner.status}
            assert states["double"]["busy"] == "0" or not caller.is_alive(), states
            assert states["double"]["heard"] < 10, states
            caller.join(0.2)
        caller.join()
        assert done == [0]
        assert runner.report["restarted"] == 0


def test_killed_runner_leaves_no_process(tmp_path):
    script = f"""
        import sys
        sys.path.insert(0, {str(HERE / "nodes")!r})
        from noob_zmq import Tube, ZMQRunner
        tube = Tube.from_text({textwrap.dedent(COUNT)!r})
        runner = ZMQRunner(tube, runtime_dir={str(tmp_path / "run")!r})
        runner.init()
        print(*runner.node_procs.values(), flush=True)
        runner.run(1_000_000_000)
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    )

    def left():
        return [path.name for path in (tmp_path / "run").iterdir()]

    try:
        nodes = [int(pid) for pid in child.stdout.readline().split()]
        assert len(nodes) == 3 and all(map(alive, nodes))
    finally:
        child.kill()
        child.wait()
    wait_until(lambda: not any(map(alive, nodes)), "the nodes end with their runner")
    wait_until(lambda: left() == ["lock"], "the directory of the run is removed")


INTERRUPTED = """
    import signal
    import sys
    sys.path.insert(0, {nodes!r})
    # A shell has its background jobs ignore the signal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from noob_zmq import SynchronousRunner, TaskRunner, Tube, ZMQRunner
    kinds = {{"sync": SynchronousRunner, "task": TaskRunner, "zmq": ZMQRunner}}
    runner = kinds[{kind!r}](Tube.from_text({tube!r}))
    begun = False

    def tell(event):
        global begun
        if not begun and event["value"] == 20:
            begun = True
            print("running", flush=True)

    runner.add_callback(tell)
    try:
        with runner:
            {call}
        print("not interrupted")
    except KeyboardInterrupt:
        print("interrupted", runner.running)
"""


@pytest.mark.parametrize("call", ["runner.run(1_000_000_000)", "list(runner.iter())"])
def test_ctrl_c_ends_a_run(kind, call):
    script = INTERRUPTED.format(
        nodes=str(HERE / "nodes"), kind=kind, tube=textwrap.dedent(COUNT), call=call
    )
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout.readline() == "running\n"
        child.send_signal(signal.SIGINT)
        assert child.stdout.readline() == "interrupted False\n"
        assert child.wait(30) == 0
    finally:
        child.kill()
        child.wait()


def test_exception_of_deinit_does_not_keep_others_from_it(made, modules, tmp_path):
    path = tmp_path / "written"
    text = f"""
        noob_id: deinit
        nodes:
          count: {{type: plain.count}}
          fails: {{type: plain.Phases, params: {{fail: deinit}}, depends: [{{value: count.index}}]}}
          writes: {{type: plain.Writes, params: {{path: "{path}"}}, depends: [{{value: fails.value}}]}}
          return: {{type: return, depends: writes.value}}
    """
    for kind in ("sync", "task", "zmq"):
        runner = made(kind, text)
        with pytest.raises(RuntimeError, match="fails in deinit"), runner:
            assert runner.process() == 0
    assert path.read_text() == "deinit\n" * 3


def test_runner_in_a_callback_is_refused(made, kind):
    seen = []

    def again(event):
        try:
            runner.process()
        except RunnerError as error:
            seen.append(str(error))

    runner = made(kind, COUNT)
    runner.add_callback(again)
    with runner:
        assert runner.process() == 0
    assert seen and "callback" in seen[0]


@pytest.mark.parametrize("at", ["make", "enter", "exit"])
@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_exception_of_an_asset_is_raised(made, kind, modules, scope, at):
    modules("broken_things", THINGS)
    text = f"""
        noob_id: assets
        assets:
          thing: {{type: broken_things.{at}, scope: {scope}}}
        nodes:
          count: {{type: plain.count}}
          take: {{type: broken_things.take, depends: [{{thing: assets.thing}}, {{value: count.index}}]}}
          return: {{type: return, depends: take.value}}
    """
    runner = made(kind, text)
    with pytest.raises(LookupError, match=f"fails in {at}") as caught, runner:
        runner.process()
        runner.process()
    # An asset of one node is made and closed in the calls of the node.
    told = "".join(caught.value.__notes__)
    assert ("`take`" if scope == "node" else "`thing`") in told, told
    assert not runner.running


THINGS = """
    import contextlib

    class Thing:
        pass

    def make():
        raise LookupError("fails in make")

    @contextlib.contextmanager
    def enter():
        raise LookupError("fails in enter")
        yield

    @contextlib.contextmanager
    def exit():
        yield Thing()
        raise LookupError("fails in exit")

    def take(thing, value):
        return value
"""


@pytest.mark.parametrize("way", ["raise LookupError('not here')", "sys.exit(3)", "import not_there"])
def test_module_that_fails_in_the_process_of_its_node_ends_the_start(made, modules, way):
    modules(
        "picky",
        f"""
        import os
        import sys

        if "NOOB_ZMQ_NODE" in os.environ:
            {way}

        def node(value):
            return value
        """,
    )
    runner = made("zmq", COUNT.replace("plain.double", "picky.node"))
    with pytest.raises(Exception, match="not here|SystemExit|not_there") as caught, runner:
        pytest.fail("the runner has started")
    told = str(caught.value) + "".join(getattr(caught.value, "__notes__", []))
    assert "picky.py:6" in told and "`double`" in told, told
    assert not runner.running


def test_module_that_exits_is_a_mistake_of_the_tube(modules):
    modules("exits", "import sys\nsys.exit(3)\n")
    with pytest.raises(TubeLoadError, match="SystemExit"):
        Tube.from_text(textwrap.dedent(COUNT).replace("plain.double", "exits.node"))


def test_callback_that_raises_ends_the_run_and_the_runner_goes_on(made, kind):
    def refuse(event):
        if event["node_id"] == "double" and event["value"] == 4:
            raise LookupError("enough")

    runner = made(kind, COUNT)
    runner.add_callback(refuse)
    with runner:
        assert runner.run(2) == [0, 2]
        with pytest.raises(LookupError, match="enough"):
            runner.run(1000)
        assert runner.process() > 4
    assert not runner.running
