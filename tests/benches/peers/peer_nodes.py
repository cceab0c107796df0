"""The nodes of the benchmark for noob, and the loop that times them.

Run as a program, it reads lines `{"tube": text, "epochs": n}` and answers each with `{"seconds": s, "result": r}`: the time of
`n` calls of `SynchronousRunner.process`, and what the last one returned. A tube seen before is run on.
"""

import json
import logging
import sys
import time
from collections.abc import Generator
from typing import Annotated

from noob import Name


def count() -> Generator[Annotated[int, Name("index")], None, None]:
    index = 0
    while True:
        yield index
        index += 1


def several(length: int) -> Generator[Annotated[list, Name("items")], None, None]:
    while True:
        yield list(range(length))


def multiply(left: int, right: int = 2) -> int:
    return left * right


def add(left: int, right: int) -> int:
    return left + right


def total(items: list) -> int:
    return sum(items)


def main() -> None:
    from noob import SynchronousRunner, Tube
    from noob.tube import TubeSpecification
    from ruamel.yaml import YAML

    logging.disable(logging.CRITICAL)
    runners = {}
    for line in sys.stdin:
        asked = json.loads(line)
        text = asked["tube"]
        if text not in runners:
            spec = TubeSpecification.model_validate(YAML(typ="safe").load(text))
            runners[text] = SynchronousRunner(Tube.from_specification(spec))
            runners[text].init()
        runner = runners[text]
        result = None
        begin = time.perf_counter()
        for _ in range(asked["epochs"]):
            result = runner.process()
        seconds = time.perf_counter() - begin
        print(json.dumps({"seconds": seconds, "result": result}), flush=True)


if __name__ == "__main__":
    main()
