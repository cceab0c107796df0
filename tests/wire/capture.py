"""Records what the processes of a real noob runner say to each other, for the tests in this directory.

    python -m venv venv && venv/bin/pip install 'noob[zmq]==1003.0.2'
    NOOB_TMP_DIR=/tmp/noob venv/bin/python tests/wire/capture.py            # all scenarios, into tests/wire/captured/
    NOOB_TMP_DIR=/tmp/noob venv/bin/python tests/wire/capture.py chain map  # some

One file a scenario, one JSON object a line: the process, its socket, `send` or `recv`, and the frames (text, or base64 of
bytes that are no text). The directories in the tracebacks of pickled exceptions are cut off, so that the files do not
tell where they were made; nothing else is changed.
"""

import asyncio  # noqa: F401  (noob expects it to be there first)
import base64
import dataclasses
import datetime
import enum
import json
import os
import pickle
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Generator
from pathlib import Path
from typing import Annotated, Any

from noob import MetaSignal, Name

HERE = Path(__file__).resolve().parent


# The nodes.


def count(limit: int = 1000) -> Generator[Annotated[int, Name("index")], None, None]:
    yield from range(limit)


def double(x: int) -> int:
    return 2 * x


def both(x: int) -> tuple[Annotated[int, Name("next")], Annotated[str, Name("text")]]:
    return x + 1, f"é{x}"


def odd(x: int) -> Annotated[int, Name("odd")]:
    return x if x % 2 else MetaSignal.NoEvent


def fail(x: int) -> int:
    raise ValueError("boom", x, {"k": (1, 2)})


def words() -> Generator[Annotated[list[str], Name("words")], None, None]:
    n = 0
    while True:
        yield [f"a{n}", f"b{n}"]
        n += 1


def upper(text: str) -> str:
    return text.upper()


def echo(x: Any) -> Any:
    return x


class Thing:
    """Something that JSON has no word for."""

    def __init__(self) -> None:
        self.size = 7


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int = 1
    y: float = 0.5


MANY = [
    None, True, 7, -3, 2**63 - 1, 2**64 - 1, 2**200, -(2**64), 0.1, 3.0, -0.0, 1e300, 1e16, 1e-5, 1e-6, 5e-324,
    float("nan"), float("-inf"), "", 'é \u2028 "q" \\ \n\t\x00\x1f\x7f', "NoEvent__META__", "__META__other", b"abc",
    [1, "a", None, [[]]], (1, 2), {3}, {"a": {"b": [1, {"c": None}]}}, {1: "a", 2.5: "b", None: "c"},
    [1.0, float("nan")], ["pck__x", "__META__NoEvent"], range(3), Thing(), {"o": Thing()}, ValueError("x"), Point(),
    Colour.RED, uuid.UUID(int=5), datetime.datetime(2024, 2, 3, 4, 5, 6, 789), datetime.timedelta(1, 2, 3), 1 + 2j,
]  # fmt: skip


def many() -> Generator[Annotated[Any, Name("value")], None, None]:
    yield from MANY


# The scenarios: nodes, inputs, and what is done with the runner.

RETURN = "return"


def node(type_: str, depends: list | None = None, **params: Any) -> dict:
    spec: dict = {"type": type_ if type_ in (RETURN, "map", "gather") else f"capture.{type_}"}
    if params:
        spec["params"] = params
    if depends:
        spec["depends"] = depends
    return spec


def calls(number: int, **inputs: Any):
    def body(runner: Any) -> None:
        for _ in range(number):
            attempt(lambda: runner.process(**inputs))

    return body


def chain(limit: int = 1000) -> dict:
    return {
        "a": node("count", limit=limit),
        "b": node("double", [{"x": "a.index"}]),
        "r": node(RETURN, [{"value": "b.value"}]),
    }


def inputs(runner: Any) -> None:
    for value in (1, 2.5, {"a": (1, 2)}, None, 2**70, "é", ["pck__x"]):
        attempt(lambda value=value: runner.process(x=value))


def counted(runner: Any) -> None:
    attempt(lambda: runner.run(n=2))
    attempt(lambda: runner.process())


SCENARIOS: dict[str, tuple[dict, dict, Any]] = {
    "chain": (chain(), {}, calls(2)),
    "run": (chain(), {}, counted),
    "exhausted": (chain(limit=1), {}, calls(2)),
    "signals": (
        {
            "a": node("count"),
            "s": node("both", [{"x": "a.index"}]),
            "o": node("odd", [{"x": "a.index"}]),
            "r": node(RETURN, [{"next": "s.next"}, {"text": "s.text"}, {"odd": "o.odd"}]),
        },
        {},
        calls(2),
    ),
    "map": (
        {
            "w": node("words"),
            "m": node("map", [{"value": "w.words"}]),
            "u": node("upper", [{"text": "m.value"}]),
            "g": node("gather", [{"value": "u.value"}, {"n": "m.n"}]),
            "r": node(RETURN, [{"all": "g.value"}]),
        },
        {},
        calls(1),
    ),
    "error": (
        {"a": node("count"), "f": node("fail", [{"x": "a.index"}]), "r": node(RETURN, [{"value": "f.value"}])},
        {},
        calls(1),
    ),
    "input": (
        {"e": node("echo", [{"x": "input.x"}]), "r": node(RETURN, [{"value": "e.value"}])},
        {"x": {"id": "x", "type": "builtins.object", "scope": "process"}},
        inputs,
    ),
    "values": (
        {"v": node("many"), "r": node(RETURN, [{"value": "v.value"}])},
        {},
        calls(len(MANY)),
    ),
}


def attempt(call: Any, seconds: float = 5) -> None:
    """A call that failed or never returns is part of what is recorded, not a mistake of the recorder."""

    def run() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001
            print(f"  {type(error).__name__}: {error}"[:120])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)


# The recorder.


def short_traceback(frame: bytes) -> bytes:
    """The same error message, without the directories in its traceback."""
    message = json.loads(frame)
    if message.get("type") != "error":
        return frame
    value = pickle.loads(base64.b64decode(message["value"][5:]))
    value["traceback"] = re.sub(r'File "[^"]*/', 'File "', value["traceback"])
    short = "pck__" + base64.b64encode(pickle.dumps(value, protocol=4)).decode()
    return frame.replace(message["value"].encode(), short.encode())


def text(frame: bytes) -> Any:
    try:
        decoded = bytes(frame).decode()
    except UnicodeDecodeError:
        decoded = "\0"
    return {"base64": base64.b64encode(frame).decode()} if decoded[:1] < " " else decoded


def record_into(path: Path) -> None:
    """Node processes are forked, so they inherit the patched sockets; each opens the file anew and appends."""
    import zmq
    import zmq.asyncio
    from noob.network.loop import EventloopMixin

    names: dict[int, tuple[str, str]] = {}
    early: dict[int, list] = {}

    def write(socket: Any, direction: str, frames: list[bytes]) -> None:
        frames = [bytes(frame) for frame in frames]
        if frames[-1].startswith(b"{"):
            frames[-1] = short_traceback(frames[-1])
        kind = zmq.SocketType(socket.socket_type).name
        line = {"socket_type": kind, "direction": direction, "frames": [text(frame) for frame in frames]}
        if id(socket) not in names:
            early.setdefault(id(socket), []).append(line)
            return
        process, name = names[id(socket)]
        with path.open("ab", buffering=0) as file:
            file.write((json.dumps({"process": process, "socket": name, **line}) + "\n").encode())

    register = EventloopMixin.register_socket

    def register_socket(self: Any, name: str, socket: Any, receiver: bool = False) -> Any:
        names[id(socket)] = (self.spec.id if hasattr(self, "spec") else "command", name)
        for line in early.pop(id(socket), []):
            write(socket, line["direction"], [frame.encode() for frame in line["frames"]])
        return register(self, name, socket, receiver)

    EventloopMixin.register_socket = register_socket
    kind = zmq.asyncio.Socket
    send, receive, receive_one = kind.send_multipart, kind.recv_multipart, kind.recv

    def send_multipart(self: Any, frames: list[bytes], *args: Any, **options: Any) -> Any:
        write(self, "send", frames)
        return send(self, frames, *args, **options)

    async def recv_multipart(self: Any, *args: Any, **options: Any) -> Any:
        frames = await receive(self, *args, **options)
        write(self, "recv", frames)
        return frames

    async def recv(self: Any, *args: Any, **options: Any) -> Any:
        frame = await receive_one(self, *args, **options)
        write(self, "recv", [frame])
        return frame

    kind.send_multipart, kind.recv_multipart, kind.recv = send_multipart, recv_multipart, recv


def capture(scenario: str) -> None:
    from noob import Tube
    from noob.runner.zmq import ZMQRunner
    from noob.tube import TubeSpecification

    path = HERE / "captured" / f"{scenario}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")
    record_into(path)
    nodes, declared, body = SCENARIOS[scenario]
    spec = TubeSpecification.model_validate({"noob_id": scenario, "nodes": nodes, "input": declared})
    with ZMQRunner(Tube.from_specification(spec, {}), _runner_id=scenario) as runner:
        body(runner)


def main(scenarios: list[str]) -> None:
    for scenario in scenarios or SCENARIOS:
        print(scenario, flush=True)
        # A process each: a runner whose node has failed may never return.
        code = f"import os, capture; capture.capture({scenario!r}); os._exit(0)"
        environment = os.environ | {"PYTHONPATH": str(HERE), "NOOB_LOGS__LEVEL": "ERROR"}
        try:
            subprocess.run([sys.executable, "-c", code], env=environment, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            print("  did not end")


if __name__ == "__main__":
    main(sys.argv[1:])
