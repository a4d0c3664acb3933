"""The failed-uploads queue: dead-letters messages, with the reason in their attributes."""

from collections.abc import Mapping
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from ..errors import AtelierError, OutOfTime, PhotosFailed
from ..studio import Studio

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageAttributeValueTypeDef

_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})

SECONDS_AFTER_DEADLINE = 1.0
"""Seconds for dead-lettering after painting has used up its time; the rest of the spare time is kept in reserve."""

LONGEST = 1000
"""Characters of an attribute. Attributes and body share one limit, and the body is never truncated."""


class FailedUploads:
    """The failed-uploads queue, for one invocation."""

    def __init__(self, studio: Studio) -> None:
        self._queue_url = studio.settings.failed_uploads_queue_url
        self._requests = studio.requests
        self._deadline = max(studio.deadline, monotonic()) + SECONDS_AFTER_DEADLINE

    def send(self, body: str, reason: Mapping[str, str | int]) -> None:
        """Send a message with its body unchanged, so that it can be redriven, and `reason` as its attributes.

        Raises what SQS raises, and OutOfTime when it does not answer before the invocation ends.
        """
        attributes: dict[str, MessageAttributeValueTypeDef] = {
            name: {"DataType": "Number" if isinstance(value, int) else "String", "StringValue": str(value)}
            for name, value in reason.items()
        }
        if monotonic() >= self._deadline:  # so that a silent queue occupies one thread, not one for each message
            raise OutOfTime("expected time to send a failed upload before the invocation ends, got none")
        sending = self._requests.submit(
            lambda: self._client.send_message(QueueUrl=self._queue_url, MessageBody=body, MessageAttributes=attributes)
        )
        if not self._requests.wait([sending], self._deadline):
            sending.cancel()
            raise OutOfTime("expected SQS to take a failed upload before the invocation ends, got no answer in time")
        sending.result()

    @cached_property
    def _client(self) -> "SQSClient":
        return boto3.Session().client("sqs", config=_CONFIG)


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
