"""The doors: one file per kind of event. Only this package knows event shapes.

A door is imported when its first event arrives. An execution environment sees events of one or two kinds, and importing
Powertools' modules for the other kinds would only lengthen the cold start.
"""

from typing import Any

from ..errors import UnknownEvent
from ..studio import Studio
from .events import Kind, kind, shape


def import_every_door() -> None:
    """Import all doors before a snapshot is taken, so that no restored environment waits for an import."""
    from . import batch, direct, http, s3  # noqa: F401


def enter(event: Any, studio: Studio) -> Any:
    """Pass the event to its door and return the door's answer. Raises UnknownEvent."""
    match kind(event):
        case Kind.NOTIFICATION:
            from .s3 import paint_notification

            return paint_notification(event, studio)
        case Kind.QUEUED:
            from .s3 import paint_queued

            return paint_queued(event, studio)
        case Kind.BATCH:
            from .batch import paint_tasks

            return paint_tasks(event, studio)
        case Kind.HTTP:
            from .http import answer

            return answer(event, studio)
        case Kind.DIRECT:
            from .direct import paint_directly

            return paint_directly(event, studio)
    raise UnknownEvent(
        "expected an S3 event notification (straight, queued or by EventBridge), a task of S3 Batch Operations, "
        f"a request of an HTTP gateway or a direct invocation, got {shape(event)}"
    )
