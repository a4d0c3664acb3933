"""Records of S3: photos, events that need no work, and unknown events."""

import json

import pytest

from local.cloud import PAINTINGS, PHOTOS
from local.event_source_mapping import Context
from stylize.doors.notices import read_notice
from stylize.errors import BadRequest, PhotosFailed, UnknownEvent
from tests.support.deployment import keys_of
from tests.support.events import job, message, notification
from tests.support.pictures import SMALL

TRAIL = {
    "source": "aws.s3",
    "detail-type": "AWS API Call via CloudTrail",
    "detail": {"eventName": "PutObject", "requestParameters": {"bucketName": PHOTOS, "key": "cat.jpg"}},
}


def bridged(key="cat.jpg", bucket=PHOTOS, kind="Object Created", **stored):
    detail = {"bucket": {"name": bucket}, "object": {"key": key, "size": 1, **stored}}
    return {"source": "aws.s3", "detail-type": kind, "detail": detail}


def record(key="cat.jpg", name="ObjectCreated:Put", bucket=PHOTOS, **stored):
    event = notification(key, bucket)
    event["Records"][0]["eventName"] = name
    event["Records"][0]["s3"]["object"] |= stored
    return event


def send(deployment, body):
    """Through the uploads queue, until nothing is left there; what was dead-lettered, by its reasons."""
    text = body if isinstance(body, str) else json.dumps(body)
    deployment.cloud.sqs.send_message(QueueUrl=deployment.cloud.uploads_url, MessageBody=text)
    polls = deployment.deliver()
    dead_lettered = deployment.cloud.sqs.receive_message(
        QueueUrl=deployment.cloud.failed_uploads_url, MessageAttributeNames=["All"], VisibilityTimeout=0
    ).get("Messages", [])
    return polls, [{n: a["StringValue"] for n, a in m["MessageAttributes"].items()} for m in dead_lettered]


# -- Nothing to do

NOTHING = [
    *(record(name=name) for name in ("ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated")),
    *(record(name=name) for name in ("LifecycleExpiration:Delete", "ObjectTagging:Put", "ObjectRestore:Completed")),
    record(name="s3:ObjectRemoved:Delete"),
    *(bridged(kind=kind) for kind in ("Object Deleted", "Object Tags Added", "Object Restore Completed")),
    record("trip/", size=0),
    record("trip/2026/", size=0, eTag="d41d8cd98f00b204e9800998ecf8427e"),
    bridged("trip/", size=0),
]


@pytest.mark.parametrize("event", NOTHING, ids=lambda e: str(e.get("detail-type") or e["Records"][0]["eventName"]))
def test_what_asks_for_nothing_is_acknowledged(deployment, event):
    """Deletions, tags and folder markers, direct and queued, are acknowledged at once, and nothing is written."""
    deployment.cloud.s3.put_object(Bucket=PHOTOS, Key="trip/", Body=b"")
    deployment.deliver()
    assert deployment.handler(event, Context()) == {"photos": 0}
    polls, dead_lettered = send(deployment, event)
    assert ([poll.failed for poll in polls], dead_lettered) == ([0], [])
    assert deployment.written() == set()


def test_a_folder_marker_leaves_nothing(deployment):
    """The console's folder marker leaves no object, and a photo below it is painted."""
    deployment.cloud.s3.put_object(Bucket=PHOTOS, Key="trip/", Body=b"")
    deployment.upload("trip/cat.jpg", SMALL)
    deployment.deliver()
    assert deployment.written() == keys_of("trip/cat.jpg")
    answer = deployment.handler(job("trip/"), Context())["results"][0]
    assert (answer["resultCode"], answer["resultString"].partition(":")[0]) == ("Succeeded", "ignored")
    assert deployment.written() == keys_of("trip/cat.jpg")


@pytest.mark.parametrize("event", [notification("trip/"), bridged("trip/")], ids=["s3", "eventbridge"])
def test_a_folder_marker_of_unknown_size(deployment, event):
    """An event that does not tell the size is looked after; what has bytes is painted."""
    stored = event["detail"]["object"] if "detail" in event else event["Records"][0]["s3"]["object"]
    del stored["size"]
    deployment.cloud.s3.put_object(Bucket=PHOTOS, Key="trip/", Body=b"")
    assert deployment.handler(event, Context()) == {"photos": 0}
    assert deployment.written() == set()
    deployment.upload("trip/", SMALL)
    assert deployment.handler(event, Context()) == {"photos": 1}
    assert deployment.manifest("trip/")["status"] == "done"


def test_a_folder_marker_is_no_photo_to_ask_for(deployment, api):
    """Nobody waits for it, and a direct invocation for it is an error that leaves nothing."""
    deployment.cloud.s3.put_object(Bucket=PHOTOS, Key="trip/", Body=b"")
    deployment.deliver()
    assert api("GET", "/paintings/trip/").status_code == 404
    with pytest.raises(BadRequest, match=r"photo: expected a photo, got the marker of a folder"):
        deployment.handler({"photo": {"key": "trip/"}}, Context())
    assert deployment.written() == set()


def test_a_photo_may_be_named_like_a_folder(deployment):
    """An object with bytes is a photo, even if its key ends in a slash."""
    deployment.upload("trip/", SMALL)
    deployment.deliver()
    assert deployment.manifest("trip/")["status"] == "done"
    assert deployment.handler(job("trip/"), Context())["results"][0]["resultString"].startswith("painted already")


# -- No known shape

STRANGE = [
    None,
    [],
    [{"messageId": "1", "body": "{}", "eventSource": "aws:sqs"}],
    "hello",
    7,
    True,
    {},
    TRAIL,
    {"source": "aws.ec2", "detail": {}},
    {"version": "2.0", "path": "/health", "method": "GET", "requestContext": {"serviceNetworkArn": "arn:aws:x"}},
    {"Records": [{"eventSource": "aws:dynamodb"}]},
    {"Records": "cat.jpg"},
    {"Records": [None]},
    {"Records": [{"eventSource": ["aws:s3"]}]},
    {"invocationSchemaVersion": "2.0", "tasks": [{}]},
    {"invocationSchemaVersion": "2.0", "tasks": None, "job": {}, "invocationId": "i"},
    job("a.jpg") | {"job": None},
    job("a.jpg") | {"tasks": [job("a.jpg")["tasks"][0] | {"s3Key": "\ud83d.jpg"}]},
    job("a.jpg") | {"invocationSchemaVersion": "3.0"},
]


@pytest.mark.parametrize("event", STRANGE, ids=lambda event: json.dumps(event)[:50])
def test_an_event_of_no_known_shape_is_an_error(deployment, event):
    """An event of an unknown shape raises one error with what was expected and what was sent."""
    with pytest.raises(UnknownEvent, match=r"expected .*, got ") as raised:
        deployment.handler(event, Context())
    assert not any(word in str(raised.value) for word in ("NoneType", "dict", "KeyError", "<class", "{", "'str'"))


@pytest.mark.parametrize(
    "body",
    [*STRANGE[:8], "no JSON", "[" * 5000, {"Type": "Notification", "Message": "no JSON"}, {"hello": 1}],
    ids=lambda body: json.dumps(body)[:50],
)
def test_a_message_of_no_known_shape_is_kept(deployment, body):
    """A message of an unknown shape is attempted once and dead-lettered with a description of its shape."""
    polls, dead_lettered = send(deployment, body if isinstance(body, str) and body != "hello" else json.dumps(body))
    assert [poll.failed for poll in polls] == [0]
    assert [reason["ErrorType"] for reason in dead_lettered] == ["unknown_event"]
    assert ", got " in dead_lettered[0]["ErrorMessage"]


DAMAGED = [
    {},
    {"s3": None},
    {"s3": {"bucket": {"name": PHOTOS}}},
    {"s3": {"bucket": None, "object": {"key": "cat.jpg"}}},
    {"s3": {"bucket": {"name": 7}, "object": {"key": "cat.jpg"}}},
    {"s3": {"bucket": {"name": PHOTOS}, "object": {"key": ""}}},
    {"s3": {"bucket": {"name": PHOTOS}, "object": {"key": "\ud83d.jpg"}}},
    {"s3": {"bucket": {"name": PHOTOS}, "object": {"key": ["cat.jpg"]}}},
]


@pytest.mark.parametrize("damage", DAMAGED, ids=str)
@pytest.mark.parametrize("name", ["ObjectCreated:Put", "ObjectRemoved:Delete", "ObjectPainted:Oil", None, 7])
def test_a_damaged_record_is_an_error_in_words(damage, name):
    """A record with a missing or mistyped field is an error with a clear message."""
    with pytest.raises(UnknownEvent, match=r"expected .*, got "):
        read_notice({"eventSource": "aws:s3", "eventName": name, **damage})


@pytest.mark.parametrize("detail", [None, {}, {"bucket": {"name": PHOTOS}}, {"object": {"key": "cat.jpg"}}])
def test_a_damaged_event_of_eventbridge_is_an_error_in_words(deployment, detail):
    """An EventBridge event with a missing or mistyped field is an error with a clear message."""
    with pytest.raises(PhotosFailed) as raised:
        deployment.handler({"source": "aws.s3", "detail-type": "Object Created", "detail": detail}, Context())
    (failure,) = raised.value.exceptions
    assert isinstance(failure, UnknownEvent)


def test_an_event_of_an_unknown_name_is_an_error(deployment):
    """An event with an unknown name is an error, because it may need work."""
    with pytest.raises(PhotosFailed) as raised:
        deployment.handler(record(name="ObjectPainted:Oil"), Context())
    assert "got 'ObjectPainted:Oil'" in str(raised.value.exceptions[0])


# -- The paintings bucket


def test_paintings_are_never_painted(deployment):
    """A notification of the paintings bucket ends after one event per file, not in a loop."""
    arn = deployment.cloud.sqs.get_queue_attributes(QueueUrl=deployment.cloud.uploads_url, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]
    queues = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    deployment.cloud.s3.put_bucket_notification_configuration(Bucket=PAINTINGS, NotificationConfiguration=queues)
    try:
        deployment.upload("cat.jpg", SMALL)
        polls = deployment.deliver()
    finally:
        deployment.cloud.s3.put_bucket_notification_configuration(Bucket=PAINTINGS, NotificationConfiguration={})
    assert deployment.written() == keys_of("cat.jpg")
    assert sum(poll.messages for poll in polls) <= 7  # the photo, a test event, five files
    assert not any(poll.failed for poll in polls)
    assert deployment.waiting() == (0, 0)


def test_paintings_are_refused_at_every_door(deployment, capsys):
    """Every door refuses a painting with a message, and writes nothing."""
    deployment.cloud.s3.put_object(Bucket=PAINTINGS, Key="a.jpg/oil.jpg", Body=SMALL)
    for event in (notification("a.jpg/oil.jpg", PAINTINGS), bridged("a.jpg/oil.jpg", PAINTINGS)):
        deployment.handler(event, Context())
    assert capsys.readouterr().out.count('"code":"own_painting"') == 2
    result = deployment.handler(job("a.jpg/oil.jpg", bucket=PAINTINGS), Context())["results"][0]
    assert (result["resultCode"], result["resultString"].partition(":")[0]) == ("PermanentFailure", "own_painting")
    answer = deployment.handler({"photo": {"bucket": PAINTINGS, "key": "a.jpg/oil.jpg"}}, Context())
    assert (answer["status"], answer["error"]["code"]) == ("refused", "own_painting")
    assert deployment.written() == {"a.jpg/oil.jpg"}


@pytest.mark.parametrize("time", ["2026-11-01T12:00:00.000Z", "2026-11-01T12:00:00", "yesterday", "", 7, None])
def test_an_event_of_any_time(deployment, time):
    """An event with an unreadable time counts as one without a time, and the newest photo is painted."""
    deployment.upload("cat.jpg", SMALL)
    deployment.take(deployment.cloud.uploads_url)
    event = record()
    event["Records"][0]["eventTime"] = time
    assert deployment.handler(event, Context()) == {"photos": 1}


def test_a_message_with_good_and_strange_records(deployment):
    """The good photo is painted, and the message is dead-lettered with the reason of the other record."""
    deployment.upload("dog.jpg", SMALL)
    records = [*record("dog.jpg")["Records"], *record(name="ObjectPainted:Oil")["Records"]]
    assert deployment.handler({"Records": [message("0", {"Records": records})]}, Context()) == {"batchItemFailures": []}
    assert deployment.manifest("dog.jpg")["status"] == "done"
