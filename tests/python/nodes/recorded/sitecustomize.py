"""Makes noob's test nodes deterministic, in every process of a recorded case."""

import importlib.abc
import importlib.machinery
import sys


class Numbers:
    """Stands for the module `random`: the numbers of the recordings."""

    def __init__(self) -> None:
        self.calls = 0

    def randint(self, first: int, last: int) -> int:
        self.calls += 1
        return first + 7 * (self.calls - 1) % (last - first + 1)

    def random(self) -> float:
        return 0.0


class Finder(importlib.abc.MetaPathFinder):
    """Changes two modules of noob when they are imported."""

    def find_spec(self, name, path=None, target=None):
        if name not in ("noob.types", "noob.testing.nodes"):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module
            spec.loader.exec_module = lambda module: changed(module, execute)
        return spec


def changed(module, execute) -> None:
    execute(module)
    if module.__name__ == "noob.types":
        # Python 3.11 and 3.12 refuse unhashable marks in unions.
        module.Name.__hash__ = lambda name: hash(name.name)
    else:
        module.random = Numbers()


sys.meta_path.insert(0, Finder())
