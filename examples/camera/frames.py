"""Nodes of `camera.yaml`: a synthetic camera, and a writer of pictures."""

from collections.abc import Generator
from pathlib import Path
from typing import Annotated

import numpy as np
from noob_zmq import Name, ReadOnly


def camera(
    n: int = 30, height: int = 240, width: int = 320
) -> Generator[Annotated[np.ndarray, Name("frame")], None, None]:
    """Emits grey frames with a bright disc that moves to the right."""
    rows, columns = np.mgrid[:height, :width]
    for number in range(n):
        centre = width * (number + 0.5) / n
        distance = np.hypot(rows - height / 2, columns - centre)
        yield np.where(distance < height / 6, 255, 40).astype("u1")


class Writer:
    """Writes frames as pictures in the format PGM, and counts them."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.written = 0

    def init(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def process(self, frame: Annotated[np.ndarray, ReadOnly]) -> Annotated[int, Name("written")]:
        height, width = frame.shape
        path = self.folder / f"{self.written:04}.pgm"
        path.write_bytes(b"P5 %d %d 255\n" % (width, height) + frame.tobytes())
        self.written += 1
        return self.written
