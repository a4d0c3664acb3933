"""The local function has the template's memory, timeout and batch size."""

import copy
from collections.abc import Iterator

import pytest

from local import template
from local.cloud import PHOTOS
from local.event_source_mapping import Context, EventSourceMapping
from tests.support.deployment import Deployment


@pytest.fixture
def changed_template(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A template with other limits, one of them by way of a parameter."""
    changed = copy.deepcopy(template.load())
    function = template.properties(changed, "StylizeFunction")
    function["Timeout"] = {"Ref": "Seconds"}
    function["Events"]["Upload"]["Properties"]["BatchSize"] = 3
    changed["Parameters"]["Seconds"] = {"Default": 41}
    changed["Parameters"]["MemorySize"]["Default"] = 2048
    monkeypatch.setattr(template, "load", lambda: changed)
    template.function_limits.cache_clear()
    yield
    template.function_limits.cache_clear()


def test_an_invocation_has_the_memory_and_time_of_the_template(changed_template):
    """A context has the template's memory, and counts down from the template's timeout."""
    context = Context()
    assert context.memory_limit_in_mb == 2048
    assert 40_000 < context.get_remaining_time_in_millis() <= 41_000


def test_the_queue_hands_out_batches_of_the_template(changed_template, deployment: Deployment):
    """As many photos per invocation as BatchSize says, with the template's time for all of them."""
    invocations: list[tuple[int, int]] = []

    def handler(event: dict, context: Context) -> dict:
        invocations.append((len(event["Records"]), context.get_remaining_time_in_millis()))
        return {"batchItemFailures": []}

    for number in range(4):
        deployment.cloud.s3.put_object(Bucket=PHOTOS, Key=f"{number}.jpg", Body=b"x")
    mapping = EventSourceMapping(deployment.cloud.sqs, deployment.cloud.uploads_url, handler)
    while mapping.poll().messages:
        pass
    assert [photos for photos, _ in invocations] == [3, 1]
    assert all(40_000 < left <= 41_000 for _, left in invocations)
