"""The local cloud, and the function in it: cold-started once, emptied before every test that uses it."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests

sys.path.insert(0, str(Path(__file__).parent))

from botocore.awsrequest import AWSResponse

from local.cloud import PAINTINGS, PHOTOS, Cloud, local_cloud
from local.event_source_mapping import EventSourceMapping, Poll
from local.gateway import Gateway, local_gateway
from stylize.studio import Studio


@dataclass
class House:
    """Everything between an uploaded photo and its paintings."""

    cloud: Cloud
    studio: Studio
    handler: Callable[[dict[str, Any], Any], Any]
    worker: EventSourceMapping

    def upload(self, key: str, content: bytes, **metadata: str) -> None:
        self.cloud.s3.put_object(Bucket=PHOTOS, Key=key, Body=content, Metadata=metadata)

    def deliver(self) -> list[Poll]:
        """Polls until the queue has nothing more to hand out."""
        polls = []
        while (poll := self.worker.poll()).messages:
            polls.append(poll)
        return polls

    def written(self) -> set[str]:
        """The keys in the paintings bucket."""
        return {o["Key"] for o in self.cloud.s3.list_objects_v2(Bucket=PAINTINGS).get("Contents", [])}

    def fetch(self, key: str) -> bytes:
        return self.cloud.s3.get_object(Bucket=PAINTINGS, Key=key)["Body"].read()

    def manifest(self, photo_key: str) -> dict[str, Any]:
        return json.loads(self.fetch(f"{photo_key}/manifest.json"))

    def waiting(self) -> tuple[int, int]:
        """Messages in the uploads queue and in the failed-uploads queue."""
        return self.cloud.waiting(self.cloud.uploads_url), self.cloud.waiting(self.cloud.failed_uploads_url)

    def take(self, queue_url: str) -> list[Any]:
        """Looks at messages; they stay visible."""
        taken = self.cloud.sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return taken.get("Messages", [])

    def empty(self) -> None:
        for url in (self.cloud.uploads_url, self.cloud.failed_uploads_url):
            while messages := self.take(url):  # SQS allows only one purge a minute
                entries = [{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in messages]
                self.cloud.sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        for bucket in (PHOTOS, PAINTINGS):
            for page in self.cloud.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
                keys = [listed["Key"] for listed in page.get("Contents", [])]
                plain = [{"Key": key} for key in keys if key.isprintable()]  # a list goes as XML
                if plain:
                    self.cloud.s3.delete_objects(Bucket=bucket, Delete={"Objects": plain, "Quiet": True})
                for key in keys:
                    if not key.isprintable():
                        self.cloud.s3.delete_object(Bucket=bucket, Key=key)


@pytest.fixture(scope="session")
def furnished_house() -> Iterator[House]:
    # A message that failed is visible again at once: the template's twelve minutes are pinned elsewhere.
    with local_cloud(visibility_seconds=0) as cloud:
        os.environ.update(cloud.environment)
        function = import_module("stylize.handler")
        function.logger.handlers[0].setStream(Stdout())
        worker = EventSourceMapping(cloud.sqs, cloud.uploads_url, function.lambda_handler, batch_size=10)
        yield House(cloud, function.studio, function.lambda_handler, worker)


@pytest.fixture
def house(furnished_house: House) -> House:
    furnished_house.empty()
    return furnished_house


@pytest.fixture(scope="session")
def api(furnished_house: House) -> Iterator[Callable[..., requests.Response]]:
    """Calls the API: `api("GET", "/health")`."""
    with local_gateway(Gateway(furnished_house.handler)) as url:
        yield lambda method, path, **given: requests.request(method, url + path, timeout=60, **given)


@pytest.fixture
def unavailable(house: House) -> Iterator[Callable[[str], None]]:
    """Makes S3 answer 503 Slow Down to one of the function's operations until the test ends."""
    yield from _answering(house, 503, "SlowDown")


@pytest.fixture
def forbidden(house: House) -> Iterator[Callable[[str], None]]:
    """Makes S3 answer 403 Access Denied to reading a photo, until the test ends."""
    yield from _answering(house, 403, "AccessDenied", only_in=f"/{PHOTOS}/")


def _answering(house: House, status: int, code: str, only_in: str = "") -> Iterator[Callable[[str], None]]:
    events = house.studio._store._client.meta.events
    registered = []

    def refuse(request: Any, **_: Any) -> AWSResponse | None:
        if only_in not in request.url:
            return None
        body = f"<Error><Code>{code}</Code><Message>No.</Message></Error>".encode()
        return AWSResponse(request.url, status, {}, Raw(body))

    def start(operation: str) -> None:
        event = f"before-send.s3.{operation}"
        events.register(event, refuse)
        registered.append(event)

    yield start
    for event in registered:
        events.unregister(event, refuse)


class Stdout:
    """Whatever is the standard output at the moment; pytest gives every test its own, and closes it."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


class Raw:
    """A response body as botocore wants it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body
