"""From a photo that is put into S3 to its paintings: queue, handler, engine, S3."""

import json

import cv2
import numpy as np
import pytest

from local.cloud import PAINTINGS, PHOTOS
from local.event_source_mapping import Context
from stylize.errors import UnknownEvent
from tests.support.deployment import keys_of
from tests.support.events import message, notification
from tests.support.pictures import (
    SMALL,
    animated_gif,
    decoded,
    encoded,
    exif_orientation,
    picture,
    png_bomb,
    sample,
    sample_file,
)


def test_a_photo_becomes_four_paintings(deployment):
    """The paintings are OpenCV's pictures of the photo, and the manifest names their keys."""
    deployment.upload("cat.jpg", sample_file(), recipe="format=png")
    deployment.deliver()
    assert deployment.written() == keys_of("cat.jpg", "png")
    assert deployment.waiting() == (0, 0)

    photo = sample("chelsea")
    sketch, color = cv2.pencilSketch(photo, sigma_s=60, sigma_r=0.07, shade_factor=0.1)
    np.testing.assert_array_equal(decoded(deployment.fetch("cat.jpg/sketch.png")), sketch)
    np.testing.assert_array_equal(decoded(deployment.fetch("cat.jpg/color-pencil.png")), color)
    watercolor = cv2.stylization(photo, sigma_s=60, sigma_r=0.45)
    assert np.abs(decoded(deployment.fetch("cat.jpg/watercolor.png")).astype(int) - watercolor).max() <= 1

    manifest = deployment.manifest("cat.jpg")
    assert manifest["status"] == "done"
    assert {p["key"] for p in manifest["paintings"]} | {"cat.jpg/manifest.json"} == deployment.written()
    assert (manifest["photo"]["width"], manifest["photo"]["height"]) == (451, 300)
    assert manifest["photo"]["etag"] == deployment.cloud.s3.head_object(Bucket=PHOTOS, Key="cat.jpg")["ETag"].strip('"')
    assert manifest["seconds"].keys() == {"read", "decode", "paint", "encode", "write", "total"}
    for painting in manifest["paintings"]:
        stored = deployment.cloud.s3.head_object(Bucket=PAINTINGS, Key=painting["key"])
        assert (stored["ContentLength"], stored["ContentType"]) == (painting["bytes"], "image/png")


@pytest.mark.parametrize("key", ["a b.jpg", "a+b.jpg", "100%.jpg", "猫.jpg", "holiday/2026/cat.jpg", "no extension"])
def test_any_key(deployment, key):
    """S3 encodes keys in its events; the paintings are stored under the decoded key."""
    deployment.upload(key, SMALL)
    deployment.deliver()
    assert deployment.written() == keys_of(key)


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("unreadable_photo", b"shopping list: flour, eggs"),
        ("unreadable_photo", sample_file()[:20_000]),
        ("unreadable_photo", SMALL[:200]),
        ("unreadable_photo", b""),
        ("unsupported_format", b"8BPS" + bytes(100)),
        ("unsupported_format", b"\0\0\0\x18ftypcrx " + bytes(100)),
        ("photo_too_large", png_bomb(10_000, 6_000)),
        ("photo_too_large", sample_file() + bytes(51_000_000)),
    ],
)
def test_a_bad_photo_is_refused(deployment, code, content):
    """A bad photo gets a manifest with the reason and nothing else, and its message is acknowledged."""
    deployment.upload("bad.jpg", content)
    assert [poll.failed for poll in deployment.deliver()] == [0]
    assert deployment.written() == {"bad.jpg/manifest.json"}
    manifest = deployment.manifest("bad.jpg")
    assert (manifest["status"], manifest["error"]["code"]) == ("refused", code)
    assert "expected" in manifest["error"]["message"]
    assert "got" in manifest["error"]["message"]
    assert deployment.waiting() == (0, 0)


def test_a_bomb_is_refused_from_its_header(deployment):
    """A decompression bomb is refused by its header, with its size in the message."""
    deployment.upload("bomb.png", png_bomb(10_000, 6_000))
    deployment.deliver()
    message = deployment.manifest("bomb.png")["error"]["message"]
    assert message == "expected at most 50 megapixels, got 60.0 (10000 x 6000)"


def test_a_photo_deleted_before_it_was_read_is_forgotten(deployment):
    """A photo that is deleted before it is read is neither retried nor recorded."""
    deployment.upload("gone.jpg", SMALL)
    deployment.cloud.s3.delete_object(Bucket=PHOTOS, Key="gone.jpg")
    deployment.deliver()
    assert deployment.written() == set()
    assert deployment.waiting() == (0, 0)


def test_a_photo_deleted_after_it_was_painted_keeps_its_paintings(deployment):
    """A late duplicate of its event changes nothing."""
    deployment.upload("cat.jpg", SMALL)
    late = deployment.take(deployment.cloud.uploads_url)[0]["Body"]
    deployment.deliver()
    deployment.cloud.s3.delete_object(Bucket=PHOTOS, Key="cat.jpg")
    deployment.cloud.sqs.send_message(QueueUrl=deployment.cloud.uploads_url, MessageBody=late)
    deployment.deliver()
    assert deployment.manifest("cat.jpg")["status"] == "done"
    assert deployment.written() == keys_of("cat.jpg")


def test_a_photo_is_painted_upright(deployment):
    """A photo with EXIF orientation 6 is rotated before painting."""
    photo = sample("chelsea")
    lying = cv2.rotate(photo, cv2.ROTATE_90_COUNTERCLOCKWISE)
    deployment.upload("upright.png", encoded(lying, ".png", exif_orientation(6)), recipe="format=png")
    deployment.deliver()
    sketch = cv2.pencilSketch(photo, sigma_s=60, sigma_r=0.07, shade_factor=0.1)[0]
    np.testing.assert_array_equal(decoded(deployment.fetch("upright.png/sketch.png")), sketch)
    manifest = deployment.manifest("upright.png")
    assert (manifest["photo"]["width"], manifest["photo"]["height"]) == (451, 300)


def test_the_first_frame_of_an_animation_is_painted(deployment):
    """An animated GIF becomes still paintings of its first frame."""
    frames = [np.full((100, 120, 3), 77, np.uint8), picture("random", 100, 120)]
    deployment.upload("moving.gif", animated_gif(frames), recipe="format=png")
    deployment.deliver()
    painting = decoded(deployment.fetch("moving.gif/watercolor.png")).astype(int)
    assert np.abs(painting - 77).mean() < 4  # the palette of a GIF is coarse


def test_two_deliveries_paint_once(deployment):
    """A second delivery finds the first one's manifest and writes nothing."""
    deployment.upload("cat.jpg", SMALL)
    twice = deployment.take(deployment.cloud.uploads_url)[0]["Body"]
    deployment.cloud.sqs.send_message(QueueUrl=deployment.cloud.uploads_url, MessageBody=twice)
    deployment.deliver()
    listed = deployment.cloud.s3.list_objects_v2(Bucket=PAINTINGS)["Contents"]
    deployment.cloud.sqs.send_message(QueueUrl=deployment.cloud.uploads_url, MessageBody=twice)
    deployment.deliver()
    assert deployment.cloud.s3.list_objects_v2(Bucket=PAINTINGS)["Contents"] == listed


def test_a_replaced_photo_is_painted_again(deployment):
    """Nothing of its earlier paintings stays behind."""
    deployment.upload("cat.jpg", SMALL, recipe="format=png")
    deployment.deliver()
    deployment.upload("cat.jpg", sample_file(), recipe="quality=fast")
    deployment.deliver()
    assert deployment.written() == {f"cat.jpg/{name}" for name in ("sketch.jpg", "color-pencil.jpg", "manifest.json")}
    deployment.upload("cat.jpg", b"not a cat")
    deployment.deliver()
    assert deployment.written() == {"cat.jpg/manifest.json"}


def test_a_passing_error_leaves_the_message_in_the_queue(deployment, unavailable):
    """While S3 accepts no paintings, no manifest says `done`, and after five receives the message is dead-lettered."""
    deployment.upload("cat.jpg", SMALL)
    unavailable("PutObject")
    assert [poll.failed for poll in deployment.deliver()] == [1, 1, 1, 1, 0]  # the fifth time: dead-lettered
    assert deployment.waiting() == (0, 1)
    assert deployment.written() == set()
    (message,) = deployment.take(deployment.cloud.failed_uploads_url)
    assert json.loads(message["Body"])["Records"][0]["s3"]["object"]["key"] == "cat.jpg"


def test_an_error_while_reading_is_tried_again(deployment, unavailable):
    """A photo is not refused when S3 can't be read."""
    deployment.upload("cat.jpg", SMALL)
    unavailable("GetObject")
    assert deployment.worker.poll().failed == 1
    assert deployment.waiting() == (1, 0)
    assert deployment.written() == set()


def test_one_bad_photo_in_a_batch_disturbs_nobody(deployment):
    """In a batch, the good photo is painted, the bad one refused, and only the failed message is reported."""
    deployment.upload("good.png", SMALL)
    deployment.upload("bad.jpg", b"no photo")
    bodies = [notification("good.png"), notification("bad.jpg"), notification("cat.jpg", bucket="no-such-bucket")]
    answer = deployment.handler({"Records": [message(str(i), body) for i, body in enumerate(bodies)]}, Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert deployment.manifest("good.png")["status"] == "done"
    assert deployment.manifest("bad.jpg")["status"] == "refused"


def test_a_notification_straight_from_s3(deployment):
    """Of several records in one event, a failing one does not prevent the others' painting."""
    deployment.upload("a b.png", SMALL)
    deployment.upload("c.png", SMALL)
    records = notification("a b.png")["Records"] + notification("c.png")["Records"]
    assert deployment.handler({"Records": records}, Context()) == {"photos": 2}
    assert deployment.written() == keys_of("a b.png") | keys_of("c.png")

    deployment.empty()
    deployment.upload("c.png", SMALL)
    lost = notification("x.png", bucket="no-such-bucket")["Records"]
    with pytest.raises(ExceptionGroup, match="1 of 2 photos failed"):
        deployment.handler({"Records": lost + records[1:]}, Context())
    assert deployment.written() == keys_of("c.png")


def test_a_record_without_a_key_disturbs_nobody(deployment):
    """A record without a key fails the event, and the photo after it is painted all the same."""
    deployment.upload("c.png", SMALL)
    records = [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}, *notification("c.png")["Records"]]
    with pytest.raises(ExceptionGroup, match="1 of 2 photos failed"):
        deployment.handler({"Records": records}, Context())
    assert deployment.written() == keys_of("c.png")


def test_the_test_event_of_s3_is_acknowledged(deployment):
    """S3's test event of a new notification is acknowledged, direct and queued."""
    event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": PHOTOS}
    assert deployment.handler(event, Context()) == {"photos": 0}
    assert deployment.handler({"Records": [message("0", event)]}, Context()) == {"batchItemFailures": []}


def test_an_unknown_event_is_an_error(deployment):
    """The error of an unknown event describes the event, which is dead-lettered at once."""
    with pytest.raises(UnknownEvent, match="got an object with detail, source"):
        deployment.handler({"source": "aws.ec2", "detail": {}}, Context())
    answer = deployment.handler({"Records": [message("7", {"hello": 1})]}, Context())
    assert (answer, deployment.waiting()) == ({"batchItemFailures": []}, (0, 1))


def test_logs_and_metrics(deployment, capsys):
    """A photo leaves a log line with request id and key, and metrics in CloudWatch's embedded format."""
    deployment.upload("cat.jpg", SMALL)
    context = Context(aws_request_id="the-request")
    deployment.handler(notification("cat.jpg"), context)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    painted = next(line for line in lines if line.get("message") == "painted")
    assert (painted["function_request_id"], painted["photo_key"]) == ("the-request", "cat.jpg")
    emitted = next(line for line in lines if "PhotosPainted" in line)
    assert emitted["PhotosPainted"] == [1.0]
    assert {"DecodeSeconds", "PaintSeconds", "WriteSeconds", "OilSeconds", "ColorPencilSeconds"} <= emitted.keys()
