"""Uploads that failed for the last time: they say why, and can be sent back."""

import json

import pytest
from pictures import encoded, picture

from stylize.doors.reason import why
from stylize.errors import OutOfTime, PhotosFailed

SMALL = encoded(picture("smooth", 24, 32), ".png")


def parked(house):
    """The messages among the failed uploads, their attributes by name; they stay there."""
    messages = house.cloud.sqs.receive_message(
        QueueUrl=house.cloud.failed_uploads_url,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        VisibilityTimeout=0,
    ).get("Messages", [])
    for message in messages:
        attributes = message.get("MessageAttributes", {})
        message["Why"] = {name: attribute["StringValue"] for name, attribute in attributes.items()}
    return messages


def redrive(house):
    """What `aws sqs start-message-move-task` does, which moto does not know: messages move with body and attributes."""
    sqs, cloud = house.cloud.sqs, house.cloud
    for message in sqs.receive_message(
        QueueUrl=cloud.failed_uploads_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )["Messages"]:
        attributes = message.get("MessageAttributes", {})
        sqs.send_message(QueueUrl=cloud.uploads_url, MessageBody=message["Body"], MessageAttributes=attributes)
        sqs.delete_message(QueueUrl=cloud.failed_uploads_url, ReceiptHandle=message["ReceiptHandle"])


def test_a_failed_upload_says_why(house, unavailable):
    """The error, how often it was tried, and which photo."""
    house.upload("holiday/a cat.jpg", SMALL)
    unavailable("PutObject")
    assert [poll.failed for poll in house.deliver()] == [1, 1, 1, 1, 0]  # the fifth time it is parked, and done with
    assert house.waiting() == (0, 1)
    (message,) = parked(house)
    assert message["Why"].keys() == {"ErrorType", "ErrorMessage", "Tries", "PhotoKey"}
    assert message["Why"]["ErrorType"] == "ClientError"
    assert "SlowDown" in message["Why"]["ErrorMessage"]
    assert message["Why"]["Tries"] == "5"
    assert message["Why"]["PhotoKey"] == "holiday/a cat.jpg"


def test_a_failed_upload_can_be_sent_back(house, unavailable):
    """The message is as S3 sent it: moved back to the uploads, it is painted, now that the cause is gone."""
    house.upload("cat.jpg", SMALL)
    body = house.take(house.cloud.uploads_url)[0]["Body"]
    recover = unavailable("HeadObject")
    house.deliver()
    (message,) = parked(house)
    assert message["Body"] == body
    recover()
    redrive(house)
    assert [poll.failed for poll in house.deliver()] == [0]
    assert house.waiting() == (0, 0)
    assert house.manifest("cat.jpg")["status"] == "done"


def test_an_upload_that_can_not_be_parked_is_not_lost(house, unavailable, monkeypatch):
    """It is reported as failed, and SQS parks it itself, without a reason."""

    def refuse(*_):
        raise ConnectionError("no queue")

    monkeypatch.setattr("stylize.doors.s3.FailedUploads.park", refuse)
    house.upload("cat.jpg", SMALL)
    unavailable("HeadObject")
    assert [poll.failed for poll in house.deliver()] == [1] * 5
    assert house.waiting() == (0, 1)
    (message,) = parked(house)
    assert message["Why"] == {}
    assert json.loads(message["Body"])["Records"][0]["s3"]["object"]["key"] == "cat.jpg"


def test_a_message_that_is_no_notification_is_kept(house):
    """Nobody knows its photo, but its text is there."""
    house.cloud.sqs.send_message(QueueUrl=house.cloud.uploads_url, MessageBody="hello")
    house.deliver()
    (message,) = parked(house)
    assert (message["Body"], message["Why"]["ErrorType"]) == ("hello", "JSONDecodeError")
    assert "PhotoKey" not in message["Why"]


@pytest.mark.parametrize("text", ["", "a\x00b\r\nc\x1b[31m\ud800\u2028", "é" * 5000])
def test_any_text_can_be_an_attribute(house, text):
    """Control characters are escaped, long texts cut, and empty ones stand for themselves."""
    failed = PhotosFailed("1 of 1 photos failed", [OutOfTime(text)])
    failed.photo_keys = (text,)
    reason = why(failed, 5)
    assert reason["ErrorType"] == "out_of_time"
    for name in ("PhotoKey", "ErrorMessage"):
        assert 0 < len(reason[name]) <= 1000
        assert reason[name].isprintable()
        reason[name].encode()
