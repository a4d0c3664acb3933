"""Notifications of new photos: straight from S3, through EventBridge, or out of the uploads queue.

This is the door of nearly every cold start. Powertools has classes for such events and for batches; they come with
those for all other services, which takes longer to import than a small photo takes to paint.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from ..errors import UnknownEvent
from ..manifest import PhotoFacts
from ..studio import Studio
from ..telemetry import count_failure, logger, report
from .shapes import Event, is_bridged, is_notification, shape


def paint_notification(event: Event, studio: Studio) -> dict[str, int]:
    """Paints every photo of the notification and answers how many there were.

    A photo that fails does not keep the ones after it from being painted; the failures are raised at the end.
    """
    records = [event] if is_bridged(event) else event.get("Records", [])  # a test event has none
    failures: list[Exception] = []
    for record in records:
        try:
            photo = _photo(record)
            try:
                report(studio.paint(photo))
            except Exception as failure:
                failure.add_note(f"photo {photo.key} of bucket {photo.bucket}")
                raise
        except Exception as failure:
            count_failure()
            failures.append(failure)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(records)} photos failed", failures)
    return {"photos": len(records)}


def paint_queued(event: Event, studio: Studio) -> dict[str, list[dict[str, str]]]:
    """Paints the photos of every message; answers which messages failed and are to be delivered again."""
    failed = []
    for message in event["Records"]:
        try:
            paint_notification(_notification(json.loads(message["body"])), studio)
        except Exception:
            logger.exception("message failed", message_id=message["messageId"])
            failed.append(message["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}


def _notification(body: Any) -> Event:
    """What a message is about; SNS wraps it once more, unless its subscription asks for raw delivery."""
    if isinstance(body, dict) and body.get("Type") == "Notification" and isinstance(body.get("Message"), str):
        body = json.loads(body["Message"])
    if not (isinstance(body, dict) and is_notification(body)):
        raise UnknownEvent(f"expected an S3 event notification in a message, got {shape(body)}")
    return body


def _photo(record: Mapping[str, Any]) -> PhotoFacts:
    """The photo that a record is about."""
    return _bridged_photo(record) if is_bridged(record) else _notified_photo(record)


def _notified_photo(record: Mapping[str, Any]) -> PhotoFacts:
    """S3 encodes keys as forms do: a space comes as a plus sign."""
    if not record["eventName"].startswith("ObjectCreated:"):
        raise UnknownEvent(f"expected an ObjectCreated event, got {record['eventName']}")
    bucket, stored = record["s3"]["bucket"]["name"], record["s3"]["object"]
    return PhotoFacts(bucket=bucket, key=unquote_plus(stored["key"]), etag=stored.get("eTag"))


def _bridged_photo(event: Event) -> PhotoFacts:
    """Through EventBridge keys come as they are."""
    if event.get("detail-type") != "Object Created":
        raise UnknownEvent(f"expected an Object Created event, got {event.get('detail-type')}")
    stored = event["detail"]["object"]
    return PhotoFacts(bucket=event["detail"]["bucket"]["name"], key=stored["key"], etag=stored.get("etag"))
