"""`make load`: answers under load, side by side in one run, and the cost of S3's latency; in docs/performance.md.

A web service with OpenCV's filters, before and after its tuning, gets photos from 1 and from 10 clients. Two execution
environments of this project get the same photos through the local API, and store their paintings in moto's S3. Two
environments also drain a full queue. `waits.py` measures the cost of waiting for S3.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from queue import SimpleQueue
from statistics import mean, quantiles
from time import perf_counter

from local.cloud import Cloud, local_cloud

from . import waits
from .draining import ONE_PROCESSOR, Processes, drain
from .photo import jpeg
from .report import fill, markdown

HERE = Path(__file__).resolve().parent
CONTRIB = HERE.parent / "build" / "golden" / "bin" / "python"
QUALITIES = ("hd", "smooth", "fast")
CLIENTS = (1, 10)
SLOW_SECONDS = 5.0
SIZE = (1920, 1080)
ENVIRONMENTS = 2


@dataclass
class Load:
    """The figures of one contender under one load: seconds by answer, and the resources that its processes used."""

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


def main() -> None:
    asked = _arguments()
    photo = HERE.parent / "build" / "load.jpg"
    photo.parent.mkdir(exist_ok=True)
    photo.write_bytes(jpeg(*SIZE))
    header = ["", "clients", "mean, s", "p50", "p95", "max", "over 5 s", "photos/s", "CPU", "peak MB"]
    rows = [*_services(photo, asked.slow), *_ours(photo, asked.quick)]
    latencies = [row for quality in QUALITIES for row in waits.rows(photo, quality, asked.batches)]
    tables = markdown([header, *rows]), markdown([waits.HEADER, *latencies])
    text = f"{_how(asked)}\n\n{tables[0]}\n\n{waits.about()}\n\n{tables[1]}"
    print(text)
    if not asked.dry:
        fill("make load", text)


def _how(asked: argparse.Namespace) -> str:
    return f"""{os.cpu_count()} processors, one photo of {SIZE[0]} x {SIZE[1]}, {asked.slow} answers per client of
the service and {asked.quick} of this project's; CPU is the share of all processors that the contender's own processes
used. Clients, moto's S3 and the gateways run on the same processors. The service is Flask with the server that Flask
brings, a thread per request; it sends the paintings in its answer and stores nothing. This project's environments take
a photo at a time, in the order of requests, and store the paintings in S3."""


# ------------------------------------------------------------------------------------------------- the service


def _services(photo: Path, answers: int) -> Iterator[list[str]]:
    for name, label in (("service-before", "before tuning"), ("service-after", "after tuning")):
        for quality in QUALITIES:
            command = [str(CONTRIB), str(HERE / "service.py"), name]
            with _started(command, dict(os.environ)) as (process, port):
                used = Processes(process.pid)
                for clients in CLIENTS:
                    load = _under_load([port] * clients, f"/?quality={quality}", photo, clients, answers, used)
                    yield load.row(f"service {label}, {quality}", str(clients), len(load.seconds))


# ---------------------------------------------------------------------------------------------------- our own


def _ours(photo: Path, answers: int) -> Iterator[list[str]]:
    with local_cloud() as cloud:
        for quality in QUALITIES:
            with ExitStack() as stack:
                env = os.environ | cloud.environment | ONE_PROCESSOR
                command = [sys.executable, "-m", "bench.environment", "serve"]
                started = [stack.enter_context(_started(command, env)) for _ in range(ENVIRONMENTS)]
                used = Processes(*(process.pid for process, _ in started))
                ports = [port for _, port in started]
                for clients in CLIENTS:
                    path = f"/paintings?quality={quality}"
                    load = _under_load(ports, path, photo, clients, answers, used)
                    yield load.row(f"two environments, API, {quality}", str(clients), len(load.seconds))
            yield _queue(cloud, photo, quality, answers * max(CLIENTS))


def _queue(cloud: Cloud, photo: Path, quality: str, photos: int) -> list[str]:
    drained = drain(cloud, photo.read_bytes(), photos, ENVIRONMENTS, f"quality={quality}", name=quality)
    load = Load([], drained.seconds, drained.cpu, drained.megabytes)
    return load.row(f"two environments, queue, {quality}", "", photos)


# ------------------------------------------------------------------------------------------------------ load


@contextmanager
def _started(command: list[str], env: dict[str, str]) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """Start a server that prints its port, yield its process and the port, and end it with the block."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=HERE.parent)
    assert process.stdout
    try:
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _under_load(ports: Sequence[int], path: str, photo: Path, clients: int, answers: int, used: Processes) -> Load:
    """Send `answers` photos from every client, one after the other, and return the figures.

    A port gets one photo at a time; the client that has waited longest is next.
    """
    content, free = photo.read_bytes(), SimpleQueue[int]()
    for port in ports:
        free.put(port)
        _post(port, path, content)  # warm

    def post() -> None:
        port = free.get()
        _post(port, path, content)
        free.put(port)

    def client(_: int) -> list[float]:
        seconds = []
        for _ in range(answers):
            began = perf_counter()
            taken.submit(post).result()
            seconds.append(perf_counter() - began)
        return seconds

    cpu, began = used.cpu(), perf_counter()
    with ThreadPoolExecutor(len(ports)) as taken, ThreadPoolExecutor(clients) as pool:
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


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make load")
    parser.add_argument("--slow", type=int, default=2, help="answers per client of the service")
    parser.add_argument("--quick", type=int, default=10, help="answers per client of this project")
    parser.add_argument("--batches", type=int, default=7, help="of 10 photos, per quality and latency, taken in turns")
    parser.add_argument("--dry", action="store_true", help="print only")
    return parser.parse_args()


if __name__ == "__main__":
    main()
