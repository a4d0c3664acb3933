"""Notifications of new photos: straight from S3, through EventBridge, or out of the uploads queue."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes import SQSRecord
from aws_lambda_powertools.utilities.data_classes.s3_event import S3EventRecord

from ..errors import PhotosFailed, UnknownEvent
from ..manifest import PhotoFacts
from ..settings import Settings
from ..store import FailedUploads
from ..studio import Studio
from ..telemetry import count_failure, logger, report
from .reason import why
from .shapes import Event, is_bridged, is_notification, shape


def paint_notification(event: Event, studio: Studio) -> dict[str, int]:
    """Paints every photo of the notification and answers how many there were.

    A photo that fails does not keep the ones after it from being painted; the failures are raised at the end.
    """
    records = [event] if is_bridged(event) else event.get("Records", [])  # a test event has none
    failures: list[Exception] = []
    failed_keys: list[str] = []
    for record in records:
        key = _key(record)
        try:
            report(studio.paint(_photo(record)))
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


def paint_queued(event: Event, studio: Studio) -> Any:
    """Paints the photos of every message; answers which messages failed and are to be delivered again.

    One that failed on its last try is parked among the failed uploads, with the reason, and then done with here.
    """

    def paint_message(record: SQSRecord) -> None:
        paint_notification(_notification(json.loads(record.body)), studio)

    processor = _Messages(studio.settings)
    return process_partial_response(event=dict(event), record_handler=paint_message, processor=processor)


class _Messages(BatchProcessor):
    """Powertools reports a failed message to SQS; this logs it as well, and parks it when there is no try left."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(EventType.SQS, raise_on_entire_batch_failure=False)
        self._settings = settings

    def failure_handler(self, record: Any, exception: Any) -> Any:
        logger.error("message failed", message_id=record.message_id, exc_info=exception)
        tries = int(record.raw_event.get("attributes", {}).get("ApproximateReceiveCount", 1))
        if tries >= self._settings.upload_tries and self._park(record, exception[1], tries):
            return self.success_handler(record, None)
        return super().failure_handler(record, exception)

    def _park(self, record: SQSRecord, failure: BaseException, tries: int) -> bool:
        """Whether the failed uploads have taken the message. If not, SQS will park it itself, without the reason."""
        if not self._settings.failed_uploads_queue_url:
            return False
        try:
            FailedUploads(self._settings.failed_uploads_queue_url).park(record.body, why(failure, tries))
        except Exception:
            logger.exception("failed upload not parked with its reason", message_id=record.message_id)
            return False
        logger.error("failed upload parked", message_id=record.message_id)
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
    return unquote_plus(S3EventRecord(dict(record)).s3.get_object.key)


def _photo(record: Mapping[str, Any]) -> PhotoFacts:
    """The photo that a record is about."""
    return _bridged_photo(record) if is_bridged(record) else _notified_photo(S3EventRecord(dict(record)))


def _notified_photo(record: S3EventRecord) -> PhotoFacts:
    """S3 encodes keys as forms do: a space comes as a plus sign."""
    if not record.event_name.startswith("ObjectCreated:"):
        raise UnknownEvent(f"expected an ObjectCreated event, got {record.event_name}")
    stored = record.s3.get_object
    return PhotoFacts(bucket=record.s3.bucket.name, key=unquote_plus(stored.key), etag=stored.etag or None)


def _bridged_photo(event: Event) -> PhotoFacts:
    """Through EventBridge keys come as they are. Powertools' data class would decode them, so it is not used."""
    if event.get("detail-type") != "Object Created":
        raise UnknownEvent(f"expected an Object Created event, got {event.get('detail-type')}")
    stored = event["detail"]["object"]
    return PhotoFacts(bucket=event["detail"]["bucket"]["name"], key=stored["key"], etag=stored.get("etag"))
