"""Dead-lettered uploads: each has its reason, and can be redriven."""

import json
import socket
from importlib import import_module
from time import monotonic

import pytest

from local.event_source_mapping import EventSourceMapping
from stylize.doors.dead_letters import SECONDS_AFTER_DEADLINE, why
from stylize.errors import OutOfTime, PhotosFailed
from tests.support.pictures import encoded, picture

SMALL = encoded(picture("smooth", 24, 32), ".png")


def dead_lettered(deployment):
    """The messages among the failed uploads, their attributes by name; they stay there."""
    messages = deployment.cloud.sqs.receive_message(
        QueueUrl=deployment.cloud.failed_uploads_url,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        VisibilityTimeout=0,
    ).get("Messages", [])
    for message in messages:
        attributes = message.get("MessageAttributes", {})
        message["Why"] = {name: attribute["StringValue"] for name, attribute in attributes.items()}
    return messages


def redrive(deployment):
    """What `aws sqs start-message-move-task` does, which moto does not know: messages move with body and attributes."""
    sqs, cloud = deployment.cloud.sqs, deployment.cloud
    for message in sqs.receive_message(
        QueueUrl=cloud.failed_uploads_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )["Messages"]:
        attributes = message.get("MessageAttributes", {})
        sqs.send_message(QueueUrl=cloud.uploads_url, MessageBody=message["Body"], MessageAttributes=attributes)
        sqs.delete_message(QueueUrl=cloud.failed_uploads_url, ReceiptHandle=message["ReceiptHandle"])


def test_a_failed_upload_says_why(deployment, unavailable):
    """A dead-lettered message has the error, the number of attempts, and the photo as attributes."""
    deployment.upload("holiday/a cat.jpg", SMALL)
    unavailable("PutObject")
    assert [poll.failed for poll in deployment.deliver()] == [
        1,
        1,
        1,
        1,
        0,
    ]  # the fifth time it is dead-lettered, and acknowledged
    assert deployment.waiting() == (0, 1)
    (message,) = dead_lettered(deployment)
    assert message["Why"].keys() == {"ErrorType", "ErrorMessage", "Tries", "PhotoKey"}
    assert message["Why"]["ErrorType"] == "ClientError"
    assert "SlowDown" in message["Why"]["ErrorMessage"]
    assert message["Why"]["Tries"] == "5"
    assert message["Why"]["PhotoKey"] == "holiday/a cat.jpg"


def test_a_failed_upload_can_be_redriven(deployment, unavailable):
    """A redriven message has S3's original body, and its photo is painted once the cause is gone."""
    deployment.upload("cat.jpg", SMALL)
    body = deployment.take(deployment.cloud.uploads_url)[0]["Body"]
    recover = unavailable("GetObject")
    deployment.deliver()
    (message,) = dead_lettered(deployment)
    assert message["Body"] == body
    recover()
    redrive(deployment)
    assert [poll.failed for poll in deployment.deliver()] == [0]
    assert deployment.waiting() == (0, 0)
    assert deployment.manifest("cat.jpg")["status"] == "done"


def test_an_upload_that_can_not_be_dead_lettered_is_not_lost(deployment, unavailable, monkeypatch):
    """A message that the function can't dead-letter is reported as failed, and SQS dead-letters it without a reason."""

    def refuse(*_):
        raise ConnectionError("no queue")

    monkeypatch.setattr("stylize.doors.s3.FailedUploads.send", refuse)
    deployment.upload("cat.jpg", SMALL)
    unavailable("GetObject")
    assert [poll.failed for poll in deployment.deliver()] == [1] * 5
    assert deployment.waiting() == (0, 1)
    (message,) = dead_lettered(deployment)
    assert message["Why"] == {}
    assert json.loads(message["Body"])["Records"][0]["s3"]["object"]["key"] == "cat.jpg"


@pytest.mark.slow
def test_a_silent_queue_does_not_outlast_the_invocation(deployment, monkeypatch):
    """Where the failed-uploads queue never answers, the messages stay in the uploads queue, and the function ends."""
    for number in range(3):
        deployment.cloud.sqs.send_message(QueueUrl=deployment.cloud.uploads_url, MessageBody=f"hello {number}")
    function = import_module("stylize.handler")
    little = function.SPARE_SECONDS + 0.5
    mapping = EventSourceMapping(deployment.cloud.sqs, deployment.cloud.uploads_url, function.lambda_handler, 3, little)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = monotonic()
        assert mapping.poll() == (3, 3)
        seconds = monotonic() - began
        silent.settimeout(1)
        with silent.accept()[0], pytest.raises(TimeoutError):  # only the first message occupies a thread
            silent.accept()
    assert seconds < 0.5 + SECONDS_AFTER_DEADLINE + 1  # one second for a busy machine; SQS's client would wait for 39
    assert deployment.waiting() == (3, 0)


def test_a_message_that_is_no_notification_is_kept(deployment):
    """A message that is not a notification is dead-lettered with its body, without a photo."""
    deployment.cloud.sqs.send_message(QueueUrl=deployment.cloud.uploads_url, MessageBody="hello")
    deployment.deliver()
    (message,) = dead_lettered(deployment)
    assert (message["Body"], message["Why"]["ErrorType"]) == ("hello", "unknown_event")
    assert "PhotoKey" not in message["Why"]


@pytest.mark.parametrize("text", ["", "a\x00b\r\nc\x1b[31m\ud800\u2028", "é" * 5000])
def test_any_text_can_be_an_attribute(deployment, text):
    """In attributes control characters are escaped, long texts truncated, and empty texts replaced."""
    failed = PhotosFailed("1 of 1 photos failed", [OutOfTime(text)])
    failed.photo_keys = (text,)
    reason = why(failed, 5)
    assert reason["ErrorType"] == "out_of_time"
    for name in ("PhotoKey", "ErrorMessage"):
        told = str(reason[name])
        assert 0 < len(told) <= 1000
        assert told.isprintable()
        told.encode()
