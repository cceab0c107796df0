"""Epochs: the keys by which events belong together."""

from __future__ import annotations

from typing import Any

from ._resolve import loaded


class Epoch:
    """Number of a root epoch, and the path of a sub-epoch below it.

    `root` is the number; `path` has a pair of node and index for each `map` above.
    """

    __slots__ = ("root", "path")

    def __init__(self, root: int, path: tuple[tuple[str, int], ...] = ()) -> None:
        self.root = root
        self.path = tuple(path)

    @property
    def is_root(self) -> bool:
        return not self.path

    @property
    def parent(self) -> Epoch | None:
        return Epoch(self.root, self.path[:-1]) if self.path else None

    def _key(self) -> tuple[int, tuple[tuple[str, int], ...]]:
        return (self.root, self.path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Epoch) and self._key() == other._key()

    def __lt__(self, other: Epoch) -> bool:
        return self._key() < other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return str(self.root) if self.is_root else repr((self.root, *self.path))

    def __reduce__(self) -> Any:
        return (Epoch, (self.root, self.path))


def make(root: int, path: list[tuple[str, int]]) -> Any:
    """Returns an epoch: noob's, where anything has imported noob, so that its nodes find theirs."""
    theirs = loaded("noob_core", "Epoch")
    return theirs(root, path) if theirs is not None else Epoch(root, tuple(path))
