"""The API of tubes and runners, over every runner."""

import importlib
import os
import sys
import textwrap
import threading

import pytest
from noob_zmq import Tube, ZMQRunner, get_runner
from noob_zmq.errors import (
    InputMissingError,
    NodeFailedError,
    RunnerError,
    SchedulerExhaustedError,
    TubeLoadError,
    UnknownNodeError,
)

COUNT = """
    noob_id: count
    nodes:
      count: {type: plain.count, params: {limit: 5}}
      double: {type: plain.double, depends: [{value: count.index}]}
      return: {type: return, depends: double.value}
"""

INPUT = """
    noob_id: adds
    input:
      value: {type: int, scope: process}
      start: {type: int, default: 1}
    nodes:
      sum: {type: plain.Sum, params: {start: input.start}, depends: [{value: input.value}]}
      return: {type: return, depends: sum.total}
"""

KINDS_OF_NODES = """
    noob_id: kinds
    nodes:
      count: {type: plain.count, params: {limit: 4, start: 10}}
      split: {type: plain.split, depends: [{value: count.index}]}
      even: {type: plain.even, depends: [{value: split.ones}]}
      later: {type: plain.later, depends: [{value: split.tens}]}
      sum: {type: plain.Sum, depends: [{value: count.index}]}
      absolute: {type: abs, depends: [split.ones]}
      together:
        type: plain.together
        depends: [{a: count.index}, {b: even.value}, {more_named: later.value}]
      positions: {type: plain.together, depends: [count.index, split.ones, split.tens]}
      epoch: {type: plain.epoch_of, depends: [{value: count.index}]}
      events: {type: plain.events_of, depends: [{value: count.index}]}
      return:
        type: return
        depends:
          - sum: sum.total
          - absolute: absolute.value
          - together: together.value
          - positions: positions.value
          - epoch: epoch.value
          - events: events.value
"""


def test_run_returns_the_values_until_the_sources_end(made, kind):
    with made(kind, COUNT) as runner:
        assert runner.run(3) == [0, 2, 4]
        assert runner.run(10) == [6, 8]


def test_every_kind_of_node_is_called(made, kind):
    with made(kind, KINDS_OF_NODES) as runner:
        first, second = runner.process(), runner.process()
    assert first == {
        "sum": 110,
        "absolute": 0,
        "together": {"a": 10, "b": 0, "more": [], "named": {"more_named": 2}},
        "positions": {"a": 10, "b": 0, "more": [1], "named": {}},
        "epoch": "0",
        "events": {"node": "count", "signal": "index", "value": 10},
    }
    assert second["together"] == {"a": 11, "b": None, "more": [], "named": {"more_named": 2}}
    assert (second["sum"], second["epoch"]) == (121, "1")


def test_process_takes_inputs_and_keeps_state(made, kind):
    tube = Tube.from_text(INPUT, input={"start": 5})
    with made(kind, tube) as runner:
        assert runner.process(value=1) == 106
        assert runner.process(value=2) == 108
        with pytest.raises(InputMissingError):
            runner.process()
        assert runner.process(value=3) == 111


def test_iter_reads_ahead_and_loses_nothing(made, kind):
    with made(kind, COUNT) as runner:
        values = runner.iter(2)
        assert next(values) == 0
        assert next(values) == 2
        assert next(values, "end") == "end"
        assert list(runner.iter()) == [4, 6, 8]


def test_process_after_the_end_is_an_error(made, kind):
    with made(kind, COUNT) as runner:
        assert len(runner.run(10)) == 5
        with pytest.raises(SchedulerExhaustedError):
            runner.process()


def test_callbacks_receive_the_events(made, kind):
    seen = []
    runner = made(kind, COUNT)
    runner.add_callback(lambda event: seen.append((event["node_id"], event["value"])))
    with runner:
        runner.process()
    assert ("count", 0) in seen and ("double", 0) in seen


def test_exception_of_a_callback_ends_the_run_and_is_raised(made, kind):
    def refuse(event):
        if event["node_id"] == "double" and event["value"] == 2:
            raise LookupError("enough")

    runner = made(kind, COUNT)
    runner.add_callback(refuse)
    with runner:
        assert runner.process() == 0
        with pytest.raises(LookupError, match="enough"):
            runner.run(4)
        # The runner goes on.
        assert runner.running


def test_nodes_are_disabled_and_enabled(made, kind):
    with made(kind, COUNT) as runner:
        assert runner.process() == 0
        runner.disable_node("double")
        assert runner.process() is None
        runner.enable_node("double")
        assert runner.process() == 4
        with pytest.raises(UnknownNodeError, match="doubel"):
            runner.enable_node("doubel")


def test_runner_is_started_again(made, kind):
    runner = made(kind, COUNT)
    for _ in range(2):
        with runner:
            assert runner.running
            assert runner.run(10) == [0, 2, 4, 6, 8]
        assert not runner.running


def test_nodes_of_the_zmq_runner_have_processes_of_their_own(made):
    text = COUNT.replace("plain.double", "plain.where")
    with made("zmq", text) as runner:
        assert runner.process() == runner.node_procs["double"] != os.getpid()
        assert set(runner.node_procs) == {"count", "double"}
        assert {node["node"] for node in runner.status} == {"count", "double"}
        assert runner.runner_id
    assert runner.report["epochs"]["done"] == 1
    assert "the run came to its end" in runner.report["text"]


def test_node_runs_on_the_main_thread_where_it_asks_for_it(made):
    with made("zmq", COUNT.replace("plain.double", "plain.on_the_main_thread")) as runner:
        assert runner.run(5) == [True] * 5


@pytest.mark.parametrize(
    ("made_value", "items"),
    [("{value, value + 1}", [3, 4]), ("range(value)", [0, 1, 2]), ("deque([value])", [3])],
)
def test_items_of_objects_of_python_are_mapped(made, kind, modules, made_value, items):
    modules("objects", f"from collections import deque\n\ndef node(value):\n    return {made_value}\n")
    text = """
        noob_id: objects
        nodes:
          count: {type: plain.count, params: {start: 3}}
          objects: {type: objects.node, depends: [{value: count.index}]}
          map: {type: map, depends: [{value: objects.value}]}
          passes: {type: plain.passes, depends: [{value: map.value}]}
          gather: {type: gather, depends: [{value: passes.value}, {n: map.n}]}
          flat: {type: gather, params: {n: 1, flatten: true}, depends: [{value: objects.value}]}
          return: {type: return, depends: [{items: gather.value}, {flat: flat.value}]}
    """
    with made(kind, text) as runner:
        assert runner.process() == {"items": items, "flat": items}


def test_object_without_items_is_told_to_a_map(made, kind, modules):
    modules("objects", "def node(value):\n    return complex(value)\n")
    text = """
        noob_id: objects
        nodes:
          count: {type: plain.count}
          objects: {type: objects.node, depends: [{value: count.index}]}
          map: {type: map, depends: [{value: objects.value}]}
          return: {type: return, depends: [{items: map.value}]}
    """
    with made(kind, text) as runner, pytest.raises(NodeFailedError, match="has items"):
        runner.process()


def test_run_without_a_number_goes_on_in_the_background(made):
    enough = threading.Event()
    text = COUNT.replace("limit: 5", "limit: 1000000")
    runner = made("zmq", text)
    runner.add_callback(lambda event: event["value"] == 20 and enough.set())
    with runner:
        assert runner.run() is None
        assert enough.wait(30)
        with pytest.raises(RunnerError):
            runner.process()
        assert runner.stop() > 10
        assert runner.process() > 20


def test_threads_share_a_runner(made):
    text = """
        noob_id: shared
        input: {value: {type: int, scope: process}}
        nodes:
          double: {type: plain.double, depends: [{value: input.value}]}
          return: {type: return, depends: double.value}
    """
    with made("zmq", text) as runner:
        assert runner.process(value=0) == 0
        came = {}

        def ask(value):
            came[value] = [runner.process(value=value) for _ in range(20)]

        threads = [threading.Thread(target=ask, args=(value,)) for value in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert came == {value: [2 * value] * 20 for value in range(4)}


def test_window_of_one_epoch_is_lock_step(made):
    with made("zmq", COUNT, window=1) as runner:
        assert runner.run(10) == [0, 2, 4, 6, 8]


def test_tube_is_read_from_path_id_and_mapping(tmp_path, monkeypatch):
    path = tmp_path / "count.yaml"
    path.write_text("noob_id: by-id\nnodes:\n  count: {type: plain.count}\n")
    assert Tube.from_specification(path).tube_id == "by-id"
    assert Tube.from_specification(str(path)).tube_id == "by-id"
    monkeypatch.setenv("NOOB_CONFIG_DIRS", f'["{tmp_path}"]')
    assert Tube.from_specification("by-id").nodes == {"count": "plain.count"}
    tube = Tube.from_specification({"noob_id": "m", "nodes": {"c": {"type": "plain.count"}}})
    assert (tube.tube_id, tube.nodes) == ("m", {"c": "plain.count"})
    assert not tube.has_return
    with pytest.raises(FileNotFoundError):
        Tube.from_specification(tmp_path / "missing.yaml")


def test_all_mistakes_of_a_tube_are_told_at_once():
    text = """
noob_id: wrong
nodes:
  count: {type: plain.count, params: {limits: 3}}
  double: {type: plain.double, depends: [{values: count.index}]}
  other: {type: plain.double, depends: [{value: count.indx}]}
"""
    with pytest.raises(TubeLoadError) as caught:
        Tube.from_text(text)
    report = str(caught.value)
    for word in ("limits", "values", "indx"):
        assert word in report


def test_runners_are_found_by_their_short_names():
    assert get_runner("zmq") is ZMQRunner
    with pytest.raises(ValueError, match="sync, task, zmq"):
        get_runner("async")


def test_node_that_is_fed_emits_nothing_after_its_end(made, kind, modules):
    modules(
        "first",
        """
        from noob_zmq import MetaSignal

        class First:
            def process(self, value):
                return MetaSignal.Exhausted if value == 2 else value

        def either(a=None, b: int | None = None):
            return [a, b]
        """,
    )
    text = """
        noob_id: first
        nodes:
          count: {type: plain.count}
          first: {type: first.First, depends: [{value: count.index}]}
          either: {type: first.either, depends: [{a: count.index}, {b: first.value}]}
          return: {type: return, depends: [{first: first.value}, {either: either.value}]}
    """
    expected = [
        {"first": 0, "either": [0, 0]},
        {"first": 1, "either": [1, 1]},
        {"either": [2, None]},
        {"either": [3, None]},
        {"either": [4, None]},
    ]
    runner = made(kind, text)
    for _ in range(2):
        # A node that is started anew has not ended.
        with runner:
            assert runner.run(5) == expected


READY_MADE = """
    def made(epoch, signal, value):
        event = {"id": 7, "timestamp": None, "node_id": "ready"}
        return {**event, "signal": signal, "epoch": epoch, "value": value}

    from typing import Annotated

    from noob_zmq import Epoch, MetaSignal, Name

    Two = tuple[Annotated[int, Name("one")], Annotated[int, Name("two")]]

    def swaps(value: int, epoch: Epoch) -> Two:
        return made(epoch, "two", value), made(epoch, "one", 10 * value)

    def several(value: int, epoch: Epoch) -> Two:
        return [made(epoch, "one", value), made(epoch, "two", MetaSignal.NoEvent)], MetaSignal.NoEvent

    def above(value: int, epoch: Epoch) -> Annotated[int, Name("one")]:
        return made(epoch.parent, "one", value)

    def wrong_signal(value: int, epoch: Epoch) -> Annotated[int, Name("one")]:
        return made(epoch, "three", value)

    def wrong_epoch(value: int, epoch: Epoch) -> Annotated[int, Name("one")]:
        return made(type(epoch)(epoch.root + 1, []), "one", value)

    def mixed(value: int, epoch: Epoch) -> Annotated[int, Name("one")]:
        return [made(epoch, "one", value), value]
"""


def ready_made(node, *returned):
    depends = ", ".join(f"{{{name}: ready.{name}}}" for name in returned)
    return f"""
        noob_id: ready
        nodes:
          count: {{type: plain.count, params: {{start: 3}}}}
          ready: {{type: ready.{node}, depends: [{{value: count.index}}]}}
          return: {{type: return, depends: [{depends}]}}
    """


def test_events_that_a_node_makes_itself_are_emitted(made, kind, modules):
    modules("ready", READY_MADE)
    with made(kind, ready_made("swaps", "one", "two")) as runner:
        assert runner.process() == {"one": 30, "two": 3}
    with made(kind, ready_made("several", "one", "two")) as runner:
        assert runner.process() == {"one": 3}


def test_event_of_the_epoch_above_is_emitted_in_that_of_the_call(made, kind, modules):
    modules("ready", READY_MADE)
    text = """
        noob_id: ready
        nodes:
          count: {type: plain.count, params: {start: 3}}
          items: {type: ready_items.node, depends: [{value: count.index}]}
          map: {type: map, depends: [{value: items.value}]}
          ready: {type: ready.above, depends: [{value: map.value}]}
          return: {type: return, depends: [{one: ready.one}]}
    """
    modules("ready_items", "def node(value):\n    return [value, value + 1]\n")
    with made(kind, text) as runner:
        assert runner.process() == {"one": [3, 4]}


@pytest.mark.parametrize(
    ("node", "told"),
    [("wrong_signal", "three"), ("wrong_epoch", "epoch"), ("mixed", "begins with an event")],
)
def test_event_that_is_not_of_the_call_is_refused(made, kind, modules, node, told):
    modules("ready", READY_MADE)
    with made(kind, ready_made(node, "one")) as runner, pytest.raises(Exception, match=told):
        runner.process()


def test_module_that_is_loaded_again_has_its_new_signature(made, kind, modules):
    path = modules("changes", "def node(value):\n    return value + 1\n")
    text = """
        noob_id: changes
        nodes:
          count: {type: plain.count, params: {start: 3}}
          node: {type: changes.node, depends: [{value: count.index}]}
          return: {type: return, depends: [{x: node.value}]}
    """
    with made(kind, text) as runner:
        assert runner.process() == {"x": 4}
    reload(path, "def node(value, factor: int = 10):\n    return value * factor\n")
    with made(kind, text.replace("changes.node,", "changes.node, params: {factor: 5},")) as runner:
        assert runner.process() == {"x": 15}
    reload(
        path,
        """
        from typing import Annotated
        from noob_zmq import Name

        def node(number) -> Annotated[int, Name("minus")]:
            return -number
        """,
    )
    with pytest.raises(TubeLoadError, match="number"):
        Tube.from_text(textwrap.dedent(text))
    text = text.replace("{value: count", "{number: count").replace("node.value", "node.minus")
    with made(kind, text) as runner:
        assert runner.process() == {"x": -3}


def reload(path, text):
    # A file of the same second and size would be taken for the one that was compiled.
    path.write_text(textwrap.dedent(text))
    importlib.invalidate_caches()
    for cached in path.parent.glob("__pycache__/*"):
        cached.unlink()
    importlib.reload(sys.modules[path.stem])
