"""`make paint`: paints photos end to end, from a put into S3 to paintings in a folder."""

import os
import sys
from contextlib import redirect_stdout
from importlib import import_module
from time import perf_counter
from typing import TextIO

from .cloud import Cloud, local_cloud
from .event_source_mapping import EventSourceMapping
from .photos import LOG, OUT, chosen, fetch, tell, upload


def main(arguments: list[str]) -> int:
    """Return the exit status: 0 all painted, 1 some refused, 2 bad usage."""
    photos = chosen(arguments)
    OUT.mkdir(exist_ok=True)
    with LOG.open("w") as log, local_cloud() as cloud:
        print(f"S3 and SQS listen at {cloud.endpoint}")
        worker = _worker(cloud, log)
        upload(cloud, photos)
        while cloud.waiting(cloud.uploads_url):
            with redirect_stdout(log):
                failed = worker.poll(wait_seconds=1).failed
            if failed:
                print(f"the function failed, see {LOG}; on AWS the photo would be tried again", file=sys.stderr)
                return 1
        manifests = [fetch(cloud, photo.name) for photo in photos]
    for manifest in manifests:
        tell(manifest)
    print(f"\nlogs and metrics of the function: {LOG}")
    return 0 if all(manifest["status"] == "done" for manifest in manifests) else 1


def _worker(cloud: Cloud, log: TextIO) -> EventSourceMapping:
    """Start the function like Lambda, with `log` as its log, behind its event source mapping."""
    os.environ.update(cloud.environment)
    start = perf_counter()
    with redirect_stdout(log):
        handler = import_module("stylize.handler").lambda_handler
    print(f"cold start of the function: {perf_counter() - start:.2f} s")
    return EventSourceMapping(cloud.sqs, cloud.uploads_url, handler)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
