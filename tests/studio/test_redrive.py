"""Late, repeated and concurrent events: finished paintings stay, and each photo is painted once."""

import json
import threading
from collections import Counter
from datetime import timedelta
from time import sleep

import pytest

from local.cloud import PAINTINGS, PHOTOS
from local.event_source_mapping import EventSourceMapping
from stylize.doors import enter
from stylize.errors import Postponed
from stylize.manifest import PhotoFacts
from stylize.protocol import Result
from stylize.recipe import RecipeOverrides
from stylize.studio import Studio
from stylize.studio.painting import Paintings
from tests.support.pictures import SMALL, encoded, picture

OLD, NEW = encoded(picture("smooth", 24, 32), ".png"), encoded(picture("random", 24, 32), ".png")
CAT = PhotoFacts(PHOTOS, "cat.png")


def test_an_old_event_redriven_after_the_photo_was_deleted(deployment, unavailable):
    """A redriven event of a deleted photo removes none of its paintings."""
    deployment.upload("cat.png", OLD)
    recover = unavailable("GetObject")
    deployment.deliver()
    recover()
    deployment.upload("cat.png", NEW)
    deployment.deliver()
    written = deployment.written()
    deployment.cloud.s3.delete_object(Bucket=PHOTOS, Key="cat.png")
    (message,) = deployment.take(deployment.cloud.failed_uploads_url)
    deployment.cloud.sqs.send_message(QueueUrl=deployment.cloud.uploads_url, MessageBody=message["Body"])
    assert [poll.failed for poll in deployment.deliver()] == [0]
    assert deployment.written() == written
    assert deployment.manifest("cat.png")["status"] == "done"


def test_an_explicit_recipe_is_remembered(deployment):
    """A photo painted by a job's recipe is not painted back by its own event, but a newer photo is painted."""
    explicit = RecipeOverrides.parse("styles=oil&format=webp")
    deployment.upload("cat.png", OLD)
    assert deployment.studio.paint(CAT, explicit).result is Result.PAINTED
    deployment.deliver()
    assert deployment.written() == {"cat.png/oil.webp", "cat.png/manifest.json"}
    assert deployment.manifest("cat.png")["recipe"]["explicit"] is True
    assert deployment.studio.paint(CAT, explicit).result is Result.ALREADY
    deployment.upload("cat.png", NEW)
    deployment.deliver()
    assert deployment.is_sound("cat.png")
    assert deployment.manifest("cat.png")["recipe"]["explicit"] is False


def test_the_event_of_a_photo_that_came_through_the_api(deployment, api, new_studio):
    """The photo is painted once, even if another environment gets its event during the request."""
    puts: Counter[str] = Counter()
    lock = threading.Lock()

    def note(operation):
        with lock:
            puts[operation] += 1

    other = new_studio(note)
    mapping = EventSourceMapping(
        deployment.cloud.sqs, deployment.cloud.uploads_url, lambda event, context: enter(event, other), 1
    )
    over = threading.Event()

    def poll():
        while not over.is_set():
            mapping.poll()
            sleep(0.02)

    poller = threading.Thread(target=poll)
    poller.start()
    headers = {"Content-Type": "image/png"}
    answers = [api("POST", "/paintings?styles=oil", data=SMALL, headers=headers) for _ in range(3)]
    while deployment.waiting() != (0, 0):
        sleep(0.05)
    over.set()
    poller.join()
    assert [answer.status_code for answer in answers] == [200] * 3
    assert puts["PutObject"] <= 3  # at most a manifest each, which the request was about to put
    for answer in answers:
        assert deployment.is_sound(answer.json()["photo"]["key"])


def test_a_photo_of_the_api_that_is_refused_is_not_stored(deployment, api):
    """A refused photo is answered with the error, and leaves no object in the buckets."""
    broken = SMALL[: len(SMALL) // 2]
    answer = api("POST", "/paintings", data=broken, headers={"Content-Type": "image/png"})
    assert answer.status_code == 422
    assert deployment.cloud.s3.list_objects_v2(Bucket=PHOTOS).get("Contents", []) == []
    assert deployment.waiting() == (0, 0)


@pytest.fixture
def patient_queue(deployment):
    """A message that found another run at work is handed out again only when that may have ended."""

    def hide_for(seconds):
        attributes = {"VisibilityTimeout": str(seconds)}
        deployment.cloud.sqs.set_queue_attributes(QueueUrl=deployment.cloud.uploads_url, Attributes=attributes)

    hide_for(1)
    yield
    hide_for(0)


@pytest.mark.slow
@pytest.mark.parametrize("environments", [2, 6])
def test_a_key_that_is_overwritten_again_and_again(deployment, patient_queue, new_studio, monkeypatch, environments):
    """A key takes at most 1.5 paintings for every version that ends up painted, and every event ends."""
    shots = [encoded(picture("random", 60, 60 + n), ".png") for n in range(12)]
    begun, results, over = [], [], threading.Event()
    outcome_of, begin = Studio.outcome_of, Paintings.__init__

    def noted_outcome(self, run):
        outcome = outcome_of(self, run)
        results.append(outcome.result)
        return outcome

    def noted_begin(self, *arguments):
        begun.append(True)
        begin(self, *arguments)

    monkeypatch.setattr(Studio, "outcome_of", noted_outcome)
    monkeypatch.setattr(Paintings, "__init__", noted_begin)

    def work(studio):
        def handler(event, context):
            return enter(event, studio)

        mapping = EventSourceMapping(deployment.cloud.sqs, deployment.cloud.uploads_url, handler, 1)
        while not (over.is_set() and deployment.waiting() == (0, 0)):
            mapping.poll()
            sleep(0.05)

    workers = [threading.Thread(target=work, args=(new_studio(),)) for _ in range(environments)]
    for worker in workers:
        worker.start()
    for shot in shots:
        deployment.upload("cat.png", shot)
        sleep(0.5)
    over.set()
    for worker in workers:
        worker.join(60)
    assert deployment.is_sound("cat.png")
    assert deployment.waiting() == (0, 0)
    assert len(begun) <= 1.5 * results.count(Result.PAINTED)


def put_long_ago(parsed, **_):
    """Makes the object that S3 answers a thousand seconds older."""
    parsed["LastModified"] -= timedelta(seconds=1000)


def test_a_claim_of_a_dead_run_is_taken_over(deployment, new_studio):
    """A claim is taken over once it has expired, not before, and its recipe is painted."""

    def die(operation):
        asked.append(operation)
        if asked.count("PutObject") == 2:  # after the claim
            raise KeyboardInterrupt

    asked = []
    deployment.upload("cat.png", OLD)
    deployment.deliver()
    with pytest.raises(KeyboardInterrupt):
        new_studio(die).paint(CAT, RecipeOverrides.parse("styles=oil"))
    assert deployment.manifest("cat.png")["status"] == "painting"
    with pytest.raises(Postponed):
        new_studio().paint(CAT)
    later = new_studio()
    later.store.client.meta.events.register("after-call.s3.GetObject", put_long_ago)
    assert later.paint(CAT).result is Result.PAINTED
    assert deployment.written() == {"cat.png/oil.jpg", "cat.png/manifest.json"}
    assert deployment.manifest("cat.png")["recipe"]["explicit"] is True


def test_a_manifest_of_the_schema_before(deployment, new_studio):
    """A photo with a manifest of schema 1 is painted again over the paintings that it names; nothing else is lost."""
    deployment.upload("cat.png", OLD, recipe="styles=oil")
    deployment.deliver()
    written = deployment.manifest("cat.png")
    old = {name: value for name, value in written.items() if name != "run"} | {"schema": 1}
    old["recipe"] = {"styles": ["oil"], "quality": "hd", "hash": "0" * 16}
    for newer in ("sha256", "last_modified"):
        del old["photo"][newer]
    del old["paintings"][0]["sha256"]
    deployment.cloud.s3.put_object(Bucket=PAINTINGS, Key="cat.png/manifest.json", Body=json.dumps(old).encode())
    assert new_studio().paint(CAT).result is Result.PAINTED
    assert deployment.written() == {"cat.png/oil.jpg", "cat.png/manifest.json"}
    renewed = deployment.manifest("cat.png")
    assert renewed.keys() == written.keys()
    assert renewed["schema"] == 2
    assert deployment.is_sound("cat.png")
