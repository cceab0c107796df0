"""Arrays of 1 MiB through a mixed chain, and the memory of its processes: `soak.py COUNT`.

A Python source, a Rust node and a Python node; prints a table of the resident memory of every
process, and fails where that of one grows after the first tenth of the arrays.
"""

import os
import sys
import time
from pathlib import Path

NATIVE = "rust_nodes"
os.environ["NOOB_ZMQ_NATIVE"] = NATIVE
sys.path.insert(0, str(Path(__file__).parent / "nodes"))

from noob_zmq import Tube, ZMQRunner  # noqa: E402

TUBE = """
noob_id: soak
nodes:
  source: {type: measured.blobs, params: {size: 1048576}}
  rust: {type: rust_nodes.step, depends: [{blob: source.value}]}
  python: {type: measured.first, depends: [{blob: rust.value}]}
  return: {type: return, depends: python.value}
"""
STEPS = 10
GROWTH_KIB = {"VmRSS": 64 << 10, "RssAnon": 8 << 10}
"""Growth that is allowed: of memory in all, in which the blocks of the pools count that are used for
the first time, and of the memory that a process has for itself."""


def resident(pid):
    """Returns the resident memory of a process, in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {name: int(fields[name].split()[0]) for name in GROWTH_KIB}


def main(count):
    with ZMQRunner(Tube.from_text(TUBE)) as runner:
        assert runner.run(1) == [1]
        processes = {"runner": os.getpid(), **runner.node_procs}
        print("| arrays | arrays/s |", *(f" {name}, KiB |" for name in processes))
        print("|---|---|" + "---|" * len(processes))
        done, rows = 1, []
        for _ in range(STEPS):
            begin, number = time.monotonic(), count // STEPS
            values = runner.run(number)
            assert values == [(done + n + 1) % 256 for n in range(number)]
            done += number
            rows.append({name: resident(pid) for name, pid in processes.items()})
            rate = number / (time.monotonic() - begin)
            cells = (f" {memory['VmRSS']} |" for memory in rows[-1].values())
            print(f"| {done} | {rate:.0f} |", *cells, flush=True)
        assert runner.report["restarted"] == 0
    for kind, allowed in GROWTH_KIB.items():
        grown = {name: rows[-1][name][kind] - rows[0][name][kind] for name in processes}
        print(f"growth of {kind} since the first tenth, KiB: {grown}")
        if max(grown.values()) > allowed:
            raise SystemExit(f"{kind} grows by more than {allowed} KiB: {grown}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
