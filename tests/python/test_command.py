"""The command line, with nodes in Python."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

HERE = Path(__file__).parent

COUNT = """
    noob_id: count
    nodes:
      count: {type: plain.count, params: {limit: 3}}
      double: {type: plain.double, depends: [{value: count.index}]}
      return: {type: return, depends: double.value}
"""


@pytest.fixture
def command(tmp_path):
    script = Path(sys.executable).with_name("noob-zmq")
    (tmp_path / "count.yaml").write_text(textwrap.dedent(COUNT))

    def run(*words, program=(str(script),), path=HERE / "nodes"):
        return subprocess.run(
            [*program, *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(path)},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.mark.parametrize("kind", ["zmq", "task", "sync"])
def test_run_prints_the_values(command, kind):
    done = command("run", "count.yaml", "--runner", kind)
    assert (done.returncode, done.stdout.split()) == (0, ["0", "2", "4"]), done.stderr


def test_module_is_the_same_command(command):
    done = command("run", "count.yaml", program=(sys.executable, "-m", "noob_zmq"))
    assert (done.returncode, done.stdout.split()) == (0, ["0", "2", "4"]), done.stderr


def test_modules_beside_the_current_directory_are_found(command, tmp_path):
    (tmp_path / "beside.py").write_text("def node(value):\n    return value + 1\n")
    (tmp_path / "beside.yaml").write_text(
        textwrap.dedent(COUNT).replace("plain.double", "beside.node")
    )
    done = command("run", "beside.yaml")
    assert (done.returncode, done.stdout.split()) == (0, ["1", "2", "3"]), done.stderr


def test_check_tells_a_module_that_cannot_be_imported(command, tmp_path):
    (tmp_path / "broken.py").write_text("import os\n\ndef node(value)\n    return value\n")
    (tmp_path / "broken.yaml").write_text(
        textwrap.dedent(COUNT).replace("plain.double", "broken.node")
    )
    done = command("check", "broken.yaml")
    assert done.returncode == 1
    for part in ("broken.yaml:5", "broken.py:3", "SyntaxError"):
        assert part in done.stderr, done.stderr


def test_failure_of_a_node_is_told(command, tmp_path):
    (tmp_path / "fails.yaml").write_text(
        textwrap.dedent(COUNT).replace("plain.double", "plain.fail_at")
    )
    done = command("run", "fails.yaml")
    assert done.returncode == 1
    for part in ("`double`", "ValueError", "boom at 1", "plain.py:"):
        assert part in done.stderr, done.stderr


def test_commands_are_those_of_the_binary(command):
    assert command("check", "count.yaml").returncode == 0
    assert json.loads(command("schema").stdout)["title"]
    assert "noob_zmq.files.lines" in command("nodes").stdout
    done = command("no-such-command")
    assert done.returncode == 2 and "no-such-command" in done.stderr
