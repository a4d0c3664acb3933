"""One execution environment of the function, in a separate process, for measurements under load.

`python -m bench.environment serve` prints the port of an API gateway in front of it and serves.
`python -m bench.environment drain BATCHES PHOTO QUALITY` invokes it with full batches from the queue, with one message,
and directly with the same photo, on one processor, and prints the figures of an invocation.
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
DIRECTS = 5


def serve() -> None:
    handler = import_module("stylize.handler").lambda_handler
    with local_gateway(Gateway(handler)) as url:
        print(url.rpartition(":")[2], flush=True)
        Event().wait()


def drain(batches: int, photo: Path, quality: str) -> None:
    """Print the seconds of a photo in a full batch, of a direct invocation, and of a photo alone.

    `PutObject`, `GetObject` and `others` are the requests for a photo in a batch, by operation. Figures are medians of
    `batches` turns, in each of which the three cases are measured one after the other.
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

    turns = []
    for turn in range(batches + 1):
        requests.clear()
        seconds, cpu = invoke(_messages(turn, BATCH))
        counted = {operation: requests.pop(operation) / BATCH for operation in ("PutObject", "GetObject")}
        others = sum(requests.values()) / BATCH
        alone, _ = invoke(_messages(-turn - 1, 1))
        directs = [invoke(direct) for _ in range(DIRECTS)]
        of_direct, cpu_of_direct = (median(each) for each in zip(*directs, strict=True))
        took = {"seconds": seconds / BATCH, "cpu": cpu / BATCH, "direct": of_direct, "direct_cpu": cpu_of_direct}
        turns.append(took | counted | {"others": others, "alone": alone})
    warm = turns[1:]
    print(json.dumps({name: median(turn[name] for turn in warm) for name in warm[0]}), file=out, flush=True)


def _messages(batch: int, photos: int) -> dict[str, Any]:
    """Return an event with a batch of photos that have not been painted."""
    keys = [f"load/{batch}-{number}.jpg" for number in range(photos)]
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
        drain(int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
