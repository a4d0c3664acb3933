"""`make bench-cold`: from the start of a process to a function that is ready, and to its first painting.

The benchmark runs the build for this machine's processor under Lambda's version of Python. The floor is the start of a
function that imports OpenCV and creates an S3 client, without code of its own. Every case is a new process. Cases take
turns, so that all see the same machine, and figures are medians.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import NamedTuple

from local.cloud import PHOTOS, Cloud, local_cloud

from .photo import jpeg
from .report import fill, markdown

ROOT = Path(__file__).resolve().parent.parent
CASES = {
    "floor": 'import numpy, cv2, boto3; boto3.client("s3")',
    "ready": "import stylize.handler",
}
PAINTINGS = 6  # of one process: the first, and later ones for comparison
SIZE = (1920, 1080)

PAINT = """
import json, sys, time
from stylize.handler import lambda_handler
from types import SimpleNamespace
context = SimpleNamespace(function_name="stylize", memory_limit_in_mb=3538, aws_request_id="1",
                          get_remaining_time_in_millis=lambda: 60_000,
                          invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:stylize")
took = []
for event in json.load(sys.stdin):
    cpu, wall = time.process_time(), time.perf_counter()
    assert not lambda_handler(event, context)["batchItemFailures"]
    took.append((time.process_time() - cpu, time.perf_counter() - wall))
print(json.dumps(took))
"""

PARTS = {
    "NumPy": ("numpy",),
    "OpenCV": ("cv2",),
    "the S3 client's library": ("boto3", "botocore", "s3transfer", "urllib3", "jmespath", "dateutil", "six"),
    "Powertools": ("aws_lambda_powertools", "typing_extensions"),
    "stylize: its modules": ("stylize", "simplejpeg"),
}


class Took(NamedTuple):
    """Seconds of one process."""

    cpu: float
    wall: float


def environment(build: Path, cloud: Cloud) -> dict[str, str]:
    """Return an environment as on Lambda: function and layer on the path, and no place for compiled bytecode."""
    path = os.pathsep.join([str(build / "StylizeFunction"), str(build / "OpenCvLayer" / "python")])
    lambdas = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3538", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": path}
    return cloud.environment | lambdas | {"PATH": os.environ["PATH"]}


def run(python: Path, code: str, env: Mapping[str, str], stdin: str = "") -> tuple[Took, str]:
    before, start = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    ended = subprocess.run([python, "-c", code], env=env, input=stdin, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - start, getrusage(RUSAGE_CHILDREN)
    if ended.returncode:
        sys.exit(f"{code}: expected exit status 0, got {ended.returncode}\n{ended.stderr}")
    return Took(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall), ended.stdout


def forget(folders: Iterable[Path]) -> None:
    """Drop files from the page cache, so that the next process reads them from the disk."""
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file():
                descriptor = os.open(file, os.O_RDONLY)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)


def starts(python: Path, env: Mapping[str, str], rounds: int, cold: Iterable[Path] = ()) -> dict[str, Took]:
    """Return the medians of every case; the folders `cold` are dropped from the page cache before each run."""
    taken: dict[str, list[Took]] = {case: [] for case in CASES}
    for _ in range(rounds):
        for case, code in CASES.items():
            forget(cold)
            taken[case].append(run(python, code, env)[0])
    return {case: Took(*map(statistics.median, zip(*of_case, strict=True))) for case, of_case in taken.items()}


def imports(python: Path, env: Mapping[str, str], rounds: int) -> dict[str, float]:
    """Return the median seconds of a start by part, measured by `-X importtime`."""
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        command = [str(python), "-X", "importtime", "-c", CASES["ready"]]
        lines = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stderr
        spent: Counter[str] = Counter()
        for micros, name in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", lines):
            spent[_part(name)] += int(micros)
        for part, total in spent.items():
            taken.setdefault(part, []).append(total / 1e6)
    return {part: statistics.median(seconds) for part, seconds in taken.items()}


def _part(module: str) -> str:
    if module == "stylize.handler":
        return "stylize: client, threads, buffers, warm-up"
    package = module.partition(".")[0]
    return next((part for part, packages in PARTS.items() if package in packages), "Python's own modules")


def paintings(
    python: Path, env: Mapping[str, str], cloud: Cloud, rounds: int, size: tuple[int, int] = SIZE
) -> tuple[Took, Took]:
    """Return the medians of the first painting in a process, and of later ones."""
    content, events = jpeg(*size), []
    for number in range(PAINTINGS):
        key = f"{number}.jpg"
        cloud.s3.put_object(Bucket=PHOTOS, Key=key, Body=content)
        stored = {"bucket": {"name": PHOTOS}, "object": {"key": key}}
        record = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": stored}
        message = {"messageId": key, "eventSource": "aws:sqs", "body": json.dumps({"Records": [record]})}
        events.append({"Records": [message]})
    first, later = [], []
    for _ in range(rounds):
        for style in cloud.s3.list_objects_v2(Bucket="paintings").get("Contents", []):
            cloud.s3.delete_object(Bucket="paintings", Key=style["Key"])  # otherwise nothing would be painted again
        took = [Took(*t) for t in json.loads(run(python, PAINT, env, json.dumps(events))[1].splitlines()[-1])]
        first.append(took[0])
        later += took[1:]
    return _medians(first), _medians(later)


def _medians(taken: Iterable[Took]) -> Took:
    return Took(*map(statistics.median, zip(*taken, strict=True)))


def main() -> None:
    usage = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usage.add_argument("--build", type=Path, required=True, help="what `sam build` made for this processor")
    usage.add_argument("--python", type=Path, required=True, help="a Python 3.13 with boto3, as Lambda has it")
    usage.add_argument("--rounds", type=int, default=9)
    usage.add_argument("--dry", action="store_true", help="prints, and leaves docs/performance.md alone")
    asked = usage.parse_args()
    libraries = [asked.build, *asked.python.parent.parent.glob("lib/python3.*/site-packages")]
    with local_cloud() as cloud:
        env = environment(asked.build.resolve(), cloud)
        run(asked.python, CASES["ready"], env)
        warm = starts(asked.python, env, asked.rounds)
        cold = starts(asked.python, env, max(3, asked.rounds // 3), libraries)
        spent = imports(asked.python, env, asked.rounds)
        first, later = paintings(asked.python, env, cloud, asked.rounds)
    text = report(warm, cold, spent, first, later, asked.rounds)
    print(text)
    if not asked.dry:
        fill("make bench-cold", text)


def report(
    warm: Mapping[str, Took],
    cold: Mapping[str, Took],
    spent: Mapping[str, float],
    first: Took,
    later: Took,
    rounds: int,
) -> str:
    rows = [["seconds", "floor", "ready", "ratio"]]
    for name, cases in (("page cache warm", warm), ("page cache cold", cold)):
        for kind in Took._fields:
            floor, ready = (getattr(cases[case], kind) for case in CASES)
            rows.append([f"{name}, {kind}", f"{floor:.3f}", f"{ready:.3f}", f"{ready / floor:.2f}"])
    photos = [["seconds, {} x {}".format(*SIZE), "first", "later", "ratio"]]
    for kind in Took._fields:
        one, other = getattr(first, kind), getattr(later, kind)
        photos.append([f"painting, {kind}", f"{one:.3f}", f"{other:.3f}", f"{one / other:.2f}"])
    parts = [["where a start goes", "seconds"]]
    parts += [[name, f"{spent[name]:.3f}"] for name in sorted(spent, key=lambda name: -spent[name])]
    where = f"{platform.machine()}, {os.cpu_count()} processors; medians of {rounds}."
    return "\n\n".join([where, markdown(rows), markdown(photos), markdown(parts)])


if __name__ == "__main__":
    main()
