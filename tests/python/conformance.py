"""Runs recorded cases with nodes in Python, and writes what came.

    python conformance.py FOLDER OF CASES  FOLDER OF ANSWERS

`tests/conformance` compares the answers with the recordings, and finds the rule of
`docs/differences.md` for each difference. Each case has a process of its own, in which the nodes of
the recordings (`nodes/recorded`) replace what is random.
"""

import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
BESIDE = 3
LIMIT = 120


def cases(folder):
    for path in sorted(folder.iterdir()):
        if path.suffix == ".json" and not path.stem.startswith("_"):
            yield json.loads(path.read_text())
        elif path.suffix == ".yaml":
            yield own_case(path.stem, path.read_text())


def own_case(name, text):
    """Reads a case of this project: a tube whose `#>` comments hold the expectation."""
    lines = text.splitlines()
    expected = json.loads("".join(line[2:] for line in lines if line.startswith("#>")))
    main, *others = text.split("\n---\n")
    extra = {
        next(line for line in other.splitlines() if line.startswith("noob_id: "))[9:]: other
        for other in others
    }
    calls = expected.get("returns", [])
    inputs = expected.get("inputs", [])
    return {
        "name": name,
        "yaml": main,
        "extra_tubes": extra,
        "tube_input": expected.get("given", {}),
        "calls": [{"kwargs": inputs[n] if n < len(inputs) else {}} for n in range(len(calls))],
        "run_n": {"n": 5} if expected.get("run") is not None else None,
        "iter_n": {"n": 3} if expected.get("iter") is not None else None,
    }


def main():
    source, answers = Path(sys.argv[1]), Path(sys.argv[2])
    answers.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(HERE / "nodes" / "recorded"), str(HERE / "nodes")]),
    }

    def run(case):
        with tempfile.TemporaryDirectory(prefix="nz") as folder:
            done = subprocess.run(
                [sys.executable, __file__, "--case", folder],
                input=json.dumps(case),
                capture_output=True,
                text=True,
                env=environment,
                timeout=LIMIT,
            )
        if done.returncode:
            raise RuntimeError(f"the case `{case['name']}` failed:\n{done.stderr}")
        (answers / f"{case['name']}.json").write_text(done.stdout)

    with concurrent.futures.ThreadPoolExecutor(BESIDE) as pool:
        done = list(pool.map(run, cases(source)))
    print(f"{len(done)} cases were run with nodes in Python")


def one_case(folder):
    case = json.load(sys.stdin)
    for name, text in case["extra_tubes"].items():
        Path(folder, name.replace("/", "-") + ".yaml").write_text(text)
    os.environ["NOOB_CONFIG_DIRS"] = json.dumps([folder])
    json.dump({kind: answers(kind, case, folder) for kind in ("sync", "task", "zmq")}, sys.stdout)


def answers(kind, case, folder):
    from noob_zmq import SynchronousRunner, TaskRunner, Tube, ZMQRunner
    from noob_zmq.errors import TubeLoadError

    def fresh():
        if (nodes := sys.modules.get("noob.testing.nodes")) is not None:
            # The recordings have a process for each run.
            nodes.random.calls = 0
        tube = Tube.from_text(case["yaml"], input=case["tube_input"])
        if kind == "zmq":
            return ZMQRunner(tube, runtime_dir=Path(folder, "run"))
        return {"sync": SynchronousRunner, "task": TaskRunner}[kind](tube)

    try:
        runner = fresh()
    except (TubeLoadError, ValueError) as error:
        return {"refused": str(error)}
    try:
        runner.init()
    except Exception as error:
        return {"init_error": str(error)}
    with runner:
        events = []
        runner.add_callback(lambda event: events.append(written_event(event)))
        calls = []
        for call in case["calls"]:
            events.clear()
            came = answer(lambda: runner.process(**call["kwargs"]))
            calls.append({**came, "events": list(events)})
    came = {"calls": calls}
    if number := (case.get("run_n") or {}).get("n"):
        with fresh() as runner:
            came["run_n"] = answer(lambda: runner.run(number))
    if number := (case.get("iter_n") or {}).get("n"):
        with fresh() as runner:
            came["iter_n"] = answer(lambda: iterated(runner, number))
    return came


def iterated(runner, number):
    """Reads values, without those that are `None`, as noob does."""
    values = list(runner.iter(number))
    if runner.tube.has_return:
        values = [value for value in values if value is not None]
        while len(values) < number:
            more = list(runner.iter(1))
            if not more:
                break
            values += [value for value in more if value is not None]
    return values


def answer(call):
    try:
        return {"returns": written(call())}
    except Exception as error:
        return {"error": {"kind": type(error).__name__, "text": str(error)}}


def written_event(event):
    return {
        "node_id": event["node_id"],
        "signal": event["signal"],
        "epoch": written_epoch(event["epoch"]),
        "value": written(event["value"]),
    }


def written_epoch(epoch):
    if hasattr(epoch, "to_wire"):
        wire = epoch.to_wire()
        return wire if isinstance(wire, int) else [p if isinstance(p, int) else [*p] for p in wire]
    return epoch.root if epoch.is_root else [epoch.root, *map(list, epoch.path)]


def written(value):
    """Returns a value in the form of the recordings."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if type(value).__name__ == "Epoch":
        return {"$epoch": written_epoch(value)}
    if isinstance(value, dict):
        keys = {"id", "timestamp", "node_id", "signal", "epoch", "value"}
        if keys <= set(value):
            return {"$event": written_event(value)}
        return {key: written(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [written(item) for item in value]
    ty = type(value)
    if isinstance(value, set | frozenset):
        return {"$pytype": "set", "items": sorted(map(written, value), key=repr)}
    counts = {
        name: getattr(value, name)
        for name in ("current", "entered", "exited")
        if hasattr(value, name)
    }
    return {"$pytype": f"{ty.__module__}.{ty.__qualname__}", **counts}


if __name__ == "__main__":
    if sys.argv[1] == "--case":
        one_case(sys.argv[2])
    else:
        main()
