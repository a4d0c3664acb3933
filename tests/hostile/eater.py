"""The function, fed with the corpus: tells the name of each file before it is eaten, and what became of it after."""

import json
import os
import resource
import signal
import sys
from importlib import import_module
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import boto3

from local.event_source_mapping import Context
from stylize.manifest import manifest_key
from tests.support.pictures import encoded, picture

from .corpus import corpus
from .feeding import MEMORY_MB, SECONDS


def main(start: int, every: int) -> None:
    """Eats the files with number 0, every, 2 every, …, but not the first `start` of them."""
    handler, s3 = import_module("stylize.handler").lambda_handler, boto3.client("s3")
    eat(handler, s3, "warm.png", encoded(picture("random", 700, 700), ".png"))
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    files = islice(corpus(), start * every, None, every)
    while file := next(files, None):
        name, content = file
        limit(used + MEMORY_MB * 1_000_000)  # of the function, not of what makes the files
        tell(name=name)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)  # nothing handles it: the process ends
        begin = perf_counter()
        result = eat(handler, s3, name, content)
        signal.setitimer(signal.ITIMER_REAL, 0)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1_000_000
        tell(name=name, result=result, seconds=perf_counter() - begin, peak_mb=peak_mb)
        limit(resource.RLIM_INFINITY)
    tell(end=True)


def limit(size: int) -> None:
    """Lets the process have so many bytes of address space."""
    resource.setrlimit(resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))


def eat(handler: Any, s3: Any, name: str, content: bytes) -> str:
    """From the put of the photo to the manifest: its status, or the code of its refusal."""
    photos, paintings = os.environ["PHOTOS_BUCKET"], os.environ["PAINTINGS_BUCKET"]
    s3.put_object(Bucket=photos, Key=name, Body=content)
    record = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": photos}, "object": {"key": name}},
    }
    try:
        handler({"Records": [record]}, Context())
    except Exception as failure:
        return f"raised {getattr(failure, 'exceptions', [failure])[0]!r}"
    manifest = json.load(s3.get_object(Bucket=paintings, Key=manifest_key(name))["Body"])
    return manifest.get("error", {}).get("code", manifest["status"])


def tell(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
