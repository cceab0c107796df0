"""Killed processes, a held interpreter, an exit inside of a node: the run ends in the right state."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from conftest import alive, wait_until
from noob_zmq.errors import NodeDiedError, RunnerError

HERE = Path(__file__).parent

COUNT = """
    noob_id: faults
    nodes:
      count: {type: plain.count, params: {limit: 1000000}}
      double: {type: plain.double, depends: [{value: count.index}]}
      return: {type: return, depends: double.value}
"""


def test_killed_node_is_told_and_nothing_is_left(made, tmp_path):
    runner = made("zmq", COUNT)
    with pytest.raises(NodeDiedError, match="`double`.*SIGKILL"), runner:
        assert runner.process() == 0
        processes = runner.node_procs
        os.kill(processes["double"], signal.SIGKILL)
        runner.run(100_000)
    assert not any(map(alive, processes.values()))
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["lock"]
    assert "SIGKILL" in runner.report["cause"]


def test_killed_node_is_restarted_where_the_tube_says_so(made):
    text = COUNT.replace("plain.double,", "plain.double, restart: on-failure,")
    with made("zmq", text) as runner:
        assert runner.process() == 0
        for number in range(1, 4):
            before = runner.node_procs["double"]
            os.kill(before, signal.SIGKILL)
            wait_until(lambda before=before: not alive(before), "the process is gone")
            assert runner.process() == 2 * number
            assert runner.node_procs["double"] != before
        assert runner.report["restarted"] == 3


def test_exit_inside_of_a_node_is_told(made):
    text = COUNT.replace("plain.double", "plain.dies_at")
    runner = made("zmq", text)
    with pytest.raises(NodeDiedError, match="exited with code 7"), runner:
        runner.run(5)


def test_node_that_holds_the_interpreter_is_not_given_up(made):
    seconds = float(os.environ.get("NOOB_ZMQ_HOLD", "12"))
    text = COUNT.replace("plain.double,", f"plain.holds_the_interpreter, params: {{seconds: {seconds}}},")
    with made("zmq", text) as runner:
        assert runner.process() == 0
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
    try:
        nodes = [int(pid) for pid in child.stdout.readline().split()]
        assert len(nodes) == 2 and all(map(alive, nodes))
    finally:
        child.kill()
        child.wait()
    wait_until(lambda: not any(map(alive, nodes)), "the nodes end with their runner")


INTERRUPTED = """
    import signal
    import sys
    sys.path.insert(0, {nodes!r})
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
