"""Lambda's event source mapping between a queue and the function, for one execution environment."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from .template import function_limits

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

Handler = Callable[[dict[str, Any], Any], Any]


@dataclass
class Context:
    """The part of the Lambda context that the function uses. Memory and timeout default to the template's."""

    function_name: str = "stylize"
    memory_limit_in_mb: int = field(default_factory=lambda: function_limits().memory_mb)
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:stylize"
    aws_request_id: str = ""
    timeout_seconds: float = field(default_factory=lambda: function_limits().timeout_seconds)

    def __post_init__(self) -> None:
        self.aws_request_id = self.aws_request_id or str(uuid4())
        self._deadline = monotonic() + self.timeout_seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round(1000 * (self._deadline - monotonic())))


class Poll(NamedTuple):
    """Number of messages passed to the function, and number of those that failed."""

    messages: int
    failed: int


class EventSourceMapping:
    """Receives messages, invokes the function, and deletes the messages that it does not report as failed.

    `batch_size` (messages per invocation) and `timeout_seconds` default to the template's.
    """

    def __init__(
        self,
        sqs: "SQSClient",
        queue_url: str,
        handler: Handler,
        batch_size: int | None = None,
        timeout_seconds: float | None = None,
    ) -> None:
        limits = function_limits()
        self._sqs = sqs
        self._queue_url = queue_url
        self._handler = handler
        self._batch_size = limits.batch_size if batch_size is None else batch_size
        self._timeout_seconds = limits.timeout_seconds if timeout_seconds is None else timeout_seconds

    def poll(self, wait_seconds: int = 0) -> Poll:
        """Invoke the function once if there are messages.

        If the function fails, or reports a message as failed, the message is redelivered after the visibility timeout.
        """
        messages = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=self._batch_size,
            WaitTimeSeconds=wait_seconds,
            MessageSystemAttributeNames=["All"],
        ).get("Messages", [])
        if not messages:
            return Poll(0, 0)
        try:
            context = Context(timeout_seconds=self._timeout_seconds)
            answer = self._handler({"Records": [_record(message) for message in messages]}, context)
        except Exception:
            traceback.print_exc()  # as on AWS: logged, and the whole batch is redelivered
            return Poll(len(messages), len(messages))
        failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
        for message in messages:
            if message["MessageId"] not in failed:
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
        return Poll(len(messages), len(failed))


def _record(message: "MessageTypeDef") -> dict[str, Any]:
    """Convert a message to its form in an event (AWS Lambda developer guide, "Example Amazon SQS message events")."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:uploads",
        "awsRegion": "eu-central-1",
    }
