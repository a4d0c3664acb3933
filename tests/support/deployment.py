"""A deployment on loopback: the local cloud and the function, which is cold-started once in this process."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from local.cloud import PAINTINGS, PHOTOS, Cloud
from local.event_source_mapping import EventSourceMapping, Poll
from stylize.stores.s3 import S3Store
from stylize.studio import Studio
from tests.support.leaks import leaks

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

Faults = Callable[[str], Callable[[], None]]
"""Makes one operation of S3 fail from now on, and returns a function that ends that."""

STYLES = ("sketch", "color-pencil", "oil", "watercolor")


def keys_of(photo_key: str, extension: str = "jpg", styles: tuple[str, ...] = STYLES) -> set[str]:
    """Return the keys of the objects that a painted photo leaves in the paintings bucket."""
    return {f"{photo_key}/{style}.{extension}" for style in styles} | {f"{photo_key}/manifest.json"}


@dataclass
class Deployment:
    """All parts between an uploaded photo and its paintings."""

    cloud: Cloud
    studio: Studio
    handler: Callable[[dict[str, Any], Any], Any]
    worker: EventSourceMapping

    @property
    def s3_of_the_function(self) -> "S3Client":
        """The S3 client of the function itself; `cloud.s3` is the client of the tests."""
        assert isinstance(self.studio.store, S3Store)
        return self.studio.store.client

    def upload(self, key: str, content: bytes, **metadata: str) -> None:
        self.cloud.s3.put_object(Bucket=PHOTOS, Key=key, Body=content, Metadata=metadata)

    def deliver(self) -> list[Poll]:
        """Poll the uploads queue until it delivers no more messages."""
        polls = []
        while (poll := self.worker.poll()).messages:
            polls.append(poll)
        return polls

    def written(self) -> set[str]:
        """Return the keys in the paintings bucket."""
        return {o["Key"] for o in self.cloud.s3.list_objects_v2(Bucket=PAINTINGS).get("Contents", [])}

    def fetch(self, key: str) -> bytes:
        return self.cloud.s3.get_object(Bucket=PAINTINGS, Key=key)["Body"].read()

    def manifest(self, photo_key: str) -> dict[str, Any]:
        return json.loads(self.fetch(f"{photo_key}/manifest.json"))

    def is_sound(self, photo_key: str) -> bool:
        """Tell whether one `done` manifest names the photo that is there, and exactly the paintings that are there."""
        manifest = self.manifest(photo_key)
        prefix = f"{photo_key}/"
        listed = self.cloud.s3.list_objects_v2(Bucket=PAINTINGS, Prefix=prefix, Delimiter="/")["Contents"]
        etags = {o["Key"]: o["ETag"].strip('"') for o in listed if o["Key"] != f"{prefix}manifest.json"}
        photo = self.cloud.s3.head_object(Bucket=PHOTOS, Key=photo_key)
        return (
            manifest["status"] == "done"
            and manifest["photo"]["etag"] == photo["ETag"].strip('"')
            and etags == {p["key"]: p["etag"] for p in manifest["paintings"]}
            and len(etags) == len(manifest["recipe"]["styles"])
        )

    def waiting(self) -> tuple[int, int]:
        """Count the messages in the uploads queue and in the failed-uploads queue."""
        return self.cloud.waiting(self.cloud.uploads_url), self.cloud.waiting(self.cloud.failed_uploads_url)

    def take(self, queue_url: str) -> list[Any]:
        """Receive up to ten messages, which stay visible in the queue."""
        taken = self.cloud.sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return taken.get("Messages", [])

    def empty(self) -> None:
        for url in (self.cloud.uploads_url, self.cloud.failed_uploads_url):
            while messages := self.take(url):  # SQS allows only one purge a minute
                entries: list[Any] = [{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in messages]
                self.cloud.sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        for bucket in (PHOTOS, PAINTINGS):
            for page in self.cloud.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
                keys = [listed["Key"] for listed in page.get("Contents", [])]
                plain: list[Any] = [{"Key": key} for key in keys if key.isprintable()]  # a list goes as XML
                if plain:
                    self.cloud.s3.delete_objects(Bucket=bucket, Delete={"Objects": plain, "Quiet": True})
                for key in keys:
                    if not key.isprintable():
                        self.cloud.s3.delete_object(Bucket=bucket, Key=key)


@contextmanager
def clean_logs() -> Iterator[None]:
    """Read every line that the function logs, and fail at the end if one contains a secret or a photo."""
    found: list[str] = []

    class Reader(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.extend(leaks(self.format(record)))

    reader = Reader()
    log = import_module("stylize.telemetry").logger
    reader.setFormatter(log.registered_formatter)
    logging.getLogger(log.name).addHandler(reader)
    yield
    logging.getLogger(log.name).removeHandler(reader)
    assert found == []


def answering(deployment: Deployment, status: int, code: str, only_in: str = "") -> Iterator[Faults]:
    events = deployment.s3_of_the_function.meta.events
    registered = []

    def refuse(request: Any, **_: Any) -> Any:
        if only_in not in request.url:
            return None
        body = f"<Error><Code>{code}</Code><Message>No.</Message></Error>".encode()
        return AWSResponse(request.url, status, HTTPHeaders(), Raw(b"" if request.method == "HEAD" else body))

    def start(operation: str) -> Callable[[], None]:
        event = f"before-send.s3.{operation}"
        events.register(event, refuse)
        registered.append(event)
        return lambda: events.unregister(event, refuse)

    yield start
    for event in registered:
        events.unregister(event, refuse)


class Stdout:
    """A stream to the standard output of the moment: pytest gives every test its own, and closes it."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


class Raw:
    """A response body that botocore can read."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body


def configured(studio: Studio, **settings: Any) -> Studio:
    """Return a copy of a studio with other settings."""
    other = copy(studio)
    other.settings = replace(studio.settings, **settings)
    return other
