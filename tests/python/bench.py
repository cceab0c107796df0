"""Speed of Python nodes, in this project and in noob: `tests/python/run --bench`.

    bench.py [--rounds N] [--quick] [ROW]..

Every measurement has a process of its own. All systems are measured in turns, in several rounds;
printed are the medians, and the ratios that are wanted. A measurement fails if a value is lost or
wrong. `--quick` is one short round, which shows only that everything works. `ROW` is a part of the
names of the rows to measure.
"""

import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

NODES = Path(__file__).parent / "nodes"
MIB = 1 << 20
ROUNDS = 5
CHAIN = "chain of {} Python nodes, `{}`"
ARRAYS = "arrays of 1 MiB, `run(n)`"

# Row, number of nodes, call, epochs of this project and of noob, and how many times noob is wanted.
ROWS = [
    (CHAIN.format(1, "run(n)"), 1, "run", 30_000, 400, 12),
    (CHAIN.format(4, "run(n)"), 4, "run", 15_000, 300, 12),
    (CHAIN.format(1, "process()"), 1, "process", 3_000, 300, 4),
    (CHAIN.format(4, "process()"), 4, "process", 1_500, 200, 4),
    (ARRAYS, 0, "run", 2_000, 30, 20),
]
WANTED_OF_RUST = 0.6
STARTS = 10
WANTED_OF_START = 1.5


def tube(system, nodes):
    """Returns the tube of a row: a chain of numbers, or arrays through one node."""
    lines = ["noob_id: measured", "nodes:"]
    if nodes:
        lines.append("  n0: {type: measured.numbers}")
        for number in range(1, nodes + 1):
            before = f"n{number - 1}.value"
            lines.append(f"  n{number}: {{type: measured.double, depends: [{{value: {before}}}]}}")
        last = f"n{nodes}"
    else:
        module = "rust_nodes" if system == "rust" else "measured"
        lines += [
            f"  n0: {{type: {module}.blobs, params: {{size: {MIB}}}}}",
            f"  n1: {{type: {module}.step, depends: [{{blob: n0.value}}]}}",
            f"  n2: {{type: {module}.first, depends: [{{blob: n1.value}}]}}",
        ]
        last = "n2"
    lines.append(f"  return: {{type: return, depends: {last}.value}}")
    return "\n".join(lines) + "\n"


def runner(system, text):
    if system == "noob":
        from noob import Tube
        from noob.runner.zmq import ZMQRunner
        from noob.tube import TubeSpecification
        from ruamel.yaml import YAML

        logging.disable(logging.CRITICAL)
        spec = TubeSpecification.model_validate(YAML(typ="safe").load(text))
        return ZMQRunner(Tube.from_specification(spec))
    from noob_zmq import Tube, ZMQRunner

    return ZMQRunner(Tube.from_text(text))


def measure(system, nodes, call, epochs):
    """Prints the seconds of an epoch."""
    warm_up = max(epochs // 20, 2)
    with runner(system, tube(system, nodes)) as made:
        if call == "run":
            values = list(made.run(n=warm_up))
            begin = time.perf_counter()
            values += made.run(n=epochs)
        else:
            values = [made.process() for _ in range(warm_up)]
            begin = time.perf_counter()
            values += [made.process() for _ in range(epochs)]
        seconds = time.perf_counter() - begin
    numbers = range(len(values))
    wanted = [n * 2**nodes for n in numbers] if nodes else [(n + 1) % 256 for n in numbers]
    if list(values) != wanted or len(values) != warm_up + epochs:
        raise SystemExit(f"wrong values: {values[:5]} .. of {len(values)}, not {wanted[:5]} ..")
    print(json.dumps(seconds / epochs))


def starts(count):
    """Prints how many times the start of a node takes what `import numpy` takes in a process."""
    # The runner itself is started once before, and its imports are done.
    text = tube("ours", 0)
    text = text[: text.index("  n1:")]
    with runner("ours", text):
        pass
    own, plain = [], []
    for _ in range(count):
        made = runner("ours", text)
        begin = time.perf_counter()
        made.init()
        own.append(time.perf_counter() - begin)
        made.deinit()
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import numpy"], check=True)
        plain.append(time.perf_counter() - begin)
    print(json.dumps([statistics.median(own), statistics.median(plain)]))


def measured(*words):
    """Measures in a process of its own."""
    path = os.pathsep.join([str(NODES), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, __file__, *map(str, words)],
        env={**os.environ, "PYTHONPATH": path, "NOOB_ZMQ_NATIVE": "rust_nodes"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode:
        raise SystemExit(f"{words}: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(rounds, quick, parts):
    rows = [row for row in ROWS if not parts or any(part in row[0] for part in parts)]
    figures = {}
    for number in range(rounds):
        for name, nodes, call, own, theirs, _ in rows:
            systems = ["ours", "noob"] if nodes else ["ours", "rust", "noob"]
            for system in systems:
                epochs = theirs if system == "noob" else own
                if quick:
                    epochs = max(epochs // 20, 3)
                print(f"round {number + 1}: {name}, {system}", file=sys.stderr)
                figures.setdefault((name, system), []).append(
                    measured("--measure", system, nodes, call, epochs)
                )
    medians = {key: statistics.median(values) for key, values in figures.items()}
    print("| row | this project | noob | times noob | wanted |")
    print("|---|---|---|---|---|")
    for name, nodes, _, _, _, times in rows:
        ours, noob = medians[name, "ours"], medians[name, "noob"]
        print(f"| {name} | {shown(ours)} | {shown(noob)} | {noob / ours:.1f} | {times} |")
    if (ARRAYS, "rust") in medians:
        rust, ours = medians[ARRAYS, "rust"], medians[ARRAYS, "ours"]
        print(
            f"\nThe same chain of arrays with Rust nodes: {shown(rust)}; Python nodes reach "
            f"{rust / ours:.0%} of its rate (wanted: {WANTED_OF_RUST:.0%})."
        )


    if not parts:
        own, plain = measured("--starts", 2 if quick else STARTS)
        print(
            f"\nStart of a node that imports numpy: {own * 1e3:.0f} ms; `python -c \"import numpy\"`: "
            f"{plain * 1e3:.0f} ms; {own / plain:.2f} times (at most {WANTED_OF_START} wanted)."
        )


def shown(seconds):
    return f"{seconds * 1e6:.0f} µs, {1 / seconds:.0f}/s"


def main():
    if sys.argv[1:2] == ["--measure"]:
        system, nodes, call, epochs = sys.argv[2:]
        return measure(system, int(nodes), call, int(epochs))
    if sys.argv[1:2] == ["--starts"]:
        return starts(int(sys.argv[2]))
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("rows", nargs="*")
    given = parser.parse_args()
    return compare(1 if given.quick else given.rounds, given.quick, given.rows)


if __name__ == "__main__":
    main()
