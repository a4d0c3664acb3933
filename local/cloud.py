"""S3 and SQS on loopback (moto's server), with the template's buckets, queues and notification."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socket import socket
from threading import Thread
from typing import TYPE_CHECKING, Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from .cors import with_cors
from .listener import listen, url_of
from .template import function_environment, load, properties

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

PHOTOS, PAINTINGS = "photos", "paintings"
ACCOUNT = "123456789012"
"""Account number of all resources in the local cloud."""
BUCKETS = {"PhotosBucket": PHOTOS, "PaintingsBucket": PAINTINGS}


@dataclass(frozen=True)
class Cloud:
    """A running local cloud. `environment` has the variables by which clients and the function find it."""

    endpoint: str
    environment: dict[str, str]
    s3: "S3Client"
    sqs: "SQSClient"
    uploads_url: str
    failed_uploads_url: str

    def waiting(self, queue_url: str) -> int:
        """Return the number of messages in a queue, visible and in flight."""
        counts = self.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]
        return int(counts["ApproximateNumberOfMessages"]) + int(counts["ApproximateNumberOfMessagesNotVisible"])


@contextmanager
def local_cloud(
    port: int = 0,
    visibility_seconds: int | None = None,
    host: str = "127.0.0.1",
    listener: socket | None = None,
    template: dict[str, Any] | None = None,
) -> Iterator[Cloud]:
    """Start the servers, and stop them at the end of the block.

    Port 0 selects a free port; `listener` is a socket to use instead of `port`. `visibility_seconds` replaces the
    template's visibility timeout, `template` replaces template.yaml.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # no line per request
    deployed = template or load()
    at = listener or listen(port, host=host)
    application = with_cors(DomainDispatcherApplication(create_backend_app), deployed, BUCKETS)
    host, port = at.getsockname()
    server = make_server(host, port, application, True, request_handler=MotoRequestHandler, fd=at.fileno())
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield _furnished(url_of(at), deployed, visibility_seconds)
    finally:
        server.shutdown()
        server.server_close()
        at.close()


def _furnished(endpoint: str, template: dict[str, Any], visibility_seconds: int | None) -> Cloud:
    access = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    session = boto3.Session("local", "local", region_name=access["AWS_DEFAULT_REGION"])
    s3, sqs = session.client("s3", endpoint_url=endpoint), session.client("sqs", endpoint_url=endpoint)
    uploads_url, failed_url = _make_queues(sqs, template, visibility_seconds)
    _make_buckets(s3, template, session.region_name, _arn(sqs, uploads_url))
    function = {
        "PHOTOS_BUCKET": PHOTOS,
        "PAINTINGS_BUCKET": PAINTINGS,
        "FAILED_UPLOADS_QUEUE_URL": failed_url,
        "ACCOUNT": ACCOUNT,
    }
    return Cloud(endpoint, function_environment(template) | access | function, s3, sqs, uploads_url, failed_url)


def _make_queues(sqs: "SQSClient", template: dict[str, Any], visibility_seconds: int | None) -> tuple[str, str]:
    failed_url = sqs.create_queue(QueueName="failed-uploads")["QueueUrl"]
    uploads = properties(template, "UploadsQueue")
    redrive = {
        "deadLetterTargetArn": _arn(sqs, failed_url),
        "maxReceiveCount": uploads["RedrivePolicy"]["maxReceiveCount"],
    }
    visibility = uploads["VisibilityTimeout"] if visibility_seconds is None else visibility_seconds
    made = sqs.create_queue(
        QueueName="uploads",
        Attributes={"VisibilityTimeout": str(visibility), "RedrivePolicy": json.dumps(redrive)},
    )
    return made["QueueUrl"], failed_url


def _make_buckets(s3: "S3Client", template: dict[str, Any], region: Any, uploads_arn: str) -> None:
    photos = properties(template, "PhotosBucket")
    for bucket in (PHOTOS, PAINTINGS):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_bucket_versioning(Bucket=PHOTOS, VersioningConfiguration=photos["VersioningConfiguration"])
    queues = [
        {"QueueArn": uploads_arn, "Events": [queue["Event"]]}
        for queue in photos["NotificationConfiguration"]["QueueConfigurations"]
    ]
    s3.put_bucket_notification_configuration(
        Bucket=PHOTOS,
        NotificationConfiguration={"QueueConfigurations": queues},  # type: ignore[typeddict-item]
    )


def _arn(sqs: "SQSClient", queue_url: str) -> str:
    return sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
