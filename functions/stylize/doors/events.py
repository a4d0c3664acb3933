"""What an event looks like from outside."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

Event = Mapping[str, Any]


class Kind(Enum):
    """Which door an event belongs to."""

    NOTIFICATION = auto()  # of S3, by S3 itself or by EventBridge
    QUEUED = auto()  # SQS messages, as the event source mapping hands them over
    BATCH = auto()  # S3 Batch Operations
    HTTP = auto()  # API Gateway, function URL or load balancer
    DIRECT = auto()  # `aws lambda invoke`, `sam local invoke`


def kind(event: object) -> Kind | None:
    """By a glance at the outermost fields; None for an event of no known shape."""
    if not isinstance(event, Mapping):
        return None
    if source(event) == "aws:sqs":
        return Kind.QUEUED
    if is_notification(event):
        return Kind.NOTIFICATION
    if "requestContext" in event and ("httpMethod" in event or event.get("version") == "2.0"):
        return Kind.HTTP
    if "invocationSchemaVersion" in event and "tasks" in event:
        return Kind.BATCH
    if "photo" in event or "image" in event:
        return Kind.DIRECT
    return None


def is_notification(event: Event) -> bool:
    """An event as S3 sends it, its test event included, or as EventBridge passes it on."""
    return event.get("Event") == "s3:TestEvent" or source(event) == "aws:s3" or is_bridged(event)


def is_bridged(event: Event) -> bool:
    """An event of S3 that came through EventBridge; CloudTrail's events of S3 come that way, too, and are none."""
    is_from_s3 = event.get("source") == "aws.s3" and "detail" in event
    return is_from_s3 and "CloudTrail" not in str(event.get("detail-type"))


def source(event: Event) -> str | None:
    """The service that the first record of an event is from."""
    records = event.get("Records")
    first = records[0] if isinstance(records, list) and records else None
    found = first.get("eventSource") if isinstance(first, Mapping) else None
    return found if isinstance(found, str) else None


def shape(event: object) -> str:
    """The kind of an event in words, without what is in it."""
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
