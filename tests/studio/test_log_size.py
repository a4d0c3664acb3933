"""The size of log lines, which are billed by the byte."""

from base64 import b64encode

import pytest

from local.event_source_mapping import Context, EventSourceMapping
from tests.support.pictures import encoded, picture

PHOTO = encoded(picture("random", 60, 80), ".png")

LIMIT = 1024
"""Bytes for each painted photo, its line and its share of the metrics."""


@pytest.mark.parametrize("photos", [1, 10])
def test_a_painted_photo_leaves_a_kilobyte_at_most(deployment, capsys, photos):
    """A painted photo takes at most a kilobyte of logs, alone in its invocation or as one of ten."""
    deployment.handler({"image": b64encode(PHOTO).decode(), "recipe": "styles=oil"}, Context())
    for number in range(photos):
        deployment.upload(f"holiday/2026/a photo {number}.png", PHOTO)
    mapping = EventSourceMapping(deployment.cloud.sqs, deployment.cloud.uploads_url, deployment.handler, 10)
    capsys.readouterr()
    assert mapping.poll() == (photos, 0)
    log = capsys.readouterr().out
    assert log.count('"painted"') == photos
    assert len(log.encode()) <= LIMIT * photos
