"""Tubes: graphs of nodes, read from YAML."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from . import _native
from .errors import _warn_of_extra

__all__ = ["Tube"]


class Tube:
    """A tube that was read and checked.

    Made by `from_specification`; a runner runs it. All mistakes of a tube are found here, before
    anything starts.
    """

    def __init__(self, checked: _native.Tube) -> None:
        self._checked = checked
        self._process_inputs = {name for name, of_process in checked.inputs() if of_process}

    @classmethod
    def from_specification(
        cls,
        spec: str | os.PathLike[str] | Mapping[str, Any],
        input: Mapping[str, Any] | None = None,
    ) -> Tube:
        """Reads a tube: the path of a file, the id of a tube, or a mapping with the same keys.

        noob's `TubeSpecification` is taken too. `input` has the tube-scoped inputs. Raises `TubeLoadError` with every mistake and its place.
        """
        given = dict(input) if input is not None else None
        if callable(dump := getattr(spec, "model_dump", None)):
            # A specification of noob's.
            spec = dump(mode="json", by_alias=True, exclude_none=True, exclude={"nodeinfo"})
        if isinstance(spec, Mapping):
            # JSON is YAML.
            checked = _native.Tube.from_text("<mapping>", json.dumps(_plain(spec), indent=1), given)
        elif isinstance(spec, str | os.PathLike):
            checked = _native.Tube.load(os.fspath(spec), given)
        else:
            raise TypeError(f"a tube is a path, an id or a mapping, not {type(spec).__name__}")
        return cls._made(checked, given)

    @classmethod
    def from_text(cls, text: str, input: Mapping[str, Any] | None = None) -> Tube:
        """Reads a tube from the text of a file."""
        given = dict(input) if input is not None else None
        return cls._made(_native.Tube.from_text("<text>", text, given), given)

    @classmethod
    def _made(cls, checked: _native.Tube, given: dict[str, Any] | None) -> Tube:
        tube = cls(checked)
        if given:
            declared = {name for name, of_process in checked.inputs() if not of_process}
            _warn_of_extra(given, declared, "tube")
        return tube

    @property
    def tube_id(self) -> str:
        """The id of the tube."""
        return self._checked.tube_id

    @property
    def nodes(self) -> dict[str, str]:
        """The types of the nodes, by their ids, in the order of the file."""
        return {node: type_name for node, type_name, _ in self._checked.nodes()}

    @property
    def enabled_nodes(self) -> dict[str, str]:
        """The types of the nodes that are enabled when a run starts."""
        return {node: ty for node, ty, enabled in self._checked.nodes() if enabled}

    @property
    def has_return(self) -> bool:
        """Whether a return node is enabled."""
        return self._checked.has_return

    def __repr__(self) -> str:
        return f"<Tube {self.tube_id!r} of {len(self.nodes)} nodes>"


def _plain(spec: Any) -> Any:
    """Returns a specification with the plain types of JSON."""
    if isinstance(spec, Mapping):
        return {str(key): _plain(value) for key, value in spec.items()}
    if isinstance(spec, list | tuple):
        return [_plain(value) for value in spec]
    if isinstance(spec, os.PathLike):
        return os.fspath(spec)
    return spec
