"""Events in the form of noob's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from . import _markers
from ._resolve import loaded

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def dated(event: dict[str, Any]) -> None:
    """Replaces the microseconds of an event by its time."""
    event["timestamp"] = _EPOCH + timedelta(microseconds=event["timestamp"])


def marker(name: str) -> Any:
    """Returns a marker: noob's, where anything has imported noob, so that `is` finds it."""
    return getattr(loaded("noob.event", "MetaSignal") or _markers.MetaSignal, name)
