"""Notifications of new photos: directly from S3, through EventBridge, or from the uploads queue.

Nearly every cold start enters through this door. It does not use Powertools' classes for such events and for batches:
their import includes the classes for all other services, and takes longer than painting a small photo.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import AtelierError, PhotosFailed, ReturnedUnstarted, UnknownEvent
from ..settings import Settings
from ..studio import Order, Studio
from ..telemetry import count_failure, logger, report
from .dead_letters import FailedUploads, why
from .events import Event, is_bridged, is_notification, shape
from .notices import marks_folder, read_notice


def paint_notification(event: Event, studio: Studio) -> dict[str, int]:
    """Paint every photo of the notification, and return their number.

    If a photo fails, the others are still painted, and the failures are raised at the end.
    """
    notification = _Notification(_records(event))
    _paint_all([notification], studio)
    if failed := notification.failed:
        raise failed
    return {"photos": notification.photos}


def paint_queued(event: Event, studio: Studio) -> dict[str, list[dict[str, str]]]:
    """Paint the photos of every message, and return the failed messages that are to be redelivered.

    A message that failed on its last try, or that no retry can cure, is dead-lettered with the reason: it is sent to
    the failed-uploads queue, and then acknowledged here.
    """
    failures: list[tuple[Mapping[str, Any], Exception]] = []
    read: list[tuple[Mapping[str, Any], _Notification]] = []
    for message in event["Records"]:
        try:
            read.append((message, _Notification(_records(_body(message.get("body"))), _tries(message))))
        except Exception as failure:
            failures.append((message, failure))
    _paint_all([notification for _, notification in read], studio)
    failures += [(message, failed) for message, notification in read if (failed := notification.failed)]
    letters = FailedUploads(studio) if studio.settings.failed_uploads_queue_url else None
    again = [message for message, failure in failures if not _is_settled(message, failure, studio.settings, letters)]
    return {"batchItemFailures": [{"itemIdentifier": message.get("messageId", "")} for message in again]}


class _Notification:
    """The photos of a notification, and those of them that failed."""

    def __init__(self, records: Sequence[object], receives: int = 1) -> None:
        """Create a notification of `records` that the queue has delivered `receives` times."""
        self.photos = 0
        self._records, self._receives = records, receives
        self._failures: list[Exception] = []
        self._keys: list[str] = []

    def orders(self, studio: Studio) -> Iterator[Order]:
        for record in self._records:
            key = "unknown"
            try:
                notice = read_notice(record)
                photo, key, skip = notice.photo, notice.photo.key, notice.skip
                if not skip and marks_folder(photo, notice.size, studio):
                    skip = "a folder marker: nothing to paint"
            except Exception as failure:
                self.fail(key, failure)
                continue
            if skip:
                logger.info("ignored", photo_key=photo.key, reason=skip)
            else:
                self.photos += 1
                yield Order(photo, receives=self._receives, size=notice.size)

    def fail(self, key: str, failure: Exception) -> None:
        failure.add_note(f"photo {key}")
        count_failure(failure)
        self._failures.append(failure)
        self._keys.append(key)

    @property
    def failed(self) -> PhotosFailed | None:
        if not self._failures:
            return None
        failed = PhotosFailed(f"{len(self._failures)} of {len(self._records)} photos failed", self._failures)
        failed.photo_keys = tuple(self._keys)
        return failed


def _paint_all(notifications: Sequence[_Notification], studio: Studio) -> None:
    """Paint the photos of all notifications, some of them at the same time."""
    orders = [(order, notification) for notification in notifications for order in notification.orders(studio)]
    senders = {id(order): notification for order, notification in orders}
    for order, end in studio.paint_each([order for order, _ in orders]):
        if isinstance(end, Exception):
            senders[id(order)].fail(order.photo.key, end)
        else:
            report(end)


def _is_settled(
    message: Mapping[str, Any], failure: Exception, settings: Settings, letters: FailedUploads | None
) -> bool:
    """Log why a message failed, and return whether it has been dead-lettered; otherwise it is to be redelivered."""
    identifier = message.get("messageId", "")
    if _is_unstarted(failure):
        logger.warning("message returned unstarted", message_id=identifier)
    else:
        logger.error("message failed", message_id=identifier, exc_info=failure)
    tries = _tries(message)
    is_last = tries >= settings.upload_tries or not _can_pass(failure)
    return is_last and letters is not None and _is_dead_lettered(message, why(failure, tries), letters)


def _is_unstarted(failure: Exception) -> bool:
    each = failure.exceptions if isinstance(failure, PhotosFailed) else [failure]
    return all(isinstance(one, ReturnedUnstarted) for one in each)


def _records(event: Event) -> list[object]:
    """Return the records of an event; S3's test event has none. Raises UnknownEvent."""
    if is_bridged(event):
        return [event]
    records = event.get("Records", [])
    if not isinstance(records, list):
        raise UnknownEvent(f"expected a list of records, got {shape(records)}")
    return records


def _tries(message: Mapping[str, Any]) -> int:
    attributes = message.get("attributes")
    count = attributes.get("ApproximateReceiveCount") if isinstance(attributes, Mapping) else None
    return int(count) if isinstance(count, str) and count.isdecimal() else 1


def _can_pass(failure: Exception) -> bool:
    """Return whether a retry can help: for errors that are not ours, and for several photos if it can for one."""
    if isinstance(failure, PhotosFailed):
        return any(_can_pass(each) for each in failure.exceptions)
    return not isinstance(failure, AtelierError) or failure.retryable


def _is_dead_lettered(message: Mapping[str, Any], reason: Mapping[str, str | int], letters: FailedUploads) -> bool:
    """Dead-letter a message with the reason. If this fails, return False; SQS will do it later, without the reason."""
    try:
        letters.send(message["body"], reason)
    except Exception:
        logger.exception("failed upload not dead-lettered with its reason", message_id=message["messageId"])
        return False
    logger.error("failed upload dead-lettered", message_id=message["messageId"])
    return True


def _body(body: object) -> Event:
    """Return the S3 event in a message. Each SNS topic wraps it once, unless its subscription uses raw delivery.

    Raises UnknownEvent.
    """
    content = _json(body)
    while isinstance(content, dict) and content.get("Type") == "Notification" and "Message" in content:
        content = _json(content["Message"])
    if not (isinstance(content, dict) and is_notification(content)):
        raise UnknownEvent(f"expected an S3 event notification in a message, got {shape(content)}")
    return content


def _json(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        raise UnknownEvent(f"expected JSON in a message, got {shape(text)}") from None
