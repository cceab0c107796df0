"""Recorded cases with nodes in Python, over every runner.

`NOOB_CONFORMANCE_DIR` names the folder of the recordings; without it, the cases of this project are
run. `tests/conformance` compares, by the rules of `docs/differences.md`.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_cases_give_the_recorded_answers(tmp_path):
    cases = os.environ.get("NOOB_CONFORMANCE_DIR", HERE.parent / "conformance" / "cases")
    command = [sys.executable, HERE / "conformance.py", cases, tmp_path]
    subprocess.run(command, check=True, timeout=1800)
    compared = subprocess.run(
        ["cargo", "test", "-p", "noob-zmq-tests", "--test", "conformance", "answers_of_python"],
        env={**os.environ, "NOOB_PYTHON_ANSWERS": str(tmp_path)},
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    lines = compared.stdout.splitlines()
    print("\n".join(line for line in lines if line.startswith(("FAILED", "answers"))))
    assert "test answers_of_python ... ok" in compared.stdout, compared.stdout + compared.stderr
