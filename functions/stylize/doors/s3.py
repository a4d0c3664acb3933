"""Notifications of new photos: straight from S3, through EventBridge, or out of the uploads queue.

This is the door of nearly every cold start. Powertools has classes for such events and for batches; they come with
those for all other services, which takes longer to import than a small photo takes to paint.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from ..errors import PhotosFailed, UnknownEvent
from ..manifest import PhotoFacts
from ..settings import Settings
from ..studio import Studio
from ..telemetry import count_failure, logger, report
from .dead_letters import FailedUploads, why
from .events import Event, is_bridged, is_notification, shape


def paint_notification(event: Event, studio: Studio, receives: int = 1) -> dict[str, int]:
    """Paints every photo of the notification and answers how many there were.

    `receives`: how often the queue has handed it out. A photo that fails does not keep the ones after it from being
    painted; the failures are raised at the end.
    """
    records = [event] if is_bridged(event) else event.get("Records", [])  # a test event has none
    failures: list[Exception] = []
    failed_keys: list[str] = []
    for record in records:
        key = "unknown"
        try:
            key = _key(record)
            report(studio.paint(_photo(record), receives=receives))
        except Exception as failure:
            failure.add_note(f"photo {key}")
            count_failure()
            failures.append(failure)
            failed_keys.append(key)
    if failures:
        failed = PhotosFailed(f"{len(failures)} of {len(records)} photos failed", failures)
        failed.photo_keys = tuple(failed_keys)
        raise failed
    return {"photos": len(records)}


def paint_queued(event: Event, studio: Studio) -> dict[str, list[dict[str, str]]]:
    """Paints the photos of every message; answers which messages failed and are to be delivered again.

    One that failed on its last try is sent to the failed-uploads queue, with the reason, and then acknowledged here.
    """
    again = []
    for message in event["Records"]:
        tries = int(message.get("attributes", {}).get("ApproximateReceiveCount", 1))
        try:
            paint_notification(_notification(json.loads(message["body"])), studio, tries)
        except Exception as failure:
            logger.exception("message failed", message_id=message["messageId"])
            if not (tries >= studio.settings.upload_tries and _dead_letter(message, failure, tries, studio.settings)):
                again.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": again}


def _dead_letter(message: Mapping[str, Any], failure: Exception, tries: int, settings: Settings) -> bool:
    """Whether the failed-uploads queue has taken the message. If not, SQS will move it there, without the reason."""
    if not settings.failed_uploads_queue_url:
        return False
    try:
        FailedUploads(settings.failed_uploads_queue_url).send(message["body"], why(failure, tries))
    except Exception:
        logger.exception("failed upload not dead-lettered with its reason", message_id=message["messageId"])
        return False
    logger.error("failed upload dead-lettered", message_id=message["messageId"])
    return True


def _notification(body: Any) -> Event:
    """What a message is about; SNS wraps it once more, unless its subscription asks for raw delivery."""
    if isinstance(body, dict) and body.get("Type") == "Notification" and isinstance(body.get("Message"), str):
        body = json.loads(body["Message"])
    if not (isinstance(body, dict) and is_notification(body)):
        raise UnknownEvent(f"expected an S3 event notification in a message, got {shape(body)}")
    return body


def _key(record: Mapping[str, Any]) -> str:
    """The key of a record's photo, whatever else may be wrong with the record."""
    if is_bridged(record):
        return str(record["detail"]["object"]["key"])
    return unquote_plus(record["s3"]["object"]["key"])


def _photo(record: Mapping[str, Any]) -> PhotoFacts:
    """The photo that a record is about."""
    return _bridged_photo(record) if is_bridged(record) else _notified_photo(record)


def _notified_photo(record: Mapping[str, Any]) -> PhotoFacts:
    """S3 encodes keys as forms do: a space comes as a plus sign."""
    if not record["eventName"].startswith("ObjectCreated:"):
        raise UnknownEvent(f"expected an ObjectCreated event, got {record['eventName']}")
    bucket, stored = record["s3"]["bucket"]["name"], record["s3"]["object"]
    return PhotoFacts(
        bucket=bucket,
        key=unquote_plus(stored["key"]),
        version_id=stored.get("versionId"),
        etag=stored.get("eTag"),
        last_modified=record.get("eventTime"),
    )


def _bridged_photo(event: Event) -> PhotoFacts:
    """Through EventBridge keys come as they are."""
    if event.get("detail-type") != "Object Created":
        raise UnknownEvent(f"expected an Object Created event, got {event.get('detail-type')}")
    stored = event["detail"]["object"]
    return PhotoFacts(
        bucket=event["detail"]["bucket"]["name"],
        key=stored["key"],
        version_id=stored.get("version-id"),
        etag=stored.get("etag"),
        last_modified=event.get("time"),
    )
