"""Signals and slots are those that noob reads; noob's own reader is the reference."""

import inspect
import warnings
from collections.abc import Generator, Iterator
from typing import Annotated, Any, Optional, Union

import noob.testing.nodes
import pytest
from noob import Name
from noob.edge import Signal, Slot
from noob.node import NodeSpecification
from noob_zmq import _annotations, _describe

A = Annotated[int, Name("a")]
B = Annotated[str, Name("b")]


def one() -> A: ...
def two() -> tuple[A, B]: ...
def named_and_not() -> tuple[A, int]: ...
def not_and_named() -> tuple[int, B]: ...
def maybe() -> A | None: ...
def optional() -> Optional[Annotated[int, Name("a"), Name("c")]]: ...
def either() -> Union[A, B]: ...
def generated() -> Generator[tuple[A, A], None, None]: ...
def iterated() -> Iterator[A]: ...
def text() -> "A": ...
def nothing(): ...
def none() -> None: ...
def anything() -> Any: ...
def bare() -> tuple: ...
def nested() -> tuple[tuple[A, B], Annotated[int, Name("z")]]: ...


def slots_of_all_kinds(
    a,
    b=2,
    c: int | None = None,
    d: Any = None,
    e: Optional[int] = 3,
    *args,
    f: Annotated[int | None, 1] = None,
    **kwargs,
): ...


def method(self, x: int, y: str | None = None): ...


OWN = [
    value
    for value in list(globals().values())
    if inspect.isfunction(value) and value.__module__ == __name__
]
THEIRS = [value for value in vars(noob.testing.nodes).values() if inspect.isfunction(value)]


@pytest.mark.parametrize("function", [*OWN, *THEIRS, sum, abs, divmod], ids=lambda f: f.__name__)
def test_signals_and_slots_are_those_of_noob(function):
    assert [name for name, _ in _annotations.signals(function)] == list(
        Signal.from_callable(function)
    )
    # `**kwargs` takes the slots that the tube names.
    spec = NodeSpecification(
        id="x", type="noob.testing.multiply", depends=[{"zz": "a.value"}, {"a": "b.value"}]
    )
    theirs = {name: slot.required for name, slot in Slot.from_callable(function, spec).items()}
    read = _annotations.arguments(function)
    own = {slot.name: not slot.optional for slot in read.slots}
    if read.more_named is not None:
        own = {**own, **{name: own.get(name, False) for name in ("zz", "a")}}
    # Injected arguments and `*args` are slots by name there, and none here.
    for name in (read.epoch, read.events):
        own.pop(name, None)
        theirs.pop(name, None)
    if read.more_positional:
        theirs.pop("args")
    assert own == theirs


def test_injected_arguments_are_found():
    described = _describe.node("noob.testing.inject_epoch")
    assert (described["epoch"], described["events"]) == ("epoch", None)
    described = _describe.node("noob.testing.inject_eventmap")
    assert (described["epoch"], described["events"]) == (None, "events")


def test_kinds_of_nodes_are_told_apart():
    kinds = {
        name: (described["kind"], described["stateful"])
        for name in ("multiply", "count_source", "Volume", "Multiply", "number_to_letter")
        for described in [_describe.node(f"noob.testing.{name}")]
    }
    assert kinds == {
        "multiply": ("function", False),
        "count_source": ("source", True),
        "Volume": ("class", True),
        "Multiply": ("class", True),
        "number_to_letter": ("function", False),
    }


def test_parameters_of_a_noob_node_are_its_fields():
    described = _describe.node("noob.testing.CountSource")
    assert [param[0] for param in described["params"]] == ["limit", "start"]
    assert described["slots"] == []


def test_noob_node_with_signals_of_its_own_is_dynamic():
    assert _describe.node("noob.testing.DynamicSignals")["dynamic"]
    params = {"signals_": ["a", "b"], "slots_": ["c"]}
    assert _describe.shape("noob.testing.DynamicSignals", params) == (["c"], ["a", "b"])


def test_validator_of_a_noob_node_may_add_parameters(modules):
    modules(
        "writer",
        """
        from noob import Node
        from pydantic import model_validator

        class Writer(Node):
            path: str

            @model_validator(mode="before")
            @classmethod
            def found(cls, values):
                return {"path": "/tmp", **values}

            def process(self, value: int) -> str:
                return self.path
        """,
    )
    [path] = _describe.node("writer.Writer")["params"]
    assert path[0] == "path" and path[3] is not None


def test_method_of_a_class_is_a_function():
    assert _describe.node("pathlib.Path.write_text")["kind"] == "function"
    with pytest.raises(ModuleNotFoundError, match="pathlib.Pth"):
        _describe.node("pathlib.Pth.write_text")


def test_marks_in_annotations_that_are_texts_are_warned_of(modules):
    path = modules(
        "texts",
        """
        from __future__ import annotations
        from typing import Annotated
        from noob_zmq import Epoch, Name

        def marked(value: int) -> Annotated[int, Name("count")]: ...
        def injected(value: int, epoch: Epoch): ...
        def plain(value: int, epochs: int | None = None) -> list[Epochs]: ...
        """,
    )
    for name, line in [("marked", 6), ("injected", 7)]:
        with pytest.warns(UserWarning, match=f"annotations of `{name}` are texts") as caught:
            described = _describe.node(f"texts.{name}")
        # They are read as noob reads them.
        assert [signal for signal, _ in described["signals"]] == ["value"]
        assert (caught[0].filename, caught[0].lineno) == (str(path), line)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _describe.node("texts.plain")
