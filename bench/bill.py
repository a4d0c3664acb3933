"""The cost of photos on AWS: function, S3 requests by kind, SQS, logs, storage. Computed from measured quantities."""

from dataclasses import dataclass, fields

GB = 1e9


@dataclass(frozen=True)
class Prices:
    """US dollars, list prices for us-east-1 of the first tier, without a free tier.

    Looked up in November 2026 in listings that quote AWS's own pricing pages (aws.amazon.com/SERVICE/pricing) of June
    2026. Look them up again before you rely on them; every one can be given to `make plan`.
    """

    gb_second: float = 0.0000133334  # Lambda, arm64, first 7.5 billion a month (lambda)
    invocation: float = 0.20e-6  # Lambda (lambda)
    put: float = 5.00e-6  # S3 Standard: PUT, COPY, POST, LIST (s3)
    get: float = 0.40e-6  # S3 Standard: GET, HEAD (s3)
    storage_gb_month: float = 0.023  # S3 Standard, first 50 TB (s3)
    sqs_request: float = 0.40e-6  # a standard queue, by 64 KB (sqs)
    log_gb: float = 0.50  # CloudWatch Logs, ingestion, standard class, first 10 TB of Lambda (cloudwatch)
    task: float = 1.00e-6  # S3 Batch Operations, by object (s3)
    job: float = 0.25  # S3 Batch Operations, by job (s3)


PUTS, GETS = 5, 2
"""Requests to S3 of a photo painted for the first time: four paintings and a manifest; a look at both."""

SENDS = 1
"""SQS requests of a photo: S3 puts it into the queue. Its batch is received once and deleted once."""

LOG_BYTES = 1024
"""The most bytes of log for a painted photo, without Lambda's own lines for an invocation."""

PLATFORM_LOG_BYTES = 400
"""Bytes of Lambda's own log lines for an invocation: START, END and REPORT."""


@dataclass(frozen=True)
class Work:
    """The billed work. Seconds are the billed seconds of one photo; bytes are those of one photo and its paintings."""

    photos: float
    seconds: float
    memory_mb: int
    photo_bytes: float
    painting_bytes: float
    batch: float = 10.0  # photos of an invocation, on average
    months: float = 1.0  # how long photo and paintings are kept
    is_job: bool = False  # whether the photos were stored before, and each is a task of S3 Batch Operations


@dataclass(frozen=True)
class Bill:
    """US dollars by item."""

    function: float
    invocations: float
    writes: float
    reads: float
    queue: float
    logs: float
    jobs: float
    storage: float

    @property
    def total(self) -> float:
        return sum(float(getattr(self, field.name)) for field in fields(self))


def bill(work: Work, prices: Prices) -> Bill:
    """Return the cost of the work. A job paints photos that are stored already, so only paintings are new."""
    batch = 1.0 if work.is_job else work.batch
    invocations = work.photos / batch
    kept = work.painting_bytes + (0.0 if work.is_job else work.photo_bytes)
    puts = PUTS + (0 if work.is_job else 1)  # the upload itself
    return Bill(
        function=work.photos * work.seconds * work.memory_mb / 1024 * prices.gb_second,
        invocations=invocations * prices.invocation,
        writes=work.photos * puts * prices.put,
        reads=work.photos * GETS * prices.get,
        queue=0.0 if work.is_job else (work.photos * SENDS + 2 * invocations) * prices.sqs_request,
        logs=(work.photos * LOG_BYTES + invocations * PLATFORM_LOG_BYTES) / GB * prices.log_gb,
        jobs=prices.job + work.photos * prices.task if work.is_job else 0.0,
        storage=work.photos * kept / GB * prices.storage_gb_month * work.months,
    )
