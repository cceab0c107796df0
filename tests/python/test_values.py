"""Values come back from a node as they were given to it."""

import datetime
import decimal
import enum
import math

import numpy as np
import pytest

ECHO = """
    noob_id: echo
    input: {value: {type: any, scope: process}}
    nodes:
      echo: {type: plain.passes, depends: [{value: input.value}]}
      return: {type: return, depends: echo.value}
"""

PLAIN = [
    0,
    -1,
    2**63 - 1,
    -(2**63),
    2**64 - 1,
    2**64,
    -(2**200),
    1.5,
    -0.0,
    math.inf,
    True,
    False,
    "",
    "a\x00b\N{SNOWMAN}",
    b"",
    b"\x00\xff",
    [],
    [1, [2.5, ["x"]], None],
    {},
    {"a": {"b": [1]}, "": 2},
    "__META__NoEvent",
]


class Colour(enum.Enum):
    RED = 1


OBJECTS = [
    datetime.datetime(2026, 1, 2, 3, 4, 5, 6, datetime.UTC),
    datetime.timedelta(seconds=1.5),
    decimal.Decimal("1.10"),
    {1, 2},
    {1: "a", (2, 3): "b"},
    1 + 2j,
    -(10**5000),
    "caf\udce9",
    {"caf\udce9": 1},
]


@pytest.mark.parametrize("kind", ["sync", "zmq"])
def test_plain_values_come_back_equal(made, kind):
    with made(kind, ECHO) as runner:
        for value in PLAIN:
            came = runner.process(value=value)
            assert came == value and type(came) is type(value), value
        assert math.isnan(runner.process(value=math.nan))
        assert math.copysign(1, runner.process(value=-0.0)) == -1


@pytest.mark.parametrize("kind", ["sync", "zmq"])
def test_objects_of_python_come_back_equal(made, kind):
    with made(kind, ECHO) as runner:
        for value in OBJECTS:
            came = runner.process(value=value)
            assert came == value and type(came) is type(value), value
            assert runner.process(value=[value, 1]) == [value, 1]


def test_tuple_becomes_a_list(made):
    with made("sync", ECHO) as runner:
        assert runner.process(value=(1, (2,))) == [1, [2]]


def test_subclasses_of_plain_types_become_plain(made):
    class Text(str):
        pass

    class Number(enum.IntEnum):
        ONE = 1

    class Large(int):
        def __index__(self):
            raise AssertionError

        __str__ = __index__

    with made("sync", ECHO) as runner:
        assert type(runner.process(value=Text("a"))) is str
        assert type(runner.process(value=Number.ONE)) is int
        large = runner.process(value=Large(2**70))
        assert type(large) is int and large == 2**70
        assert type(runner.process(value=np.float64(1.5))) is float
        assert type(runner.process(value=np.int32(3))) is int


def test_value_that_contains_itself_is_refused(made):
    endless = []
    endless.append(endless)
    with made("sync", ECHO) as runner, pytest.raises(ValueError, match="contains itself"):
        runner.process(value=endless)


def test_object_that_cannot_be_sent_is_refused_with_its_type(made):
    with made("zmq", ECHO) as runner, pytest.raises(TypeError, match="generator"):
        runner.process(value=(x for x in "ab"))


@pytest.mark.parametrize("kind", ["sync", "zmq"])
def test_long_double_keeps_its_precision(made, kind):
    value = np.longdouble(1) / 3
    with made(kind, ECHO) as runner:
        for given in (value, [value], {"a": value}):
            came = runner.process(value=given)
            assert came == given and value != float(value)


@pytest.mark.parametrize("kind", ["sync", "zmq"])
def test_text_that_looks_like_a_marker_is_a_text(made, kind, modules):
    modules(
        "marks",
        """
        import enum

        class MetaSignal(enum.StrEnum):
            NoEvent = "__META__NoEvent"

        def node(value):
            return MetaSignal.NoEvent
        """,
    )
    with made(kind, ECHO.replace("plain.passes", "marks.node")) as runner:
        assert runner.process(value=1) == "__META__NoEvent"
