"""What an event looks like from outside."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

Event = Mapping[str, Any]


class Kind(Enum):
    """Which door an event belongs to."""

    NOTIFICATION = auto()  # of a photo, by S3 itself or by EventBridge
    QUEUED = auto()  # SQS messages, as the event source mapping hands them over
    BATCH = auto()  # S3 Batch Operations
    PAGE = auto()  # the studio page, by either kind of API Gateway
    HTTP = auto()  # API Gateway: REST API, or HTTP API with payload format 2.0
    DIRECT = auto()  # `aws lambda invoke`, `sam local invoke`


def kind(event: Event) -> Kind | None:
    """By a glance at the outermost fields; None for an event of no known shape."""
    if source(event) == "aws:sqs":
        return Kind.QUEUED
    if is_notification(event):
        return Kind.NOTIFICATION
    if "requestContext" in event and ("httpMethod" in event or event.get("version") == "2.0"):
        return Kind.PAGE if is_of_page(event) else Kind.HTTP
    if "invocationSchemaVersion" in event and "tasks" in event:
        return Kind.BATCH
    if "photo" in event or "image" in event:
        return Kind.DIRECT
    return None


def is_notification(event: Event) -> bool:
    """An event as S3 sends it, its test event included, or as EventBridge passes it on."""
    return event.get("Event") == "s3:TestEvent" or source(event) == "aws:s3" or is_bridged(event)


def is_bridged(event: Event) -> bool:
    """An event of S3 that came through EventBridge."""
    return event.get("source") == "aws.s3" and "detail" in event


def is_rest(event: Event) -> bool:
    """Whether a request came by a REST API, and not with payload format 2.0."""
    return event.get("version") != "2.0"


def route(event: Event) -> tuple[str, str]:
    """Return method and path of a request, the path without the stage."""
    if is_rest(event):
        return event["httpMethod"], event["path"]
    context = event["requestContext"]
    return context["http"]["method"], event["rawPath"].removeprefix(f"/{context.get('stage')}")


def is_of_page(event: Event) -> bool:
    """Whether a request is for the page or one of its assets, and not for the API."""
    method, path = route(event)
    return method in ("GET", "HEAD") and (path in ("", "/") or path.startswith("/page/"))


def source(event: Event) -> str | None:
    """The service that the first record of an event is from."""
    records = event.get("Records")
    first = records[0] if isinstance(records, list) and records else None
    return first.get("eventSource") if isinstance(first, Mapping) else None


def shape(event: object) -> str:
    """The kind of an event in words, without what is in it."""
    if not isinstance(event, Mapping):
        return type(event).__name__
    names = ", ".join(sorted(map(str, event))) or "no fields"
    sender = source(event)
    return f"an object with {names}" + (f" from {sender}" if sender else "")
