"""The process of a node imports little, the package has types, and nothing is imported in vain."""

import subprocess
import sys
from pathlib import Path

import noob_zmq
import pytest

HEAVY = ["asyncio", "noob", "pydantic", "noob_zmq.runner", "noob_zmq.tube"]


def test_node_process_imports_only_what_its_node_needs(made, modules):
    modules(
        "light",
        """
        import sys
        import numpy

        def node(value):
            return sorted(sys.modules)
        """,
    )
    text = """
        noob_id: light
        nodes:
          count: {type: plain.count}
          light: {type: light.node, depends: [{value: count.index}]}
          return: {type: return, depends: light.value}
    """
    with made("zmq", text) as runner:
        imported = runner.process()
    assert "numpy" in imported and "light" in imported
    numpys = subprocess.run(
        [sys.executable, "-c", "import numpy, sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    more = set(imported) - set(numpys)
    assert not more & set(HEAVY), more
    assert "plain" not in imported


def test_package_is_imported_lazily():
    code = "import noob_zmq, sys; print(*[name for name in sys.modules if 'noob' in name])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["noob_zmq"]
    assert noob_zmq.__version__ and "Tube" in dir(noob_zmq)


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_types_of_the_package_pass(checker, tmp_path):
    user = tmp_path / "user.py"
    user.write_text(
        "from noob_zmq import Tube, ZMQRunner\n"
        "tube = Tube.from_specification({'noob_id': 'a', 'nodes': {}})\n"
        "with ZMQRunner(tube, window=4) as runner:\n"
        "    values: list[object] | None = runner.run(3)\n"
    )
    options = {"mypy": ["--strict", "--no-incremental"], "pyright": []}[checker]
    command = [Path(sys.executable).with_name(checker), *options]
    if checker == "pyright":
        command += ["--pythonpath", sys.executable]
    done = subprocess.run([*command, user], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    if checker == "mypy":
        done = subprocess.run(
            [*command, "--python-executable", sys.executable, "--package", "noob_zmq"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
