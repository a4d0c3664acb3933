"""Recognizes the kind of an event by its outermost fields."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

Event = Mapping[str, Any]


class Kind(Enum):
    """The kinds of events; each has a door."""

    NOTIFICATION = auto()  # an S3 event, from S3 itself or through EventBridge
    QUEUED = auto()  # SQS messages from the event source mapping
    BATCH = auto()  # S3 Batch Operations
    HTTP = auto()  # API Gateway, function URL or load balancer
    DIRECT = auto()  # `aws lambda invoke`, `sam local invoke`


def kind(event: object) -> Kind | None:
    """Return the kind of an event by its outermost fields; None for an unknown shape."""
    if not isinstance(event, Mapping):
        return None
    if source(event) == "aws:sqs":
        return Kind.QUEUED
    if is_notification(event):
        return Kind.NOTIFICATION
    if "requestContext" in event and ("httpMethod" in event or _is_http_2(event)):
        return Kind.HTTP
    if "invocationSchemaVersion" in event and "tasks" in event:
        return Kind.BATCH
    if "photo" in event or "image" in event:
        return Kind.DIRECT
    return None


def _is_http_2(event: Event) -> bool:
    """Return whether this is a request in payload format 2.0; events of others, such as VPC Lattice, have a version."""
    return event.get("version") == "2.0" and ("rawPath" in event or "routeKey" in event)


def is_notification(event: Event) -> bool:
    """Return whether S3 sent the event (its test event included), directly or through EventBridge."""
    return event.get("Event") == "s3:TestEvent" or source(event) == "aws:s3" or is_bridged(event)


def is_bridged(event: Event) -> bool:
    """Return whether the event is S3's, through EventBridge. CloudTrail's events about S3 are not."""
    is_from_s3 = event.get("source") == "aws.s3" and "detail" in event
    return is_from_s3 and "CloudTrail" not in str(event.get("detail-type"))


def source(event: Event) -> str | None:
    """Return the service that sent the first record of an event."""
    records = event.get("Records")
    first = records[0] if isinstance(records, list) and records else None
    found = first.get("eventSource") if isinstance(first, Mapping) else None
    return found if isinstance(found, str) else None


def shape(event: object) -> str:
    """Describe the shape of a value for a message, without its contents."""
    if event is None:
        return "null"
    if isinstance(event, list):
        first = f", the first {shape(event[0])}" if event else ""
        return f"a list of {len(event)}{first}"
    if isinstance(event, bool) or not isinstance(event, Mapping | str):
        return "a number, true or false"
    if isinstance(event, str):
        return f"a text of {len(event):,} characters"
    names = ", ".join(sorted(str(name)[:40] for name in event)[:20]) or "no fields"
    detail = event.get("detail-type")
    told = f" ({detail[:60]!r})" if isinstance(detail, str) else ""
    sender = source(event)
    return f"an object with {names}{told}" + (f" from {sender[:60]!r}" if sender else "")
