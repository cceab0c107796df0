"""Nodes of the benchmark and of the soak, for noob and for this project."""

from collections.abc import Generator

import numpy as np


def numbers() -> Generator[int, None, None]:
    number = 0
    while True:
        yield number
        number += 1


def double(value: int) -> int:
    return value * 2


def blobs(size: int) -> Generator[np.ndarray, None, None]:
    """Emits an array of bytes again and again, with the number of the epoch in its first element."""
    blob = np.full(size, 7, dtype="u1")
    number = 0
    while True:
        blob[0] = number % 256
        yield blob
        number += 1


def step(blob: np.ndarray) -> np.ndarray:
    blob = blob if blob.flags.writeable else blob.copy()
    blob[0] = (int(blob[0]) + 1) % 256
    return blob


def first(blob: np.ndarray) -> int:
    return int(blob[0])
