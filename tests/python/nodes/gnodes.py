"""Nodes of the recorded tubes, under their names (see `tests/conformance/nodes`)."""

from collections.abc import Generator
from itertools import count
from typing import Annotated, Any

from noob_zmq import MetaSignal, Name


def lists(
    sizes: list[int] | None = None, start: int = 0, step: int = 1
) -> Generator[Annotated[list[int], Name("items")], None, None]:
    sizes = [1, 2, 3] if sizes is None else sizes
    first = start
    for call in count():
        size = sizes[call % len(sizes)]
        yield list(range(first, first + size * step, step))
        first += size * step


def nested_lists(
    outer: int = 2, inner: int = 3
) -> Generator[Annotated[list[list[int]], Name("items")], None, None]:
    for call in count():
        first = call * outer * inner
        starts = range(first, first + outer * inner, inner)
        yield [list(range(start, start + inner)) for start in starts]


def drop_odd(value: int) -> Annotated[int, Name("even")]:
    return MetaSignal.NoEvent if value % 2 else value


def parity(value: int) -> tuple[Annotated[int, Name("even")], Annotated[int, Name("odd")]]:
    nothing = MetaSignal.NoEvent
    return (nothing, value) if value % 2 else (value, nothing)


def fail_at(value: int, at: int = 2) -> int:
    if value == at:
        raise RuntimeError(f"boom at {value}")
    return value


def pair(a: Any, b: Any) -> list:
    return [a, b]


def opt(a: Any | None = None, b: Any | None = None, c: Any | None = None) -> list:
    return [a, b, c]


def req_opt(a: Any, b: Any | None = None) -> list:
    return [a, b]


def short(
    value: int,
) -> tuple[Annotated[int, Name("one")], Annotated[int, Name("two")], Annotated[int, Name("three")]]:
    return value, value + 1


def none_if_odd(value: int) -> int | None:
    return None if value % 2 else value


def incr(counter: Any) -> tuple[Annotated[Any, Name("counter")], Annotated[int, Name("value")]]:
    return counter, next(counter)


class Acc:
    def __init__(self, start: int = 0) -> None:
        self.sum = start

    def process(self, value: int) -> int:
        self.sum += value
        return self.sum


async def adouble(value: int) -> int:
    return 2 * value


def plus1(value: int) -> int:
    return value + 1


def bare_noevent(value: int) -> tuple[Annotated[int, Name("one")], Annotated[int, Name("two")]]:
    return MetaSignal.NoEvent if value % 2 else (value, 10 * value)


def limited_pair(
    limit: int = 2,
) -> Generator[tuple[Annotated[int, Name("one")], Annotated[int, Name("two")]], None, None]:
    for number in range(limit):
        yield number, 10 * number


def none_two(value: int) -> tuple[Annotated[int, Name("one")], Annotated[int, Name("two")]]:
    return None


def takes_node(node: int) -> int:
    return node
