"""The cost of waiting for S3: environments that take turns on one processor, and S3s over TLS, one for each latency."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

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
    return f"""An environment for each time that S3 takes to answer, all held to one processor, full batches of {BATCH}
from the queue, S3 over TLS on the other processor: milliseconds per photo. "Beside direct": as a multiple of a
direct invocation, which brings the photo along and asks no cloud. "S3's CPU" is what a queued photo takes on
top of that: the client, the log, the door. Dollars are for function ({MB_PER_VCPU} MB, {prices.gb_second:g} per
GB-second), invocations and S3's requests, as in `make plan`. "Alone" is an invocation with a single photo;
"waits", by how many times S3's time it is longer than with an S3 that answers at once. The environments take
turns, a batch each, so that all meet the same machine; figures are medians over the turns."""


def rows(photo: Path, quality: str, turns: int) -> Iterator[list[str]]:
    """Measure one quality at every latency, and yield the rows of the table."""
    measured = _measured(photo, quality, turns)
    at_once = [turn["alone"] for turn in measured[0]]
    for latency_ms, taken in measured.items():
        alone = [turn["alone"] for turn in taken]
        later = median(slow - quick for slow, quick in zip(alone, at_once, strict=True))
        waits = f"{1000 * later / latency_ms:.1f}" if latency_ms else ""
        figures = {name: median(turn[name] for turn in taken) for name in taken[0]}
        yield _row(quality, latency_ms, figures, f"{1000 * median(alone):.0f}", waits)


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


def _measured(photo: Path, quality: str, turns: int) -> dict[int, list[dict[str, float]]]:
    """Return the figures of every turn, by latency in milliseconds. Every environment warms up for a turn."""
    measured: dict[int, list[dict[str, float]]] = {latency_ms: [] for latency_ms in LATENCIES_MS}
    with ExitStack() as stack:
        started = {each: stack.enter_context(_environment(photo, quality, each)) for each in LATENCIES_MS}
        for turn in range(turns + 1):
            for latency_ms, environment in started.items():
                figures = _turn(environment)
                if turn:
                    measured[latency_ms].append(figures)
    return measured


@contextmanager
def _environment(photo: Path, quality: str, latency_ms: int) -> Iterator["subprocess.Popen[str]"]:
    with tls_s3(photo, latency_ms / 1000) as s3:
        buckets = {"PHOTOS_BUCKET": "photos", "PAINTINGS_BUCKET": "paintings", "DEFAULT_QUALITY": quality}
        env = os.environ | s3 | buckets | ONE_PROCESSOR | {"POWERTOOLS_TRACE_DISABLED": "true"}
        command = [sys.executable, "-m", "bench.environment", "drain", str(photo), quality]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, env=env, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as environment:
            yield environment


def _turn(environment: "subprocess.Popen[str]") -> dict[str, float]:
    assert environment.stdin
    assert environment.stdout
    environment.stdin.write("\n")
    environment.stdin.flush()
    line = environment.stdout.readline()
    if not line:
        raise RuntimeError("expected the figures of a turn, got the end of the environment; its errors are above")
    figures: dict[str, float] = json.loads(line)
    return figures
