"""The failed-uploads queue: dead-letters messages, with the reason in their attributes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from ..errors import AtelierError, PhotosFailed

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageAttributeValueTypeDef

_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})

LONGEST = 1000
"""Characters of an attribute. Attributes and body share one limit, and the body is never truncated."""


class FailedUploads:
    """A client of the failed-uploads queue."""

    def __init__(self, queue_url: str) -> None:
        self._client: SQSClient = boto3.client("sqs", config=_CONFIG)
        self._queue_url = queue_url

    def send(self, body: str, reason: Mapping[str, str | int]) -> None:
        """Send a message with its body unchanged, so that it can be redriven, and `reason` as its attributes."""
        attributes: dict[str, MessageAttributeValueTypeDef] = {
            name: {"DataType": "Number" if isinstance(value, int) else "String", "StringValue": str(value)}
            for name, value in reason.items()
        }
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=body, MessageAttributes=attributes)


def why(failure: BaseException, tries: int) -> dict[str, str | int]:
    """Return ErrorType (our code, or the class of another error), ErrorMessage, Tries and, if known, PhotoKey.

    If several photos of one message failed, the attributes describe the first; the logs have all.
    """
    reason: dict[str, str | int] = {"Tries": tries}
    if isinstance(failure, PhotosFailed):
        reason["PhotoKey"] = _plain(failure.photo_keys[0])
        failure = failure.exceptions[0]
    reason["ErrorType"] = failure.code if isinstance(failure, AtelierError) else type(failure).__name__
    reason["ErrorMessage"] = _plain(str(failure))
    return reason


def _plain(text: str) -> str:
    """Return `text` truncated, never empty, with characters escaped that XML or terminals can't take."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)
    return safe[:LONGEST] or "-"
