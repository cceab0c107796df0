"""Assets that are written in Python: functions, classes and context managers, of all scopes."""

import textwrap

import pytest
from noob_zmq import Tube

SCOPES = {"runner": [0, 1, 2, 3, 4, 5], "process": [0, 1, 0, 1, 0, 1], "node": [0, 0, 0, 0, 0, 0]}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("factory", ["things.Counter", "things.counter", "things.counter_context"])
def test_asset_lives_as_long_as_its_scope(made, kind, modules, scope, factory):
    modules("things", THINGS)
    text = f"""
        noob_id: assets
        assets:
          counter: {{type: {factory}, scope: {scope}}}
        nodes:
          count: {{type: plain.count}}
          a: {{type: things.take, depends: [{{counter: assets.counter}}, {{value: count.index}}]}}
          b: {{type: things.take, depends: [{{counter: assets.counter}}, {{value: a.value}}]}}
          return: {{type: return, depends: [a.value, b.value]}}
    """
    with made(kind, text) as runner:
        came = [runner.process() for _ in range(3)]
    assert [number for pair in came for number in pair] == SCOPES[scope]


def test_context_is_left_at_the_end(made, kind, modules, tmp_path):
    modules("things", THINGS)
    left = tmp_path / "left"
    text = f"""
        noob_id: assets
        assets:
          file: {{type: things.writes, scope: runner, params: {{path: "{left}"}}}}
        nodes:
          a: {{type: things.take, depends: [{{counter: assets.file}}]}}
          return: {{type: return, depends: a.value}}
    """
    with made(kind, text) as runner:
        assert runner.process() == 0
        assert not left.exists()
    assert left.read_text() == "left\n"


def test_params_are_passed_by_position_and_name(made, modules):
    modules("things", THINGS)
    for params in ("[7]", "{start: 7}"):
        text = f"""
            noob_id: assets
            assets:
              counter: {{type: things.Counter, scope: runner, params: {params}}}
            nodes:
              a: {{type: things.take, depends: [{{counter: assets.counter}}]}}
              return: {{type: return, depends: a.value}}
        """
        with made("sync", text) as runner:
            assert runner.process() == 7


def test_inputs_are_replaced_in_lists_by_position(made):
    text = """
        noob_id: assets
        input: {start: {type: int}}
        assets:
          numbers: {type: set, scope: runner, params: [[input.start, 2]]}
        nodes:
          sorts: {type: sorted, depends: [assets.numbers]}
          return: {type: return, depends: sorts.value}
    """
    tube = Tube.from_text(textwrap.dedent(text), input={"start": 7})
    with made("sync", tube) as runner:
        assert runner.process() == [2, 7]


@pytest.mark.parametrize("factory", ["Slotted", "set", "dict", "list", "bytearray", "deque", "Both"])
def test_context_is_closed_in_the_state_that_nodes_have_left(made, kind, modules, tmp_path, factory):
    modules("containers", CONTAINERS)
    left = tmp_path / "left"
    text = f"""
        noob_id: assets
        assets:
          kept: {{type: containers.kept, scope: runner, params: {{factory: {factory}, path: "{left}"}}}}
        nodes:
          count: {{type: plain.count, params: {{start: 3}}}}
          a: {{type: containers.add, depends: [{{kept: assets.kept}}, {{value: count.index}}]}}
          b: {{type: containers.add, depends: [{{kept: assets.kept}}, {{value: a.value}}]}}
          return: {{type: return, depends: b.value}}
    """
    with made(kind, text) as runner:
        assert runner.run(2) == [5, 6]
    assert left.read_text() == "[3, 4, 4, 5]"


CONTAINERS = """
import contextlib
from collections import deque

class Slotted:
    __slots__ = ("numbers",)

    def __init__(self):
        self.numbers = []

class Both(Slotted):
    pass

@contextlib.contextmanager
def kept(factory, path):
    make = globals().get(factory) or getattr(__builtins__, factory, None) or __builtins__[factory]
    made = make()
    yield made
    # The object that the function holds, and no copy.
    numbers = getattr(made, "numbers", made)
    numbers = numbers.items() if isinstance(numbers, dict) else numbers
    if isinstance(made, dict | set):
        numbers = [number for number, times in counted(made) for _ in range(times)]
    with open(path, "w") as file:
        file.write(str(list(numbers)))

def counted(made):
    return sorted(made.items() if isinstance(made, dict) else made)

def add(kept, value):
    numbers = getattr(kept, "numbers", kept)
    if isinstance(numbers, dict):
        numbers[value] = numbers.get(value, 0) + 1
    elif isinstance(numbers, set):
        times = dict(numbers).get(value, 0)
        numbers.discard((value, times))
        numbers.add((value, times + 1))
    else:
        numbers.append(value)
    return value + 1
"""


def test_asset_is_pickled_where_it_is_made(made, modules, tmp_path):
    """The thread that receives the events of the nodes never waits for the interpreter."""
    threads = tmp_path / "threads"
    modules(
        "pickles",
        f"""
        import os
        import threading

        class Thing:
            def __getstate__(self):
                if "NOOB_ZMQ_NODE" not in os.environ:
                    with open("{threads}", "a") as file:
                        file.write(threading.current_thread().name + "\\n")
                return {{"a": 1}}

        def take(thing, value):
            return value
        """,
    )
    for scope, times in [("runner", 1), ("process", 3)]:
        text = f"""
            noob_id: assets
            assets:
              thing: {{type: pickles.Thing, scope: {scope}}}
            nodes:
              count: {{type: plain.count}}
              a: {{type: pickles.take, depends: [{{thing: assets.thing}}, {{value: count.index}}]}}
              return: {{type: return, depends: a.value}}
        """
        with made("zmq", text) as runner:
            assert [runner.process() for _ in range(3)] == [0, 1, 2]
        assert threads.read_text().split() == ["MainThread"] * times
        threads.unlink()


def test_asset_that_cannot_be_pickled_is_told_with_its_name(made, modules):
    modules("locks", LOCKS)
    text = """
        noob_id: assets
        assets:
          lock: {type: locks.Locked, scope: runner}
        nodes:
          count: {type: plain.count}
          a: {type: locks.take, depends: [{lock: assets.lock}, {value: count.index}]}
          return: {type: return, depends: a.value}
    """
    with made("sync", text) as runner:
        assert runner.process() == 0
    runner = made("zmq", text)
    with pytest.raises(Exception, match="cannot be sent to another process") as caught, runner:
        runner.process()
    told = str(caught.value) + "".join(getattr(caught.value, "__notes__", []))
    assert "`lock`" in told and "locks.Locked" in told, told
    assert not runner.running


LOCKS = """
import threading

class Locked:
    def __init__(self):
        self.lock = threading.Lock()

def take(lock, value):
    return value
"""


THINGS = """
import contextlib

class Counter:
    def __init__(self, start=0):
        self.next = start

    def __next__(self):
        self.next += 1
        return self.next - 1

def counter(start=0):
    return Counter(start)

@contextlib.contextmanager
def counter_context(start=0):
    yield Counter(start)

@contextlib.contextmanager
def writes(path):
    yield Counter()
    with open(path, "a") as file:
        file.write("left\\n")

def take(counter, value=None):
    return next(counter)
"""
