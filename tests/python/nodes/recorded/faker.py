"""Stands for `faker`: the words of the recordings, in turn."""

from itertools import cycle


class Faker:
    def __init__(self) -> None:
        self._words = cycle("apple bee cat doge ox fig grape hat".split())

    @property
    def unique(self) -> "Faker":
        return self

    def word(self) -> str:
        return next(self._words)
