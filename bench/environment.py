"""One execution environment of the function, as a process of its own, to be put under load.

`python -m bench.environment serve` prints the port of an API gateway in front of it and serves.
`python -m bench.environment drain BATCHES PHOTO QUALITY` invokes it with full batches from the queue, and directly with
the same photo, and prints what an invocation took.
"""

import json
import sys
from base64 import b64encode
from collections import Counter
from importlib import import_module
from io import StringIO
from pathlib import Path
from threading import Event
from time import perf_counter, process_time
from typing import Any

from local.event_source_mapping import Context
from local.gateway import Gateway, local_gateway

BATCH = 10


def serve() -> None:
    handler = import_module("stylize.handler").lambda_handler
    with local_gateway(Gateway(handler)) as url:
        print(url.rpartition(":")[2], flush=True)
        Event().wait()


def drain(batches: int, photo: Path, quality: str) -> None:
    """Print, per photo: billed and CPU seconds from the queue, those of a direct invocation, requests by operation."""
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

    invoke(_messages(-1))
    invoke(direct)
    requests.clear()
    queued = [invoke(_messages(number)) for number in range(batches)]
    counted = dict(requests)
    alone = [invoke(direct) for _ in range(BATCH)]
    photos = batches * BATCH
    measured = {
        "seconds": sum(wall for wall, _ in queued) / photos,
        "cpu": sum(cpu for _, cpu in queued) / photos,
        "direct": sum(wall for wall, _ in alone) / len(alone),
        "direct_cpu": sum(cpu for _, cpu in alone) / len(alone),
        "requests": {operation: count / photos for operation, count in counted.items()},
    }
    print(json.dumps(measured), file=out, flush=True)


def _messages(batch: int) -> dict[str, Any]:
    """A full batch of photos that nobody has painted."""
    keys = [f"load/{batch}-{number}.jpg" for number in range(BATCH)]
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
