"""The build behaves under Lambda's runtime as the sources do under the other tests: `make test-runtime`."""

import json
import subprocess
from base64 import b64decode, b64encode

import cv2
import numpy as np
import pytest

from local.cloud import PAINTINGS, PHOTOS
from stylize.engine import Style, paint
from tests.support import ROOT
from tests.support.pictures import read_picture

from .emulator import BUILD, PAYLOAD_LIMIT, PYTHON, emulator

SAMPLE = ROOT / "local" / "samples" / "chelsea.jpg"
SAMPLE_KEY = "holiday/cat and dog.jpg"  # of events/
EVENTS = sorted(path.stem for path in (ROOT / "events").glob("*.json"))


def event(name):
    return json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))


def direct(photo, **recipe):
    return {"image": b64encode(photo).decode(), "recipe": recipe}


def queued(key):
    stored = {"bucket": {"name": PHOTOS}, "object": {"key": key}}
    notification = {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": stored}]}
    message = {"messageId": "the-message", "eventSource": "aws:sqs", "body": json.dumps(notification)}
    return {"Records": [message]}


def manifest(cloud, key):
    return json.loads(cloud.s3.get_object(Bucket=PAINTINGS, Key=f"{key}/manifest.json")["Body"].read())


def test_the_layer_needs_nothing_but_itself():
    """A bare Python 3.13 imports and uses OpenCV and NumPy from the layer alone."""
    layer = BUILD / "OpenCvLayer" / "python"
    script = """
import sys; sys.path.append(sys.argv[1])
import cv2, numpy
print(cv2.__file__, numpy.__file__, cv2.cvtColor(numpy.ones((2, 2, 3), numpy.uint8), cv2.COLOR_BGR2GRAY).sum())
"""
    command = [str(PYTHON), "-I", "-S", "-B", "-c", script, str(layer)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert told == [str(layer / "cv2" / "__init__.py"), str(layer / "numpy" / "__init__.py"), "4"]


@pytest.mark.parametrize("name", EVENTS)
def test_every_sample_event(worker, cloud, name):
    """Every sample event is accepted by its door, and its paintings are in the bucket or in the answer."""
    cloud.s3.put_object(Bucket=PHOTOS, Key=SAMPLE_KEY, Body=SAMPLE.read_bytes(), Metadata={"recipe": "quality=fast"})
    status, answer = worker.invoke(event(name))
    assert status == 200
    assert "errorType" not in answer, answer
    if name.startswith("http"):
        assert answer["statusCode"] in (200, 202)  # painted by another event, or waiting
        assert json.loads(answer["body"])["photo"]["key"] == SAMPLE_KEY
    elif name in ("eventbridge-deleted", "s3-folder"):
        assert answer == {"photos": 0}
    elif name == "direct":
        assert [painting["style"] for painting in answer["paintings"]] == ["sketch", "color-pencil"]
    else:
        told = manifest(cloud, SAMPLE_KEY)
        assert told["status"] == "done"
        assert told["engine"]["kernels"] == "native"
        for painting in told["paintings"]:
            assert cloud.s3.head_object(Bucket=PAINTINGS, Key=painting["key"])["ContentLength"] == painting["bytes"]


def test_it_paints_what_the_sources_paint(worker):
    """The shipped kernels paint the same pixels as the tested ones."""
    _, answer = worker.invoke(direct(SAMPLE.read_bytes(), format="png"))
    expected = dict(paint(read_picture(SAMPLE)))
    assert [painting["style"] for painting in answer["paintings"]] == list(Style)
    for painting in answer["paintings"]:
        pixels = cv2.imdecode(np.frombuffer(b64decode(painting["image"]), np.uint8), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(pixels, expected[painting["style"]], painting["style"])


def test_a_refusal_is_an_answer(worker, cloud):
    """A photo that can't be painted is refused as on a laptop, and its message is not redelivered."""
    cloud.s3.put_object(Bucket=PHOTOS, Key="note.txt", Body=b"not a photo")
    assert worker.invoke(queued("note.txt")) == (200, {"batchItemFailures": []})
    assert manifest(cloud, "note.txt")["error"]["code"] == "unreadable_photo"


def test_an_unknown_event_fails_in_words(worker):
    """The runtime reports an unknown event by the error's name, and the worker takes the next event."""
    status, answer = worker.invoke({"hello": "world"})
    assert (status, answer["errorType"]) == (200, "UnknownEvent")
    assert worker.invoke(event("direct")).status == 200


def test_an_answer_too_large_for_lambda_is_refused_in_words(worker):
    """The function refuses to return an answer that exceeds Lambda's limit, with a clear message."""
    noise = np.random.default_rng(0).integers(0, 256, (1200, 1600, 3), dtype=np.uint8)
    photo = cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_QUALITY, 50])[1].tobytes()
    status, answer = worker.invoke(direct(photo, format="png"))
    assert (status, answer["errorType"]) == (200, "BadRequest")
    assert f"{PAYLOAD_LIMIT:,} bytes" in answer["errorMessage"]
    assert worker.invoke(event("direct")).status == 200


def test_a_cold_start_is_quick(cloud, tmp_path):
    """A cold start takes a fraction of Lambda's ten seconds; `make bench-cold` measures it."""
    with emulator(cloud.environment, tmp_path / "log") as cold:
        assert cold.invoke(event("direct")).status == 200
        assert cold.init_seconds < 5


def test_it_stops_before_lambda_stops_it(cloud, tmp_path):
    """The function reports that time runs out before Lambda's timeout."""
    cloud.s3.put_object(Bucket=PHOTOS, Key="cat.jpg", Body=SAMPLE.read_bytes())
    with emulator(cloud.environment, tmp_path / "log", seconds=5) as hurried:
        answer = hurried.invoke(queued("cat.jpg"))
        assert answer == (200, {"batchItemFailures": [{"itemIdentifier": "the-message"}]})
        assert "Task timed out" not in hurried.log
    assert not cloud.s3.list_objects_v2(Bucket=PAINTINGS).get("Contents")


def test_wrong_settings_are_an_outage_in_words(cloud, tmp_path):
    """With invalid settings the function does not start, and its log names the variable."""
    wrong = dict(cloud.environment) | {"DEFAULT_QUALITY": "splendid"}
    with emulator(wrong, tmp_path / "log") as broken:
        status, answer = broken.invoke(event("direct"))
        assert status == 502 or "errorType" in answer
        assert "DEFAULT_QUALITY: expected one of hd, smooth, fast, got 'splendid'" in broken.log


def test_it_wakes_up_from_a_snapshot(cloud, tmp_path):
    """With SnapStart, Lambda's hooks import every door before the snapshot and renew the client after it."""
    script = """
import json, sys
from awslambdaric.lambda_runtime_hooks_runner import run_after_restore, run_before_snapshot
from stylize.handler import studio
old = studio.store.client
run_before_snapshot()
doors = sorted(name for name in sys.modules if name.startswith("stylize.doors."))
run_after_restore()
print(json.dumps([doors, studio.store.client is old]))
"""
    path = f"{BUILD / 'StylizeFunction'}:{BUILD / 'OpenCvLayer' / 'python'}"
    env = dict(cloud.environment) | {"PYTHONPATH": path, "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    told = subprocess.run([PYTHON, "-c", script], env=env, cwd=tmp_path, capture_output=True, text=True, check=True)
    doors, is_old = json.loads(told.stdout)
    assert {f"stylize.doors.{name}" for name in ("batch", "direct", "http", "s3")} <= set(doors)
    assert not is_old
