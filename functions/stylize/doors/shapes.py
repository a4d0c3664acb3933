"""What an event looks like from outside."""

from collections.abc import Mapping
from typing import Any


def source(event: Mapping[str, Any]) -> str | None:
    """The service that the first record of an event is from."""
    records = event.get("Records")
    first = records[0] if isinstance(records, list) and records else None
    return first.get("eventSource") if isinstance(first, Mapping) else None


def shape(event: object) -> str:
    """The kind of an event in words, without what is in it."""
    if not isinstance(event, Mapping):
        return type(event).__name__
    names = ", ".join(sorted(map(str, event))) or "no fields"
    sender = source(event)
    return f"an object with {names}" + (f" from {sender}" if sender else "")
