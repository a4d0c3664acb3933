"""S3 and SQS on loopback (moto's server), with the template's buckets, queues and notification."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from moto.server import ThreadedMotoServer

from .template import function_environment, load, properties

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

PHOTOS, PAINTINGS = "photos", "paintings"
ACCOUNT = "123456789012"
"""That of everything in the local cloud."""


@dataclass(frozen=True)
class Cloud:
    """A running local cloud. `environment` is what a client or the function needs to find it."""

    endpoint: str
    environment: dict[str, str]
    s3: "S3Client"
    sqs: "SQSClient"
    uploads_url: str
    failed_uploads_url: str

    def waiting(self, queue_url: str) -> int:
        """Messages in a queue, those handed out and not yet deleted included."""
        counts = self.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]
        return int(counts["ApproximateNumberOfMessages"]) + int(counts["ApproximateNumberOfMessagesNotVisible"])


@contextmanager
def local_cloud(port: int = 0, visibility_seconds: int | None = None, host: str = "127.0.0.1") -> Iterator[Cloud]:
    """Starts the servers, and stops them at the end of the block.

    Port 0 takes a free one. `visibility_seconds` stands in for the template's visibility timeout.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line per request
    server = ThreadedMotoServer(ip_address=host, port=port, verbose=False)
    server.start()
    try:
        endpoint = "http://{}:{}".format(*server.get_host_and_port())
        yield _furnished(endpoint, load(), visibility_seconds)
    finally:
        server.stop()


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
