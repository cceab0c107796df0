"""The nodes of the benchmark for noob, and the program that runs and times them with noob's `ZMQRunner`.

`noob_nodes.py process|run TUBE COUNT` prints `{"p50": us, "p99": us}` of `process`, or `{"seconds": s}` of `run(n=COUNT)`.
"""

import json
import logging
import sys
import time
from collections.abc import Generator
from typing import Annotated, Any

from noob import Name


def numbers() -> Generator[Annotated[int, Name("value")], None, None]:
    number = 0
    while True:
        yield number
        number += 1


def blobs() -> Generator[Annotated[Any, Name("value")], None, None]:
    import numpy as np

    blob = np.full(1 << 20, 7, dtype=np.uint8)
    while True:
        yield blob


def multiply(left: int) -> int:
    return left * 1


def length(left: Any) -> int:
    return int(left.size)


def join(left: int, right: int) -> int:
    assert left == right
    return left


def main() -> None:
    from noob import Tube
    from noob.runner.zmq import ZMQRunner
    from noob.tube import TubeSpecification
    from ruamel.yaml import YAML

    logging.disable(logging.CRITICAL)
    what, text, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    spec = TubeSpecification.model_validate(YAML(typ="safe").load(text))
    with ZMQRunner(Tube.from_specification(spec)) as runner:
        if what == "process":
            times = []
            for _ in range(count):
                begin = time.perf_counter()
                runner.process()
                times.append(1e6 * (time.perf_counter() - begin))
            times = sorted(times[20:])
            print(json.dumps({"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100]}))
        else:
            runner.process()
            begin = time.perf_counter()
            values = runner.run(n=count)
            seconds = time.perf_counter() - begin
            assert len(values) == count, f"{len(values)} of {count} values came"
            assert "length" in text or list(values) == list(range(1, count + 1)), "wrong values"
            print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
