"""Live nodes: what a node process, or a runner in this process, calls.

A host has the methods `init` and `deinit`, and between the two a callable `process`, which takes
the arguments of a call.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ._resolve import is_noob_node, loaded, method_of, process_method_of, resolve


def make(name: str, params: dict[str, Any], node: str) -> Host:
    """Returns the host of a node of this type; the code of a node runs in `init`, not here."""
    found = resolve(name)
    if is_noob_node(found):
        return NoobHost(found, name, params, node)
    if inspect.isclass(found):
        return ClassHost(found, params)
    return FunctionHost(found, params)


class Host:
    """A live node."""

    process: Callable[..., Any] | None = None
    is_source = False
    """Whether `process` is the `__next__` of a generator, which ends by `StopIteration`."""
    _loop: Any = None
    _generator: Any = None
    """Generator of a source that ends with the node."""

    def init(self) -> None:
        raise NotImplementedError

    def deinit(self) -> None:
        try:
            self._close_generator()
        finally:
            self.process = None
            loop, self._loop = self._loop, None
            if loop is not None:
                loop.close()

    def _close_generator(self) -> None:
        """Has a generator run its `finally` blocks now, whose exceptions are those of the node."""
        generator, self._generator = self._generator, None
        if generator is not None:
            generator.close()

    def _starts(self, function: Callable[..., Any], **params: Any) -> None:
        """Prepares the calls of a function, a generator function or a coroutine function."""
        unwrapped = function
        while isinstance(unwrapped, functools.partial):
            unwrapped = unwrapped.func
        self.is_source = inspect.isgeneratorfunction(unwrapped)
        if self.is_source:
            self._generator = function(**params)
            self.process = self._generator.__next__
        elif inspect.iscoroutinefunction(unwrapped):
            self.process = self._waits_for(functools.partial(function, **params))
        else:
            self.process = functools.partial(function, **params) if params else function

    def _waits_for(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if self._loop is None:
            from ._loop import Loop

            self._loop = Loop()
        return functools.partial(self._loop.run, function)

    def _call(self, method: Callable[..., Any]) -> None:
        """Calls a method for the start or the end of a node."""
        if inspect.iscoroutinefunction(method):
            method = self._waits_for(method)
        method()


class FunctionHost(Host):
    """A function, a generator function or a coroutine function."""

    def __init__(self, function: Callable[..., Any], params: dict[str, Any]) -> None:
        self.function = function
        self.params = params

    def init(self) -> None:
        self._starts(self.function, **self.params)


class ClassHost(Host):
    """A class; an object of it lives from `init` to `deinit`."""

    def __init__(self, cls: type, params: dict[str, Any]) -> None:
        self.cls = cls
        self.params = params
        self.made: Any = None

    def init(self) -> None:
        self.made = self.cls(**self.params)
        self._starts(getattr(self.made, process_method_of(self.cls)))
        if (method := method_of(self.cls, "init")) is not None:
            self._call(getattr(self.made, method))

    def deinit(self) -> None:
        made, self.made = self.made, None
        try:
            # Before `deinit` of the class frees what the generator uses.
            self._close_generator()
        finally:
            self._end(made)

    def _end(self, made: Any) -> None:
        try:
            if made is not None and (method := method_of(self.cls, "deinit")) is not None:
                self._call(getattr(made, method))
        finally:
            super().deinit()


class NoobHost(Host):
    """A subclass of noob's `Node`; its object lives as long as the host."""

    def __init__(self, cls: Any, name: str, params: dict[str, Any], node: str) -> None:
        self.cls = cls
        self.name = name
        self.params = params
        self.node = node
        self.made: Any = None

    def init(self) -> None:
        if self.made is None:
            specification = loaded("noob.node.spec", "NodeSpecification")
            specification = specification(id=self.node, type=self.name, params=self.params)
            self.made = self.cls(id=self.node, spec=specification, **self.params)
        self._call(_with_context(self.made.init))
        generator = getattr(self.made, "_gen", None)
        if generator is not None:
            # The same generator goes on after a restart of the node, as in noob.
            self.is_source = True
            self.process = generator.__next__
        else:
            self._starts(self.made.process)

    def deinit(self) -> None:
        try:
            if self.made is not None:
                self._call(_with_context(self.made.deinit))
        finally:
            super().deinit()


def _with_context(method: Callable[..., Any]) -> Callable[..., Any]:
    """Passes the context that a method asks for; the runner is in another language."""
    context = loaded("noob.types", "RunnerContext")
    for parameter in inspect.signature(method).parameters.values():
        if context is not None and parameter.annotation is context:
            given = {"runner": None, "input_collection": None}
            return functools.partial(method, **{parameter.name: given})
    return method
