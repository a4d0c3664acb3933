"""A queue of photos and the environments that drain it, simulated event by event.

The assumptions follow the AWS Lambda developer guide ("Configuring scaling behavior for SQS event source mappings",
docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html, read in November 2026). Pollers begin with 5 batches at
a time and add 300 a minute, up to MaximumConcurrency. The account limits the number of concurrent environments; a batch
beyond this limit is throttled and retried after a second. An environment is started for a batch when none is idle.
Failures, redelivery, and a slower S3 are not simulated.
"""

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

FIRST_POLLERS = 5
POLLERS_PER_SECOND = 300 / 60
RETRY_SECONDS = 1.0

S3_PUTS, S3_GETS = 3500, 5500
"""Requests per second that S3 accepts at least for a partitioned prefix (Amazon S3 user guide, "Best practices design
patterns: optimizing Amazon S3 performance",
docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html)."""


@dataclass(frozen=True)
class Service:
    """The times of one environment, in seconds; `tail` is waiting for S3 while nothing is painted."""

    seconds: float  # for a photo among others
    tail: float  # for an invocation, whatever its number of photos
    start: float  # for a new environment
    batch: int = 10


@dataclass(frozen=True)
class Simulated:
    """The result of a simulation; `waits` are the seconds from upload to painted, in no order."""

    seconds: float
    waits: Sequence[float]
    invocations: int
    environments: int
    throttled: int
    billed: float  # seconds of all invocations

    @property
    def photos_per_invocation(self) -> float:
        return len(self.waits) / self.invocations


def simulate(arrivals: Sequence[float], service: Service, concurrency: int, account: int = 1000) -> Simulated:
    """Simulate photos that arrive at `arrivals` (seconds, sorted), painted by at most `concurrency` environments."""
    events: list[tuple[float, int]] = []  # the time when a poller is free, and its number; -1 adds a poller
    waiting = deque(arrivals)
    pollers, running, ends = 0, 0, []
    idle, started, invocations, throttled = 0, 0, 0, 0
    waits: list[float] = []
    billed = last = 0.0
    finishing: list[float] = []
    while pollers < min(concurrency, FIRST_POLLERS):
        heapq.heappush(events, (0.0, pollers))
        pollers += 1
    if concurrency > pollers:
        heapq.heappush(events, (1 / POLLERS_PER_SECOND, -1))
    while waiting:
        now, poller = heapq.heappop(events)
        if poller < 0:  # messages still wait, so a poller is added
            heapq.heappush(events, (now, pollers))
            pollers += 1
            if pollers < concurrency:
                heapq.heappush(events, (now + 1 / POLLERS_PER_SECOND, -1))
            continue
        while finishing and finishing[0] <= now:
            heapq.heappop(finishing)
            running, idle = running - 1, idle + 1
        if waiting[0] > now:  # a long poll is answered as soon as a message arrives
            heapq.heappush(events, (waiting[0], poller))
            continue
        if running >= account:
            throttled += 1
            heapq.heappush(events, (now + RETRY_SECONDS, poller))
            continue
        batch = [waiting.popleft() for _ in range(service.batch) if waiting and waiting[0] <= now]
        start = 0.0 if idle else service.start
        started, idle = started + (not idle), max(0, idle - 1)
        running, invocations = running + 1, invocations + 1
        took = len(batch) * service.seconds + service.tail
        end = now + start + took
        waits += [now + start + (n + 1) * service.seconds + service.tail - at for n, at in enumerate(batch)]
        billed += start + took
        last = max(last, end)
        ends.append(end)
        heapq.heappush(finishing, end)
        heapq.heappush(events, (end, poller))
    return Simulated(last - arrivals[0], waits, invocations, started, throttled, billed)


def fastest(seconds: float, puts: int, gets: int, concurrency: int, account: int) -> tuple[float, str]:
    """Return the photos per second that can be painted if all their keys share one prefix, and the limiting factor.

    `seconds` is one environment's time for a photo; `puts` and `gets` are the photo's requests to S3.
    """
    environments = "the account's environments" if account < concurrency else "environments (MaximumConcurrency)"
    limits = {
        environments: min(concurrency, account) / seconds,
        "PUT requests of one prefix": S3_PUTS / puts,
        "GET requests of one prefix": S3_GETS / gets,
    }
    slowest = min(limits, key=lambda name: limits[name])
    return limits[slowest], slowest
