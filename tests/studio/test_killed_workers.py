"""The function in processes of its own that are killed, or run short of memory."""

import resource
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest

from local.cloud import PAINTINGS
from tests.support.fault_proxy import WRITES, FaultProxy, Hold
from tests.support.leaks import leaks
from tests.support.pictures import encoded, picture
from tests.support.workers import polling_workers

pytestmark = pytest.mark.slow

PHOTO = encoded(picture("random", 40, 50), ".png")
VISIBILITY_SECONDS = 4
LEASE_SECONDS = 2  # of a claim, which nobody alive holds as long as that here
STOPS = 6  # the writes of a photo that was painted before: claim, four paintings, manifest


@pytest.fixture
def patient_deployment(deployment) -> Iterator:
    """A queue that hides a message while it is worked on: long enough for a cold start and a small photo."""

    def hide_for(seconds):
        attributes = {"VisibilityTimeout": str(seconds)}
        deployment.cloud.sqs.set_queue_attributes(QueueUrl=deployment.cloud.uploads_url, Attributes=attributes)

    hide_for(VISIBILITY_SECONDS)
    yield deployment
    hide_for(0)


def wait_for(condition, seconds: float = 30) -> None:
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "waited too long"
        sleep(0.05)


def test_killed_between_any_two_writes(patient_deployment, tmp_path):
    """If an environment dies before any of a photo's writes, another one finishes the photo."""
    deployment, log = patient_deployment, tmp_path / "log"
    holds = [Hold(Event(), Event()) for _ in range(STOPS)]
    written: list[list[str]] = [[] for _ in range(STOPS)]

    def hold_at_its_number(request):
        """Photo number n comes as far as its step number n."""
        if request.bucket != PAINTINGS or request.method not in WRITES:
            return None
        n = int(request.key[0])
        written[n].append(request.key)
        return holds[n] if len(written[n]) == n + 1 else None

    for n in range(STOPS):
        deployment.cloud.s3.put_object(Bucket=PAINTINGS, Key=f"{n}.jpg/manifest.json", Body=b"an old one")
        deployment.upload(f"{n}.jpg", PHOTO)
    with FaultProxy(deployment.cloud.endpoint, hold_at_its_number).running() as proxy:
        with polling_workers(deployment.cloud, STOPS, log, AWS_ENDPOINT_URL=proxy.url) as doomed:
            wait_for(lambda: all(hold.reached.is_set() for hold in holds))
            assert written[-1][-1].endswith("manifest.json"), "expected the last stop to be the last write"
            for worker in doomed:
                worker.kill()
        proxy.plan = lambda request: None
        for hold in holds:
            hold.released.set()
    assert deployment.waiting() == (STOPS, 0)
    for n in range(1, STOPS):
        assert deployment.manifest(f"{n}.jpg")["status"] == "painting"
    with polling_workers(deployment.cloud, 1, log, LEASE_SECONDS=str(LEASE_SECONDS)):
        wait_for(lambda: deployment.waiting() == (0, 0))
    assert all(deployment.is_sound(f"{n}.jpg") for n in range(STOPS))
    assert leaks(log.read_text()) == []


def test_too_little_memory(patient_deployment, tmp_path):
    """A photo that does not fit into the memory left is not refused, and painted when there is more."""
    deployment, log = patient_deployment, tmp_path / "log"
    with polling_workers(deployment.cloud, 1, log) as (worker,):
        process = worker.process
        deployment.upload("small.jpg", PHOTO)
        wait_for(lambda: deployment.waiting() == (0, 0))
        used = int(Path(f"/proc/{process.pid}/statm").read_text().split()[0]) * resource.getpagesize()
        resource.prlimit(process.pid, resource.RLIMIT_AS, (used + 10_000_000, resource.RLIM_INFINITY))
        deployment.upload("large.jpg", encoded(picture("flat", 3000, 4000), ".png"), recipe="quality=fast")
        wait_for(lambda: "MemoryError" in log.read_text())
        assert deployment.waiting() == (1, 0)
        assert "large.jpg/manifest.json" not in deployment.written()
        resource.prlimit(process.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        wait_for(lambda: deployment.waiting() == (0, 0))
        assert deployment.is_sound("large.jpg")


def test_a_worker_that_is_asked_to_stop_finishes_its_photo(patient_deployment, tmp_path):
    """A stopped worker finishes its invocation first, as on Lambda."""
    deployment = patient_deployment
    painting = Event()

    def tell_first_painting(request):
        if request.method == "PUT":
            painting.set()

    deployment.upload("cat.jpg", PHOTO)
    with (
        FaultProxy(deployment.cloud.endpoint, tell_first_painting).running() as proxy,
        polling_workers(deployment.cloud, 1, tmp_path / "log", AWS_ENDPOINT_URL=proxy.url) as (worker,),
    ):
        assert painting.wait(30)
        worker.end()
        assert worker.process.returncode == 0
    assert deployment.is_sound("cat.jpg")
    assert deployment.waiting() == (0, 0)
