"""Modules with Rust nodes of their own, and the benchmark, which uses one."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CAMERA = ROOT / "examples" / "camera"


def run(*words, native, cwd):
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=cwd,
        env={**os.environ, "NOOB_ZMQ_NATIVE": native},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_example_writes_what_moves(tmp_path):
    folder = tmp_path / "pictures"
    words = ["-m", "noob_zmq", "run", "camera.yaml", "--input", f"folder={folder}"]
    done = run(*words, native="camera_nodes", cwd=CAMERA)
    assert done.stdout.split() == [str(n) for n in range(1, 31)], done.stderr
    pictures = [path.read_bytes() for path in sorted(folder.iterdir())]
    assert all(picture.startswith(b"P5 320 240 255\n") for picture in pictures)
    # Nothing has moved before the first frame; then the two sides of the disc change.
    header = len(b"P5 320 240 255\n")
    moved = [set(picture[header:]) for picture in pictures]
    assert moved[0] == {0} and all(values == {0, 255 - 40} for values in moved[1:])


def test_node_of_a_module_is_checked_and_listed():
    done = run("-m", "noob_zmq", "check", "camera.yaml", native="camera_nodes", cwd=CAMERA)
    assert done.returncode == 0, done.stderr
    done = run("-m", "noob_zmq", "nodes", native="camera_nodes", cwd=CAMERA)
    assert "camera_nodes.motion" in done.stdout and "noob_zmq.files.lines" in done.stdout
    # The package's own module does not have it.
    done = run("-m", "noob_zmq", "check", "camera.yaml", native="noob_zmq._native", cwd=CAMERA)
    assert done.returncode == 1 and "camera_nodes" in done.stderr


def test_variable_that_names_no_module_of_nodes_is_told(tmp_path):
    done = run("-c", "import noob_zmq", native="no_such_nodes", cwd=tmp_path)
    assert "NOOB_ZMQ_NATIVE" in done.stderr and "`no_such_nodes`" in done.stderr
    done = run("-c", "import noob_zmq", native="json", cwd=tmp_path)
    assert "NOOB_ZMQ_NATIVE" in done.stderr and "add_to" in done.stderr


def test_node_of_a_module_that_is_not_named_is_told_with_the_variable():
    done = run("-m", "noob_zmq", "check", "camera.yaml", native="noob_zmq._native", cwd=CAMERA)
    assert done.returncode == 1 and "NOOB_ZMQ_NATIVE=camera_nodes" in done.stderr, done.stderr


def test_page_shows_the_files_of_the_example():
    page = (ROOT / "docs" / "python.md").read_text()
    library = (CAMERA / "src" / "lib.rs").read_text()
    code = library[library.index("use ndarray") :]
    assert f"```rust\n// src/lib.rs\n{code}```" in page


def test_benchmark_measures_every_row(tmp_path):
    done = run(HERE / "bench.py", "--quick", native="rust_nodes", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 5 and "with Rust nodes" in done.stdout
