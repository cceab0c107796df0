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
