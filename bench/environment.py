"""One execution environment of the function, in a separate process, for measurements under load.

`python -m bench.environment serve` prints the port of an API gateway in front of it and serves.
`python -m bench.environment drain PHOTO QUALITY` invokes it on one processor, for every line of its standard input,
with a full batch from the queue, with one message, and directly with the same photo, and prints the figures.
"""

import json
import os
import sys
from base64 import b64encode
from collections import Counter
from importlib import import_module
from io import StringIO
from pathlib import Path
from statistics import median
from threading import Event
from time import perf_counter, process_time
from typing import Any

from local.event_source_mapping import Context
from local.gateway import Gateway, local_gateway

BATCH = 10
REPEATS = 5
"""Invocations with one photo in a turn, of either kind, for the median."""


def serve() -> None:
    handler = import_module("stylize.handler").lambda_handler
    with local_gateway(Gateway(handler)) as url:
        print(url.rpartition(":")[2], flush=True)
        Event().wait()


def drain(photo: Path, quality: str) -> None:
    """Print, for every line of standard input, what a photo takes in a full batch, alone, and in a direct invocation.

    `PutObject`, `GetObject` and `others` are the requests for a photo in a batch, by operation.
    """
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    out, sys.stdout = sys.stdout, StringIO()  # the function's log
    function = import_module("stylize.handler")
    requests: Counter[str] = Counter()
    events = function.studio.store.client.meta.events
    events.register("before-send.s3", lambda event_name, **_: requests.update([event_name.rpartition(".")[2]]))
    direct = {"image": b64encode(photo.read_bytes()).decode(), "recipe": f"quality={quality}"}

    def invoke(event: dict[str, Any]) -> tuple[float, float]:
        wall, cpu = perf_counter(), process_time()
        answer = function.lambda_handler(event, Context(timeout_seconds=120))
        assert not answer.get("batchItemFailures")
        return perf_counter() - wall, process_time() - cpu

    for turn, _ in enumerate(sys.stdin):
        requests.clear()
        seconds, cpu = invoke(_messages(f"batch-{turn}", BATCH))
        counted = {operation: requests.pop(operation) / BATCH for operation in ("PutObject", "GetObject")}
        others = sum(requests.values()) / BATCH
        alone = median(invoke(_messages(f"alone-{turn}-{repeat}", 1))[0] for repeat in range(REPEATS))
        directs = [invoke(direct) for _ in range(REPEATS)]
        of_direct, cpu_of_direct = (median(each) for each in zip(*directs, strict=True))
        took = {"seconds": seconds / BATCH, "cpu": cpu / BATCH, "direct": of_direct, "direct_cpu": cpu_of_direct}
        print(json.dumps(took | counted | {"others": others, "alone": alone}), file=out, flush=True)


def _messages(batch: str, photos: int) -> dict[str, Any]:
    """Return an event with a batch of photos that have not been painted."""
    keys = [f"load/{batch}/{number}.jpg" for number in range(photos)]
    records = [
        {
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "photos"}, "object": {"key": key}},
        }
        for key in keys
    ]
    return {
        "Records": [
            {"messageId": str(n), "eventSource": "aws:sqs", "body": json.dumps({"Records": [record]})}
            for n, record in enumerate(records)
        ]
    }


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    else:
        drain(Path(sys.argv[2]), sys.argv[3])
