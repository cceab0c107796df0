"""Nodes with arrays."""

from collections.abc import Generator
from typing import Annotated

import numpy as np
from noob_zmq import Name, ReadOnly


def frames(
    n: int = 3, shape: list[int] | None = None, dtype: str = "u1"
) -> Generator[Annotated[np.ndarray, Name("frame")], None, None]:
    shape = shape or [4, 3]
    for number in range(n):
        yield (np.arange(int(np.prod(shape))).reshape(shape) + number).astype(dtype)


def written(frame: np.ndarray) -> np.ndarray:
    frame += 1
    return frame


def viewed(frame: Annotated[np.ndarray, ReadOnly]) -> bool:
    return frame.flags.writeable


def described(frame: np.ndarray) -> dict:
    return {
        "dtype": frame.dtype.str,
        "shape": list(frame.shape),
        "sum": float(frame.sum()),
        "writeable": frame.flags.writeable,
    }


def transposed(frame: np.ndarray) -> np.ndarray:
    return frame.T


def pickled(frame: np.ndarray) -> dict:
    """Returns something that no other language knows, with an array in it."""
    return {1: frame, 2: {3, 4}}


def opened(value: dict) -> list:
    return [value[1].tolist(), sorted(value[2])]
