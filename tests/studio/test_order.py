"""Duplicate, late, reordered and concurrent events: the paintings are of the newest photo, and of one run."""

import hashlib
import random
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from time import sleep

import cv2
import numpy as np
import pytest

from local.cloud import PAINTINGS, PHOTOS
from stylize.errors import BeingPainted, Postponed
from stylize.manifest import PhotoFacts
from stylize.protocol import Result
from tests.support.pictures import encoded, picture

pytestmark = pytest.mark.slow

OLD, NEW, BAD = encoded(picture("smooth", 24, 32), ".png"), encoded(picture("random", 24, 32), ".png"), b"not a cat"
CAT = PhotoFacts(bucket=PHOTOS, key="cat.jpg")
REQUESTS = 10  # one more than painting a photo takes that has been painted, or refused, before


def paint_and_meanwhile(new_studio, n, act, look=lambda operation: None):
    """Paints, and calls `act` before the request number `n`, counted from 0, or at the end; `look` before each."""
    numbers = count()

    def before(operation):
        look(operation)
        if next(numbers) == n:
            act()

    new_studio(before).paint(CAT)
    if next(numbers) <= n:
        act()


def assert_sound(deployment, content):
    """One done manifest, of the photo that is there, naming exactly the files that are there, with its pixels."""
    assert deployment.is_sound("cat.jpg")
    deployment.upload("alone.jpg", content)
    alone = deployment.studio.paint(PhotoFacts(bucket=PHOTOS, key="alone.jpg")).manifest
    for style in ("sketch", "oil"):  # files may differ by a salt
        mine, its = (pixels(deployment.fetch(f"{key}/{style}.jpg")) for key in ("cat.jpg", "alone.jpg"))
        assert np.array_equal(mine, its)
    assert len(alone.paintings) == len(deployment.manifest("cat.jpg")["paintings"])


def pixels(file):
    return cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)


def test_the_numbers_reach_beyond_the_last_request(deployment, new_studio):
    """The numbers in these tests cover every request of a run, and the time after the last one."""
    asked: list[str] = []
    deployment.upload("cat.jpg", BAD)
    new_studio().paint(CAT)
    deployment.upload("cat.jpg", OLD)
    new_studio(asked.append).paint(CAT)
    assert len(asked) == REQUESTS - 1


@pytest.mark.parametrize("n", range(REQUESTS))
def test_a_photo_replaced_while_it_is_painted(deployment, new_studio, n):
    """Whichever of its requests the old run stops before, and however quickly the new one paints meanwhile.

    Once the new photo is recorded, the old one never is again, not even for a moment.
    """
    new_etag, replaced = hashlib.md5(NEW).hexdigest(), []

    def replace_and_paint():
        deployment.upload("cat.jpg", NEW)
        new_studio().paint(CAT)
        replaced.append(True)

    def look(operation):
        manifest = deployment.studio.store.manifest("cat.jpg") if replaced else None
        assert manifest is None or manifest.photo.etag == new_etag

    deployment.upload("cat.jpg", BAD)
    new_studio().paint(CAT)  # so that there is something outdated, too
    deployment.upload("cat.jpg", OLD)
    paint_and_meanwhile(new_studio, n, replace_and_paint, look)
    assert_sound(deployment, NEW)


@pytest.mark.parametrize("n", range(REQUESTS))
def test_a_photo_replaced_and_its_event_late(deployment, new_studio, n):
    """The old run paints the new photo if it can; otherwise the new photo's own event does."""
    deployment.upload("cat.jpg", OLD)
    paint_and_meanwhile(new_studio, n, lambda: deployment.upload("cat.jpg", NEW))
    new_studio().paint(CAT)
    assert_sound(deployment, NEW)


@pytest.mark.parametrize("n", range(1, REQUESTS, 2))
def test_a_photo_replaced_by_what_is_none(deployment, new_studio, n):
    """No painting of the old photo stays beside the refusal of its replacement, which is not a photo."""

    def replace_and_refuse():
        deployment.upload("cat.jpg", BAD)
        new_studio().paint(CAT)

    deployment.upload("cat.jpg", OLD)
    paint_and_meanwhile(new_studio, n, replace_and_refuse)
    new_studio().paint(CAT)
    assert deployment.manifest("cat.jpg")["error"]["code"] == "unreadable_photo"
    assert deployment.written() == {"cat.jpg/manifest.json"}


@pytest.mark.parametrize("n", range(0, REQUESTS, 2))
def test_the_same_bytes_with_another_recipe(deployment, new_studio, n):
    """A photo with the same bytes and ETag but a new recipe in its metadata is painted again."""

    def replace_and_paint():
        deployment.upload("cat.jpg", NEW)
        new_studio().paint(CAT)

    deployment.upload("cat.jpg", NEW, recipe="styles=none")
    paint_and_meanwhile(new_studio, n, replace_and_paint)
    assert_sound(deployment, NEW)


def test_a_photo_replaced_between_a_look_and_its_reading(deployment, new_studio):
    """A run reads only the version that it looked up; another photo's body is not painted in its place."""

    def replace(operation):
        asked.append(operation)
        if asked == ["GetObject", "GetObject", "HeadObject"]:  # the first look is over; the photo is looked for again
            deployment.upload("cat.jpg", BAD)
        if asked == ["GetObject", "GetObject", "HeadObject", "GetObject"]:  # and now it is read
            deployment.upload("cat.jpg", NEW)

    asked: list[str] = []
    deployment.upload("cat.jpg", OLD, recipe="styles=oil")
    new_studio().paint(CAT)
    deployment.upload("cat.jpg", OLD)
    new_studio(replace).paint(CAT)
    assert len(asked) > 4
    assert_sound(deployment, NEW)


def test_a_duplicate_while_the_photo_is_painted(deployment, new_studio):
    """Two runs of one photo at the same time put at most one more painting, and nothing is lost."""
    deployment.upload("cat.jpg", NEW)
    for n in range(REQUESTS):
        deployment.cloud.s3.delete_object(Bucket=PAINTINGS, Key="cat.jpg/manifest.json")
        paint_and_meanwhile(new_studio, n, lambda: new_studio().paint(CAT))
        assert_sound(deployment, NEW)


def test_what_a_dead_run_left_is_tidied_up(deployment, new_studio):
    """Paintings in another format, left by a run that was killed before its manifest, are deleted."""
    deployment.upload("cat.jpg", NEW)
    deployment.cloud.s3.put_object(Bucket=PAINTINGS, Key="cat.jpg/oil.png", Body=b"half of a run")
    deployment.cloud.s3.put_object(Bucket=PAINTINGS, Key="cat.jpg/notes.txt", Body=b"somebody's own")
    new_studio().paint(CAT, receives=2)
    assert "cat.jpg/oil.png" not in deployment.written()
    assert "cat.jpg/notes.txt" in deployment.written()


def test_a_claim_keeps_others_waiting(deployment, new_studio):
    """A run that finds a claim for its target has its message redelivered; it takes over an expired claim."""
    deployment.upload("cat.jpg", OLD)
    new_studio().paint(CAT)
    deployment.upload("cat.jpg", NEW)

    def look(operation):
        if operation == "PutObject" and not tried:
            tried.append(True)  # before the claim
        elif operation == "PutObject" and len(tried) == 1:
            tried.append(True)
            with pytest.raises(BeingPainted, match="expected nobody to be painting"):
                new_studio().paint(CAT)
            assert deployment.manifest("cat.jpg")["status"] == "painting"

    tried: list[bool] = []
    assert new_studio(look).paint(CAT).result is Result.PAINTED
    assert len(tried) == 2
    assert_sound(deployment, NEW)


def test_a_photo_that_never_stands_still(deployment, new_studio):
    """A photo that changes at every look is not painted in vain, because its newest version has an event of its own."""
    numbers = count(1)

    def change(operation):
        if operation == "GetObject":
            deployment.upload("cat.jpg", encoded(picture("random", 24, 32 + next(numbers)), ".png"))

    deployment.upload("cat.jpg", NEW)
    new_studio(change).paint(CAT)
    assert next(numbers) <= 4
    new_studio().paint(CAT)
    assert deployment.is_sound("cat.jpg")


def test_a_photo_named_like_a_folder(deployment, new_studio):
    """A photo's paintings are found among any number of photos in a folder of the same name."""

    def studio():
        made = new_studio()
        made.store.client.meta.events.register("before-parameter-build.s3.ListObjectsV2", small_pages)
        return made

    def small_pages(params, **_):
        params["MaxKeys"] = 2

    neighbors = [f"cat.jpg/{stem}.{i}.x" for stem in ("a", "manifest", "oil") for i in range(3)]
    for key in neighbors:
        deployment.cloud.s3.put_object(Bucket=PAINTINGS, Key=key, Body=b"")
    deployment.upload("cat.jpg", OLD)
    studio().paint(CAT)
    assert not studio().paint(CAT).fresh
    deployment.upload("cat.jpg", NEW, recipe="styles=oil")
    studio().paint(CAT)
    assert deployment.written() == {*neighbors, "cat.jpg/manifest.json", "cat.jpg/oil.jpg"}


@pytest.mark.parametrize("seed", range(4))
def test_many_events_at_once(deployment, new_studio, seed):
    """Four environments handle a photo that is replaced often, with events out of order and three times each."""
    chance = random.Random(seed)
    versions = [encoded(picture("random", 24, 24 + i), ".png") for i in range(4)]
    lock = threading.Lock()

    def dawdle(operation):
        with lock:
            seconds = chance.choice([0, 0, 0, 0.02])
        sleep(seconds)

    def deliver(studio):
        while True:
            with lock:
                if not events:
                    return
                events.pop(chance.randrange(len(events)))
            try:
                studio.paint(CAT)
            except Postponed:  # as in the queue: it is redelivered
                with lock:
                    events.append("again")

    events = []
    studios = [new_studio(dawdle) for _ in range(4)]
    with ThreadPoolExecutor(len(studios)) as environments:
        deliveries: list[Future[None]] = []
        for content in versions:
            deployment.upload("cat.jpg", content)
            with lock:
                events.extend(["event"] * 3)
            deliveries += [environments.submit(deliver, studio) for studio in studios if not deliveries]
            sleep(0.15)
        for delivery in deliveries:
            delivery.result(60)
    deliver(studios[0])  # environments that found the queue empty have gone
    assert_sound(deployment, versions[-1])
