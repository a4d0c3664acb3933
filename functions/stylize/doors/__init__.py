"""The ways in: one file per kind of event. Event shapes are known here and nowhere else."""

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import UnknownEvent
from ..studio import Studio
from . import s3
from .shapes import shape

Door = tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any], Studio], Any]]

_DOORS: tuple[Door, ...] = (
    (s3.is_notification, s3.paint_notification),
    (s3.is_queued, s3.paint_queued),
)


def enter(event: Mapping[str, Any], studio: Studio) -> Any:
    """Hands the event to the door that knows its shape and returns its answer. Raises UnknownEvent."""
    for knows, handle in _DOORS:
        if knows(event):
            return handle(event, studio)
    raise UnknownEvent(f"expected an S3 event notification, straight or queued, got {shape(event)}")
