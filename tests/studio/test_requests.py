"""What a photo costs in requests to S3, and that nothing waits for one that need not wait."""

from threading import Barrier, Lock
from time import sleep

import pytest

from local.cloud import PHOTOS
from stylize.manifest import PhotoFacts
from tests.support.pictures import encoded, picture

PHOTO = encoded(picture("random", 24, 32), ".png")
CAT = PhotoFacts(bucket=PHOTOS, key="cat.jpg")
LOOK = ["HeadObject", "ListObjectsV2"]
PATIENCE = 10.0  # seconds in which requests that do not wait for each other have met


def test_the_requests_of_a_photo(deployment, new_studio):
    """Ten for one that is painted, three for one that has been."""
    asked, lock = [], Lock()

    def note(operation):
        with lock:
            asked.append(operation)

    deployment.upload("cat.jpg", PHOTO)
    new_studio(note).paint(CAT)
    assert sorted(asked) == sorted([*LOOK, "GetObject", *["PutObject"] * 5, *LOOK])
    asked.clear()
    assert not new_studio(note).paint(CAT).fresh
    assert sorted(asked) == sorted([*LOOK, "GetObject"])


def test_painting_does_not_wait_for_uploads(deployment, new_studio):
    """One thread has painted all four while not one of them has arrived."""
    met = []

    def meet(operation):
        if operation == "PutObject" and len(met) < 4:
            met.append(barrier.wait())

    barrier = Barrier(4, timeout=PATIENCE)
    deployment.upload("cat.jpg", PHOTO)
    new_studio(meet).paint(CAT)
    assert len(met) == 4
    assert deployment.is_sound("cat.jpg")


def test_photo_and_paintings_are_looked_at_side_by_side(deployment, new_studio):
    """Both looks: the one before painting and the one after."""
    met, barrier = [], Barrier(2, timeout=PATIENCE)
    deployment.upload("cat.jpg", PHOTO)
    new_studio(lambda operation: met.append(barrier.wait()) if operation in LOOK else None).paint(CAT)
    assert sorted(met) == [0, 0, 1, 1]


def test_nothing_is_on_its_way_when_painting_fails(deployment, new_studio):
    """One upload fails at once: the others, which have begun, are over before anybody is told."""
    begun, ended = [], []

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
