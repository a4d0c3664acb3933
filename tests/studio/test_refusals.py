"""Faults that no retry cures are refused at the first receive: recorded if possible, acknowledged, never retried."""

import json
from urllib.parse import unquote, urlsplit

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from local.cloud import PAINTINGS, PHOTOS
from local.event_source_mapping import Context
from stylize.errors import S3_REFUSALS, refusal_by_s3
from stylize.manifest import PhotoFacts
from stylize.protocol import Result
from tests.support.deployment import Raw
from tests.support.events import job, notification
from tests.support.pictures import SMALL

SSE_C = "The object was stored using a form of Server Side Encryption."
NO_KEY = "User is not authorized to perform: kms:Decrypt on this resource"


@pytest.fixture
def s3_answers(deployment):
    """Makes S3 answer as documented where the local one does not: `s3_answers(condition, status, code, message)`."""
    events, registered = deployment.s3_of_the_function.meta.events, []

    def answer(condition, status, code, message="No."):
        body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()

        def respond(request, **_):
            key = unquote(urlsplit(request.url).path).partition("/")[2].partition("/")[2]
            if condition(request.method, urlsplit(request.url).path.split("/")[1], key):
                return AWSResponse(request.url, status, HTTPHeaders(), Raw(b"" if request.method == "HEAD" else body))
            return None

        events.register_first("before-send.s3", respond)
        registered.append(respond)

    yield answer
    for respond in registered:
        events.unregister("before-send.s3", respond)


def assert_refused_at_once(deployment, key, code):
    assert [poll.failed for poll in deployment.deliver()] == [0]
    assert deployment.waiting() == (0, 0)
    manifest = deployment.manifest(key)
    assert (manifest["status"], manifest["error"]["code"]) == ("refused", code)
    assert deployment.written() == {f"{key}/manifest.json"}


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
def test_an_archived_photo(deployment, storage_class):
    """An archived photo is refused, because restoring it takes hours."""
    deployment.cloud.s3.put_object(Bucket=PHOTOS, Key="old.png", Body=SMALL, StorageClass=storage_class)
    assert_refused_at_once(deployment, "old.png", "archived_photo")
    assert deployment.manifest("old.png")["photo"]["version_id"]


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, "InvalidRequest", SSE_C),
        (400, "KMS.NotFoundException", "No."),
        (400, "KMS.DisabledException", "No."),
        (403, "AccessDenied", NO_KEY),
    ],
)
@pytest.mark.parametrize("head_works", [True, False])
def test_a_photo_under_a_key_of_somebody_elses(deployment, s3_answers, status, code, message, head_works):
    """A photo under a foreign key is refused; with SSE-C even HEAD fails, and the event's ETag is recorded."""
    methods = ("GET",) if head_works else ("GET", "HEAD")
    s3_answers(lambda method, bucket, key: method in methods and bucket == PHOTOS, status, code, message)
    deployment.upload("secret.png", SMALL)
    assert_refused_at_once(deployment, "secret.png", "encrypted_photo")
    assert deployment.manifest("secret.png")["photo"]["etag"]


def test_access_that_is_denied_is_retried(deployment, s3_answers):
    """Denied access to the stack's own buckets is retried, because permissions can be fixed."""
    s3_answers(lambda method, bucket, key: bucket == PHOTOS, 403, "AccessDenied")
    deployment.upload("cat.png", SMALL)
    assert deployment.worker.poll().failed == 1
    assert deployment.written() == set()
    assert refusal_by_s3("AccessDenied", "Access Denied") is None
    assert refusal_by_s3("SlowDown", "KMS") is None


def test_a_bucket_of_somebody_elses_is_dead_lettered_at_once(deployment, s3_answers):
    """Denied access to another bucket, as S3 answers where its owner is not the expected one, is not retried."""
    s3_answers(lambda method, bucket, key: bucket == "theirs", 403, "AccessDenied")
    body = json.dumps(notification("cat.png", bucket="theirs"))
    deployment.cloud.sqs.send_message(QueueUrl=deployment.cloud.uploads_url, MessageBody=body)
    assert [poll.failed for poll in deployment.deliver()] == [0]
    assert deployment.waiting() == (0, 1)
    assert deployment.written() == set()
    answer = deployment.handler(job("cat.png", bucket="theirs"), Context())
    assert answer["results"][0]["resultCode"] == "PermanentFailure"
    assert answer["results"][0]["resultString"].startswith("foreign_bucket: expected a bucket")


def test_every_code_has_a_message():
    """Every message of a refusal by S3 says what was expected and names S3's code."""
    for code in S3_REFUSALS:
        assert str(refusal_by_s3(code, "")).startswith("expected ")
        assert code in str(refusal_by_s3(code, ""))


@pytest.mark.parametrize(("length", "code"), [(1007, None), (1008, "key_too_long"), (1010, "key_too_long")])
def test_a_key_that_leaves_no_room_for_its_paintings(deployment, s3_answers, length, code):
    """A photo whose paintings' keys would exceed 1,024 bytes is refused before painting."""
    too_long = []

    def is_too_long(method, bucket, key):
        too_long.append(len(key.encode()) > 1024)
        return too_long[-1]

    s3_answers(is_too_long, 400, "KeyTooLongError")
    key = ("dir/" + "k-" * length)[:length]
    deployment.upload(key, SMALL)
    if code:
        assert_refused_at_once(deployment, key, code)
    else:
        deployment.deliver()
        assert deployment.manifest(key)["status"] == "done"
    assert not any(too_long)


@pytest.mark.parametrize("length", [1011, 1024])
def test_a_key_that_leaves_no_room_for_a_manifest(deployment, length):
    """If even the manifest's key is too long, the refusal is only logged, and the message is acknowledged."""
    deployment.upload(("k-" * length)[:length], SMALL)
    assert [poll.failed for poll in deployment.deliver()] == [0]
    assert deployment.waiting() == (0, 0)
    assert deployment.written() == set()


def test_our_own_paintings_are_not_painted(deployment, s3_answers):
    """An event of the paintings bucket in the uploads queue causes no painting and no further event."""
    attributes = deployment.cloud.sqs.get_queue_attributes(
        QueueUrl=deployment.cloud.uploads_url, AttributeNames=["QueueArn"]
    )
    queue = {"QueueArn": attributes["Attributes"]["QueueArn"], "Events": ["s3:ObjectCreated:*"]}
    notify = deployment.cloud.s3.put_bucket_notification_configuration
    notify(Bucket=PAINTINGS, NotificationConfiguration={"QueueConfigurations": [queue]})
    try:
        deployment.upload("cat.png", SMALL, recipe="styles=oil")
        polls = deployment.deliver()
    finally:
        notify(Bucket=PAINTINGS, NotificationConfiguration={})
    assert sum(poll.failed for poll in polls) == 0
    assert deployment.written() == {"cat.png/oil.jpg", "cat.png/manifest.json"}
    outcome = deployment.studio.paint(PhotoFacts(PAINTINGS, "cat.png/oil.jpg"))
    assert outcome.manifest.error["code"] == "own_painting"


def test_a_refused_photo_is_not_tried_again(deployment):
    """A redelivered event of a refused photo costs two reads; a new version of the photo is painted."""
    deployment.upload("cat.png", b"no photo")
    deployment.deliver()
    assert deployment.studio.paint(PhotoFacts(PHOTOS, "cat.png")).result is Result.ALREADY
    deployment.upload("cat.png", SMALL)
    deployment.deliver()
    assert deployment.is_sound("cat.png")


def test_a_record_of_an_unknown_bucket_is_retried(deployment):
    """A record with a bucket that does not exist is retried, because the setup may be at fault."""
    deployment.cloud.sqs.send_message(
        QueueUrl=deployment.cloud.uploads_url,
        MessageBody=str(notification("cat.jpg", bucket="no-such-bucket")).replace("'", '"'),
    )
    assert deployment.worker.poll().failed == 1


def test_an_archived_photo_received_again(deployment):
    """An archived photo is refused when its body is read, because a HEAD succeeds."""
    deployment.cloud.s3.put_object(Bucket=PHOTOS, Key="old.png", Body=SMALL, StorageClass="GLACIER")
    outcome = deployment.studio.paint(PhotoFacts(PHOTOS, "old.png"), receives=2)
    assert outcome.manifest.error["code"] == "archived_photo"
    assert deployment.manifest("old.png")["error"]["code"] == "archived_photo"
