"""Photos are read from buckets of the function's own account only, because an event can name any bucket."""

import pytest

from local.cloud import ACCOUNT, PAINTINGS, PHOTOS
from local.event_source_mapping import Context
from tests.support.events import notification
from tests.support.pictures import SMALL


@pytest.fixture
def sent(deployment):
    """The operations of the function on S3, with the owner that each expects."""
    found = []
    events = deployment.s3_of_the_function.meta.events

    def look(model, params, **_):
        bucket = next(name for name in (PHOTOS, PAINTINGS) if f"/{name}" in params["url"] or name in params["url_path"])
        found.append((model.name, bucket, params["headers"].get("x-amz-expected-bucket-owner")))

    events.register("before-call.s3", look)
    yield found
    events.unregister("before-call.s3", look)


def test_photos_are_read_of_this_account_only(deployment, sent):
    """Every request that reads a photo states the expected owner of the bucket."""
    deployment.upload("cat.jpg", SMALL)
    deployment.handler(notification("cat.jpg"), Context())
    owners = {
        owner for operation, bucket, owner in sent if bucket == PHOTOS and operation in ("GetObject", "HeadObject")
    }
    assert owners == {ACCOUNT}
    assert {owner for _, bucket, owner in sent if bucket == PAINTINGS} == {None}


def test_what_is_signed_for_others_expects_no_owner(deployment, api):
    """Signed requests state no owner, because their senders would need an extra header."""
    deployment.upload("cat.jpg", SMALL, recipe="styles=sketch")
    deployment.deliver()
    url = api("GET", "/paintings/cat.jpg").json()["paintings"][0]["url"]
    assert "expected-bucket-owner" not in url.lower()
