"""No invocation outlasts its deadline, whatever S3 does: the function stops by itself; the message is redelivered."""

import os
from dataclasses import replace
from importlib import import_module
from threading import Event
from time import monotonic

import pytest

from local.cloud import PAINTINGS, PHOTOS
from local.event_source_mapping import Context, EventSourceMapping
from tests.support.fault_proxy import Cut, FaultProxy, Hold, Slow
from tests.support.pictures import encoded, picture

pytestmark = pytest.mark.slow

PHOTO = encoded(picture("random", 400, 500), ".png")
SECONDS = 1.5
"""Until the deadline."""

SLACK = 1.5
"""For a busy machine; to wait for S3 would take half a minute."""


@pytest.fixture
def proxy(deployment, monkeypatch):
    """The function behind a proxy."""
    with FaultProxy(deployment.cloud.endpoint).running() as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        studio = import_module("stylize.handler").open_studio(os.environ)
        monkeypatch.setattr("stylize.handler.studio", studio)
        yield proxy
        studio.close()


@pytest.fixture
def silence():
    """S3 accepts a request and says nothing until the test is over."""
    released = Event()
    yield Hold(Event(), released)
    released.set()


def painted_once(deployment):
    deployment.upload("cat.jpg", encoded(picture("smooth", 30, 40), ".png"))
    assert deployment.worker.poll() == (1, 0)


def polled(deployment):
    """Polls once with little time; how many messages failed, and how long it took."""
    function = import_module("stylize.handler")
    little = function.SPARE_SECONDS + SECONDS
    mapping = EventSourceMapping(deployment.cloud.sqs, deployment.cloud.uploads_url, function.lambda_handler, 1, little)
    began = monotonic()
    return mapping.poll().failed, monotonic() - began


@pytest.mark.parametrize(
    "where",
    [
        ("GET", PAINTINGS, "manifest.json"),
        ("GET", PHOTOS, "cat.jpg"),
        ("HEAD", PHOTOS, "cat.jpg"),
        ("PUT", PAINTINGS, "oil.jpg"),
        ("PUT", PAINTINGS, "manifest.json"),
    ],
    ids=str,
)
def test_a_silent_s3(deployment, proxy, silence, where):
    """The function stops in time, whichever request for a replaced photo is never answered."""
    method, bucket, end = where
    painted_once(deployment)
    deployment.upload("cat.jpg", PHOTO)
    proxy.plan = lambda r: silence if (r.method, r.bucket) == (method, bucket) and r.key.endswith(end) else None
    failed, seconds = polled(deployment)
    assert failed == 1
    assert seconds < SECONDS + SLACK
    assert deployment.waiting() == (1, 0)


@pytest.mark.parametrize("fault", [Slow(400, 0.1), Cut(reset=True)], ids=str)
def test_a_photo_that_trickles_or_breaks_off(deployment, proxy, fault):
    """The function stops in time when a photo's body arrives too slowly, or its connection is reset again and again."""
    deployment.upload("cat.jpg", PHOTO)
    proxy.plan = lambda r: fault if (r.method, r.bucket) == ("GET", PHOTOS) else None
    failed, seconds = polled(deployment)
    assert failed == 1
    assert seconds < SECONDS + SLACK
    assert deployment.written() == set()


def test_the_list_is_answered_in_time(deployment, proxy, silence):
    """Manifests are read by threads, and they keep to the deadline, too."""
    function = import_module("stylize.handler")
    function.studio.settings = replace(function.studio.settings, list_paintings=True)
    painted_once(deployment)
    event = {"httpMethod": "GET", "path": "/paintings", "requestContext": {"requestId": "1"}}
    proxy.plan = lambda r: silence if r.key.endswith("manifest.json") else None
    began = monotonic()
    answer = function.lambda_handler(event, Context(timeout_seconds=function.SPARE_SECONDS + SECONDS))
    assert answer["statusCode"] == 500
    assert monotonic() - began < SECONDS + SLACK


def test_the_api_answers_in_time(deployment, proxy, silence):
    """A caller gets an error before API Gateway times out."""
    function = import_module("stylize.handler")
    event = {
        "httpMethod": "GET",
        "path": "/paintings/cat.jpg",
        "requestContext": {"requestId": "1"},
        "headers": {},
        "queryStringParameters": None,
    }
    proxy.plan = lambda r: silence if r.bucket == PAINTINGS else None
    began = monotonic()
    answer = function.lambda_handler(event, Context(timeout_seconds=function.SPARE_SECONDS + SECONDS))
    assert answer["statusCode"] == 500
    assert monotonic() - began < SECONDS + SLACK
