"""The doors: every kind of event ends with paintings, or with an answer that gives the reason."""

import json
from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from local.cloud import PAINTINGS, PHOTOS
from local.event_source_mapping import Context
from stylize.errors import BadRecipe, BadRequest, NotAuthorized
from tests.support.deployment import keys_of
from tests.support.events import job, message, notification
from tests.support.pictures import SMALL, decoded

EVENTS = Path(__file__).resolve().parents[2] / "events"
SAMPLE_KEY = "holiday/cat and dog.jpg"
TRICKY_KEYS = ["a b.jpg", "a+b.jpg", "100%.jpg", "50%2B50.jpg", "猫/&?#.jpg"]


def sample(name):
    return json.loads((EVENTS / f"{name}.json").read_text("utf-8"))


def bridged(key, bucket=PHOTOS):
    event = sample("eventbridge")
    event["detail"] |= {"bucket": {"name": bucket}, "object": {"key": key, "size": 1}}
    return event


def through_sns(body):
    return json.loads(sample("sns-in-sqs")["Records"][0]["body"]) | {"Message": json.dumps(body)}


def result(answer):
    (only,) = answer["results"]
    return only["resultCode"], only["resultString"]


# -- Every door


@pytest.mark.parametrize("name", sorted(path.stem for path in EVENTS.glob("*.json")))
def test_the_sample_events(deployment, name):
    """Every sample event is accepted by its door."""
    deployment.upload(SAMPLE_KEY, SMALL)
    answer = deployment.handler(sample(name), Context())
    if name.startswith("http"):
        content = json.loads(answer["body"])
        assert (answer["statusCode"], content["photo"]["key"]) == (202, SAMPLE_KEY)
    elif name in ("eventbridge-deleted", "s3-folder"):
        assert (answer, deployment.written()) == ({"photos": 0}, set())
    elif name == "direct":
        assert [painting["style"] for painting in answer["paintings"]] == ["sketch", "color-pencil"]
        assert deployment.written() == set()
    else:
        assert deployment.manifest(SAMPLE_KEY)["status"] == "done"


@pytest.mark.parametrize("key", TRICKY_KEYS)
@pytest.mark.parametrize(
    "event",
    [
        notification,
        bridged,
        lambda key: {"Records": [message("0", through_sns(notification(key)))]},
        lambda key: {"Records": [message("0", through_sns(through_sns(notification(key))))]},
        lambda key: {"Records": [message("0", bridged(key))]},
        lambda key: job(key, version="1.0"),
        lambda key: job(key, version="2.0"),
        lambda key: {"photo": {"bucket": PHOTOS, "key": key}},
    ],
    ids=[
        "s3",
        "eventbridge",
        "sns in sqs",
        "sns in sns in sqs",
        "eventbridge in sqs",
        "batch 1.0",
        "batch 2.0",
        "direct",
    ],
)
def test_every_key_through_every_door(deployment, event, key):
    """A literal + or % in a key survives every door: S3 and Batch Operations encode keys, EventBridge does not."""
    deployment.upload(key, SMALL, recipe="quality=fast")
    deployment.handler(event(key), Context())
    assert deployment.manifest(key)["photo"]["key"] == key
    assert deployment.manifest(key)["status"] == "done"


def test_the_test_event_of_s3_through_sns_is_acknowledged(deployment):
    """S3's test event is acknowledged when it comes through SNS."""
    event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": PHOTOS}
    assert deployment.handler({"Records": [message("0", through_sns(event))]}, Context()) == {"batchItemFailures": []}


# -- S3 Batch Operations


def test_a_task_succeeds(deployment):
    """A task paints by the job's recipe; the second time it paints nothing and says so."""
    deployment.upload("cat.jpg", SMALL)
    event = job("cat.jpg", {"recipe": "quality=fast&format=png"})
    answer = deployment.handler(event, Context())
    assert (answer["invocationSchemaVersion"], answer["invocationId"]) == ("2.0", "the-invocation")
    assert answer["results"][0]["taskId"] == "the-task"
    assert result(answer) == ("Succeeded", "painted: cat.jpg/manifest.json")
    assert deployment.written() == {"cat.jpg/sketch.png", "cat.jpg/color-pencil.png", "cat.jpg/manifest.json"}
    assert result(deployment.handler(event, Context())) == ("Succeeded", "painted already: cat.jpg/manifest.json")


@pytest.mark.parametrize(("content", "code"), [(b"no photo", "unreadable_photo"), (None, "photo_not_found")])
def test_a_refused_photo_fails_its_task_for_good(deployment, content, code):
    """A refused photo is a permanent failure of its task, with the reason in the report."""
    if content:
        deployment.upload("cat.jpg", content)
    status, text = result(deployment.handler(job("cat.jpg"), Context()))
    assert (status, text.partition(":")[0]) == ("PermanentFailure", code)


@pytest.mark.parametrize("storage", ["GLACIER", "DEEP_ARCHIVE"])
def test_an_archived_photo_is_refused_at_every_door(deployment, api, storage):
    """An archived photo is refused once at every door, with the same code."""
    deployment.cloud.s3.put_object(Bucket=PHOTOS, Key="ice.jpg", Body=SMALL, StorageClass=storage)
    assert [poll.failed for poll in deployment.deliver()] == [0]
    assert deployment.waiting() == (0, 0)
    answer = api("GET", "/paintings/ice.jpg")
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, "archived_photo")
    status, text = result(deployment.handler(job("ice.jpg"), Context()))
    assert (status, text.partition(":")[0]) == ("PermanentFailure", "archived_photo")


@pytest.mark.parametrize(
    "bucket", ["My Photos", f"arn:aws:s3:::{PAINTINGS}", "arn:aws:s3:eu-central-1:123456789012:accesspoint/paintings"]
)
def test_what_is_no_bucket_fails_for_good(deployment, bucket):
    """An access point may stand for the paintings bucket: no ARN is followed."""
    task = job("cat.jpg")
    task["tasks"][0]["s3Bucket"] = bucket
    status, text = result(deployment.handler(task, Context()))
    assert (status, text.partition(":")[0]) == ("PermanentFailure", "bad_request")
    answer = deployment.handler({"Records": [message("0", notification("cat.jpg", bucket))]}, Context())
    assert answer == {"batchItemFailures": []}
    (kept,) = deployment.take(deployment.cloud.failed_uploads_url)
    assert json.loads(kept["Body"]) == notification("cat.jpg", bucket)
    assert deployment.written() == set()


@pytest.mark.parametrize(
    "arguments", [{"recipe": "quality=best"}, {"quality": "fast"}, {"recipe": None}, {"recipe": 7}]
)
def test_the_mistake_of_a_job_does_no_harm(deployment, arguments):
    """A job with a bad recipe changes no existing painting."""
    deployment.upload("cat.jpg", SMALL)
    deployment.deliver()
    status, text = result(deployment.handler(job("cat.jpg", arguments), Context()))
    assert (status, text.partition(":")[0]) == ("PermanentFailure", "bad_recipe")
    assert deployment.written() == keys_of("cat.jpg")


def test_a_passing_error_fails_a_task_for_now(deployment, unavailable):
    """A temporary error is a temporary failure, which Batch Operations retries."""
    deployment.upload("cat.jpg", SMALL)
    unavailable("PutObject")
    assert result(deployment.handler(job("cat.jpg"), Context()))[0] == "TemporaryFailure"
    assert "manifest.json" not in str(deployment.written())


# -- Direct invocations


def test_an_image_is_painted_without_any_cloud(deployment, unavailable):
    """An image inside the event is painted without a request to S3."""
    for operation in ("GetObject", "PutObject", "HeadObject", "DeleteObject", "ListObjectsV2"):
        unavailable(operation)
    event = {"image": b64encode(SMALL).decode(), "recipe": {"format": "png", "styles": ["oil", "sketch"]}}
    answer = deployment.handler(event, Context())
    assert (answer["status"], answer["recipe"]["format"]) == ("done", "png")
    shapes = {p["style"]: decoded(b64decode(p["image"])).shape[:2] for p in answer["paintings"]}
    assert shapes == {"sketch": (96, 128), "oil": (96, 128)}


def test_a_photo_of_a_bucket_is_painted(deployment):
    """The recipe of a direct invocation overrides the recipe of the object."""
    deployment.upload("cat.jpg", SMALL, recipe="format=webp&quality=fast")
    answer = deployment.handler({"photo": {"bucket": PHOTOS, "key": "cat.jpg"}, "recipe": "format=png"}, Context())
    assert answer == deployment.manifest("cat.jpg")
    assert {p["key"] for p in answer["paintings"]} == {"cat.jpg/sketch.png", "cat.jpg/color-pencil.png"}


def test_a_refusal_is_answered(deployment):
    """A refusal is answered with its code, as in a manifest."""
    answer = deployment.handler({"image": b64encode(b"no photo").decode()}, Context())
    assert (answer["status"], answer["error"]["code"]) == ("refused", "unreadable_photo")
    answer = deployment.handler({"photo": {"bucket": PHOTOS, "key": "gone.jpg"}}, Context())
    assert (answer["status"], answer["error"]["code"]) == ("refused", "photo_not_found")


@pytest.mark.parametrize(
    ("event", "error", "text"),
    [
        ({"image": "no base64!"}, BadRequest, "image: expected base64"),
        ({"image": 7}, BadRequest, "image: expected base64"),
        ({"photo": "cat.jpg"}, BadRequest, "photo: expected an object with bucket and key, got a text of 7 characters"),
        ({"photo": {"bucket": PHOTOS}}, BadRequest, "photo: expected an object with bucket and key"),
        ({"photo": {"key": "\ud83d.jpg"}}, BadRequest, "photo: expected an object with bucket and key"),
        (
            {"photo": {"bucket": "My Photos", "key": "cat.jpg"}},
            BadRequest,
            "expected the name of a bucket, got 'My Photos'",
        ),
        (
            {"photo": {"bucket": f"arn:aws:s3:::{PAINTINGS}", "key": "a"}},
            BadRequest,
            "expected the name of a bucket, got",
        ),
        ({"photo": {"bucket": f"s3://{PHOTOS}", "key": "trip/"}}, BadRequest, "expected the name of a bucket, got"),
        ({"photo": {"key": "cat.jpg"}, "recipe": []}, BadRecipe, "recipe: expected a text or an object"),
        ({"photo": {"key": "cat.jpg"}, "recipe": {"qualty": "hd"}}, BadRecipe, "recipe: expected fields quality, "),
        (
            {"photo": {"key": "cat.jpg"}, "recipe": {"quality": ["hd"]}},
            BadRecipe,
            "quality: expected hd, smooth or fast, got",
        ),
    ],
)
def test_a_direct_invocation_that_makes_no_sense(deployment, event, error, text):
    """An invalid direct invocation fails, and nothing is written."""
    with pytest.raises(error, match=text):
        deployment.handler(event, Context())
    assert deployment.written() == set()


def test_a_photo_that_may_not_be_read_is_tried_again(deployment, forbidden):
    """A photo with denied access is retried, and no manifest calls it refused."""
    deployment.upload("cat.jpg", SMALL)
    forbidden("GetObject")
    with pytest.raises(NotAuthorized, match=r"expected the right to read s3://photos/cat.jpg, got AccessDenied"):
        deployment.handler({"photo": {"bucket": PHOTOS, "key": "cat.jpg"}}, Context())
    assert deployment.written() == set()
