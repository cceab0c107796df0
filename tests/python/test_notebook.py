"""Runners in a notebook: in the process of a kernel, whose thread runs an event loop."""

import os
import signal
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from conftest import wait_until

pytest.importorskip("ipykernel", reason="SKIPPED: ipykernel cannot be installed here")
nbclient = pytest.importorskip("nbclient", reason="SKIPPED: nbclient cannot be installed here")

import nbformat  # noqa: E402

SETUP = f"""
    import sys
    sys.path.insert(0, {str(Path(__file__).parent / "nodes")!r})
    from noob_zmq import SynchronousRunner, TaskRunner, Tube, ZMQRunner
    kinds = dict(sync=SynchronousRunner, task=TaskRunner, zmq=ZMQRunner)
    tube = Tube.from_text('''
    noob_id: notebook
    nodes:
      count: {{type: plain.count, params: {{limit: 1000000000}}}}
      double: {{type: plain.later, depends: [{{value: count.index}}]}}
      return: {{type: return, depends: double.value}}
    ''')
"""


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """Returns a function that runs a cell in a fresh kernel, and returns its output."""
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    page = nbformat.v4.new_notebook()
    client = nbclient.NotebookClient(page, timeout=60, kernel_name="python3", allow_errors=True)
    client.create_kernel_manager()
    client.km.kernel_spec.argv[0] = sys.executable

    def run(text):
        cell = nbformat.v4.new_code_cell(textwrap.dedent(text))
        page.cells.append(cell)
        client.execute_cell(cell, len(page.cells) - 1)
        return "".join(
            output.get("text", "") or "\n".join(output.get("traceback", []))
            for output in cell.outputs
        )

    with client.setup_kernel(cwd=str(tmp_path)):
        run.client = client
        assert run(SETUP) == ""
        yield run


def test_every_runner_runs_in_a_notebook(notebook):
    for kind in ("sync", "task", "zmq"):
        assert notebook(
            f"""
            with kinds["{kind}"](tube) as runner:
                print(runner.process(), runner.run(3), list(runner.iter(2)))
            """
        ) == "1 [2, 3, 4] [5, 6]\n"


def test_interrupt_of_the_kernel_ends_a_run(notebook, tmp_path):
    for kind in ("sync", "task", "zmq"):
        begun = tmp_path / f"begun-{kind}"
        interrupting = threading.Thread(target=interrupt, args=(notebook.client, begun))
        interrupting.start()
        output = notebook(
            f"""
            from pathlib import Path
            runner = kinds["{kind}"](tube)
            runner.add_callback(lambda event: event["value"] == 50 and Path("{begun}").touch())
            try:
                with runner:
                    runner.run(1_000_000_000)
            except KeyboardInterrupt:
                print("interrupted", runner.running)
            """
        )
        interrupting.join()
        assert output.endswith("interrupted False\n"), output
        # The kernel goes on.
        assert notebook("print(1)") == "1\n"


def interrupt(client, begun):
    """Interrupts the kernel as the button of a notebook does, once a file is there."""
    wait_until(begun.exists, "the run has begun")
    os.kill(client.km.provisioner.pid, signal.SIGINT)
