"""What `make plan` computes, held against the local cloud at small scale."""

from collections import Counter
from dataclasses import replace

import pytest

from bench.bill import GETS, PUTS, Prices, Work, bill
from bench.simulation import Service, fastest, simulate
from tests.support.pictures import encoded, picture

SERVICE = Service(seconds=0.2, tail=0.1, start=0.8)
WORK = Work(photos=1000, seconds=0.2, memory_mb=1024, photo_bytes=5e5, painting_bytes=2e6)


def test_photos_take_the_requests_and_invocations_that_are_billed(deployment):
    """25 photos through the local queue, by one environment."""
    requests: Counter[str] = Counter()
    events = deployment.studio.store.client.meta.events
    count = lambda event_name, **_: requests.update([event_name.rpartition(".")[2]])  # noqa: E731
    events.register("before-send.s3", count)
    for number in range(25):
        deployment.upload(f"{number}.png", encoded(picture("random", 40, 30), ".png"))
    polls = deployment.deliver()
    events.unregister("before-send.s3", count)
    assert requests == {"PutObject": 25 * PUTS, "GetObject": 25 * GETS}
    simulated = simulate([0.0] * 25, SERVICE, concurrency=1)
    assert simulated.invocations == len(polls) == 3


def test_a_bill_is_the_sum_of_its_items():
    """Twice the photos cost twice as much; a backfill has no queue, and a job."""
    prices = Prices()
    one, two = bill(WORK, prices), bill(replace(WORK, photos=2000), prices)
    assert two.total == pytest.approx(2 * one.total)
    assert one.writes == pytest.approx(1000 * (PUTS + 1) * 5e-6)
    job = bill(replace(WORK, is_job=True), prices)
    assert (job.queue, one.jobs) == (0.0, 0.0)
    assert job.jobs == pytest.approx(0.25 + 0.001)


def test_the_queue_is_drained_by_no_more_environments_than_allowed():
    """Every photo once; what the account does not run is throttled, and painted later."""
    free = simulate([0.0] * 2000, SERVICE, concurrency=50)
    tight = simulate([0.0] * 2000, SERVICE, concurrency=50, account=3)
    assert len(free.waits) == len(tight.waits) == 2000
    assert (free.throttled, free.environments <= 50, tight.environments) == (0, True, 3)
    assert tight.throttled > 0
    assert tight.seconds > free.seconds > 2000 * SERVICE.seconds / 50


def test_photos_that_come_alone_do_not_wait_for_a_batch():
    """Each is an invocation of its own, and painted as soon as it could be."""
    slow = simulate([float(n) for n in range(60)], SERVICE, concurrency=50)
    assert slow.photos_per_invocation == 1.0
    assert max(slow.waits[5:]) == pytest.approx(0.3)


def test_what_limits_is_named():
    """Few environments, then S3's requests of one prefix."""
    assert fastest(0.2, PUTS, GETS, concurrency=50, account=1000)[1] == "environments (MaximumConcurrency)"
    assert fastest(0.2, PUTS, GETS, concurrency=50, account=20) == (100.0, "the account's environments")
    assert fastest(0.2, PUTS, GETS, concurrency=500, account=1000) == (700.0, "PUT requests of one prefix")
