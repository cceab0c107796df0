"""Memory of long runs."""

import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).parent / "soak.py"


@pytest.mark.parametrize("count", [1000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_arrays_through_a_mixed_chain_leave_memory_flat(count, capfd):
    with capfd.disabled():
        stdout = None if count > 1000 else subprocess.DEVNULL
        done = subprocess.run(
            [sys.executable, SOAK, str(count)], stdout=stdout, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 0, done.stderr
