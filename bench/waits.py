"""The cost of waiting for S3: one environment on one processor, and an S3 over TLS with a given latency."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from stylize.settings import MB_PER_VCPU

from .bill import Prices
from .draining import ONE_PROCESSOR
from .tls_s3 import tls_s3

ROOT = Path(__file__).resolve().parent.parent

LATENCIES_MS = (0, 10, 30)
BATCH = 10

HEADER = [
    "",
    "S3, ms",
    "billed ms",
    "beside direct",
    "CPU share",
    "CPU ms",
    "S3's CPU ms",
    "PUT / GET / others",
    "USD per 1,000",
    "alone, ms",
    "waits",
]


def about() -> str:
    prices = Prices()
    return f"""One environment held to one processor, full batches of {BATCH} from the queue, S3 over TLS on the other
processor, which answers after the given time: milliseconds per photo. "Beside direct": as a multiple of a direct
invocation, which brings the photo along and asks no cloud. "S3's CPU" is what a queued photo takes on top of that: the
client, the log, the door. Dollars are for function ({MB_PER_VCPU} MB, {prices.gb_second:g} per GB-second), invocations
and S3's requests, as in `make plan`. "Alone" is an invocation with a single photo; "waits", by how many times S3's time
it is longer than with an S3 that answers at once."""


def rows(photo: Path, quality: str, batches: int) -> Iterator[list[str]]:
    """Measure one quality at every latency, and yield the rows of the table."""
    at_once = None
    for latency_ms in LATENCIES_MS:
        measured = _drained(photo, quality, latency_ms, batches)
        alone = 1000 * measured["alone"]
        waits = "" if at_once is None else f"{(alone - at_once) / latency_ms:.1f}"
        at_once = alone if at_once is None else at_once
        yield _row(quality, latency_ms, measured, f"{alone:.0f}", waits)


def _row(quality: str, latency_ms: int, measured: dict[str, float], alone: str, waits: str) -> list[str]:
    seconds, cpu, puts, gets = (measured[name] for name in ("seconds", "cpu", "PutObject", "GetObject"))
    prices = Prices()
    dollars = seconds * MB_PER_VCPU / 1024 * prices.gb_second + prices.invocation / BATCH
    dollars += puts * prices.put + gets * prices.get
    return [
        quality,
        str(latency_ms),
        f"{1000 * seconds:.0f}",
        f"{seconds / measured['direct']:.2f}",
        f"{cpu / seconds:.0%}",
        f"{1000 * cpu:.0f}",
        f"{1000 * (cpu - measured['direct_cpu']):.0f}",
        f"{puts:g} / {gets:g} / {measured['others']:g}",
        f"{1000 * dollars:.4f}",
        alone,
        waits,
    ]


def _drained(photo: Path, quality: str, latency_ms: int, batches: int) -> dict[str, float]:
    with tls_s3(photo, latency_ms / 1000) as s3:
        buckets = {"PHOTOS_BUCKET": "photos", "PAINTINGS_BUCKET": "paintings", "DEFAULT_QUALITY": quality}
        others = ONE_PROCESSOR | {"POWERTOOLS_TRACE_DISABLED": "true"}
        command = [sys.executable, "-m", "bench.environment", "drain", str(batches), str(photo), quality]
        run = subprocess.run(
            command, env=os.environ | s3 | buckets | others, cwd=ROOT, capture_output=True, text=True, check=True
        )
    measured: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return measured
