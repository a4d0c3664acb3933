"""The ways in: one file per kind of event. Event shapes are known here and nowhere else.

A door is imported when the first event comes that is its own: an execution environment sees events of one or two
kinds, and what Powertools has for the others would only lengthen its start.
"""

from typing import Any

from ..errors import UnknownEvent
from ..studio import Studio
from .events import Kind, kind, shape


def import_every_door() -> None:
    """For a snapshot, which nobody waits for: none of its environments has to wait for an import then."""
    from . import batch, direct, http, s3  # noqa: F401


def enter(event: Any, studio: Studio) -> Any:
    """Hand the event to the door that knows its shape and return its answer. Raises UnknownEvent."""
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
