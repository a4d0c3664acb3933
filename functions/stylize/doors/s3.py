"""Notifications of new photos: straight from S3, through EventBridge, or out of the uploads queue.

This is the door of nearly every cold start. Powertools has classes for such events and for batches; they come with
those for all other services, which takes longer to import than a small photo takes to paint.
"""

import json
from collections.abc import Mapping
from typing import Any

from ..errors import AtelierError, PhotosFailed, UnknownEvent
from ..settings import Settings
from ..studio import Studio
from ..telemetry import count_failure, logger, report
from .dead_letters import FailedUploads, why
from .events import Event, is_bridged, is_notification, shape
from .notices import Notice, is_folder_marker, read_notice


def paint_notification(event: Event, studio: Studio, receives: int = 1) -> dict[str, int]:
    """Paint every photo of the notification and answer how many there were.

    `receives`: how often the queue has handed it out. A photo that fails does not keep the ones after it from being
    painted; the failures are raised at the end.
    """
    records = _records(event)
    failures: list[Exception] = []
    failed_keys: list[str] = []
    photos = 0
    for record in records:
        key = "unknown"
        try:
            notice = read_notice(record)
            key = notice.photo.key
            photos += _paint(notice, studio, receives)
        except Exception as failure:
            failure.add_note(f"photo {key}")
            count_failure()
            failures.append(failure)
            failed_keys.append(key)
    if failures:
        failed = PhotosFailed(f"{len(failures)} of {len(records)} photos failed", failures)
        failed.photo_keys = tuple(failed_keys)
        raise failed
    return {"photos": photos}


def _records(event: Event) -> list[object]:
    """A test event has none."""
    if is_bridged(event):
        return [event]
    records = event.get("Records", [])
    if not isinstance(records, list):
        raise UnknownEvent(f"expected a list of records, got {shape(records)}")
    return records


def _paint(notice: Notice, studio: Studio, receives: int) -> bool:
    """Paint the photo of a notice. Return whether it was about one."""
    photo = notice.photo
    skip = "a folder marker: nothing to paint" if is_folder_marker(photo.key, notice.size) else notice.skip
    if skip:
        logger.info("ignored", photo_key=photo.key, reason=skip)
        return False
    report(studio.paint(photo, receives=receives))
    return True


def paint_queued(event: Event, studio: Studio) -> dict[str, list[dict[str, str]]]:
    """Paint the photos of every message; answer which messages failed and are to be delivered again.

    One that failed on its last try, or that no further try can cure, is sent to the failed-uploads queue, with the
    reason, and then acknowledged here.
    """
    again = []
    for message in event["Records"]:
        tries = _tries(message)
        try:
            paint_notification(_notification(message.get("body")), studio, tries)
        except Exception as failure:
            identifier = message.get("messageId", "")
            logger.exception("message failed", message_id=identifier)
            is_last = tries >= studio.settings.upload_tries or not _can_pass(failure)
            if not (is_last and _dead_letter(message, failure, tries, studio.settings)):
                again.append({"itemIdentifier": identifier})
    return {"batchItemFailures": again}


def _tries(message: Mapping[str, Any]) -> int:
    attributes = message.get("attributes")
    count = attributes.get("ApproximateReceiveCount") if isinstance(attributes, Mapping) else None
    return int(count) if isinstance(count, str) and count.isdecimal() else 1


def _can_pass(failure: Exception) -> bool:
    """Whether another try may end otherwise: an error that is not ours may, and so may one photo of several."""
    if isinstance(failure, PhotosFailed):
        return any(_can_pass(each) for each in failure.exceptions)
    return not isinstance(failure, AtelierError) or failure.retryable


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


def _notification(body: object) -> Event:
    """What a message is about; SNS wraps it once more, unless its subscription asks for raw delivery."""
    content = _json(body)
    if isinstance(content, dict) and content.get("Type") == "Notification" and "Message" in content:
        content = _json(content["Message"])
    if not (isinstance(content, dict) and is_notification(content)):
        raise UnknownEvent(f"expected an S3 event notification in a message, got {shape(content)}")
    return content


def _json(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        raise UnknownEvent(f"expected JSON in a message, got {shape(text)}") from None
