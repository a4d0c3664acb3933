"""Execution environments on this machine that drain the uploads queue of the local cloud."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

from local.cloud import PHOTOS, Cloud
from stylize.settings import MB_PER_VCPU
from tests.support.workers import polling_workers

LOG = Path(__file__).resolve().parent.parent / "build" / "draining.log"

ONE_PROCESSOR = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MB_PER_VCPU)}


class Processes:
    """The resources that some processes have used so far."""

    def __init__(self, *pids: int) -> None:
        self._pids = pids

    def cpu(self) -> float:
        """Return the CPU time of all processes, in seconds."""
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self._pids]
        return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """Return the sum of the processes' peaks of memory, in MB."""
        peaks = [Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0] for pid in self._pids]
        return sum(int(peak) for peak in peaks) * 1024 / 1e6


@dataclass(frozen=True)
class Drained:
    """The result of `drain`.

    `arrivals` are seconds since the first upload, `seconds` the time from there to the last painting, `cpu` the CPU
    seconds of the environments.
    """

    arrivals: Sequence[float]
    seconds: float
    cpu: float
    megabytes: float


def drain(cloud: Cloud, photo: bytes, photos: int, environments: int, recipe: str = "", name: str = "photo") -> Drained:
    """Upload `photos` copies of a photo, and wait until warm environments have painted them.

    Their keys begin with `name`. Raises TimeoutError.
    """
    LOG.unlink(missing_ok=True)

    def put(key: str) -> None:
        metadata = {"recipe": recipe} if recipe else {}
        cloud.s3.put_object(Bucket=PHOTOS, Key=f"{name}/{key}.jpg", Body=photo, Metadata=metadata)

    with polling_workers(cloud, environments, LOG, **ONE_PROCESSOR) as workers:
        used = Processes(*(worker.process.pid for worker in workers))
        for worker in workers:
            worker.wait_until_ready()
        for turn in range(3):  # several turns, so that every environment has painted some photos
            for number in range(environments):
                put(f"warm-{turn}-{number}")
            _wait_until(lambda: not cloud.waiting(cloud.uploads_url))
        cpu, began, arrivals = used.cpu(), perf_counter(), []
        for number in range(photos):
            arrivals.append(perf_counter() - began)
            put(str(number))
        _wait_until(lambda: not cloud.waiting(cloud.uploads_url))
        return Drained(arrivals, perf_counter() - began, used.cpu() - cpu, used.megabytes())


def _wait_until(is_so: Callable[[], bool], seconds: float = 300.0) -> None:
    end = perf_counter() + seconds
    while not is_so():
        if perf_counter() > end:
            raise TimeoutError("expected the queue to be drained, got messages that stay")
        sleep(0.02)
