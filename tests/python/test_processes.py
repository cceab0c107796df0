"""Nodes and runners beside the other code of their processes: ends, forks, files of other names."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

HERE = Path(__file__).parent

COUNT = """
    noob_id: beside
    nodes:
      count: {type: plain.count, params: {limit: 1000000}}
      double: {type: plain.double, depends: [{value: count.index}]}
      passes: {type: plain.passes, depends: [{value: double.value}]}
      return: {type: return, depends: passes.value}
"""


@pytest.mark.parametrize("made_by", ["source", "Source"])
def test_generator_ends_before_its_node(made, kind, modules, tmp_path, made_by):
    modules(
        "closed",
        """
        def source(path):
            try:
                yield from range(100)
            finally:
                print("generator", file=open(path, "a"))

        class Source:
            def __init__(self, path):
                self.path = path

            def process(self):
                yield from source(self.path)

            def deinit(self):
                print("deinit", file=open(self.path, "a"))
        """,
    )
    path = tmp_path / "written"
    text = COUNT.replace("plain.count, params: {limit: 1000000}", "closed.NODE, params: {path: PATH}")
    text = text.replace("NODE", made_by).replace("PATH", str(path)).replace(".index", ".value")
    with made(kind, text) as runner:
        assert runner.run(2) == [0, 2]
    assert path.read_text().split() == ["generator", "deinit"][: 1 + (made_by == "Source")]


def test_exception_of_a_generator_at_its_end_is_raised(made, kind, modules):
    modules(
        "closed",
        """
        def source():
            try:
                yield from range(100)
            finally:
                raise LookupError("fails at the end")
        """,
    )
    text = COUNT.replace("plain.count, params: {limit: 1000000}", "closed.source")
    runner = made(kind, text.replace(".index", ".value"))
    with pytest.raises(LookupError, match="fails at the end"), runner:
        assert runner.run(2) == [0, 2]


def test_functions_of_atexit_run_and_do_not_keep_a_process(made, modules, tmp_path):
    modules(
        "registers",
        f"""
        import atexit
        import threading
        from pathlib import Path

        class Node:
            def init(self):
                atexit.register(threading.Event().wait)
                atexit.register(Path({str(tmp_path / "written")!r}).write_text, "ended")

            def process(self, value):
                return value
        """,
    )
    with made("zmq", COUNT.replace("plain.double", "registers.Node")) as runner:
        runner.process()
    # The last one runs first; the next one never returns.
    assert (tmp_path / "written").read_text() == "ended"


def test_folder_of_a_node_is_removed_at_its_end(made, modules, tmp_path):
    modules(
        "keeps",
        f"""
        import tempfile

        class Node:
            def __init__(self):
                self.folder = tempfile.TemporaryDirectory(dir={str(tmp_path)!r})
                globals()["kept"] = self

            def process(self, value):
                return self.folder.name
        """,
    )
    with made("zmq", COUNT.replace("plain.double", "keeps.Node")) as runner:
        folder = Path(runner.process())
        assert folder.exists()
    assert not folder.exists()


@pytest.mark.parametrize("name", ["json", "types", "inspect", "random", "numpy"])
@pytest.mark.parametrize("way", ["script", "command"])
def test_file_named_like_a_module_does_not_replace_it(tmp_path, name, way):
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / f"{name}.py").write_text("raise RuntimeError('the wrong module')\n")
    tube = beside / "tube.yaml"
    tube.write_text(textwrap.dedent(COUNT))
    script = tmp_path / "script.py"
    script.write_text(
        "from noob_zmq import Tube, ZMQRunner\n"
        "with ZMQRunner(Tube.from_specification('tube.yaml')) as runner:\n"
        "    print(runner.run(2))\n"
    )
    command = Path(sys.executable).parent / "noob-zmq"
    done = subprocess.run(
        [sys.executable, script] if way == "script" else [command, "run", "tube.yaml", "-n", "2"],
        env={**os.environ, "PYTHONPATH": str(HERE / "nodes")},
        cwd=beside,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done
    assert done.stdout.split() == ["[0,", "2]"] if way == "script" else ["0", "2"], done


def test_runner_in_a_forked_process_is_refused(tmp_path, kind):
    script = f"""
        import os
        import sys
        sys.path.insert(0, {str(HERE / "nodes")!r})
        from noob_zmq import SynchronousRunner, TaskRunner, Tube, ZMQRunner
        kinds = {{"sync": SynchronousRunner, "task": TaskRunner, "zmq": ZMQRunner}}
        with kinds[{kind!r}](Tube.from_text({textwrap.dedent(COUNT)!r})) as runner:
            print(runner.process(), flush=True)
            child = os.fork()
            if child == 0:
                try:
                    print("child", runner.process(), flush=True)
                except RuntimeError as error:
                    print("child", error, flush=True)
                # The child leaves the `with` block too.
            else:
                os.waitpid(child, 0)
                print(runner.run(2), flush=True)
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=100,
    )
    first, child, last = done.stdout.splitlines()
    assert (first, last) == ("0", "[2, 4]"), done
    assert child == "child 2" if kind == "sync" else "has forked this one" in child
    assert done.stderr == ""


def test_node_may_run_a_tube_itself(made, modules):
    inner = """
        noob_id: inner
        input: {value: {type: any, scope: process}}
        nodes:
          passes: {type: plain.passes, depends: [{value: input.value}]}
          return: {type: return, depends: passes.value}
    """
    modules(
        "runs",
        f"""
        import numpy as np
        from noob_zmq import SynchronousRunner, Tube, ZMQRunner

        class Node:
            def init(self):
                tube = Tube.from_text({textwrap.dedent(inner)!r})
                self.runners = [ZMQRunner(tube), SynchronousRunner(tube)]
                for runner in self.runners:
                    runner.init()

            def process(self, value):
                came = [runner.process(value=np.full(5, value)) for runner in self.runners]
                return [int(array.sum()) for array in came]

            def deinit(self):
                for runner in self.runners:
                    runner.deinit()
        """,
    )
    with made("zmq", COUNT.replace("plain.double", "runs.Node")) as runner:
        assert runner.run(3) == [[0, 0], [5, 5], [10, 10]]


def test_node_in_the_program_of_the_runner_is_told(tmp_path):
    text = textwrap.dedent(COUNT).replace("plain.double", "__main__.node")
    script = tmp_path / "script.py"
    script.write_text(
        f"import sys\nsys.path.insert(0, {str(HERE / 'nodes')!r})\n"
        "from noob_zmq import Tube, ZMQRunner\n"
        "def node(value): return value\n"
        f"with ZMQRunner(Tube.from_text({text!r})) as runner: pass\n"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=100
    )
    assert "`node` is in the program of the runner" in done.stderr
