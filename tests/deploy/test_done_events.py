"""Events of the paintings bucket reach the queue of the sample rule, through moto's S3, EventBridge and SQS."""

import json
from typing import Any

import boto3
import pytest

from local.cloud import PAINTINGS
from local.template import load, properties
from tests.support.pictures import SMALL


@pytest.fixture
def listener(deployment):
    """The queue of DoneRule, made of the template's own pattern, and its messages."""
    template = load()
    pattern = json.loads(
        json.dumps(properties(template, "DoneRule")["EventPattern"]).replace(
            '{"Ref": "PaintingsBucket"}', f'"{PAINTINGS}"'
        )
    )
    told = properties(template, "PaintingsBucket")["NotificationConfiguration"]["Fn::If"][1]
    is_enabled = told["EventBridgeConfiguration"]["EventBridgeEnabled"]
    enabled: dict[str, Any] = {"EventBridgeConfiguration": {}} if is_enabled else {}
    sqs, s3 = deployment.cloud.sqs, deployment.cloud.s3
    url = sqs.create_queue(QueueName="done")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    access = deployment.cloud.environment
    events = boto3.client(
        "events",
        endpoint_url=access["AWS_ENDPOINT_URL"],
        region_name=access["AWS_DEFAULT_REGION"],
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    events.put_rule(Name="done", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="done", Targets=[{"Id": "queue", "Arn": arn}])
    s3.put_bucket_notification_configuration(Bucket=PAINTINGS, NotificationConfiguration=enabled)
    yield lambda: [json.loads(message["Body"]) for message in deployment.take(url)]
    s3.put_bucket_notification_configuration(Bucket=PAINTINGS, NotificationConfiguration={})
    events.remove_targets(Rule="done", Ids=["queue"])
    events.delete_rule(Name="done")
    sqs.delete_queue(QueueUrl=url)


def test_a_listener_hears_of_every_manifest(deployment, listener):
    """The queue gets one message for each photo, painted or refused, and none for paintings."""
    deployment.upload("trip/cat.jpg", SMALL, recipe="quality=fast")
    deployment.upload("bad.jpg", b"no photo")
    deployment.deliver()
    heard = listener()
    assert {event["detail-type"] for event in heard} == {"Object Created"}
    keys = sorted(event["detail"]["object"]["key"] for event in heard)
    assert keys == ["bad.jpg/manifest.json", "trip/cat.jpg/manifest.json"]
    assert {json.loads(deployment.fetch(key))["status"] for key in keys} == {"done", "refused"}
