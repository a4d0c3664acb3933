"""`make load`: answers under load, side by side in one run, and what S3's latency costs; in docs/performance.md.

A web service with OpenCV's filters, before and after its tuning, gets photos from 1 and from 10 clients; so do two
execution environments of this project behind the local API, which store what they paint in moto's S3; and the same
two drain a full queue. Then one environment on one processor drains full batches over TLS from an S3 that answers
after 0, 10 and 30 ms.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from queue import SimpleQueue
from statistics import mean, quantiles
from time import perf_counter, sleep

from local.cloud import PHOTOS, Cloud, local_cloud
from stylize.settings import MB_PER_VCPU
from tests.support.workers import polling_workers

from .photo import jpeg
from .report import fill, markdown
from .tls_s3 import tls_s3

HERE = Path(__file__).resolve().parent
CONTRIB = HERE.parent / "build" / "golden" / "bin" / "python"
QUALITIES = ("hd", "smooth", "fast")
CLIENTS = (1, 10)
LATENCIES_MS = (0, 10, 30)
SLOW_SECONDS = 5.0
SIZE = (1920, 1080)
ENVIRONMENTS = 2


@dataclass
class Load:
    """Of one contender under one load: seconds by answer, and what its processes used."""

    seconds: Sequence[float]
    elapsed: float
    cpu: float
    megabytes: float

    def row(self, name: str, clients: str, photos: int) -> list[str]:
        times = [""] * 5
        if self.seconds:
            cuts = (
                quantiles(self.seconds, n=20, method="inclusive") if len(self.seconds) > 1 else [self.seconds[0]] * 19
            )
            late = sum(1 for each in self.seconds if each > SLOW_SECONDS)
            times = [f"{each:.2f}" for each in (mean(self.seconds), cuts[9], cuts[18], max(self.seconds))] + [str(late)]
        share = self.cpu / self.elapsed / (os.cpu_count() or 1)
        return [name, clients, *times, f"{photos / self.elapsed:.2f}", f"{share:.0%}", f"{self.megabytes:.0f}"]


class Processes:
    """What some processes have used so far."""

    def __init__(self, *pids: int) -> None:
        self._pids = pids

    def cpu(self) -> float:
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self._pids]
        return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        peaks = [Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0] for pid in self._pids]
        return sum(int(peak) for peak in peaks) * 1024 / 1e6


def main() -> None:
    asked = _arguments()
    photo = HERE.parent / "build" / "load.jpg"
    photo.parent.mkdir(exist_ok=True)
    photo.write_bytes(jpeg(*SIZE))
    header = ["", "clients", "mean, s", "p50", "p95", "max", "over 5 s", "photos/s", "CPU", "peak MB"]
    rows = [*_services(photo, asked.slow), *_ours(photo, asked.quick)]
    waits = [_drained(photo, quality, latency, asked.batches) for quality in QUALITIES for latency in LATENCIES_MS]
    text = f"{_how(asked)}\n\n{markdown([header, *rows])}\n\n{_about_waits()}\n\n{markdown([_WAITS, *waits])}"
    print(text)
    if not asked.dry:
        fill("make load", text)


def _how(asked: argparse.Namespace) -> str:
    return f"""{os.cpu_count()} processors, one photo of {SIZE[0]} x {SIZE[1]}, {asked.slow} answers per client of
the service and {asked.quick} of this project's; CPU is the share of all processors that the contender's own processes
used. Clients, moto's S3 and the gateway run on the same processors. The service has a thread per request, as Flask's
own server has, and stores nothing."""


# ------------------------------------------------------------------------------------------------- the service


def _services(photo: Path, answers: int) -> Iterator[list[str]]:
    if not CONTRIB.exists():
        return
    for name, label in (("service-before", "service, before tuning"), ("service-after", "service, after tuning")):
        for clients in CLIENTS:
            command = [str(CONTRIB), str(HERE / "service.py"), name]
            with _started(command, dict(os.environ)) as (process, port):
                load = _under_load([port], "/", photo, clients, answers, Processes(process.pid))
            yield load.row(f"{label}, hd", str(clients), len(load.seconds))


# ---------------------------------------------------------------------------------------------------- our own


def _ours(photo: Path, answers: int) -> Iterator[list[str]]:
    with local_cloud() as cloud:
        for quality in QUALITIES:
            with ExitStack() as stack:
                env = os.environ | cloud.environment | _memory()
                command = [sys.executable, "-m", "bench.environment", "serve"]
                started = [stack.enter_context(_started(command, env)) for _ in range(ENVIRONMENTS)]
                used = Processes(*(process.pid for process, _ in started))
                ports = [port for _, port in started]
                for clients in CLIENTS:
                    path = f"/paintings?quality={quality}"
                    load = _under_load(ports, path, photo, clients, answers, used)
                    yield load.row(f"two environments, API, {quality}", str(clients), len(load.seconds))
            yield _queue(cloud, photo, quality, answers * max(CLIENTS))


def _memory() -> dict[str, str]:
    """One processor each."""
    return {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MB_PER_VCPU)}


def _queue(cloud: Cloud, photo: Path, quality: str, photos: int) -> list[str]:
    """From the moment that both environments are there."""
    log = HERE.parent / "build" / "load.log"
    log.unlink(missing_ok=True)
    with polling_workers(cloud, ENVIRONMENTS, log, **_memory()) as workers:
        used = Processes(*(worker.process.pid for worker in workers))
        for number in range(ENVIRONMENTS):  # both are warm when they have had some
            _put(cloud, photo, quality, f"warm-{number}.jpg")
        _wait_until(lambda: not cloud.waiting(cloud.uploads_url))
        sleep(2)
        cpu, began = used.cpu(), perf_counter()
        for number in range(photos):
            _put(cloud, photo, quality, f"{quality}-{number}.jpg")
        _wait_until(lambda: not cloud.waiting(cloud.uploads_url))
        load = Load([], perf_counter() - began, used.cpu() - cpu, used.megabytes())
    return load.row(f"two environments, queue, {quality}", "", photos)


def _put(cloud: Cloud, photo: Path, quality: str, key: str) -> None:
    cloud.s3.put_object(
        Bucket=PHOTOS, Key=f"load/{key}", Body=photo.read_bytes(), Metadata={"recipe": f"quality={quality}"}
    )


def _wait_until(is_so: Callable[[], bool], seconds: float = 300.0) -> None:
    end = perf_counter() + seconds
    while not is_so():
        if perf_counter() > end:
            raise TimeoutError("expected the queue to be drained, got messages that stay")
        sleep(0.05)


# ------------------------------------------------------------------------------------------------------ load


@contextmanager
def _started(command: list[str], env: dict[str, str]) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A server of a process, which prints its port; ended with the block."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=HERE.parent)
    assert process.stdout
    try:
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _under_load(ports: Sequence[int], path: str, photo: Path, clients: int, answers: int, used: Processes) -> Load:
    """Every client sends one photo after the other; whoever is free among `ports` gets it, as Lambda would have it."""
    content, free = photo.read_bytes(), SimpleQueue[int]()
    is_many = len(ports) > 1
    for port in ports:
        free.put(port)
        _post(port, path, content)  # warm

    def client(_: int) -> list[float]:
        seconds = []
        for _ in range(answers):
            began = perf_counter()
            port = free.get() if is_many else ports[0]
            _post(port, path, content)
            if is_many:
                free.put(port)
            seconds.append(perf_counter() - began)
        return seconds

    cpu, began = used.cpu(), perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        seconds = [each for of_client in pool.map(client, range(clients)) for each in of_client]
    return Load(seconds, perf_counter() - began, used.cpu() - cpu, used.megabytes())


def _post(port: int, path: str, content: bytes) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", path, content, {"Content-Type": "image/jpeg"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status not in (200, 201):
        raise RuntimeError(f"expected an answer, got {answer.status}: {body[:200]!r}")


# ----------------------------------------------------------------------------------------------- waiting for S3

_WAITS = ["", "S3, ms", "billed ms", "CPU ms", "CPU share", "of a direct one", "S3's CPU ms", "PUT", "GET", "others"]


def _about_waits() -> str:
    return """One environment with one processor, full batches of 10, S3 over TLS: milliseconds per photo. A direct
invocation brings the photo along and asks no cloud. The CPU that a queued photo takes on top is that of the S3 client,
the log and the door."""


def _drained(photo: Path, quality: str, latency_ms: int, batches: int) -> list[str]:
    with tls_s3(photo, latency_ms / 1000) as s3:
        buckets = {"PHOTOS_BUCKET": "photos", "PAINTINGS_BUCKET": "paintings", "DEFAULT_QUALITY": quality}
        env = os.environ | s3 | buckets | _memory() | {"POWERTOOLS_TRACE_DISABLED": "true"}
        command = [sys.executable, "-m", "bench.environment", "drain", str(batches), str(photo), quality]
        run = subprocess.run(command, env=env, cwd=HERE.parent, capture_output=True, text=True, check=True)
    measured = json.loads(run.stdout.splitlines()[-1])
    requests = measured["requests"]
    put, get = requests.pop("PutObject", 0.0), requests.pop("GetObject", 0.0)
    return [
        quality,
        str(latency_ms),
        f"{1000 * measured['seconds']:.0f}",
        f"{1000 * measured['cpu']:.0f}",
        f"{measured['cpu'] / measured['seconds']:.0%}",
        f"{measured['seconds'] / measured['direct']:.2f}",
        f"{1000 * (measured['cpu'] - measured['direct_cpu']):.0f}",
        *(f"{count:.1f}" for count in (put, get, sum(requests.values()))),
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make load")
    parser.add_argument("--slow", type=int, default=2, help="answers per client of the service")
    parser.add_argument("--quick", type=int, default=10, help="answers per client of this project")
    parser.add_argument("--batches", type=int, default=3, help="of 10 photos, per quality and latency")
    parser.add_argument("--dry", action="store_true", help="print only")
    return parser.parse_args()


if __name__ == "__main__":
    main()
