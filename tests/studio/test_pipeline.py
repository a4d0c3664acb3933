"""The photos of one invocation overlap, through the handler and S3, without affecting each other."""

import os
from collections import Counter
from concurrent.futures import wait
from importlib import import_module
from threading import Event, Lock
from time import sleep

import pytest

from local.cloud import PAINTINGS, PHOTOS
from local.event_source_mapping import EventSourceMapping
from stylize.manifest import PhotoFacts
from stylize.studio import Order, Studio
from stylize.studio.bytes_in_flight import BytesInFlight
from stylize.studio.photo_run import PhotoRun
from stylize.studio.pipeline import Pipeline
from tests.support.fault_proxy import Answer, FaultProxy
from tests.support.pictures import encoded, picture

PHOTO = encoded(picture("random", 60, 80), ".png")
SIX = [f"{letter}.png" for letter in "abcdef"]


@pytest.fixture
def proxy(deployment, monkeypatch, impatient):
    """The function behind a proxy."""
    with FaultProxy(deployment.cloud.endpoint).running() as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        studio = import_module("stylize.handler").open_studio(os.environ)
        monkeypatch.setattr("stylize.handler.studio", studio)
        yield proxy
        studio.close()


class Painting:
    """Which photos were painted, in which order, and how many at once at most; it can take a while."""

    def __init__(self, monkeypatch):
        self.keys, self.at_once, self.most, self.seconds = [], 0, 0, 0.0
        self.before = lambda key: None
        self._lock, self._paint = Lock(), PhotoRun.paint
        monkeypatch.setattr(PhotoRun, "paint", lambda run: self.paint(run))

    def paint(self, run):
        with self._lock:
            self.keys.append(run.photo.key)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        self.before(run.photo.key)
        sleep(self.seconds)
        self._paint(run)
        self.at_once -= 1


@pytest.fixture
def painting(monkeypatch):
    return Painting(monkeypatch)


def upload(deployment, keys=SIX, content=PHOTO):
    for key in keys:
        deployment.upload(key, content)


def test_one_photo_paints_at_a_time(deployment, proxy, painting):
    """One photo is painted at a time, and each once, while others are read and stored."""
    proxy.plan = lambda request: sleep(0.02)
    upload(deployment)
    assert deployment.worker.poll() == (6, 0)
    assert (sorted(painting.keys), painting.most) == (SIX, 1)
    assert all(deployment.is_sound(key) for key in SIX)


def test_the_next_is_read_and_the_last_is_stored_meanwhile(deployment, proxy, painting):
    """The first photo is painted when the second is being read, and its manifest stored when the third is painted."""
    read, painted = Event(), Event()
    in_time = []

    def plan(request):
        if request.method == "GET" and (request.bucket, request.key) == (PHOTOS, "b.png"):
            read.set()
        if request.method == "PUT" and request.key == "c.png/oil.jpg":
            painted.set()
        if request.method == "PUT" and request.key == "a.png/manifest.json":
            in_time.append(painted.wait(10))

    proxy.plan = plan
    painting.before = lambda key: in_time.append(read.wait(10)) if key == "a.png" else None
    upload(deployment)
    assert deployment.worker.poll() == (6, 0)
    assert in_time == [True, True]


def test_failures_are_per_photo(deployment, proxy):
    """Of one unreadable, one unstorable and one non-photo, only the messages of the first two are redelivered."""

    def plan(request):
        is_bad = (request.method == "GET" and request.bucket == PHOTOS and request.key == "b.png") or (
            request.method == "PUT" and request.key == "e.png/oil.jpg"
        )
        return Answer(503, "SlowDown") if is_bad else None

    proxy.plan = plan
    upload(deployment)
    deployment.upload("d.png", b"no photo")
    assert deployment.worker.poll().failed == 2
    assert deployment.manifest("d.png")["status"] == "refused"
    assert all(deployment.is_sound(key) for key in ("a.png", "c.png", "f.png"))
    assert deployment.waiting() == (2, 0)


def test_when_time_runs_short_the_rest_is_returned(deployment, proxy, painting, capsys):
    """Photos that have begun are painted; the rest is returned and redelivered, without an error or a stack trace."""
    function = import_module("stylize.handler")
    painting.seconds = 0.5
    upload(deployment)
    seconds = function.SPARE_SECONDS + 4.0
    mapping = EventSourceMapping(
        deployment.cloud.sqs, deployment.cloud.uploads_url, function.lambda_handler, 10, seconds
    )
    poll = mapping.poll()
    log = capsys.readouterr().out
    assert 0 < poll.failed < 6
    painted = {key.partition("/")[0] for key in deployment.written()}
    assert len(painted) == len(painting.keys) == 6 - poll.failed
    assert all(deployment.is_sound(key) for key in painted)
    assert log.count("message returned unstarted") == poll.failed
    assert "PhotosReturnedUnstarted" in log
    assert "PhotosFailed" not in log
    assert "Traceback" not in log
    painting.seconds = 0.0
    assert deployment.worker.poll() == (poll.failed, 0)


def test_who_was_returned_goes_first(deployment, monkeypatch):
    """A message that was returned goes first, so that no message uses up its receives without being started."""
    begun: list[str] = []
    run_of = Studio.run_of

    def noted(studio, order):
        begun.append(order.photo.key)
        return run_of(studio, order)

    monkeypatch.setattr(Studio, "run_of", noted)
    upload(deployment)
    orders = [Order(PhotoFacts(PHOTOS, key), receives=1 + (key == "e.png")) for key in SIX]
    assert len(list(deployment.studio.paint_each(orders))) == 6
    assert begun == ["e.png", *(key for key in SIX if key != "e.png")]


@pytest.mark.parametrize("limit", [1, 2 * len(PHOTO)], ids=["less than a photo", "two photos"])
def test_bytes_in_flight_are_limited(deployment, painting, monkeypatch, limit):
    """Held bytes stay within the limit, or are one larger photo, plus the paintings of one photo."""
    held: list[int] = []
    in_flight = BytesInFlight(limit)
    add = in_flight.add

    def noted(**more):
        add(**more)
        held.append(in_flight.held)

    monkeypatch.setattr(deployment.studio, "in_flight", in_flight)
    monkeypatch.setattr(in_flight, "add", noted)
    upload(deployment)
    assert deployment.worker.poll() == (6, 0)
    painted = max(sum(p["bytes"] for p in deployment.manifest(key)["paintings"]) for key in SIX)
    assert 0 < max(held) <= max(limit, len(PHOTO)) + painted
    assert in_flight.held == 0


def test_events_of_one_key_take_turns(deployment, proxy, monkeypatch, painting):
    """Of two events of one key in a batch, the second finds the first one's paintings."""
    under_way: Counter[int] = Counter()
    most: list[int] = []
    perform = import_module("stylize.studio.photo_requests").PhotoRequests.perform
    runs: dict[int, object] = {}

    def watched(requests, request):
        runs.setdefault(id(requests), requests)
        under_way[id(requests)] += 1
        most.append(sum(1 for count in under_way.values() if count))
        try:
            return perform(requests, request)
        finally:
            under_way[id(requests)] -= 1

    monkeypatch.setattr("stylize.studio.photo_requests.PhotoRequests.perform", watched)
    proxy.plan = lambda request: sleep(0.02)
    upload(deployment, ["a.png", "a.png"])
    assert deployment.worker.poll() == (2, 0)
    assert len(runs) == 2
    assert max(most) == 1
    assert painting.keys == ["a.png"] or len(painting.keys) == 2  # the first event may yield to the newer version
    assert deployment.is_sound("a.png")


def test_a_photo_that_changes_is_painted_again(deployment, proxy, painting):
    """A photo that changes is read and painted again in its turn, while the others go on."""
    newer = encoded(picture("smooth", 60, 80), ".png")

    def plan(request):
        if (request.method, request.key) == ("PUT", "a.png/manifest.json") and painting.keys.count("a.png") == 1:
            deployment.cloud.s3.put_object(Bucket=PAINTINGS, Key="a.png/manifest.json", Body=b"somebody else's")
            deployment.upload("a.png", newer)

    proxy.plan = plan
    upload(deployment)
    studio = import_module("stylize.handler").studio
    ends = dict(studio.paint_each([Order(PhotoFacts(PHOTOS, key)) for key in SIX]))
    assert not [end for end in ends.values() if isinstance(end, Exception)]
    assert (painting.keys.count("a.png"), painting.most) == (2, 1)
    assert all(deployment.is_sound(key) for key in SIX)


def test_a_step_may_end_at_any_moment(deployment, monkeypatch):
    """A photo that turns out to be painted, or can't be read, right after the look for those is not painted."""
    upload(deployment, SIX[:2])
    deployment.worker.poll()
    usual = Pipeline.ended

    def ended(pipeline):
        yield from usual(pipeline)
        wait([photo.step for photo in pipeline.reading])

    monkeypatch.setattr(Pipeline, "ended", ended)
    upload(deployment, SIX[2:3])
    photos = [PhotoFacts(PHOTOS, key) for key in SIX[:3]] + [PhotoFacts("no-such-bucket", "d.png")]
    studio = import_module("stylize.handler").studio
    ends = {order.photo.key: end for order, end in studio.paint_each([Order(photo) for photo in photos])}
    failure = ends.pop("d.png")
    assert {key: end.fresh for key, end in ends.items()} == {"a.png": False, "b.png": False, "c.png": True}
    assert isinstance(failure, Exception)
    assert "NoSuchBucket" in str(failure)
