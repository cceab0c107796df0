"""Runners of tubes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Literal, Self

from . import _native
from ._program import node_environment, node_program
from .errors import _warn_of_extra
from .tube import Tube

__all__ = ["SynchronousRunner", "TaskRunner", "TubeRunner", "ZMQRunner", "get_runner"]

Callback = Callable[[dict[str, Any]], Any]


class TubeRunner:
    """What all runners have.

    Every runner returns the same values in the same order. A runner is a context manager that
    starts the nodes and shuts them down; `process`, `run` and `iter` start it if that was not done.
    """

    def __init__(self, tube: Tube, native: _native.Runner, max_iter_loops: int) -> None:
        self.tube = tube
        self._native = native
        self._max_iter_loops = max_iter_loops
        native.set_max_iter_loops(max_iter_loops)

    def init(self) -> None:
        """Starts the nodes, and waits until all are ready."""
        self._native.init()

    def deinit(self) -> None:
        """Shuts the nodes down; nothing of the run is left then.

        Does nothing in a process that was forked from that of the run.
        """
        self._native.deinit()

    @property
    def running(self) -> bool:
        """Whether the nodes are started."""
        return self._native.running

    @property
    def max_iter_loops(self) -> int:
        """How many epochs in a row may return nothing before `iter` gives up."""
        return self._max_iter_loops

    @max_iter_loops.setter
    def max_iter_loops(self, epochs: int) -> None:
        self._native.set_max_iter_loops(epochs)
        self._max_iter_loops = epochs

    def process(self, **inputs: Any) -> Any:
        """Runs one epoch with these process-scoped inputs, and returns the value of the return node.

        `None` where nothing was returned. An exception of a node is raised here, with the report of
        the run as a note.
        """
        if inputs and not inputs.keys() <= self.tube._process_inputs:
            _warn_of_extra(inputs, self.tube._process_inputs, "process")
        return self._native.process(inputs or None)

    def run(self, n: int | None = None) -> list[Any] | None:
        """Runs `n` epochs, or all until the sources end, and returns the values, `None` if none."""
        return self._native.run(n) or None

    def iter(self, n: int | None = None) -> Iterator[Any]:
        """Returns an iterator over `n` values, or over all until the sources end.

        Epochs run as values are asked for, ahead of the reader as far as the window of the runner
        allows; values that were not read are returned by the next call.
        """
        left = n
        while left is None or left > 0:
            found = self._native.next(left)
            if found is None:
                return
            yield found[0]
            if left is not None:
                left -= 1

    def __iter__(self) -> Iterator[Any]:
        return self.iter()

    def stop(self) -> int:
        """Stops a run: one in the background, or that of another thread.

        Open epochs are completed. Returns the number of epochs that a run in the background has
        run, and raises the error that has ended it.
        """
        return self._native.stop()

    def add_callback(self, callback: Callback) -> None:
        """Calls a function with every event: a dict with noob's keys.

        It runs on a thread of the runner. An exception ends the run, and is raised by its call.
        """
        self._native.add_callback(callback)

    def enable_node(self, node_id: str) -> None:
        """Enables a node from the next epoch on."""
        self._native.set_node_enabled(node_id, True)

    def disable_node(self, node_id: str) -> None:
        """Disables a node from the next epoch on; nodes that depend on it do not run."""
        self._native.set_node_enabled(node_id, False)

    def __enter__(self) -> Self:
        self.init()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.deinit()


class SynchronousRunner(TubeRunner):
    """Runs a tube in the calling thread, one call of a node after the other."""

    def __init__(self, tube: Tube, *, max_iter_loops: int = 100) -> None:
        super().__init__(tube, _native.Runner.sync(tube._checked), max_iter_loops)


class TaskRunner(TubeRunner):
    """Runs a tube on threads of this process, with several epochs open at once.

    Nodes in Python take turns with the interpreter; Rust nodes and C code that releases it do not.
    """

    def __init__(
        self, tube: Tube, *, window: int | None = None, max_iter_loops: int = 100
    ) -> None:
        super().__init__(tube, _native.Runner.task(tube._checked, window), max_iter_loops)


class ZMQRunner(TubeRunner):
    """Runs a tube with every node in a process of its own.

    `window` is the number of epochs that may be open at once, `window_bytes` and `shared_memory`
    limit their memory. `listen` has addresses at which nodes of other hosts (`remote`) may join,
    with the private key in the file `key` and the keys of the file `allow`, or without keys
    (`plain`, loopback only). `python` is the interpreter of the nodes, by default this one; times
    are in seconds.
    """

    def __init__(
        self,
        tube: Tube,
        *,
        window: int | None = None,
        window_bytes: int | None = None,
        shared_memory: int | None = None,
        ready_timeout: float | None = None,
        quit_timeout: float | None = None,
        runtime_dir: str | os.PathLike[str] | None = None,
        listen: str | Sequence[str] = (),
        remote: Sequence[str] = (),
        key: str | os.PathLike[str] | None = None,
        allow: str | os.PathLike[str] | None = None,
        plain: bool = False,
        python: str | os.PathLike[str] | None = None,
        max_iter_loops: int = 100,
    ) -> None:
        settings = {
            "window": window,
            "window_bytes": window_bytes,
            "shared_memory": shared_memory,
            "ready_timeout": ready_timeout,
            "quit_timeout": quit_timeout,
            "runtime_dir": runtime_dir,
            "listen": [listen] if isinstance(listen, str) else list(listen),
            "remote": list(remote),
            "key": key,
            "allow": allow,
            "plain": plain,
        }
        native = _native.Runner.zmq(
            tube._checked, node_program(python), node_environment(python), settings
        )
        super().__init__(tube, native, max_iter_loops)

    def run(self, n: int | None = None) -> list[Any] | None:
        """Runs `n` epochs and returns the values; without `n`, runs in the background until `stop`."""
        if n is None:
            self._native.start()
            return None
        return super().run(n)

    @property
    def initialized(self) -> bool:
        """Whether the nodes are started."""
        return self.running

    @property
    def runner_id(self) -> str | None:
        """The name of the run, once it was started."""
        return self._native.runner_id

    @property
    def report(self) -> dict[str, Any]:
        """The account of the run so far, or of the last one; its text is under `text`."""
        return self._native.report() or {}

    @property
    def status(self) -> list[dict[str, Any]]:
        """State, rates and totals of each node; also during a call of another thread."""
        return self._native.status()

    @property
    def node_procs(self) -> dict[str, int]:
        """The process ids of the nodes, once they were started; also during a call."""
        return dict(self._native.processes())


def get_runner(runner: Literal["sync", "task", "zmq"] = "sync") -> type[TubeRunner]:
    """Returns the class of a runner by its short name."""
    runners = {"sync": SynchronousRunner, "task": TaskRunner, "zmq": ZMQRunner}
    if runner not in runners:
        raise ValueError(f"no runner is called {runner!r}; there are {', '.join(runners)}")
    return runners[runner]
