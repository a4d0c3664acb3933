"""The requests to S3 that a photo costs, and the absence of needless waits."""

from collections import Counter
from dataclasses import replace
from threading import Barrier, Lock
from time import sleep

import pytest

from local.cloud import PAINTINGS, PHOTOS
from stylize.manifest import PhotoFacts
from tests.support.pictures import encoded, picture

PHOTO, OTHER = encoded(picture("random", 24, 32), ".png"), encoded(picture("smooth", 24, 32), ".png")
CAT = PhotoFacts(bucket=PHOTOS, key="cat.jpg")
PATIENCE = 10.0  # seconds in which requests that do not wait for each other have met
NEW = {"GetObject": 2, "PutObject": 5}
KNOWN = {"GetObject": 2}


@pytest.fixture
def asked(deployment, new_studio):
    """Paints, and counts the requests that this takes."""

    def count(photo=CAT, **given):
        operations: Counter[str] = Counter()
        lock = Lock()

        def note(operation):
            with lock:
                operations[operation] += 1

        new_studio(note).paint(photo, **given)
        return dict(operations)

    return count


def test_a_photo_and_its_event_again(deployment, asked):
    """A new photo takes five writes, two reads and no listing; its event, redelivered, two reads."""
    deployment.upload("cat.jpg", PHOTO)
    assert asked() == NEW
    assert asked() == KNOWN
    assert asked(receives=2) == {"ListObjectsV2": 1, "GetObject": 1, "HeadObject": 1}


def test_a_replaced_photo(deployment, asked):
    """A replaced photo takes one more write, for the claim, and one more read, for the photo."""
    deployment.upload("cat.jpg", PHOTO)
    asked()
    deployment.upload("cat.jpg", OTHER)
    assert asked() == {"GetObject": 2, "HeadObject": 1, "PutObject": 6}


def test_events_that_write_nothing(deployment, asked):
    """Events of a deleted photo and of an older version write nothing."""
    assert asked() == KNOWN
    older = replace(CAT, etag="0" * 32, last_modified="2020-01-01T00:00:00.000Z")
    deployment.upload("cat.jpg", PHOTO)
    assert asked(older) == KNOWN
    assert deployment.written() == set()


def test_a_refused_photo(deployment, asked):
    """A refused photo takes one write; its event, redelivered, takes two reads."""
    deployment.upload("cat.jpg", b"not a cat")
    assert asked() == {"GetObject": 2, "PutObject": 1}
    assert asked() == KNOWN


def test_a_run_that_died_before_its_manifest(deployment, asked):
    """After a run that died before its manifest, the next run keeps the paintings and puts only the manifest."""
    deployment.upload("cat.jpg", PHOTO)
    asked()
    deployment.cloud.s3.delete_object(Bucket=PAINTINGS, Key="cat.jpg/manifest.json")
    assert asked(receives=2) == {"ListObjectsV2": 1, "GetObject": 2, "HeadObject": 1, "PutObject": 1}
    assert deployment.is_sound("cat.jpg")


def test_painting_does_not_wait_for_uploads(deployment, new_studio):
    """One thread paints all four styles while every upload is still in flight."""
    met: list[int] = []

    def meet(operation):
        if operation == "PutObject" and len(met) < 4:
            met.append(barrier.wait())

    barrier = Barrier(4, timeout=PATIENCE)
    deployment.upload("cat.jpg", PHOTO)
    new_studio(meet).paint(CAT)
    assert len(met) == 4
    assert deployment.is_sound("cat.jpg")


def test_manifest_and_photo_are_looked_at_side_by_side(deployment, new_studio):
    """The first look gets manifest and photo at the same time."""
    met: list[int] = []
    barrier = Barrier(2, timeout=PATIENCE)
    deployment.upload("cat.jpg", PHOTO)
    new_studio(lambda operation: met.append(barrier.wait()) if operation == "GetObject" else None).paint(CAT)
    assert sorted(met) == [0, 1]


def test_nothing_is_under_way_when_painting_fails(deployment, new_studio):
    """When one upload fails, the error is raised only after the uploads in flight have ended."""
    begun: list[int] = []
    ended: list[bool] = []

    def fail(operation):
        if operation == "PutObject":
            number = barrier.wait()
            begun.append(number)
            if number == 0:
                raise ConnectionAbortedError
            sleep(0.2)
            ended.append(True)

    barrier = Barrier(4, timeout=PATIENCE)
    deployment.upload("cat.jpg", PHOTO)
    with pytest.raises(ConnectionAbortedError):
        new_studio(fail).paint(CAT)
    assert (len(begun), len(ended)) == (4, 3)
    assert "cat.jpg/manifest.json" not in deployment.written()
