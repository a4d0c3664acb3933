"""`make serve`: the API at http://127.0.0.1:8000, over S3 and SQS on loopback, until Ctrl-C. Nothing is kept."""

import os
import sys
from contextlib import suppress
from importlib import import_module
from threading import Lock
from typing import Any

from .cloud import local_cloud
from .event_source_mapping import EventSourceMapping
from .gateway import Gateway, local_gateway


def main(port: int = 8000) -> None:
    """The function serves one event at a time, whether a request or a message: the gateway and the queue take turns."""
    with local_cloud() as cloud:
        os.environ.update(cloud.environment)
        handler = import_module("stylize.handler").lambda_handler
        turn = Lock()

        def in_turn(event: dict[str, Any], context: Any) -> Any:
            with turn:
                return handler(event, context)

        with local_gateway(Gateway(handler, turn=turn), port) as url:
            print(f"the API listens at {url}, S3 and SQS at {cloud.endpoint}; Ctrl-C stops them", flush=True)
            worker = EventSourceMapping(cloud.sqs, cloud.uploads_url, in_turn)
            with suppress(KeyboardInterrupt):
                while True:
                    worker.poll(wait_seconds=1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
