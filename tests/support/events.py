"""Events as AWS sends them."""

import json
from urllib.parse import quote_plus

from local.cloud import PHOTOS


def notification(key: str, bucket: str = PHOTOS) -> dict:
    """Return S3's notification of a new object (Amazon S3 user guide, "Event message structure"), without a version."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-central-1",
        "eventTime": "2026-11-01T12:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "uploads",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {"key": quote_plus(key), "size": 1, "sequencer": "0055AED6DCD90281E5"},
        },
    }
    return {"Records": [record]}


def message(identifier: str, body: dict) -> dict:
    return {"messageId": identifier, "receiptHandle": "r", "body": json.dumps(body), "eventSource": "aws:sqs"}


def job(key, arguments=None, bucket=PHOTOS, version="2.0"):
    """Return the event of an S3 Batch Operations task (Amazon S3 user guide, "Invoke AWS Lambda function")."""
    where = {"s3Bucket": bucket} if version == "2.0" else {"s3BucketArn": f"arn:aws:s3:::{bucket}"}
    task = {"taskId": "the-task", "s3Key": quote_plus(key), "s3VersionId": None} | where
    details = {"id": "the-job"} | ({"userArguments": arguments or {}} if version == "2.0" else {})
    return {"invocationSchemaVersion": version, "invocationId": "the-invocation", "job": details, "tasks": [task]}
